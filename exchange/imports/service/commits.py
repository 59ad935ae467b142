"""Commit all of a previewed file or nothing of it; or drop it."""

from collections import Counter
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.funds.recorded import Recorded
from exchange.imports import store
from exchange.imports.errors import ImportNotFound, ImportNotOpen, ImportOutdated, ImportRowErrors
from exchange.imports.facts import Fact, fact_of
from exchange.imports.kinds import ImportStatus, RowAction
from exchange.imports.rows import ParsedRow
from exchange.imports.service.registers import record, registers_for
from exchange.imports.service.uploads import CHUNK, STATEMENT_TIMEOUT_MS
from exchange.imports.tables import ImportRow, StagedRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


def commit(tx: Tx, actor: Actor, now: datetime, *, import_id: str) -> ImportRow:
    """Record every new and changed row. IMPORT_OUTDATED when that would do something else than the preview said.

    A file with wrong rows is refused with IMPORT_ROW_ERRORS. Committing twice is refused with IMPORT_NOT_OPEN.
    """
    row = _locked(tx, actor, import_id)
    if row.status is ImportStatus.INVALID:
        raise ImportRowErrors(rows=", ".join(_wrong_rows(tx, row)))
    if row.status is not ImportStatus.VALIDATED:
        raise ImportNotOpen(status=row.status.value)
    store.allow_long_statements(tx, STATEMENT_TIMEOUT_MS)
    for chunk in store.staged_chunks(tx, row.id, [RowAction.ADD, RowAction.CHANGE], CHUNK):
        done = record(tx, actor, now, _facts(tx, actor, now, row, chunk), row.id)
        promised = Counter(staged.action for staged in chunk)
        if done != Recorded(promised[RowAction.ADD], promised[RowAction.CHANGE], 0):
            raise ImportOutdated
    row.status, row.committed_at = ImportStatus.COMMITTED, now
    store.save(tx)
    _tell(tx, actor, now, row, "import.committed")
    return row


def discard(tx: Tx, actor: Actor, now: datetime, *, import_id: str) -> ImportRow:
    """Drop an import that was not committed, with its staged rows."""
    row = _locked(tx, actor, import_id)
    if row.status not in {ImportStatus.VALIDATED, ImportStatus.INVALID}:
        raise ImportNotOpen(status=row.status.value)
    store.drop_staged(tx, row.id)
    row.status = ImportStatus.DISCARDED
    store.save(tx)
    _tell(tx, actor, now, row, "import.discarded")
    return row


def _locked(tx: Tx, actor: Actor, import_id: str) -> ImportRow:
    """The caller's import. Another organisation's does not exist, not even for operators: they see, GPs commit."""
    actor.require("imports:write")
    row = store.an_import(tx, import_id, lock=True)
    if row is None or row.organisation_id != actor.organisation_id:
        raise ImportNotFound
    return row


def _facts(tx: Tx, actor: Actor, now: datetime, row: ImportRow, chunk: list[StagedRow]) -> list[Fact]:
    """The facts of staged rows, judged again: what a row names may have changed since the preview."""
    rows = [ParsedRow(staged.row_number, dict(staged.values["row"])) for staged in chunk]
    known = registers_for(tx, actor, now, row.kind, rows)
    facts = [fact_of(row.kind, parsed, known) for parsed in rows]
    sound = [fact for fact in facts if fact is not None]
    if len(sound) != len(facts):
        raise ImportOutdated
    return sound


def _wrong_rows(tx: Tx, row: ImportRow) -> list[str]:
    first = store.staged(tx, row.id, [RowAction.ERROR], after=-1_000, limit=11)
    shown = [str(staged.errors[0]["row"]) for staged in first[:10]]
    return [*shown, "…"] if len(first) > len(shown) else shown


def _tell(tx: Tx, actor: Actor, now: datetime, row: ImportRow, kind: str) -> None:
    data = {"kind": row.kind.value, "added": row.add_count, "changed": row.change_count, "file_hash": row.file_hash}
    emit(tx, now, Event(kind, row.id, (row.organisation_id,), data), actor_id=actor.user_id)
