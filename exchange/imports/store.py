"""SQL of imports: rows are staged by COPY and read back in chunks."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from exchange.imports.kinds import AmountUnit, ImportKind, ImportStatus, RowAction
from exchange.imports.tables import ImportMappingRow, ImportRow, StagedRow
from exchange.infra.database import Tx, cursor

_COPY = 'COPY import_staged_row (import_id, row_number, natural_key, action, "values", errors) FROM STDIN'


@dataclass(frozen=True, slots=True)
class Staged:
    """One row to be staged."""

    row_number: int
    natural_key: str
    action: RowAction
    values: dict[str, Any]
    errors: list[dict[str, str | int]]


def allow_long_statements(tx: Tx, milliseconds: int) -> None:
    """Raise the statement timeout for the rest of this transaction only."""
    tx.connection().execute(text("SELECT set_config('statement_timeout', :ms, true)"), {"ms": str(milliseconds)})


def serialize_uploads(tx: Tx, organisation_id: str, file_hash: str) -> None:
    """Let only one transaction at a time take in this file for this organisation."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    tx.connection().execute(lock, {"key": f"import:{organisation_id}:{file_hash}"})


def mapping(tx: Tx, organisation_id: str, kind: ImportKind) -> ImportMappingRow | None:
    """The headers an organisation uses in files of a kind."""
    return tx.get(ImportMappingRow, (organisation_id, kind), populate_existing=True)


def save_mapping(tx: Tx, row: ImportMappingRow) -> None:
    """Write an organisation's headers in place of those before."""
    tx.merge(row)
    tx.flush()


def open_import(
    tx: Tx, organisation_id: str, kind: ImportKind, file_hash: str, unit: AmountUnit, headers: dict[str, str | None]
) -> ImportRow | None:
    """The import of the same file, read in the same way, that still waits for its commit."""
    query = select(ImportRow).where(
        ImportRow.organisation_id == organisation_id,
        ImportRow.kind == kind,
        ImportRow.file_hash == file_hash,
        ImportRow.status == ImportStatus.VALIDATED,
    )
    waiting = tx.exec(query.order_by(col(ImportRow.id).desc()))
    return next((row for row in waiting if row.unit is unit and row.mapping == headers), None)


def add(tx: Tx, row: ImportRow) -> None:
    """A new import."""
    tx.add(row)
    tx.flush()


def save(tx: Tx) -> None:
    """Write changed imports."""
    tx.flush()


def an_import(tx: Tx, import_id: str, *, lock: bool = False) -> ImportRow | None:
    """One import, read anew; with ``lock`` until the end of the transaction."""
    return tx.get(ImportRow, import_id, with_for_update=lock or None, populate_existing=True)


def imports(tx: Tx, organisation_id: str | None, *, before: str | None, limit: int) -> list[ImportRow]:
    """Imports, newest first."""
    query = select(ImportRow).order_by(col(ImportRow.id).desc()).limit(limit)
    if organisation_id is not None:
        query = query.where(ImportRow.organisation_id == organisation_id)
    if before is not None:
        query = query.where(col(ImportRow.id) < before)
    return list(tx.exec(query).all())


def stage(tx: Tx, import_id: str, rows: Sequence[Staged]) -> None:
    """Write a chunk of rows with COPY."""
    with cursor(tx) as sql, sql.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(
                (
                    import_id,
                    row.row_number,
                    row.natural_key,
                    row.action.value,
                    json.dumps(row.values, ensure_ascii=False),
                    json.dumps(row.errors, ensure_ascii=False),
                )
            )


def staged(tx: Tx, import_id: str, actions: Sequence[RowAction], *, after: int = 0, limit: int) -> list[StagedRow]:
    """Staged rows with these actions in the order of the file."""
    query = (
        select(StagedRow)
        .where(
            StagedRow.import_id == import_id,
            col(StagedRow.action).in_(actions),
            col(StagedRow.row_number) > after,
        )
        .order_by(col(StagedRow.row_number))
        .limit(limit)
    )
    rows = list(tx.exec(query).all())
    for row in rows:
        tx.expunge(row)
    return rows


def staged_chunks(tx: Tx, import_id: str, actions: Sequence[RowAction], chunk: int) -> Iterator[list[StagedRow]]:
    """All such rows in chunks, so that memory stays bounded."""
    after = 0
    while rows := staged(tx, import_id, actions, after=after, limit=chunk):
        yield rows
        after = rows[-1].row_number


def drop_staged(tx: Tx, import_id: str) -> None:
    """Forget the rows of an import that will not be committed."""
    tx.connection().execute(
        text("DELETE FROM import_staged_row WHERE import_id = :import_id"), {"import_id": import_id}
    )
