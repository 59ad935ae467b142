"""When X has happened, do Y: the whole choreography on one page.

The relay writes one durable reaction for each job named here, a worker runs it in one transaction and forgets it with
its effect. A job re-reads the state under its locks, so one that comes twice or late does nothing. A path that does
not resolve fails a test, not a worker.
"""

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import structlog

from exchange.core.errors import Busy
from exchange.core.events import Event
from exchange.infra.clock import business_now
from exchange.infra.database import RETRIED_STATES, Tx, sql_state_of, transaction
from exchange.infra.publication import Taken, finish_reaction, postpone_reaction, take_reaction

Job = Callable[[Tx, datetime, Event], None]

MATCHING = "exchange.matching.jobs"
ADVICE = "exchange.diligence.jobs.advice"
CHECKLISTS = "exchange.diligence.jobs.checklists"
ROOMS = "exchange.diligence.jobs.rooms"
SETTLEMENT = "exchange.settlement.jobs"

REACTIONS: Mapping[str, tuple[str, ...]] = {
    "listing.draft_expires": ("exchange.listings.jobs.draft_expires",),
    "listing.submitted": ("exchange.listings.jobs.submitted",),
    "valuation.computed": ("exchange.listings.jobs.valuation_computed",),
    "listing.review_due": ("exchange.listings.jobs.review_due",),
    "listing.correction_due": ("exchange.listings.jobs.correction_due",),
    "listing.extended": (f"{MATCHING}.listing_approved",),
    "listing.approved": (f"{MATCHING}.listing_approved", f"{ROOMS}.listing_approved"),
    "listing.window_opens": (f"{MATCHING}.listing_window_opens",),
    "listing.window_closes": (f"{MATCHING}.listing_window_closes",),
    "listing.time_in_force_ends": (f"{MATCHING}.listing_time_ends",),
    "listing.withdrawn": (f"{MATCHING}.listing_withdrawn", f"{ROOMS}.bidding_ended"),
    "listing.completed": (f"{ROOMS}.bidding_ended", f"{SETTLEMENT}.listing_ended"),
    "listing.awarded": (f"{ROOMS}.bidding_ended", f"{SETTLEMENT}.listing_ended"),
    "listing.award_refused": (f"{ROOMS}.bidding_ended",),
    "listing.expired": (f"{ROOMS}.bidding_ended",),
    "listing.ask_changed": (f"{MATCHING}.listing_ask_changed",),
    "book.lock_due": (f"{MATCHING}.lock_due",),
    "book.window_due": (f"{MATCHING}.window_due",),
    "book.priority_window_ended": (f"{MATCHING}.priority_window_ended",),
    "book.retry_asked": (f"{MATCHING}.book_mended",),
    "book.command_skipped": (f"{MATCHING}.book_mended",),
    "order.expiry_due": (f"{MATCHING}.order_expiry_due",),
    "investor_class.ended": ("exchange.parties.jobs.class_ended",),
    "investor_class.changed": (f"{MATCHING}.standing_changed", f"{CHECKLISTS}.bidder_changed"),
    "organisation.suspended": (f"{MATCHING}.standing_changed",),
    "proposal.confirmation_ended": (f"{MATCHING}.confirmation_ended",),
    "award.made": (f"{MATCHING}.award_made",),
    "award.match_right_ended": (f"{MATCHING}.match_right_ended",),
    "adviser.lapse_due": (f"{ADVICE}.adviser_lapse_due",),
    "engagement.quotes_due": (f"{ADVICE}.quotes_due",),
    "engagement.valuation_accepted": ("exchange.valuation.jobs.valuation_report_accepted",),
    "room.opened": (f"{ADVICE}.room_opened",),
    "room.awarded": (f"{ADVICE}.room_awarded",),
    "room.closed": (f"{ADVICE}.room_awarded",),
    "valuation.requested": ("exchange.valuation.jobs.valuation_requested",),
    "item.expiry_due": (f"{CHECKLISTS}.item_expiry_due",),
    "item.answer_due": (f"{CHECKLISTS}.item_answer_due",),
    "finding.check_due": (f"{CHECKLISTS}.finding_check_due",),
    "revaluation.chunk_requested": ("exchange.valuation.jobs.chunk_requested",),
    "document.scan_due": ("exchange.diligence.jobs.documents.scan_due",),
    "proposal.confirmed": (f"{MATCHING}.proposal_confirmed", f"{ROOMS}.proposal_confirmed"),
    "trade.made": ("exchange.settlement.jobs.trade_made",),
    "bank.simulated_due": ("exchange.bank.jobs.simulated_due",),
    "payment.received": (f"{SETTLEMENT}.payment_received",),
    "calendar.year_loaded": (
        f"{SETTLEMENT}.year_loaded",
        f"{MATCHING}.year_loaded",
        f"{ROOMS}.year_loaded",
    ),
    "deal.due": ("exchange.settlement.jobs.deal_due",),
    "deal.final_due": (f"{SETTLEMENT}.final_due",),
    "deal.transferred": (f"{SETTLEMENT}.deal_transferred",),
    "deal.refused": (f"{SETTLEMENT}.deal_fell",),
    "deal.withdrawn": (f"{SETTLEMENT}.deal_fell",),
    "deal.defaulted": (f"{SETTLEMENT}.deal_fell",),
    "deal.terminated": (f"{SETTLEMENT}.deal_fell",),
    "deal.busted": (f"{SETTLEMENT}.deal_fell",),
    "backup.answer_due": (f"{SETTLEMENT}.backup_due",),
    "backup.accepted": (f"{SETTLEMENT}.backup_accepted", f"{ROOMS}.proposal_confirmed"),
    "obligation.due": (f"{SETTLEMENT}.obligation_due",),
    "instalment.due": (f"{SETTLEMENT}.instalment_due",),
    "item.submitted": (f"{ROOMS}.paper_handed_in",),
    "item.replaced": (f"{ROOMS}.paper_handed_in",),
    "item.accepted": (f"{ROOMS}.gate_may_open", f"{SETTLEMENT}.paper_came"),
    "item.waived": (f"{ROOMS}.gate_may_open", f"{SETTLEMENT}.paper_came"),
    "finding.resolved": (f"{ROOMS}.gate_may_open",),
    "gate.passed": (f"{ROOMS}.gate_passed",),
    "room.package_wanted": (f"{ROOMS}.package_wanted",),
    "room.package_expires": (f"{ROOMS}.package_expires",),
}

