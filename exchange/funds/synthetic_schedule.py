"""The schedule of investments of a synthetic fund: what the look-through of a valuation adds up.

Eight to twelve companies share the net assets less cash plus fees payable; the seven project-level methods take turns
from a first one that the code decides, listed shares are under a lock-up. What they are worth together lies up to 3 %
beside the reported NAV, as companies valued one by one do. All in whole minor units, a pure function of code and NAV;
every figure is marked simulated.
Example: a NAV of 100 with cash of 4 and fees payable of 0.5 leaves companies of 93.5 to 99.5.
"""

from datetime import date

from exchange.core.money import PPM, allocate, divide_half_up
from exchange.core.terms import SourceMark
from exchange.funds.kinds import HoldingMethod
from exchange.funds.schedule import Investment, Schedule
from exchange.funds.synthetic import SOURCE, chance

COMPANIES_MIN, COMPANIES_MAX = 8, 12
DEVIATION_PPM = 30_000
LOCK_UP_DAYS = (180, 365)


def schedule(code: str, fund_id: str, as_of: date, nav_minor: int) -> Schedule:
    """A fund's companies and balance sheet on the date of a statement with this NAV in minor units."""

    def part_of_nav(word: str, least_ppm: int, most_ppm: int) -> int:
        return divide_half_up(nav_minor * (least_ppm + chance(code, 0, word, most_ppm - least_ppm + 1)), PPM)

    cash = part_of_nav("cash", 20_000, 60_000)
    fees = part_of_nav("fees", 2_000, 8_000)
    net_assets = part_of_nav("deviation", PPM - DEVIATION_PPM, PPM + DEVIATION_PPM)
    count = COMPANIES_MIN + chance(code, 0, "companies", COMPANIES_MAX - COMPANIES_MIN + 1)
    values = allocate(net_assets - cash + fees, [50 + chance(code, place, "weight", 101) for place in range(count)])
    return Schedule(
        fund_id=fund_id,
        as_of=as_of,
        cash_minor=cash,
        other_assets_minor=0,
        debt_minor=0,
        fees_payable_minor=fees,
        accrued_carry_minor=0,
        investor_share_ppm=PPM,
        source_mark=SourceMark.SIMULATED,
        source=SOURCE,
        investments=tuple(_investment(code, place, value) for place, value in enumerate(values)),
    )


def _investment(code: str, place: int, value_minor: int) -> Investment:
    """A company in which the fund owns 3 to 25 percent, worth ``value_minor`` to the fund."""
    methods = list(HoldingMethod)
    method = methods[(chance(code, 0, "method", len(methods)) + place) % len(methods)]
    owned_ppm = 30_000 + chance(code, place, "owned", 220_001)
    is_listed = method is HoldingMethod.LISTED_MARKET_VALUE
    return Investment(
        name=f"{code} 模拟项目{place + 1:02d} simulated company",
        owned_ppm=owned_ppm,
        fair_value_minor=divide_half_up(value_minor * PPM, owned_ppm),
        method=method,
        source_mark=SourceMark.SIMULATED,
        source=SOURCE,
        lock_up_days=LOCK_UP_DAYS[chance(code, place, "lock-up", len(LOCK_UP_DAYS))] if is_listed else 0,
        volatility_ppm=350_000 + chance(code, place, "volatility", 200_001) if is_listed else 0,
    )
