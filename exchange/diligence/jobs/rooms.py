"""What workers do for data rooms, in reaction to events."""

from datetime import datetime

from exchange.core.events import Event
from exchange.diligence.gate import Gate
from exchange.diligence.service import nda, packages, question_days, room_index, rooms
from exchange.infra.database import Tx
from exchange.rulebook import service as rulebook


def listing_approved(tx: Tx, now: datetime, event: Event) -> None:
    """A published listing gets its room, and what was handed in its numbers."""
    rooms.open_room(tx, now, listing_id=event.subject_id)
    room_index.enter_papers(tx, now, listing_id=event.subject_id)


def paper_handed_in(tx: Tx, now: datetime, event: Event) -> None:
    """A document that was handed in gets its number."""
    if event.listing_id is not None:
        room_index.enter_papers(tx, now, listing_id=event.listing_id)


def gate_may_open(tx: Tx, now: datetime, event: Event) -> None:
    """A paper was accepted or waived, or a finding resolved: signers whom nothing keeps out any more come in."""
    if event.listing_id is not None:
        nda.let_in_signers(tx, now, listing_id=event.listing_id)
    else:
        for organisation_id in event.audience:
            nda.let_in_everywhere(tx, now, organisation_id=organisation_id)


def proposal_confirmed(tx: Tx, now: datetime, event: Event) -> None:
    """The listing has a buyer."""
    buyer = event.data.get("buyer_organisation_id")
    if event.listing_id is not None and isinstance(buyer, str):
        rooms.record_buyer(tx, now, listing_id=event.listing_id, organisation_id=buyer)


def bidding_ended(tx: Tx, now: datetime, event: Event) -> None:
    """The listing is sold or over: who did not buy leaves the room."""
    rooms.end_bidding(tx, now, listing_id=event.subject_id)


def gate_passed(tx: Tx, now: datetime, event: Event) -> None:
    """With the release of the money the deal is at its end."""
    if event.data.get("gate") == Gate.RELEASE.value and event.listing_id is not None:
        rooms.close_when_released(tx, now, listing_id=event.listing_id)


def package_wanted(tx: Tx, now: datetime, event: Event) -> None:
    """Make the next piece of a package."""
    packages.work_on(tx, now, package_id=event.subject_id)


def package_expires(tx: Tx, now: datetime, event: Event) -> None:
    """A package's time is over."""
    packages.expire(tx, now, package_id=event.subject_id)


def year_loaded(tx: Tx, now: datetime, event: Event) -> None:
    """The days of a year are published for the first time: questions due in it are given the day they make of it."""
    if (start := rulebook.beginning_of_loaded_year(event)) is not None:
        question_days.recount(tx, now, start)
