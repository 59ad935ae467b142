"""A year of the calendar was loaded: proposals that lapse in it are given the day its holidays make of it."""

from datetime import datetime

from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.matching.lifecycle import ProposalStatus
from exchange.matching.store import deals as store
from exchange.rulebook import service as rulebook


def recount(tx: Tx, now: datetime, start: datetime) -> None:
    """Count the time to confirm again where it reaches behind ``start``; a second run changes nothing."""
    known = rulebook.recounting(tx)
    for listing_id, proposal_id, profile_name in store.proposals_lapsing_after(tx, start):
        listings.lock_listing(tx, listing_id)
        row = store.lock_proposal(tx, proposal_id)
        if row is None or row.status is not ProposalStatus.PROPOSED:
            continue
        day = market_date(row.created_at)
        rule = rulebook.profile(profile_name, day).confirm_window_working_days
        counted = known.end(row.lapses_at, [day], rule.value)
        if counted is None:
            continue
        row.lapses_at = counted
        store.save(tx, row)
        sides = (row.buyer_organisation_id, row.seller_organisation_id)
        data: dict[str, object] = {"rule": rule.rule_id, "lapses_at": counted.isoformat()}
        emit(tx, now, Event("proposal.deadline_moved", row.id, sides, data, row.book_id, row.listing_id))
        ended = Event("proposal.confirmation_ended", row.id, sides, {"rule": rule.rule_id}, row.book_id, row.listing_id)
        emit(tx, now, ended, due_at=counted)
