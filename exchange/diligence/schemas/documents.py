"""Documents, versions and redactions on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.store.documents import Change, DocumentHistory, StoredVersion
from exchange.diligence.tables.documents import DocumentRedactionRow
from exchange.infra.pdf_redaction import REGIONS_MAX, THOUSANDTHS, Region
from exchange.rest.model import Instant, LongText, StrictModel, ViewModel

Edge = Annotated[int, Field(strict=True, ge=0, le=THOUSANDTHS)]


class VersionView(ViewModel):
    """One version. ``scan_state`` other than ``clean`` means that nobody is served the bytes."""

    number: int
    sha256: str
    size_bytes: int
    kind: FileKind
    page_count: int | None
    scan_state: ScanState
    file_name: str
    note: str
    uploaded_by: str
    uploaded_by_organisation_id: str
    uploaded_at: Instant

    @classmethod
    def of(cls, found: StoredVersion) -> "VersionView":
        """The view of a version with its bytes."""
        return cls(
            number=found.version.number,
            sha256=found.version.sha256,
            size_bytes=found.bytes.size_bytes,
            kind=found.bytes.kind,
            page_count=found.bytes.page_count,
            scan_state=found.bytes.scan_state,
            file_name=found.version.file_name,
            note=found.version.note,
            uploaded_by=found.version.uploaded_by,
            uploaded_by_organisation_id=found.version.uploaded_by_organisation_id,
            uploaded_at=found.version.uploaded_at,
        )


class RegionBody(StrictModel):
    """A box to black out, in thousandths of the page as shown, from its upper left corner; pages count from 1."""

    page: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    left: Edge
    top: Edge
    right: Edge
    bottom: Edge

    def region(self) -> Region:
        """The box as a value."""
        return Region(self.page, self.left, self.top, self.right, self.bottom)


class Redact(StrictModel):
    """Regions of one version to burn in, and why."""

    number: Annotated[int, Field(strict=True, ge=1, le=1_000_000, description="The version.")]
    regions: Annotated[list[RegionBody], Field(min_length=1, max_length=REGIONS_MAX)]
    reason: LongText


class RedactionView(ViewModel):
    """A redacted rendition; viewers of a room are served the newest one instead of the original."""

    id: str
    document_id: str
    number: int
    sha256: str
    regions: list[dict[str, int]]
    reason: str
    redacted_by: str
    redacted_at: Instant

    @classmethod
    def of(cls, row: DocumentRedactionRow) -> "RedactionView":
        """The view of a rendition."""
        return cls(**row.model_dump())


class DocumentView(ViewModel):
    """A document with its versions, oldest first. ``listing_id`` is null for one of the organisation's own account."""

    id: str
    title: str
    listing_id: str | None
    owner_organisation_id: str
    latest_version: int
    is_simulated: bool
    created_by: str
    created_at: Instant
    versions: list[VersionView]
    redactions: list[RedactionView]

    @classmethod
    def of(cls, found: DocumentHistory) -> "DocumentView":
        """The view of a document with its history."""
        row = found.document
        return cls(
            id=row.id,
            title=row.title,
            listing_id=row.listing_id,
            owner_organisation_id=row.owner_organisation_id,
            latest_version=row.latest_version,
            is_simulated=row.is_simulated,
            created_by=row.created_by,
            created_at=row.created_at,
            versions=[VersionView.of(each) for each in found.versions],
            redactions=[RedactionView.of(each) for each in found.redactions],
        )


class ChangeView(ViewModel):
    """Something that came into the files of a listing."""

    at: Instant
    document_id: str
    title: str
    number: int
    sha256: str
    file_name: str
    change: Annotated[str, Field(pattern="^(added|new_version|redacted)$")]

    @classmethod
    def of(cls, found: Change) -> "ChangeView":
        """The view of a change."""
        added = "added" if found.number == 1 else "new_version"
        return cls(
            at=found.at,
            document_id=found.document.id,
            title=found.document.title,
            number=found.number,
            sha256=found.sha256,
            file_name=found.file_name,
            change="redacted" if found.is_redaction else added,
        )


class ChangesView(ViewModel):
    """What came into the files of a listing after one instant and up to another, oldest first; at most 1,000."""

    since: Instant
    until: Instant
    items: list[ChangeView]

    @classmethod
    def of(cls, since: datetime, until: datetime, found: list[Change]) -> "ChangesView":
        """The view of a span of time."""
        return cls(since=since, until=until, items=[ChangeView.of(each) for each in found])


class BulkRowView(ViewModel):
    """What became of one file of an archive; ``fault`` is the refusal that kept it from being handed in."""

    path: str
    code: str | None
    document_id: str | None
    number: int | None
    scan_state: ScanState | None
    is_handed_in: bool
    fault: str | None
    fault_zh: str | None
    fault_en: str | None


class BulkView(ViewModel):
    """Every file of a bulk upload in the order of the archive."""

    handed_in: int
    kept: int
    refused: int
    items: list[BulkRowView]
