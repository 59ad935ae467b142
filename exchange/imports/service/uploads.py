"""Upload: read, check, compare with what is recorded, stage. Nothing is recorded yet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import IO

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.imports import store
from exchange.imports.errors import FileEmpty
from exchange.imports.facts import action_of, differences, fact_of
from exchange.imports.kinds import AmountUnit, ImportKind, ImportStatus, RowAction
from exchange.imports.rows import Doubles, ParsedRow, RowError, natural_key, read_header, read_rows
from exchange.imports.service.mappings import mapping_of
from exchange.imports.service.reading import hash_of, rows_of
from exchange.imports.service.registers import current_facts, key_of, registers_for
from exchange.imports.store import Staged
from exchange.imports.tables import ImportRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

CHUNK = 5_000
STATEMENT_TIMEOUT_MS = 120_000
FILE_NAME_MAX = 200


def upload(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    kind: ImportKind,
    file_name: str,
    file: IO[bytes],
    unit: AmountUnit = AmountUnit.ONE,
) -> ImportRow:
    """Take in a file: every row is parsed, checked and compared; the preview is kept for the commit.

    Headers are read by the organisation's saved mapping first; amounts are stated in ``unit``.
    The same file that still waits gives the same import. A file with any wrong row can never be committed.
    """
    actor.require("imports:write")
    file_hash = hash_of(file)
    store.allow_long_statements(tx, STATEMENT_TIMEOUT_MS)
    store.serialize_uploads(tx, actor.organisation_id, file_hash)
    headers = mapping_of(tx, actor, kind=kind)
    waiting = store.open_import(tx, actor.organisation_id, kind, file_hash, unit, headers)
    if waiting is not None:
        return waiting
    row = ImportRow(
        id=new_id("import"),
        kind=kind,
        organisation_id=actor.organisation_id,
        uploaded_by=actor.user_id,
        file_name=file_name[:FILE_NAME_MAX],
        file_hash=file_hash,
        status=ImportStatus.INVALID,
        unit=unit,
        mapping=headers,
        uploaded_at=now,
    )
    store.add(tx, row)
    counts = _stage_all(tx, actor, now, row, file)
    row.add_count, row.change_count = counts[RowAction.ADD], counts[RowAction.CHANGE]
    row.unchanged_count, row.error_count = counts[RowAction.UNCHANGED], counts[RowAction.ERROR]
    row.row_count = counts.total()
    if row.row_count == 0:
        raise FileEmpty
    row.status = ImportStatus.INVALID if row.error_count else ImportStatus.VALIDATED
    store.save(tx)
    emit(
        tx,
        now,
        Event("import.uploaded", row.id, (row.organisation_id,), {"kind": kind.value, "rows": row.row_count}),
        actor_id=actor.user_id,
    )
    return row


def _stage_all(tx: Tx, actor: Actor, now: datetime, row: ImportRow, file: IO[bytes]) -> "Counter[RowAction]":
    """Stage the file chunk by chunk; returns how many rows have which action."""
    counts: Counter[RowAction] = Counter()
    numbered = rows_of(file)
    first = next(numbered, None)
    if first is None:
        raise FileEmpty
    header = read_header(row.kind, first[1], row.mapping, row.unit)
    if header.errors:
        store.stage(tx, row.id, _header_rows(header.errors))
        return Counter({RowAction.ERROR: len(header.errors)})
    doubles = Doubles()
    for chunk in _chunks(read_rows(header, numbered)):
        staged = _judge(tx, actor, now, row.kind, chunk, doubles)
        store.stage(tx, row.id, staged)
        counts.update(item.action for item in staged)
    return counts


def _judge(
    tx: Tx, actor: Actor, now: datetime, kind: ImportKind, rows: Sequence[ParsedRow], doubles: Doubles
) -> list[Staged]:
    """What recording each row of a chunk would do."""
    known = registers_for(tx, actor, now, kind, rows)
    keys = [natural_key(kind, row.values) for row in rows]
    for key, row in zip(keys, rows, strict=True):
        if key:
            doubles.check(key, row, "code" if kind is ImportKind.FUNDS else "fund_code")
    facts = [fact_of(kind, row, known) for row in rows]
    current = current_facts(tx, [fact for fact in facts if fact is not None])
    staged = []
    for key, row, fact in zip(keys, rows, facts, strict=True):
        recorded = None if fact is None else current.get(key_of(fact))
        staged.append(
            Staged(
                row_number=row.number,
                natural_key=key,
                action=RowAction.ERROR if fact is None else action_of(fact, recorded),
                values={"row": row.values, "before": {} if fact is None else differences(fact, recorded)},
                errors=[error.as_json() for error in row.errors],
            )
        )
    return staged


def _header_rows(errors: Iterable[RowError]) -> list[Staged]:
    """Errors of the header, each as a staged row of its own; their numbers count down from zero."""
    return [
        Staged(-number, "", RowAction.ERROR, {"row": {}, "before": {}}, [error.as_json()])
        for number, error in enumerate(errors)
    ]


def _chunks(rows: Iterator[ParsedRow]) -> Iterator[list[ParsedRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
