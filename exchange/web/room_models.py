"""What the pages of data rooms show: plain values that views fill from services and templates read."""

from dataclasses import dataclass, field
from datetime import datetime

from exchange.web.models import Choice


@dataclass(frozen=True, slots=True)
class RoomHead:
    """A room as the viewer stands in it, with what it may do there."""

    room_id: str
    listing_id: str
    fund_name: str
    fund_code: str
    side: str
    stage: str
    is_qualified: bool
    has_nda: bool
    runs_it: bool
    may_sign: bool
    may_ask: bool
    may_archive: bool
    sees_knowledge: bool
    opened_at: datetime
    awarded_at: datetime | None
    closed_at: datetime | None

    @property
    def is_bidder(self) -> bool:
        """Somebody who comes in by the agreement."""
        return self.side in {"bidder", "stranger"}


@dataclass(frozen=True, slots=True)
class NdaTextLines:
    """The agreement: the Chinese original and the English reading copy."""

    version: str
    text_hash: str
    title_zh: str
    title_en: str
    paragraphs_zh: tuple[str, ...]
    paragraphs_en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in the index."""

    document_id: str
    number: str
    aliases: tuple[str, ...]
    title: str
    version: int
    kind: str
    page_count: int | None
    size: str
    renewed_at: datetime
    is_new: bool
    is_redacted: bool
    bidder: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item with the documents seen of it."""

    code: str
    number: str
    title: str
    documents: tuple[DocumentLine, ...]


@dataclass(frozen=True, slots=True)
class FolderLine:
    """A folder with what is seen in it."""

    number: str
    title: str
    document_count: int
    new_count: int
    items: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class IndexLines:
    """The index: folders, and how much of it is new since when."""

    folders: tuple[FolderLine, ...]
    document_count: int
    new_count: int
    new_since: datetime | None


@dataclass(frozen=True, slots=True)
class PackageLine:
    """A package and how far it is."""

    package_id: str
    kind: str
    state: str
    file_count: int
    done_count: int
    size: str
    manifest_sha256: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantLine:
    """An extra right or a denial."""

    grant_id: str
    organisation: str
    effect: str
    subject: str
    reason: str
    granted_by: str
    granted_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None
    is_live: bool
    can_revoke: bool


@dataclass(frozen=True, slots=True)
class GrantForm:
    """What stands in the fields of a grant, as typed."""

    organisation: str = ""
    other: str = ""
    effect: str = "allow"
    subject: str = ""
    ends_at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShortlistLine:
    """A bidder that may be named on the shortlist."""

    organisation_id: str
    name: str
    is_listed: bool
    has_nda: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """Somebody took something. ``person`` is empty for who may know the organisation only."""

    at: datetime
    organisation: str
    person: str
    document_id: str
    document: str
    version: int
    page: int
    kind: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """One bidder's knowledge of a document or an answer."""

    organisation: str
    can_see: bool
    since: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    count: int
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnowledgeLine:
    """A document or an answer, and who of the bidders knew it."""

    kind: str
    number: str
    title: str
    reason: str
    is_unequal: bool
    readers: tuple[ReaderLine, ...]


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One turn of a thread."""

    kind: str
    text: str
    document_id: str
    document: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A question as the viewer may see it, with what it may do. ``steps`` names the commands open to it."""

    thread_id: str
    question_id: str
    version: int
    is_own: bool
    is_faq: bool
    asker: str
    person: str
    asked_at: datetime | None
    due_at: datetime | None
    published_at: datetime | None
    document_id: str
    document: str
    page: int | None
    item: str
    state: str
    audience: str
    audience_reason: str
    assigned_to: str
    messages: tuple[MessageLine, ...]
    steps: frozenset[str] = frozenset()
    wrote_it: bool = False


@dataclass(frozen=True, slots=True)
class AskForm:
    """What stands in the fields of a question, as typed."""

    text: str = ""
    document_id: str = ""
    page: str = ""
    item_code: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """The choices of the forms of a questions page."""

    documents: tuple[Choice, ...] = field(default=())
    items: tuple[Choice, ...] = field(default=())
    sides: tuple[Choice, ...] = field(default=())
