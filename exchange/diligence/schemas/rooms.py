"""Shapes of data rooms on the wire."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from exchange.core.ids import id_pattern
from exchange.diligence.grant import Grant
from exchange.diligence.room import GrantEffect
from exchange.diligence.room_index import Branch, Folder, Leaf
from exchange.diligence.store.room_values import Seat, Tree
from exchange.diligence.tables.rooms import (
    NdaSignatureRow,
    RoomEntryRow,
    RoomGrantRow,
    RoomVisitRow,
)
from exchange.diligence.visibility import RoomStage, Side
from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel

OrganisationId = Annotated[str, StringConstraints(strict=True, pattern=f"^{id_pattern('organisation')}$")]
DocumentId = Annotated[str, StringConstraints(strict=True, pattern=f"^{id_pattern('document')}$")]
ItemCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]\d{2}$")]
TextHash = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}$")]
SHORTLIST_MAX = 200


class NdaView(ViewModel):
    """The agreement of a room. The Chinese text is the original; ``text_hash`` is what a signature sends back."""

    version: str
    text_hash: str
    title_zh: str
    title_en: str
    paragraphs_zh: list[str]
    paragraphs_en: list[str]


class RoomView(ViewModel):
    """A data room as the caller stands in it. What tells of others only for those who run it."""

    id: str
    listing_id: str
    side: Side
    stage: RoomStage
    is_qualified: bool
    has_nda: bool
    is_shortlisted: bool
    is_winner: bool
    runs_it: bool
    nda: NdaView
    opened_at: Instant
    awarded_at: Instant | None
    closed_at: Instant | None
    shortlisted: list[str] | None
    winners: list[str] | None
    version: int | None

    @classmethod
    def of(cls, seat: Seat) -> "RoomView":
        """The room of a seat."""
        room, viewer, text = seat.deal.room, seat.viewer, seat.deal.nda
        knows = seat.runs_it or viewer.is_exchange
        return cls(
            id=room.id,
            listing_id=room.listing_id,
            side=viewer.side,
            stage=seat.stage,
            is_qualified=viewer.is_qualified,
            has_nda=viewer.has_nda,
            is_shortlisted=viewer.is_shortlisted,
            is_winner=viewer.is_winner,
            runs_it=seat.runs_it,
            nda=NdaView(
                version=text.version,
                text_hash=text.text_hash,
                title_zh=text.titles["zh"],
                title_en=text.titles["en"],
                paragraphs_zh=list(text.paragraphs["zh"]),
                paragraphs_en=list(text.paragraphs["en"]),
            ),
            opened_at=room.opened_at,
            awarded_at=room.awarded_at,
            closed_at=room.closed_at,
            shortlisted=list(room.shortlisted) if knows else None,
            winners=list(room.winners) if knows else None,
            version=room.version if knows else None,  # it counts what happens to other bidders
        )


class LeafView(ViewModel):
    """A document in the index. ``aliases`` are numbers it had before it was moved."""

    entry_id: str
    number: str
    aliases: list[str]
    document_id: str
    title: str
    version: int
    kind: str
    page_count: int | None
    size_bytes: int
    entered_at: Instant
    renewed_at: Instant
    is_new: bool
    is_redacted: bool
    bidder_organisation_id: str | None

    @classmethod
    def of(cls, leaf: Leaf) -> "LeafView":
        """A leaf of the tree."""
        return cls(
            entry_id=leaf.entry_id,
            number=leaf.number,
            aliases=list(leaf.aliases),
            document_id=leaf.document_id,
            title=leaf.title,
            version=leaf.version,
            kind=leaf.kind,
            page_count=leaf.page_count,
            size_bytes=leaf.size_bytes,
            entered_at=leaf.entered_at,
            renewed_at=leaf.renewed_at,
            is_new=leaf.is_new,
            is_redacted=leaf.is_redacted,
            bidder_organisation_id=leaf.bidder_id,
        )


class BranchView(ViewModel):
    """An item with the documents the caller sees of it."""

    code: str
    number: str
    title_zh: str
    title_en: str
    documents: list[LeafView]

    @classmethod
    def of(cls, branch: Branch, seat: Seat) -> "BranchView":
        """An item of the tree."""
        zh, en = seat.deal.titles[branch.code]
        leaves = [LeafView.of(leaf) for leaf in branch.leaves]
        return cls(code=branch.code, number=branch.number, title_zh=zh, title_en=en, documents=leaves)


class FolderView(ViewModel):
    """A folder in which the caller sees something; the counts are of what it sees."""

    number: str
    title_zh: str
    title_en: str
    document_count: int
    new_count: int
    items: list[BranchView]

    @classmethod
    def of(cls, folder: Folder, seat: Seat) -> "FolderView":
        """A folder of the tree."""
        zh, en = seat.deal.folder_titles[folder.number]
        return cls(
            number=folder.number,
            title_zh=zh,
            title_en=en,
            document_count=folder.document_count,
            new_count=folder.new_count,
            items=[BranchView.of(branch, seat) for branch in folder.branches],
        )


class TreeView(ViewModel):
    """The index as the caller may see it."""

    room_id: str
    new_since: Instant | None
    document_count: int
    folders: list[FolderView]

    @classmethod
    def of(cls, tree: Tree) -> "TreeView":
        """A caller's tree."""
        return cls(
            room_id=tree.seat.deal.room.id,
            new_since=tree.new_since,
            document_count=sum(folder.document_count for folder in tree.folders),
            folders=[FolderView.of(folder, tree.seat) for folder in tree.folders],
        )


