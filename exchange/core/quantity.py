"""Price and amount of an interest, and the one function that turns them into money.

Amount is subscribed capital in minor units. Price is parts per million of the NAV statement the book pins:
82.5000 % = 825_000. Money = NAV x (amount / subscribed capital the NAV refers to) x price, rounded half-up
once. Example: NAV 88,000,000.00 of 100,000,000.00 subscribed, all of it at 82.5 % -> 72,600,000.00.
Source: base price of an LP-interest transfer, NAV at the reference date times the bid percentage.
"""

from dataclasses import dataclass

from exchange.core.money import PPM, divide_half_up, scale_decimal, unscale_decimal

UNIT_PRICE_DIGITS = 6  # currency units for one unit of subscribed capital


@dataclass(frozen=True, slots=True)
class NavBasis:
    """What a price refers to: a NAV (minor units) and the subscribed capital (minor units) it belongs to."""

    nav_minor: int
    subscribed_minor: int

    def value_minor(self, amount_minor: int, price_ppm: int) -> int:
        """Money for an amount of subscribed capital at a price, in minor units, rounded half-up once."""
        return divide_half_up(self.nav_minor * amount_minor * price_ppm, self.subscribed_minor * PPM)

    def nav_share_minor(self, amount_minor: int) -> int:
        """The NAV that belongs to an amount of subscribed capital."""
        return self.value_minor(amount_minor, PPM)

    def price_of_total(self, amount_minor: int, total_minor: int) -> int:
        """The price in ppm (nearest integer) at which the amount costs this total."""
        return divide_half_up(total_minor * self.subscribed_minor * PPM, self.nav_minor * amount_minor)

    def unit_price(self, price_ppm: int) -> str:
        """Currency units for one unit of subscribed capital at this price, as a decimal string."""
        scaled = divide_half_up(self.nav_minor * price_ppm * 10**UNIT_PRICE_DIGITS, self.subscribed_minor * PPM)
        return unscale_decimal(scaled, UNIT_PRICE_DIGITS)

    def price_of_unit(self, unit_price: str) -> int:
        """The price in ppm (nearest integer) of a unit price given as a decimal string."""
        scaled = scale_decimal(unit_price, UNIT_PRICE_DIGITS)
        return divide_half_up(scaled * self.subscribed_minor * PPM, self.nav_minor * 10**UNIT_PRICE_DIGITS)


def price_from_text(text: str) -> int:
    """Price in ppm from a ratio as a strict decimal string: ``0.8550`` -> 855_000."""
    return scale_decimal(text, 6)


def price_text(price_ppm: int) -> str:
    """The ratio as a decimal string with six digits' precision, at least four shown: 855_000 -> ``0.8550``."""
    text = unscale_decimal(price_ppm, 6)
    return text[:-2] if text.endswith("00") else text


def nearest_ticks(price_ppm: int, tick_ppm: int) -> tuple[int, int]:
    """The valid prices just below and just above (equal when the price is on the tick)."""
    below = price_ppm // tick_ppm * tick_ppm
    return below, below if below == price_ppm else below + tick_ppm
