"""Shapes of the logs and the packages of data rooms on the wire."""

from typing import Annotated

from pydantic import Field

from exchange.diligence.knowledge import Knowledge, Reader
from exchange.diligence.room import PackageKind, PackageState, ViewKind
from exchange.diligence.store.room_values import LoggedView
from exchange.diligence.tables.rooms import RoomDwellRow, RoomPackageRow
from exchange.rest.model import Instant, StrictModel, ViewModel

DWELL_SECONDS_MAX = 86_400


class NoteDwell(StrictModel):
    """How long a page stood on the screen."""

    seconds: Annotated[int, Field(strict=True, ge=0, le=DWELL_SECONDS_MAX)]


class DwellView(ViewModel):
    """What is kept of it."""

    view_id: str
    seconds: int

    @classmethod
    def of(cls, row: RoomDwellRow) -> "DwellView":
        """A dwell's row."""
        return cls(view_id=row.view_id, seconds=row.seconds)


class RoomLogView(ViewModel):
    """A line of the log. ``page`` 0 is a whole file; the person only for who may know it."""

    id: str
    document_id: str
    version: int
    page: int
    kind: ViewKind
    organisation_id: str
    user_id: str | None
    seconds: int | None
    at: Instant

    @classmethod
    def of(cls, line: LoggedView) -> "RoomLogView":
        """A line."""
        row = line.row
        return cls(
            id=row.id,
            document_id=row.document_id,
            version=row.document_version,
            page=row.page,
            kind=row.kind,
            organisation_id=row.organisation_id,
            user_id=line.user_id,
            seconds=line.seconds,
            at=row.at,
        )


class ReaderView(ViewModel):
    """One bidder's knowledge of a document or an answer; persons only for the exchange."""

    organisation_id: str
    can_see: bool
    since: Instant | None
    first_seen_at: Instant | None
    last_seen_at: Instant | None
    view_count: int
    versions: list[int]
    user_ids: list[str] | None

    @classmethod
    def of(cls, reader: Reader) -> "ReaderView":
        """A reader."""
        return cls(
            organisation_id=reader.organisation_id,
            can_see=reader.can_see,
            since=reader.since,
            first_seen_at=reader.first_seen_at,
            last_seen_at=reader.last_seen_at,
            view_count=reader.count,
            versions=list(reader.versions),
            user_ids=None if reader.user_ids is None else list(reader.user_ids),
        )


class KnowledgeView(ViewModel):
    """Who of the bidders knew a document or an answer."""

    kind: str
    subject_id: str
    number: str
    title: str
    reason: str
    is_unequal: bool
    readers: list[ReaderView]

    @classmethod
    def of(cls, known: Knowledge) -> "KnowledgeView":
        """A line of the log of unequal knowledge."""
        return cls(
            kind=known.kind,
            subject_id=known.subject_id,
            number=known.number,
            title=known.title,
            reason=known.reason,
            is_unequal=known.is_unequal,
            readers=[ReaderView.of(reader) for reader in known.readers],
        )


class PackageView(ViewModel):
    """A package and how far it is. ``size_bytes`` is of its members together."""

    id: str
    room_id: str
    kind: PackageKind
    state: PackageState
    file_count: int
    done_count: int
    size_bytes: int | None
    manifest_sha256: str | None
    requested_at: Instant
    ready_at: Instant | None
    expires_at: Instant | None

    @classmethod
    def of(cls, row: RoomPackageRow) -> "PackageView":
        """A package's row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
