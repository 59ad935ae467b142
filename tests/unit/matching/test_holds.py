"""The deposit of an order."""

from exchange.core.quantity import NavBasis
from exchange.matching.holds import deposit_minor


def test_deposit_is_the_rate_of_the_value_at_the_limit() -> None:
    par = NavBasis(nav_minor=100, subscribed_minor=100)
    assert deposit_minor(par, 50_000, 1_000_000_000, 850_000) == 42_500_000


def test_deposit_follows_the_nav_that_the_book_pins() -> None:
    basis = NavBasis(nav_minor=8_800_000_000, subscribed_minor=10_000_000_000)
    assert deposit_minor(basis, 1_000_000, 10_000_000_000, 825_000) == 7_260_000_000


def test_deposit_is_rounded_half_up_after_the_value_was() -> None:
    par = NavBasis(nav_minor=1, subscribed_minor=1)
    assert deposit_minor(par, 500_000, 1, 1_000_000) == 1
    assert deposit_minor(par, 400_000, 1, 1_000_000) == 0


def test_nothing_open_needs_no_deposit() -> None:
    assert deposit_minor(NavBasis(1, 1), 1_000_000, 0, 850_000) == 0
