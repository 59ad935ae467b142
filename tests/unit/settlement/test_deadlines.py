"""By when a deal has to leave a status: working days and calendar days, with the rule."""

from datetime import UTC, date, datetime

import pytest

from exchange.core.clock import end_of_market_day
from exchange.rulebook import service as rulebook
from exchange.settlement.deadlines import FIELDS, deadline_of
from exchange.settlement.deal import DealStatus

FRIDAY = datetime(2026, 7, 10, 3, tzinfo=UTC)
PROFILE = rulebook.profile("CN_BJ", date(2026, 7, 10))


@pytest.mark.parametrize(
    ("status", "last_day", "rule"),
    [
        (DealStatus.CONFIRMED, date(2026, 7, 15), "D-NOTICE"),
        (DealStatus.NOTICED, date(2026, 8, 9), "R-31"),
        (DealStatus.ROFR_CLEARED, date(2026, 7, 24), "D-CONSENT"),
        (DealStatus.SIGNED, date(2026, 7, 17), "R-47"),
        (DealStatus.TRANSFERRED, date(2026, 7, 25), "R-41"),
    ],
)
def test_a_status_ends_with_the_last_day_of_its_period(status: DealStatus, last_day: date, rule: str) -> None:
    found = deadline_of(PROFILE, rulebook.shipped_calendar(), status, FRIDAY)
    assert found is not None
    assert (found.at, found.rule, found.is_provisional) == (end_of_market_day(last_day), rule, False)


def test_nothing_bounds_what_waits_for_nobody() -> None:
    assert deadline_of(PROFILE, rulebook.shipped_calendar(), DealStatus.SETTLED, FRIDAY) is None


def test_a_date_in_an_unpublished_year_is_marked() -> None:
    late = datetime(2026, 12, 30, 3, tzinfo=UTC)
    found = deadline_of(PROFILE, rulebook.shipped_calendar(), DealStatus.ROFR_CLEARED, late)
    assert found is not None
    assert found.is_provisional


def test_every_bound_is_a_number_of_the_profile() -> None:
    assert set(FIELDS.values()) <= set(PROFILE.rules())
