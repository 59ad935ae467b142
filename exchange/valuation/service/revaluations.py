"""The whole market on one day: all funds in chunks that workers share, one reaction a chunk, history kept.

Each chunk is valued in one vectorised pass in a transaction of its own; a worker that dies leaves its chunk undone and
another one takes it. The results are ordinary valuations.
"""

from dataclasses import dataclass
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit, emit_all
from exchange.rulebook.service import DEFAULT_PROFILE
from exchange.valuation import store
from exchange.valuation.errors import NothingToRevalue, RevaluationNotFound
from exchange.valuation.service.computation import COMPUTING_MILLISECONDS, compute, software_version
from exchange.valuation.service.gathering import inputs_of
from exchange.valuation.service.valuations import check_day
from exchange.valuation.tables import RevaluationRow, ValuationResultRow, ValuationRow

PERMISSION = "revaluations:run"
CHUNK_FUNDS = 200


@dataclass(frozen=True, slots=True)
class Revaluation:
    """A revaluation with how far it has come."""

    row: RevaluationRow
    funds_done: int
    chunks_done: int
    last_computed_at: datetime | None

    @property
    def is_done(self) -> bool:
        """Every chunk is computed."""
        return self.chunks_done == self.row.chunk_count


def request(
    tx: Tx, actor: Actor, now: datetime, *, valued_on: date | None = None, chunk_funds: int = CHUNK_FUNDS
) -> Revaluation:
    """Ask for every fund to be valued on a day. NOTHING_TO_REVALUE without funds."""
    actor.require(PERMISSION)
    return enter(tx, actor, now, valued_on=valued_on, chunk_funds=chunk_funds)


def enter(
    tx: Tx, actor: Actor, now: datetime, *, valued_on: date | None = None, chunk_funds: int = CHUNK_FUNDS
) -> Revaluation:
    """Write a revaluation with its chunks; for whoever runs the exchange's own machine, who needs no permission."""
    day = valued_on or market_date(now)
    check_day(day, now)
    fund_ids = funds.all_fund_ids(tx)
    if not fund_ids:
        raise NothingToRevalue
    chunks = [fund_ids[start : start + chunk_funds] for start in range(0, len(fund_ids), chunk_funds)]
    row = RevaluationRow(
        id=new_id("revaluation"),
        valued_on=day,
        profile=DEFAULT_PROFILE,
        requested_by=actor.user_id,
        requested_by_organisation_id=actor.organisation_id,
        requested_at=now,
        fund_count=len(fund_ids),
        chunk_count=len(chunks),
    )
    store.add_chunks(tx, row, chunks)
    data: dict[str, object] = {"valued_on": day.isoformat(), "funds": len(fund_ids), "chunks": len(chunks)}
    emit(tx, now, Event("revaluation.requested", row.id, (), data), actor_id=actor.user_id)
    events = [Event("revaluation.chunk_requested", row.id, (), {"number": number}) for number in range(len(chunks))]
    emit_all(tx, now, events, actor_id=actor.user_id)
    return Revaluation(row, 0, 0, None)


def run_chunk(tx: Tx, now: datetime, *, revaluation_id: str, number: int) -> None:
    """Value the funds of one chunk; one that is done is left alone."""
    chunk = store.lock_chunk(tx, revaluation_id, number)
    if chunk is None or chunk.computed_at is not None:
        return
    revaluation = _revaluation(tx, revaluation_id)
    store.allow_long_work(tx, COMPUTING_MILLISECONDS)
    inputs = inputs_of(tx, chunk.fund_ids, revaluation.valued_on, profile=revaluation.profile)
    done = compute(inputs)
    computed = []
    for fund_id, made in zip(chunk.fund_ids, done.made, strict=True):
        row = ValuationRow(
            id=new_id("valuation"),
            fund_id=fund_id,
            profile=revaluation.profile,
            valued_on=revaluation.valued_on,
            requested_by=revaluation.requested_by,
            requested_by_organisation_id=revaluation.requested_by_organisation_id,
            requested_at=revaluation.requested_at,
            revaluation_id=revaluation.id,
        )
        result = ValuationResultRow(
            valuation_id=row.id,
            facts_hash=made.facts_hash,
            assumptions_hash=made.assumptions_hash,
            panel_hash=made.panel_hash,
            software_version=software_version(),
            computed_at=now,
        )
        computed.append((row, result))
    # Last, because another chunk that keeps the same assumptions waits here until this transaction ends.
    store.add_documents(tx, done.documents)
    store.add_computed(tx, computed)
    _finish(tx, now, revaluation_id, number)


def revaluation_of(tx: Tx, actor: Actor, revaluation_id: str) -> Revaluation:
    """A revaluation with its progress."""
    actor.require("valuations:read")
    return progress_of(tx, revaluation_id)


def revaluations_of(tx: Tx, actor: Actor, *, before: str | None = None, limit: int = 200) -> list[Revaluation]:
    """Revaluations, newest first."""
    actor.require("valuations:read")
    return [Revaluation(row, *store.progress(tx, row.id)) for row in store.revaluations(tx, before=before, limit=limit)]


def progress_of(tx: Tx, revaluation_id: str) -> Revaluation:
    """How far a revaluation has come, without asking who wants to know."""
    row = _revaluation(tx, revaluation_id)
    return Revaluation(row, *store.progress(tx, revaluation_id))


def _finish(tx: Tx, now: datetime, revaluation_id: str, number: int) -> None:
    """Mark a chunk done; whoever marks the last one tells. The lock makes the last one see all the others."""
    store.revaluation(tx, revaluation_id, lock=True)
    chunk = store.lock_chunk(tx, revaluation_id, number)
    if chunk is None:
        raise RevaluationNotFound
    chunk.computed_at = now
    store.save(tx)
    found = progress_of(tx, revaluation_id)
    if found.is_done:
        data: dict[str, object] = {"valued_on": found.row.valued_on.isoformat(), "funds": found.funds_done}
        emit(tx, now, Event("revaluation.computed", revaluation_id, (MARKET,), data))


def _revaluation(tx: Tx, revaluation_id: str) -> RevaluationRow:
    row = store.revaluation(tx, revaluation_id)
    if row is None:
        raise RevaluationNotFound
    return row
