"""The appraisal report of a synthetic fund: what a state-owned seller of the demo world has had made.

It values the whole capital account at three quarters of the reported NAV, five points either way: below every floor at
which the demo's state-owned seller offers that fund (rule R-44), so that its listing stands.
Example: a NAV of 100,000,000.00 is appraised at 75,000,000.00, between 70,000,000.00 and 80,000,000.00.
"""

from datetime import date

from exchange.core.money import PPM, divide_half_up
from exchange.valuation.appraisal import Appraisal

LOW_PPM, POINT_PPM, HIGH_PPM = 700_000, 750_000, 800_000
FILING_NUMBER = "模拟备案-2026-001 simulated"


def appraisal(fund_id: str, profile: str, base_on: date, nav_minor: int) -> Appraisal:
    """A report on the account of a statement with this NAV in minor units, valid as long as the profile allows."""
    low, point, high = (divide_half_up(nav_minor * ratio, PPM) for ratio in (LOW_PPM, POINT_PPM, HIGH_PPM))
    return Appraisal(
        fund_id=fund_id,
        nav_statement_id=None,
        amount_minor=None,
        profile=profile,
        base_on=base_on,
        valid_until=None,
        purpose="国有基金份额转让【模拟】 transfer of a state-owned interest (simulated)",
        methods=("收益法 income", "资产基础法 asset base"),
        appraiser="示例资产评估机构【模拟】 Demo Appraisers (simulated)",
        appraiser_organisation_id=None,
        report_number="模拟评报-2026-001 simulated",
        low_minor=low,
        point_minor=point,
        high_minor=high,
    )
