"""Queries: imports, their previews and their errors."""

from collections.abc import Iterator

from exchange.access.actor import Actor
from exchange.imports import store
from exchange.imports.errors import ImportNotFound
from exchange.imports.export import csv_lines
from exchange.imports.kinds import RowAction
from exchange.imports.tables import ImportRow, StagedRow
from exchange.infra.database import Tx
from exchange.rest.texts import detail

BEFORE_FIRST = -1_000
ERROR_COLUMNS = ("row", "column", "value", "code", "message_zh", "message_en", "hint")
EXPORT_CHUNK = 2_000


def import_of(tx: Tx, actor: Actor, import_id: str) -> ImportRow:
    """An import of the caller's organisation; operators see all."""
    actor.require("imports:write")
    row = store.an_import(tx, import_id)
    if row is None or not (actor.sees_everything or row.organisation_id == actor.organisation_id):
        raise ImportNotFound
    return row


def imports_of(tx: Tx, actor: Actor, *, before: str | None, limit: int) -> list[ImportRow]:
    """Imports of the caller's organisation, newest first; operators see all."""
    actor.require("imports:write")
    return store.imports(tx, None if actor.sees_everything else actor.organisation_id, before=before, limit=limit)


def staged_rows_of(
    tx: Tx, actor: Actor, import_id: str, *, action: RowAction | None, after: int | None, limit: int
) -> list[StagedRow]:
    """The preview: rows with what committing them would do, in the order of the file."""
    import_of(tx, actor, import_id)
    actions = list(RowAction) if action is None else [action]
    return store.staged(tx, import_id, actions, after=BEFORE_FIRST if after is None else after, limit=limit)


def row_errors_csv(tx: Tx, actor: Actor, import_id: str) -> Iterator[str]:
    """Every row error as lines of a CSV that a spreadsheet may open safely."""
    import_of(tx, actor, import_id)
    return csv_lines(ERROR_COLUMNS, _error_lines(tx, import_id))


def _error_lines(tx: Tx, import_id: str) -> Iterator[list[str | int]]:
    after = BEFORE_FIRST
    while rows := store.staged(tx, import_id, [RowAction.ERROR], after=after, limit=EXPORT_CHUNK):
        for row in rows:
            for error in row.errors:
                words = {"hint": error["hint"], "column": error["column"]}
                messages = [detail(error["code"], language, words) for language in ("zh", "en")]
                yield [error["row"], error["column"], error["value"], error["code"], *messages, error["hint"]]
        after = rows[-1].row_number
