"""Every discount for a contractual lock-up beside each other, and the bound above them.

Chaffe's protective put, Finnerty's average-strike put (the AAP model of the Chinese guideline of 2017), Ghaidarov's,
and Longstaff's upper bound, which is never a discount (formulas and sources: folder `discount`). Rates inside are
continuous; an effective annual rate r enters as ln(1 + r). Years are calendar days / 365 where days are given.

Worked example: sigma 45 %, two years, r = 4 % continuous: 20.3 %, 14.1 %, 14.8 %, bound 61.8 %.
"""

import math
from dataclasses import dataclass

from exchange.valuation.calculators.figures import Amount, amount_of, measure_of, no_amount
from exchange.valuation.panel.opinion import Note
from exchange.valuation.performance.comparison import Measure
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class LockedShare:
    """A lock-up: volatility a year as a decimal, years left, rates a year, continuous unless `is_effective`;
    `value_minor`: what the share would be worth without it."""

    volatility: float
    years: float
    risk_free: float = 0.0
    dividend_yield: float = 0.0
    is_effective: bool = False
    value_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Discounted:
    """A model's discount as a part of the unrestricted value, and that value less the discount."""

    model: str
    discount: Measure
    value: Amount | None


@dataclass(frozen=True, slots=True)
class DiscountAnswer:
    """The three discounts, the bound, and what must be said with them."""

    models: tuple[Discounted, ...]
    bound: Measure
    notes: tuple[Note, ...]


def discounts(share: LockedShare) -> DiscountAnswer:
    """All models for one lock-up. Statuses: OUT_OF_RANGE (negative), TOO_LARGE (beyond 1000 % volatility, 100 years or
    rates of 100 %); volatility 0 or no time left gives a discount of 0 (Chaffe: of the interest alone)."""
    # Loaded when first asked: a process that answers no such question carries no scipy.
    from exchange.valuation.discount.chaffe import chaffe
    from exchange.valuation.discount.finnerty import finnerty
    from exchange.valuation.discount.ghaidarov import ghaidarov
    from exchange.valuation.discount.longstaff import longstaff_bound

    sigma, years = share.volatility, share.years
    rates = [_continuous(rate, is_effective=share.is_effective) for rate in (share.risk_free, share.dividend_yield)]
    risk_free, dividends = rates
    found = {
        "chaffe": chaffe(sigma, years, risk_free, dividends),
        "finnerty_aap": finnerty(sigma, years, dividends),
        "ghaidarov": ghaidarov(sigma, years, dividends),
    }
    models = []
    for name, result in found.items():
        measure = measure_of(int(result.status.item()), float(result.discount.item()))
        models.append(Discounted(name, measure, _value(share.value_minor, measure)))
    bound = longstaff_bound(sigma, years)
    notes = [Note("NOT_ON_TOP_OF_A_MARKET_PRICE")]
    if bool(bound.exceeds_whole.item()):
        notes.append(Note("BOUND_ABOVE_WHOLE"))
    return DiscountAnswer(tuple(models), measure_of(int(bound.status.item()), float(bound.bound.item())), tuple(notes))


def _continuous(rate: float, *, is_effective: bool) -> float:
    """An annual rate as a continuous one; NaN, which the models refuse, for an effective rate of -100 % or less."""
    if not is_effective:
        return rate
    return math.log1p(rate) if rate > -1 else math.nan


def _value(value_minor: int | None, discount: Measure) -> Amount | None:
    if value_minor is None:
        return None
    if discount.value is None:
        return no_amount(discount.status)
    if value_minor < 0:
        return no_amount(Status.OUT_OF_RANGE)
    return amount_of(value_minor * (1 - discount.value))
