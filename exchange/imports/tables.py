"""Uploaded files and their staged rows."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.imports.kinds import AmountUnit, ImportKind, ImportStatus, RowAction
from exchange.infra.database import stored


class ImportRow(SQLModel, table=True):
    """One uploaded file. The same content by the same organisation is the same import."""

    __tablename__: ClassVar[str] = "import"

    id: str = Field(primary_key=True)
    kind: ImportKind = Field(sa_type=stored(ImportKind, "import_kind"))
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    uploaded_by: str
    file_name: str
    file_hash: str
    status: ImportStatus = Field(sa_type=stored(ImportStatus, "import_status"))
    unit: AmountUnit = Field(default=AmountUnit.ONE, sa_type=stored(AmountUnit, "import_unit"))
    mapping: dict[str, str | None] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    row_count: int = 0
    add_count: int = 0
    change_count: int = 0
    unchanged_count: int = 0
    error_count: int = 0
    uploaded_at: datetime
    committed_at: datetime | None = None


class StagedRow(SQLModel, table=True):
    """A row of an uploaded file, parsed and compared with what is stored."""

    __tablename__: ClassVar[str] = "import_staged_row"
    __table_args__ = (Index("ix_import_staged_row_action", "import_id", "action", "row_number"),)

    import_id: str = Field(primary_key=True, foreign_key="import.id")
    row_number: int = Field(primary_key=True)
    natural_key: str
    action: RowAction = Field(sa_type=stored(RowAction, "row_action"))
    values: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    errors: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class ImportMappingRow(SQLModel, table=True):
    """The headers an organisation uses in its files of one kind, each with the column of ours it stands for."""

    __tablename__: ClassVar[str] = "import_mapping"

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    kind: ImportKind = Field(primary_key=True, sa_type=stored(ImportKind, "import_mapping_kind"))
    columns: dict[str, str | None] = Field(sa_column=Column(JSONB, nullable=False))
    saved_by: str
    saved_at: datetime
