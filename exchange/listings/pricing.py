"""A price as people type it: a percentage of NAV, a price for one unit of subscribed capital, or a total.

Exactly one is given; the others are derived and echoed. The price must be on the profile's tick.
Example: NAV 88,000,000.00 of 100,000,000.00 subscribed; a total of 72,600,000.00 for all of it is 82.5 %.
Source: product decision 1 (amount, price, tick).
"""

from dataclasses import dataclass

from exchange.core.errors import FieldError
from exchange.core.money import money_from_text, unscale_decimal
from exchange.core.quantity import NavBasis, nearest_ticks, price_from_text, price_text
from exchange.listings.errors import PriceInputInvalid, StepInvalid

HIGHEST_PRICE_PPM = 100_000_000


@dataclass(frozen=True, slots=True)
class PriceInput:
    """Strict decimal strings; exactly one is not None."""

    ratio: str | None = None
    unit_price: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class PriceEcho:
    """One price in all three forms, for an amount."""

    price_ppm: int
    unit_price: str
    total_minor: int


def price_of(entered: PriceInput, basis: NavBasis, amount_minor: int, currency: str, tick_ppm: int) -> int:
    """The price in ppm of what was entered. Refused: none or several forms, zero or absurd, off the tick."""
    given = [form for form in (entered.ratio, entered.unit_price, entered.total) if form is not None]
    if len(given) != 1:
        raise PriceInputInvalid(fields=(FieldError("/price", "EXACTLY_ONE_PRICE"),))
    try:
        price_ppm = _in_ppm(entered, basis, amount_minor, currency)
    except ValueError as error:
        raise PriceInputInvalid(fields=(FieldError("/price", "AMOUNT_FORMAT"),)) from error
    if not 0 < price_ppm <= HIGHEST_PRICE_PPM:
        raise PriceInputInvalid(fields=(FieldError("/price", "PRICE_OUT_OF_RANGE"),))
    check_tick(price_ppm, tick_ppm)
    return price_ppm


def check_tick(price_ppm: int, tick_ppm: int) -> None:
    """STEP_INVALID with the nearest two valid prices when the price is not on the tick."""
    below, above = nearest_ticks(price_ppm, tick_ppm)
    if below != above:
        raise StepInvalid(step=percent(tick_ppm), a=percent(below or above), b=percent(above))


def echo(price_ppm: int, basis: NavBasis, amount_minor: int) -> PriceEcho:
    """All three forms of a price."""
    return PriceEcho(price_ppm, basis.unit_price(price_ppm), basis.value_minor(amount_minor, price_ppm))


def percent(price_ppm: int) -> str:
    """A ratio in ppm as people read it: 825_000 -> ``82.50%``."""
    text = unscale_decimal(price_ppm, 4)
    return f"{text.removesuffix('00')}%"


def ratio(price_ppm: int) -> str:
    """A ratio in ppm as it goes over the wire: 825_000 -> ``0.8250``."""
    return price_text(price_ppm)


def _in_ppm(entered: PriceInput, basis: NavBasis, amount_minor: int, currency: str) -> int:
    if entered.ratio is not None:
        return price_from_text(entered.ratio)
    if entered.unit_price is not None:
        return basis.price_of_unit(entered.unit_price)
    total = money_from_text(entered.total or "", currency)
    return basis.price_of_total(amount_minor, total.minor)