SECONDS_AT_A_TIME = 0.5

log = structlog.get_logger("exchange.reactions")


def jobs_of(event_type: str) -> Sequence[str]:
    """Dotted paths of the jobs an event of this type asks for."""
    return REACTIONS.get(event_type, ())


@lru_cache(maxsize=256)
def resolve(path: str) -> Job:
    """The function behind a dotted path. ImportError or AttributeError for one that is not there."""
    module, _, name = path.rpartition(".")
    job: Job = getattr(importlib.import_module(module), name)
    return job


@lru_cache(maxsize=1)
def load_jobs() -> None:
    """Import every job: before a worker forks, so that its children find them loaded, and never in a transaction."""
    for paths in REACTIONS.values():
        for path in paths:
            resolve(path)


def react_once() -> bool:
    """Run the next due reaction in one transaction with its removal; False when none is due.

    A failed one is tried again later and is dead after some attempts. A busy database is no failure.
    """
    load_jobs()
    taken: Taken | None = None
    try:
        with transaction() as tx:
            now = business_now(tx)
            taken = take_reaction(tx, now)
            if taken is None:
                return False
            resolve(taken.job)(tx, now, taken.event)
            finish_reaction(tx, taken.id)
    except Busy:
        raise
    except Exception as error:
        if sql_state_of(error) in RETRIED_STATES or taken is None:
            raise Busy from error
        log.exception("reaction failed", job=taken.job, subject_id=taken.event.subject_id)
        with transaction() as tx:
            postpone_reaction(tx, business_now(tx), taken, f"{type(error).__name__}: {error}")
    return True


def react_due(most: int = 50, seconds: float = SECONDS_AT_A_TIME) -> int:
    """Run due reactions, at most so many and for about so long; how many ran.

    The time is bounded because the books are matched by the same worker: a market that is valued anew must not make
    them wait for all of its chunks.
    """
    done = 0
    started = time.monotonic()
    while done < most and time.monotonic() - started < seconds and react_once():
        done += 1
    return done
