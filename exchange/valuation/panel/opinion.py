"""What a model says about a share: a range in money and in ppm of the reference NAV, or why it says nothing.

Nothing here is averaged. A weighted figure exists only when a named person enters weights with a reason. Results are
integers (minor units, ppm), each rounded once, so that a stored panel can be computed again to the same bytes.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exchange.valuation.panel.facts import Sourced


class ModelName(StrEnum):
    """The models of the panel, in the order in which they are shown."""

    REPORTED_NAV = "reported_nav"
    ROLLED_NAV = "rolled_nav"
    INDEX_NAV = "index_nav"
    NOWCAST_NAV = "nowcast_nav"
    LOOK_THROUGH = "look_through"
    DISCOUNTED_CASH_FLOW = "discounted_cash_flow"
    MARKET_PRICE = "market_price"
    LOCK_UP_DISCOUNT = "lock_up_discount"
    APPRAISAL = "appraisal"


class Kind(StrEnum):
    """Which of the numbers that must never be mixed an opinion is: an NAV, a model price, a market price."""

    NAV = "nav"
    MODEL_PRICE = "model_price"
    MARKET_PRICE = "market_price"
    APPRAISAL = "appraisal"


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader must know: a stable code with the numbers behind it (texts in both languages by code)."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A figure that an opinion rests on, as shown beside it. `value` is a decimal string or a text."""

    name: str
    value: str
    unit: str
    mark: str
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Opinion:
    """One model's word. With status other than OK or MULTIPLE_ROOTS there are no figures, and notes say why.

    `*_minor`: value of the whole valued capital account on `valued_on` for a payment then. `*_ppm`: the headline
    price that amounts to it, in ppm of the reference NAV; None when that NAV is not positive.
    """

    model: ModelName
    kind: Kind
    status: str
    low_minor: int | None = None
    point_minor: int | None = None
    high_minor: int | None = None
    low_ppm: int | None = None
    point_ppm: int | None = None
    high_ppm: int | None = None
    notes: tuple[Note, ...] = ()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two opinions whose ranges do not meet, and the gap between them in ppm of the reference NAV."""

    one: ModelName
    other: ModelName
    gap_ppm: int


@dataclass(frozen=True, slots=True)
class Panel:
    """All opinions about one fund on one day."""

    fund_id: str
    valued_on: date
    currency: str
    reference_date: date | None
    reference_nav_minor: int | None
    rolled_nav_minor: int | None
    nav_age_days: int | None
    opinions: tuple[Opinion, ...]
    disagreements: tuple[Disagreement, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a named person lets one model count in their own figure, in ppm; all weights of a set sum to 1."""

    model: ModelName
    weight: Sourced
