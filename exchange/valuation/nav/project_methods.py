"""The seven ways to value one holding that the Shanghai fund-share guideline names, each with its own inputs.

股票市值法 listed market value, 指数收益法 index return, 近期融资法 recent round, 回购现金流折现法 redemption cash flow,
收益法 income, 市场法 market multiples, 资产基础法 asset base. Every input is a number somebody entered; None is
PARAMETERS_MISSING. The result is the fair value of the whole stake (or company) in minor units, which the look-through
multiplies by the fund's share. Money in minor units, rates and shares as decimals, years of 365 days.
Sources: AMAC guideline on unlisted equity (in force 1 July 2018); fund-share valuation guideline of the Shanghai share
exchange (2025) for the seven names; the formulas are the common textbook ones; IPEV guidelines on calibration.

Worked examples: recent round of 10 a share, 1,000,000 shares, peers up 20 % since with elasticity 1: 12,000,000.
Redemption of 100 at simple 8 % for 3 years, due in 1 year, discounted at 10 %, certain: 124 / 1.1 = 112.7273.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, cast

from exchange.valuation.nav.checks import EXACT_MAX, YEAR_DAYS
from exchange.valuation.status import Status

Number: TypeAlias = float | None


class ProjectMethod(StrEnum):
    """How a holding was or is valued."""

    LISTED_MARKET_VALUE = "listed_market_value"
    INDEX_RETURN = "index_return"
    RECENT_ROUND = "recent_round"
    REDEMPTION_CASH_FLOW = "redemption_cash_flow"
    INCOME = "income"
    MARKET_MULTIPLES = "market_multiples"
    ASSET_BASE = "asset_base"

    @property
    def chinese_name(self) -> str:
        """The method's name in the guideline."""
        return CHINESE_NAMES[self]


CHINESE_NAMES = MappingProxyType(
    {
        ProjectMethod.LISTED_MARKET_VALUE: "股票市值法",
        ProjectMethod.INDEX_RETURN: "指数收益法",
        ProjectMethod.RECENT_ROUND: "近期融资法",
        ProjectMethod.REDEMPTION_CASH_FLOW: "回购现金流折现法",
        ProjectMethod.INCOME: "收益法",
        ProjectMethod.MARKET_MULTIPLES: "市场法",
        ProjectMethod.ASSET_BASE: "资产基础法",
    }
)


class Compounding(StrEnum):
    """How a redemption price grows."""

    SIMPLE = "simple"
    COMPOUND = "compound"


@dataclass(frozen=True, slots=True)
class ListedMarketValue:
    """Closing price a share on the valuation day, shares held, discount of a lock-up (0 to 1; see the AMAC formula)."""

    price: Number
    shares: Number
    lock_up_discount: Number = 0.0


@dataclass(frozen=True, slots=True)
class IndexReturn:
    """Last reliable value moved by an index since: value x (1 + beta x (index now / index then - 1)), for suspended
    shares or a company that follows its industry."""

    value: Number
    index_then: Number
    index_now: Number
    beta: Number = 1.0


@dataclass(frozen=True, slots=True)
class RecentRound:
    """Price of the last round calibrated to its date and moved by peers since.

    price a share x shares x (1 - rights_discount) x (1 + elasticity x (peers now / peers then - 1)); peers are an
    index or a multiple of comparable companies. `days_since` over `days_max`, or an event that changed the company
    since, makes the round no evidence.
    """

    price: Number
    shares: Number
    days_since: int | None
    days_max: int | None
    peers_then: Number
    peers_now: Number
    elasticity: Number = 1.0
    rights_discount: Number = 0.0  # what the holding's class lacks beside the class of the round
    changed_since: bool = False


@dataclass(frozen=True, slots=True)
class RedemptionCashFlow:
    """A right to sell back: principal x (1 + rate x t) or x (1 + rate) ** t at redemption, paid with a probability,
    else the recovery (share of the price); discounted at a rate for what is left to wait."""

    principal: Number
    rate: Number
    years_to_redemption: Number  # from the investment to the day of redemption
    years_to_wait: Number  # from the valuation day to the day of redemption
    discount_rate: Number
    probability: Number
    recovery: Number = 0.0
    compounding: Compounding = Compounding.SIMPLE


