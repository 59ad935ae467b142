"""Commands and queries of the desk."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Forbidden, Invalid, Refused
from exchange.core.events import MARKET, Event, canonical_json
from exchange.diligence.service.clearances import clearances_derived
from exchange.diligence.service.integrity import damaged_in_sample
from exchange.infra.clock import business_now, hold_clock, set_business_now
from exchange.infra.database import Tx, transaction
from exchange.infra.outbox import emit
from exchange.infra.settings import settings
from exchange.oversight import store
from exchange.oversight.invariants import Finding
from exchange.oversight.registers import EXPORTED
from exchange.oversight.trail import verify_chain
from exchange.rulebook.service import calendar


class NotASandbox(Forbidden):
    """The clock of a production system cannot be moved (403)."""

    code = "NOT_A_SANDBOX"


class ClockStandsStill(Invalid):
    """A move of the clock needs working days or hours, or the next deadline and neither of them (422)."""

    code = "CLOCK_STANDS_STILL"


class NoDeadlineAhead(Refused):
    """Nothing is dated in the future (409)."""

    code = "NO_DEADLINE_AHEAD"


def invariant_findings(tx: Tx) -> list[Finding]:
    """Every invariant with how many things were looked at and what breaks it."""
    found = [store.find(tx, invariant) for invariant in store.INVARIANTS]
    return [*found, clearance_finding(tx), chain_finding(tx)]


def clearance_finding(tx: Tx) -> Finding:
    """Who may bid until when, derived anew from items, facts, findings and passed gates."""
    derived = clearances_derived(tx, business_now(tx))
    wrong = tuple(f"{listing}/{organisation}" for listing, organisation, kept, until in derived if kept != until)
    statement = "Whoever may bid, and until when, follows from the checklist's items, facts and findings"
    return Finding("G1", statement, len(derived), len(wrong), wrong[:10])


def chain_finding(tx: Tx) -> Finding:
    """The audit chain, recomputed from the events themselves."""
    length, _, broken = verify_chain(store.chain_rows(tx))
    examples = () if broken is None else (str(broken),)
    return Finding("A4", "Every link of the audit chain follows from its event", length, len(examples), examples)


def files_finding(tx: Tx) -> Finding:
    """Stored files of a sample, read and hashed again. Apart from the others: it reads the store, not the database."""
    looked, damaged = damaged_in_sample(tx)
    statement = "The bytes of a stored file hash to its name (a sample of the clean ones, another each day)"
    return Finding("F1", statement, looked, len(damaged), tuple(damaged[:10]))


def pending_figures(tx: Tx, actor: Actor) -> dict[str, int]:
    """What is still to do: unmatched commands, unsent events, dated events, due and dead reactions."""
    actor.require("audit:read")
    return store.pending(tx)


def verify_trail(tx: Tx, actor: Actor) -> tuple[int, str, int | None]:
    """(links, head hash, first broken link or None) of the recomputed chain."""
    actor.require("audit:read")
    return verify_chain(store.chain_rows(tx))


def deadlines_ahead(tx: Tx, actor: Actor, now: datetime, *, limit: int) -> list[tuple[datetime, str, str]]:
    """What the exchange will do by itself next: instant, kind of event, what it is about; for operators."""
    actor.require("deals:run")
    return store.deadlines_ahead(tx, now, limit)


def move_clock(
    tx: Tx, actor: Actor, now: datetime, *, working_days: int, hours: int, to_next_deadline: bool = False
) -> datetime:
    """Move the sandbox clock forward: by working days (to the same time of day) and hours, or to the next deadline.

    NotASandbox outside a sandbox; ClockStandsStill when nothing is asked for, or both ways at once; NoDeadlineAhead
    when nothing is dated in the future.
    """
    actor.require("sandbox:run")
    if not settings().sandbox:
        raise NotASandbox
    if bool(working_days or hours) is to_next_deadline:
        raise ClockStandsStill
    # Somebody may have moved it since the caller read it: only the locked clock says from where.
    started = max(now, hold_clock(tx))
    target = store.next_deadline(tx, started) if to_next_deadline else started + timedelta(hours=hours)
    if target is None:
        raise NoDeadlineAhead
    if working_days:
        today = market_date(target)
        target += calendar(tx).add_working_days(today, working_days) - today
    set_business_now(tx, target)
    emit(
        tx,
        target,
        Event("sandbox.clock_moved", subject_id="sandbox", audience=(MARKET,), data={"now": target.isoformat()}),
        actor_id=actor.user_id,
    )
    return target


def record_export(tx: Tx, actor: Actor, now: datetime) -> None:
    """Note who takes an export, before it starts."""
    actor.require("audit:export")
    emit(
        tx,
        now,
        Event("audit.exported", subject_id=actor.organisation_id, data={"user_id": actor.user_id}),
        actor_id=actor.user_id,
    )


def export_lines(now: datetime) -> Iterator[str]:
    """Everything as JSON lines from one consistent snapshot.

    The first line names the snapshot and the head of the chain, then one line a row
    (``{"view": ..., "row": {...}}``), the last line counts the rows of each view and carries the sha-256 of
    all lines before it.
    """
    digest = hashlib.sha256()
    with transaction() as tx:
        store.take_snapshot(tx)
        for line in _snapshot_lines(tx, now):
            digest.update(line.encode())
            yield line
    yield canonical_json({"end": True, "sha256": digest.hexdigest()}) + "\n"


def _snapshot_lines(tx: Tx, now: datetime) -> Iterator[str]:
    number, head = store.chain_head(tx)
    yield (
        canonical_json({"snapshot_at": now.isoformat(), "schema": 1, "chain_number": number, "chain_hash": head}) + "\n"
    )
    counts: dict[str, int] = {}
    for view in EXPORTED:
        counts[view] = 0
        for row in store.export_rows(tx, view):
            counts[view] += 1
            yield f'{{"view":"{view}","row":{row}}}\n'
    yield canonical_json({"counts": counts, "pending": store.pending(tx)}) + "\n"


def take_snapshot(tx: Tx) -> None:
    """Everything read after this in the transaction is one consistent, read-only state; no time limit."""
    store.take_snapshot(tx)