class VisitView(ViewModel):
    """The caller's visit, and the one before from which things count as new."""

    room_id: str
    came_at: Instant
    before_at: Instant | None

    @classmethod
    def of(cls, row: RoomVisitRow) -> "VisitView":
        """A visit."""
        return cls(room_id=row.room_id, came_at=row.came_at, before_at=row.before_at)


class SignNda(StrictModel):
    """A yes to the text with this hash: the one the signer saw."""

    text_hash: TextHash


class NdaSignatureView(ViewModel):
    """A signature."""

    id: str
    room_id: str
    organisation_id: str
    user_id: str
    text_version: str
    text_hash: str
    signed_at: Instant

    @classmethod
    def of(cls, row: NdaSignatureRow) -> "NdaSignatureView":
        """A signature's row."""
        return cls(
            id=row.id,
            room_id=row.room_id,
            organisation_id=row.organisation_id,
            user_id=row.user_id,
            text_version=row.text_version,
            text_hash=row.text_hash,
            signed_at=row.signed_at,
        )


class GiveGrant(StrictModel):
    """An extra right or a denial. Neither item nor document: the whole room."""

    organisation_id: OrganisationId
    effect: GrantEffect
    item_code: ItemCode | None = None
    document_id: DocumentId | None = None
    ends_at: AwareDatetime | None = None
    reason: ShortText

    def wanted(self) -> Grant:
        """As a value."""
        return Grant(
            organisation_id=self.organisation_id,
            effect=self.effect,
            reason=self.reason,
            item_code=self.item_code,
            document_id=self.document_id,
            ends_at=self.ends_at,
        )


class GrantView(ViewModel):
    """A grant with its end."""

    id: str
    room_id: str
    organisation_id: str
    effect: GrantEffect
    item_code: str | None
    document_id: str | None
    engagement_id: str | None
    reason: str
    granted_by_organisation_id: str
    granted_at: Instant
    ends_at: Instant | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, row: RoomGrantRow) -> "GrantView":
        """A grant's row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class GrantsView(ViewModel):
    """Every grant of a room, newest first."""

    items: list[GrantView]


class SetShortlist(StrictModel):
    """The bidders that may see shortlist papers, all of them: who is not named is off the list."""

    organisation_ids: Annotated[list[OrganisationId], Field(max_length=SHORTLIST_MAX)]


class WithRoomReason(StrictModel):
    """A decision with its reason."""

    reason: LongText


class MoveEntry(StrictModel):
    """File a document under another item."""

    item_code: ItemCode
    reason: ShortText


class EntryView(ViewModel):
    """A document's place in the index."""

    id: str
    room_id: str
    number: str
    item_code: str
    document_id: str

    @classmethod
    def of(cls, row: RoomEntryRow) -> "EntryView":
        """An entry's row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
