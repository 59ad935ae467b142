"""The deposit an order needs, one formula for whoever holds or releases it.

Deposit = deposit rate x value of what the order still may take or has taken (leaves + filled), at its own limit,
in minor units, rounded half-up once. Example: 10,000,000.00 at 85 % of NAV 1.00 and a rate of 5 % -> 425,000.00.
Source: the bid deposit of the market profile.
"""

from exchange.core.money import PPM, divide_half_up
from exchange.core.quantity import NavBasis


def deposit_minor(basis: NavBasis, deposit_ppm: int, amount_minor: int, price_ppm: int) -> int:
    """The deposit for an amount of subscribed capital (leaves + filled) at a limit, in minor units of money."""
    return divide_half_up(basis.value_minor(amount_minor, price_ppm) * deposit_ppm, PPM)
