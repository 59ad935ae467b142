"""Fees are marginal: the worked numbers of the schedule, its bounds, and that a higher price never costs less."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.rulebook import service as rulebook
from exchange.rulebook.errors import FeesUnknown
from exchange.rulebook.fee_schedule import Tier, fee_minor

DAY = date(2026, 7, 15)
SCHEDULE = rulebook.fee_schedule("CN_BJ", "CNY", DAY)


@pytest.mark.parametrize(
    ("price", "fee"),
    [
        (72_600_000_00, 192_600_00),
        (74_400_000_00, 194_400_00),
        (800_000_00, 5_000_00),
        (300_000_000_00, 420_000_00),
        (10_000_000_00, 50_000_00),
        (1_000_000_000_00, 500_000_00),
        (-2_000_000_00, 5_000_00),
    ],
)
def test_the_worked_numbers_of_the_schedule(price: int, fee: int) -> None:
    assert fee_minor(SCHEDULE, price) == fee


@given(st.integers(0, 10**13), st.integers(0, 10**10))
def test_a_higher_price_never_costs_less(price: int, more: int) -> None:
    assert fee_minor(SCHEDULE, price) <= fee_minor(SCHEDULE, price + more)


@pytest.mark.parametrize("profile", ["CN_BJ", "CN_SH", "CN_PX_SOE", "OPEN"])
@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_every_profile_has_fees(profile: str, currency: str) -> None:
    assert rulebook.fee_schedule(profile, currency, DAY).base == "base_price"


def test_no_schedule_is_said_so() -> None:
    with pytest.raises(FeesUnknown):
        rulebook.fee_schedule("CN_BJ", "GBP", DAY)
    with pytest.raises(FeesUnknown):
        rulebook.fee_schedule("CN_BJ", "CNY", date(2024, 12, 31))


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (Tier(100, 50_001), Tier(None, 1)),
        (Tier(100, 1), Tier(None, 2)),
        (Tier(100, 2), Tier(50, 1), Tier(None, 1)),
        (Tier(100, 2),),
        (Tier(None, 2), Tier(None, 1)),
    ],
)
def test_rates_above_five_percent_or_rising_are_refused(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match=r"tier|rates"):
        replace(SCHEDULE, tiers=tiers)