@dataclass(frozen=True, slots=True)
class Income:
    """Free cash flows to the firm at years from the valuation day, discounted, with Gordon growth after the last one
    (None: no value after it), plus net cash (negative: net debt)."""

    cash_flows: Sequence[float] | None
    years: Sequence[float] | None
    discount_rate: Number
    net_cash: Number = 0.0
    terminal_growth: Number = None


@dataclass(frozen=True, slots=True)
class MarketMultiples:
    """metric x multiple x (1 - discount) + net cash; the metric is what the multiple is of (profit, EBITDA, sales), and
    net cash is 0 for a multiple of equity such as price to earnings."""

    metric: Number
    multiple: Number
    discount: Number
    net_cash: Number = 0.0


@dataclass(frozen=True, slots=True)
class AssetBase:
    """Assets less liabilities, each restated to fair value."""

    assets: Number
    liabilities: Number


ProjectInputs: TypeAlias = (
    ListedMarketValue | IndexReturn | RecentRound | RedemptionCashFlow | Income | MarketMultiples | AssetBase
)


@dataclass(frozen=True, slots=True)
class FairValue:
    """A holding's fair value in minor units, None unless the status is OK."""

    method: ProjectMethod
    status: Status
    value: float | None = None


def fair_value(inputs: ProjectInputs) -> FairValue:
    """Value one holding by the method of its inputs.

    Statuses: PARAMETERS_MISSING; NOT_A_NUMBER; OUT_OF_RANGE (a share, probability or discount outside [0, 1], a price,
    count, index, multiple's discount or time that cannot be, growth at or above the discount rate); NAV_STALE (a round
    older than its limit); NOT_APPLICABLE (the company changed since the round); NAV_NOT_POSITIVE (the method leaves
    nothing for equity); TOO_LARGE.
    """
    method, compute = _METHODS[type(inputs)]
    missing, numbers = _numbers_of(inputs)
    if missing:
        return FairValue(method, Status.PARAMETERS_MISSING)
    if not all(math.isfinite(number) for number in numbers):
        return FairValue(method, Status.NOT_A_NUMBER)
    if any(abs(number) > EXACT_MAX for number in numbers):
        return FairValue(method, Status.TOO_LARGE)
    try:
        value = compute(inputs)
    except OverflowError:
        return FairValue(method, Status.TOO_LARGE)
    if isinstance(value, Status):
        return FairValue(method, value)
    if value <= 0:
        return FairValue(method, Status.NAV_NOT_POSITIVE)
    return FairValue(method, Status.OK, value) if value <= EXACT_MAX else FairValue(method, Status.TOO_LARGE)


def required_inputs(method: ProjectMethod) -> tuple[str, ...]:
    """Names of the inputs that a method cannot do without."""
    form = next(form for form, (name, _) in _METHODS.items() if name is method)
    optional = {"terminal_growth", "changed_since", "compounding"}
    return tuple(field.name for field in fields(form) if field.name not in optional)


