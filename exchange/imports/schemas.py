"""Shapes of imports on the wire."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from exchange.imports.kinds import AmountUnit, ImportKind, ImportStatus, RowAction
from exchange.imports.tables import ImportRow, StagedRow
from exchange.rest.model import Instant, StrictModel, ViewModel
from exchange.rest.texts import detail

HeaderText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=80)]


class SaveMapping(StrictModel):
    """Headers of one's own files, each with the column of the template it stands for; null leaves a column out."""

    columns: Annotated[dict[HeaderText, HeaderText | None], Field(max_length=60)]


class MappingView(ViewModel):
    """The headers kept for an organisation, in the form in which they are compared."""

    kind: ImportKind
    columns: dict[str, str | None]


class RowErrorView(ViewModel):
    """One wrong cell, with the reason in both languages and what was probably meant."""

    row: int
    column: str
    value: str
    code: str
    message_zh: str
    message_en: str
    hint: str

    @classmethod
    def of(cls, error: dict[str, Any]) -> "RowErrorView":
        """From an error kept with a staged row."""
        words = {"hint": str(error["hint"]), "column": str(error["column"])}
        return cls(
            row=error["row"],
            column=error["column"],
            value=error["value"],
            code=error["code"],
            message_zh=detail(error["code"], "zh", words),
            message_en=detail(error["code"], "en", words),
            hint=error["hint"],
        )


class StagedRowView(ViewModel):
    """One row of the preview. ``before`` holds the recorded values that it would replace (minor units, ppm)."""

    row: int
    key: str
    action: RowAction
    values: dict[str, str | int | None]
    before: dict[str, str | int | None]
    errors: list[RowErrorView]

    @classmethod
    def of(cls, row: StagedRow) -> "StagedRowView":
        """From a staged row."""
        return cls(
            row=row.errors[0]["row"] if row.row_number <= 0 else row.row_number,
            key=row.natural_key,
            action=row.action,
            values=row.values["row"],
            before=row.values["before"],
            errors=[RowErrorView.of(error) for error in row.errors],
        )


class ImportView(ViewModel):
    """An import: what its commit would do or has done. Only ``validated`` ones can be committed."""

    id: str
    kind: ImportKind
    status: ImportStatus
    organisation_id: str
    file_name: str
    file_hash: str
    unit: AmountUnit
    rows: int
    adds: int
    changes: int
    unchanged: int
    errors: int
    uploaded_at: Instant
    committed_at: Instant | None

    @classmethod
    def of(cls, row: ImportRow) -> "ImportView":
        """From an import."""
        return cls(
            id=row.id,
            kind=row.kind,
            status=row.status,
            organisation_id=row.organisation_id,
            file_name=row.file_name,
            file_hash=row.file_hash,
            unit=row.unit,
            rows=row.row_count,
            adds=row.add_count,
            changes=row.change_count,
            unchanged=row.unchanged_count,
            errors=row.error_count,
            uploaded_at=row.uploaded_at,
            committed_at=row.committed_at,
        )
