"""A fund's schedule of investments with the rest of its balance sheet, and what it must satisfy.

A schedule is whole: every company the fund owns on the date, and what it has and owes besides. Another one for the
same date is a correction and becomes the next version; an equal one is nothing.
Example: a company worth 500 of which the fund owns 20 % and cash of 12 less fees of 2 make net assets of 110.
Source: schedule of investments and balance sheet of ILPA reporting; AMAC disclosure for private equity funds.
"""

from dataclasses import dataclass
from datetime import date

from exchange.core.errors import FieldError
from exchange.core.money import MAX_MINOR, PPM
from exchange.core.terms import SourceMark
from exchange.funds.kinds import HoldingMethod

LINES_MAX = 500
LOCK_UP_DAYS_MAX = 3_650
VOLATILITY_PPM_MAX = 5 * PPM


@dataclass(frozen=True, slots=True)
class Investment:
    """One portfolio company: the fund's share of it in ppm, the fair value of the whole stake in minor units."""

    name: str
    owned_ppm: int
    fair_value_minor: int
    method: HoldingMethod
    source_mark: SourceMark
    source: str
    lock_up_days: int = 0
    volatility_ppm: int = 0
    dividend_yield_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """All of it on one date, in minor units of the fund's currency."""

    fund_id: str
    as_of: date
    cash_minor: int
    other_assets_minor: int
    debt_minor: int
    fees_payable_minor: int
    accrued_carry_minor: int
    investor_share_ppm: int
    source_mark: SourceMark
    source: str
    investments: tuple[Investment, ...] = ()


def check_schedule(schedule: Schedule, today: date) -> tuple[FieldError, ...]:
    """Everything in a schedule that cannot be."""
    errors = []
    if schedule.as_of > today:
        errors.append(FieldError("/as_of", "DATE_IN_FUTURE"))
    if not 0 <= schedule.investor_share_ppm <= PPM:
        errors.append(FieldError("/balance/investor_share", "RATIO_OUT_OF_RANGE"))
    amounts = {
        "cash": schedule.cash_minor,
        "other_assets": schedule.other_assets_minor,
        "debt": schedule.debt_minor,
        "fees_payable": schedule.fees_payable_minor,
        "accrued_carry": schedule.accrued_carry_minor,
    }
    errors += [
        FieldError(f"/balance/{name}", "AMOUNT_OUT_OF_BOUNDS")
        for name, amount in amounts.items()
        if abs(amount) > MAX_MINOR
    ]
    seen: set[str] = set()
    for place, investment in enumerate(schedule.investments):
        errors += _check_investment(investment, f"/holdings/{place}")
        if investment.name in seen:
            errors.append(FieldError(f"/holdings/{place}/name", "INVESTMENT_TWICE"))
        seen.add(investment.name)
    return tuple(errors)


def _check_investment(investment: Investment, pointer: str) -> list[FieldError]:
    errors = []
    if not 0 <= investment.owned_ppm <= PPM:
        errors.append(FieldError(f"{pointer}/owned", "RATIO_OUT_OF_RANGE"))
    if not 0 <= investment.fair_value_minor <= MAX_MINOR:
        errors.append(FieldError(f"{pointer}/fair_value", "AMOUNT_OUT_OF_BOUNDS"))
    if not 0 <= investment.lock_up_days <= LOCK_UP_DAYS_MAX:
        errors.append(FieldError(f"{pointer}/lock_up_days", "LOCK_UP_OUT_OF_RANGE"))
    if not 0 <= investment.volatility_ppm <= VOLATILITY_PPM_MAX:
        errors.append(FieldError(f"{pointer}/volatility", "VOLATILITY_OUT_OF_RANGE"))
    if not 0 <= investment.dividend_yield_ppm <= PPM:
        errors.append(FieldError(f"{pointer}/dividend_yield", "RATIO_OUT_OF_RANGE"))
    return errors
