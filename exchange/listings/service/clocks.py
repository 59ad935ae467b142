"""The clocks before a listing opens: the operators' time to review it, the seller's time to correct it.

A clock is an event dated in the future that carries the submission it belongs to; one that finds the listing
elsewhere, or submitted again since, does nothing; one that finds its end later than it was counted, because a year
of the calendar was loaded since, dates itself anew.
"""

from datetime import date, datetime

from exchange.access.actor import SYSTEM
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings.lifecycle import ListingEvent, ListingReason, ListingStatus
from exchange.listings.service.progress import lock_listing, release_interest, step, tell
from exchange.listings.tables import ListingRow
from exchange.rulebook import service as rulebook


def review_due_at(tx: Tx, row: ListingRow) -> datetime | None:
    """Until when operators decide about a submitted listing (R-09); None for one that is not submitted."""
    if row.status is not ListingStatus.SUBMITTED or row.submitted_at is None:
        return None
    day = market_date(row.submitted_at)
    rule = rulebook.profile(row.profile, day).review_working_days
    return end_of_market_day(rulebook.calendar(tx).add_working_days(day, rule.value))


def start_review_clock(tx: Tx, row: ListingRow, now: datetime) -> None:
    """Tell the operators when the time to review a listing that was just submitted is over."""
    due = review_due_at(tx, row)
    if due is not None:
        tell(tx, row, now, "listing.review_due", actor=SYSTEM, due_at=due, more=_submission(row))


def start_correction_clock(tx: Tx, row: ListingRow, now: datetime) -> None:
    """Date the end of a listing that was just returned, unless it is submitted again before."""
    _date_correction(tx, now, row, market_date(now))


def _date_correction(tx: Tx, now: datetime, row: ListingRow, returned_on: date) -> None:
    rule = rulebook.profile(row.profile, returned_on).returned_working_days
    more = {**_submission(row), "rule": rule.rule_id, "returned_on": returned_on.isoformat()}
    due = _correction_due(tx, row, returned_on)
    tell(tx, row, now, "listing.correction_due", actor=SYSTEM, due_at=due, more=more)


def _correction_due(tx: Tx, row: ListingRow, returned_on: date) -> datetime:
    rule = rulebook.profile(row.profile, returned_on).returned_working_days
    return end_of_market_day(rulebook.calendar(tx).add_working_days(returned_on, rule.value))


def review_overdue(tx: Tx, now: datetime, *, listing_id: str, submitted_at: str) -> None:
    """Raise it with the operators that a listing still waits for their decision."""
    row = lock_listing(tx, listing_id)
    if row.status is not ListingStatus.SUBMITTED or _submission(row)["submitted_at"] != submitted_at:
        return
    due = review_due_at(tx, row)
    if due is not None and now < due:
        start_review_clock(tx, row, now)  # a year was loaded since
        return
    rule = rulebook.profile(row.profile, market_date(now)).review_working_days
    data: dict[str, object] = {"submitted_at": submitted_at, "rule": rule.rule_id}
    emit(tx, now, Event("listing.review_overdue", row.id, (), data, listing_id=row.id))


def end_uncorrected(
    tx: Tx, now: datetime, *, listing_id: str, submitted_at: str, returned_on: date | None = None
) -> None:
    """Refuse a returned listing that was not corrected in time; its interest is free again.

    A year loaded since the return may have made the time longer: then its end is dated anew.
    """
    row = lock_listing(tx, listing_id)
    if row.status is not ListingStatus.RETURNED or _submission(row)["submitted_at"] != submitted_at:
        return
    if returned_on is not None and now < _correction_due(tx, row, returned_on):
        _date_correction(tx, now, row, returned_on)
        return
    step(tx, row, now, ListingEvent.REJECT, actor=SYSTEM, reason=ListingReason.NOT_CORRECTED)
    release_interest(tx, now, listing_id)


def _submission(row: ListingRow) -> dict[str, object]:
    return {"submitted_at": row.submitted_at.isoformat() if row.submitted_at else ""}
