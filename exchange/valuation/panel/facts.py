"""What is known about a fund when it is valued, every figure with its source mark and date.

Money is in minor units of the fund's one currency, rates and ratios in parts per million (ppm), dates are the end of
that day. These values are what a valuation stores and hashes: the same facts and assumptions give the same panel.
"""

from dataclasses import dataclass
from datetime import date

from exchange.core.terms import SourceMark


@dataclass(frozen=True, slots=True)
class Sourced:
    """A figure in ppm with where it comes from and as of when."""

    value_ppm: int
    mark: SourceMark
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class NavFact:
    """A reported capital account: the current version of one NAV statement, end of day."""

    statement_id: str
    as_of: date
    nav_minor: int
    subscribed_minor: int
    paid_in_minor: int
    distributed_minor: int
    unfunded_minor: int
    mark: SourceMark
    source: str


@dataclass(frozen=True, slots=True)
class FlowFact:
    """A flow between investors and fund: `called_minor` paid by investors (negative for a restatement downwards),
    `paid_out_minor` received by them."""

    on: date
    called_minor: int
    paid_out_minor: int
    effect_on_unfunded_minor: int
    mark: SourceMark
    source: str


@dataclass(frozen=True, slots=True)
class HoldingFact:
    """One portfolio company in the schedule of investments. `fair_value_minor` is of the whole company stake of the
    fund's instrument; `owned_ppm` is the fund's share of it. `method` names one of the seven project-level methods.
    A lock-up (years, volatility and dividend yield a year) marks restricted listed shares."""

    name: str
    owned_ppm: int
    fair_value_minor: int
    method: str
    as_of: date
    mark: SourceMark
    source: str
    lock_up_days: int = 0
    volatility_ppm: int = 0
    dividend_yield_ppm: int = 0


@dataclass(frozen=True, slots=True)
class BalanceFact:
    """The rest of the fund's balance sheet for the look-through, on the date of the holdings.

    `investor_share_ppm`: share of the fund's net assets that belongs to the valued capital account after the
    waterfall, as the manager states it.
    """

    as_of: date
    cash_minor: int
    other_assets_minor: int
    debt_minor: int
    fees_payable_minor: int
    accrued_carry_minor: int
    investor_share_ppm: int
    mark: SourceMark
    source: str


@dataclass(frozen=True, slots=True)
class AppraisalFact:
    """An independent appraisal of the whole capital account valued here."""

    appraisal_id: str
    base_date: date
    valid_until: date
    filed_on: date | None
    low_minor: int
    point_minor: int
    high_minor: int
    source: str


LOCK_UP_DAYS_MAX = 3_650
"""The longest contractual lock-up of a share that is valued."""


@dataclass(frozen=True, slots=True)
class FundFacts:
    """Everything the panel may use. Statements and flows in date order, none after `valued_on`."""

    fund_id: str
    code: str
    currency: str
    strategy: str
    vintage: int
    valued_on: date
    statements: tuple[NavFact, ...]
    flows: tuple[FlowFact, ...] = ()
    holdings: tuple[HoldingFact, ...] = ()
    balance: BalanceFact | None = None
    appraisals: tuple[AppraisalFact, ...] = ()
    lock_up_days: int = 0  # a contractual lock-up of the share itself; 0 = none
    is_state_owned: bool = False