def _numbers_of(inputs: ProjectInputs) -> tuple[bool, list[float]]:
    """Whether a needed input is missing, and all numbers of the inputs."""
    missing = any(getattr(inputs, name) is None for name in required_inputs(_METHODS[type(inputs)][0]))
    numbers: list[float] = []
    for field in fields(inputs):
        value = getattr(inputs, field.name)
        if isinstance(value, int | float):
            numbers.append(value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            numbers.extend(value)
    return missing, numbers


def _is_share(*shares: float) -> bool:
    return all(0 <= share <= 1 for share in shares)


def _listed(inputs: ListedMarketValue) -> float | Status:
    price, shares, discount = _given(inputs.price, inputs.shares, inputs.lock_up_discount)
    if price < 0 or shares < 0 or not _is_share(discount):
        return Status.OUT_OF_RANGE
    return price * shares * (1 - discount)


def _index_return(inputs: IndexReturn) -> float | Status:
    value, then, now, beta = _given(inputs.value, inputs.index_then, inputs.index_now, inputs.beta)
    if value <= 0 or then <= 0 or now <= 0:
        return Status.OUT_OF_RANGE
    return value * (1 + beta * (now / then - 1))


def _recent_round(inputs: RecentRound) -> float | Status:
    price, shares, then, now = _given(inputs.price, inputs.shares, inputs.peers_then, inputs.peers_now)
    elasticity, rights, days, days_max = _given(
        inputs.elasticity, inputs.rights_discount, inputs.days_since, inputs.days_max
    )
    if inputs.changed_since:
        return Status.NOT_APPLICABLE
    if min(price, shares, then, now) <= 0 or min(days, days_max) < 0 or not _is_share(rights):
        return Status.OUT_OF_RANGE
    if days > days_max:
        return Status.NAV_STALE
    return price * shares * (1 - rights) * (1 + elasticity * (now / then - 1))


def _redemption(inputs: RedemptionCashFlow) -> float | Status:
    principal, rate, held, wait = _given(
        inputs.principal, inputs.rate, inputs.years_to_redemption, inputs.years_to_wait
    )
    discount_rate, probability, recovery = _given(inputs.discount_rate, inputs.probability, inputs.recovery)
    if (
        principal < 0
        or rate < 0
        or not 0 <= wait <= held
        or discount_rate <= -1
        or not _is_share(probability, recovery)
    ):
        return Status.OUT_OF_RANGE
    grown = 1 + rate * held if inputs.compounding is Compounding.SIMPLE else math.pow(1 + rate, held)
    expected = principal * grown * (probability + (1 - probability) * recovery)
    return expected * math.pow(1 + discount_rate, -wait)


def _income(inputs: Income) -> float | Status:
    rate, net_cash = _given(inputs.discount_rate, inputs.net_cash)
    flows, years = inputs.cash_flows or (), inputs.years or ()
    growth = inputs.terminal_growth
    if len(flows) != len(years) or not flows or rate <= -1 or min(years) < 0 or list(years) != sorted(years):
        return Status.OUT_OF_RANGE
    value = sum(flow * math.pow(1 + rate, -year) for flow, year in zip(flows, years, strict=True))
    if growth is not None:
        if growth >= rate or growth <= -1:
            return Status.OUT_OF_RANGE
        value += flows[-1] * (1 + growth) / (rate - growth) * math.pow(1 + rate, -years[-1])
    return value + net_cash


def _market(inputs: MarketMultiples) -> float | Status:
    metric, multiple, discount, net_cash = _given(inputs.metric, inputs.multiple, inputs.discount, inputs.net_cash)
    if multiple <= 0 or not _is_share(discount):
        return Status.OUT_OF_RANGE
    if metric <= 0:
        return Status.NOT_APPLICABLE  # a multiple of a loss says nothing
    return metric * multiple * (1 - discount) + net_cash


def _asset_base(inputs: AssetBase) -> float | Status:
    assets, liabilities = _given(inputs.assets, inputs.liabilities)
    return assets - liabilities if assets >= 0 and liabilities >= 0 else Status.OUT_OF_RANGE


def _given(*numbers: float | int | None) -> list[float]:
    """The numbers, which `fair_value` has checked to be there."""
    return [float(cast(float, number)) for number in numbers]


def years_between(from_day: int, to_day: int) -> float:
    """Years of 365 days from one day to another."""
    return (to_day - from_day) / YEAR_DAYS


_METHODS: MappingProxyType[type, tuple[ProjectMethod, Callable[..., float | Status]]] = MappingProxyType(
    {
        ListedMarketValue: (ProjectMethod.LISTED_MARKET_VALUE, _listed),
        IndexReturn: (ProjectMethod.INDEX_RETURN, _index_return),
        RecentRound: (ProjectMethod.RECENT_ROUND, _recent_round),
        RedemptionCashFlow: (ProjectMethod.REDEMPTION_CASH_FLOW, _redemption),
        Income: (ProjectMethod.INCOME, _income),
        MarketMultiples: (ProjectMethod.MARKET_MULTIPLES, _market),
        AssetBase: (ProjectMethod.ASSET_BASE, _asset_base),
    }
)
