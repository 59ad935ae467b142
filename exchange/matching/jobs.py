"""What workers do for matching: drain the journals, and react to events. Each job may run twice or late."""

import gc
import os
import time
from datetime import datetime
from functools import lru_cache

import structlog

from exchange.core.errors import Busy
from exchange.core.events import Event
from exchange.infra.broadcast import Listener
from exchange.infra.database import Tx
from exchange.infra.doorbell import CHANNEL
from exchange.infra.queues import STOPPING, companions
from exchange.matching.service import awards, books, conclusion, papers, proposals, recounting, withdrawal
from exchange.matching.service.drain import Matcher
from exchange.rulebook import service as rulebook

LINGER_SECONDS = 600.0
"""A job that finds work keeps its warm books this long before another takes over from the stored state."""
IDLE_SECONDS = 5.0
WAIT_SECONDS = 0.2
BUSY_SECONDS = 0.05
COMPANION_SECONDS = 0.02
CROWD = 8
PACE_SECONDS = 0.0005
PACE_MAX_SECONDS = 0.05
"""After a pass with a crowd the next one waits so long for each command it had: fewer and larger transactions."""

log = structlog.get_logger("exchange.matching.jobs")


@lru_cache(maxsize=1)
def matcher() -> Matcher:
    """The matcher of this process, with its warm books. Forked children clear the cache first."""
    return Matcher()


def drain() -> None:
    """Match everything that waits and linger for more: the job behind the doorbell.

    While it listens, a ring reaches it at once; it ends when nothing came for a while, or after some time, and looks
    once more after it has stopped listening, so that no ring falls between two jobs.
    """
    gc.freeze()  # what was loaded before the work stays: the collector need not look at it again
    parent = os.getppid()
    started = last_work = time.monotonic()
    beside_due = 0.0
    with Listener(CHANNEL) as bell:
        while not STOPPING.is_set() and os.getppid() == parent:
            now = time.monotonic()
            done = applied = match_once()
            if not applied or now >= beside_due:
                done += beside_once()
                beside_due = now + COMPANION_SECONDS
            if done:
                last_work = now
            if now - last_work > IDLE_SECONDS or now - started > LINGER_SECONDS:
                break
            if applied >= CROWD:
                time.sleep(min(applied * PACE_SECONDS, PACE_MAX_SECONDS))
            elif not done:
                bell.wait(WAIT_SECONDS)
    work_once()


def work_once() -> int:
    """One pass of the matcher and of the work beside it; how many things were done."""
    return match_once() + beside_once()


def match_once() -> int:
    """One pass of the matcher; a busy database counts as nothing done."""
    try:
        return matcher().drain_once()
    except Busy:
        time.sleep(BUSY_SECONDS)
        return 0


def beside_once() -> int:
    """The work beside matching, such as reactions; a busy database counts as nothing done."""
    try:
        return companions()
    except Busy:
        time.sleep(BUSY_SECONDS)
        return 0


# -- reactions: one transaction each, opened by whoever runs them ------------------------------------------------------


def listing_approved(tx: Tx, now: datetime, event: Event) -> None:
    """An approved listing gets its book."""
    books.open_book_for_listing(tx, now, event.subject_id)


def listing_window_opens(tx: Tx, now: datetime, event: Event) -> None:
    """The ask enters the book."""
    books.open_window(tx, now, event.subject_id)


def listing_window_closes(tx: Tx, now: datetime, event: Event) -> None:
    """The window ends; an auction is allocated."""
    books.close_window(tx, now, event.subject_id)


def listing_time_ends(tx: Tx, now: datetime, event: Event) -> None:
    """The ask's own time in force ends before its window."""
    books.close_window(tx, now, event.subject_id, early=True)


def window_due(tx: Tx, now: datetime, event: Event) -> None:
    """Something of a window fell due around a halt."""
    books.check_window(tx, now, event.subject_id)


def lock_due(tx: Tx, now: datetime, event: Event) -> None:
    """The last part of an auction begins."""
    books.lock_window(tx, now, event.subject_id)


def priority_window_ended(tx: Tx, now: datetime, event: Event) -> None:
    """Bids of every class are considered."""
    began_at = event.data.get("began_at")
    began = datetime.fromisoformat(str(began_at)) if began_at else None
    books.end_priority_window(tx, now, event.subject_id, began)


def listing_withdrawn(tx: Tx, now: datetime, event: Event) -> None:
    """A withdrawn listing stops matching."""
    withdrawal.listing_withdrawn(tx, now, event.subject_id)


def listing_ask_changed(tx: Tx, now: datetime, event: Event) -> None:
    """Perhaps the listing is at its end."""
    conclusion.conclude_listing(tx, now, event.subject_id)


def order_expiry_due(tx: Tx, now: datetime, event: Event) -> None:
    """A dated order ends."""
    books.expire_order(tx, now, event.subject_id)


def standing_changed(tx: Tx, now: datetime, event: Event) -> None:
    """An organisation's open bids follow its class and admission."""
    books.follow_standing(tx, now, event.subject_id)


def confirmation_ended(tx: Tx, now: datetime, event: Event) -> None:
    """A proposal that was not confirmed lapses."""
    proposals.lapse(tx, now, event.subject_id)


def book_mended(tx: Tx, now: datetime, event: Event) -> None:
    """A book that was set aside is tried again at once by this matcher, and by the others after their pause."""
    matcher().forgive(event.subject_id)


def award_made(tx: Tx, now: datetime, event: Event) -> None:
    """The listing follows its award."""
    awards.award_made(tx, now, event.subject_id)


def match_right_ended(tx: Tx, now: datetime, event: Event) -> None:
    """Guidance funds may no longer take at the clearing price."""
    awards.end_match_right(tx, now, event.subject_id)


def proposal_confirmed(tx: Tx, now: datetime, event: Event) -> None:
    """A trade that both sides confirmed gets its confirmation, and its buyer is through the award gate."""
    papers.file_confirmation(tx, now, trade_id=str(event.data["trade_id"]))


def year_loaded(tx: Tx, now: datetime, event: Event) -> None:
    """The days of a year are published for the first time: proposals that lapse in it are counted again."""
    if (start := rulebook.beginning_of_loaded_year(event)) is not None:
        recounting.recount(tx, now, start)
