"""Data rooms as pages show them: the head, the agreement, the index, packages."""

from exchange.core.errors import NotFound
from exchange.diligence.room import PackageState
from exchange.diligence.room_index import Branch, Folder, Leaf
from exchange.diligence.service import room_index
from exchange.diligence.service.packages import RoomPackageRow
from exchange.diligence.service.rooms import Seat
from exchange.diligence.visibility import RoomStage, Side
from exchange.listings import service as listings
from exchange.web.names import organisation_names
from exchange.web.room_models import DocumentLine, FolderLine, IndexLines, ItemLine, NdaTextLines, PackageLine, RoomHead
from exchange.web.visit import Visit

KILO = 1024
OVER = frozenset({RoomStage.AWARDED, RoomStage.ENDED})


def room_head(visit: Visit, seat: Seat) -> RoomHead:
    """The room around a seat, under the name of its listing's fund."""
    room, viewer = seat.deal.room, seat.viewer
    name, code = _fund_of(visit, room.listing_id)
    is_bidder = viewer.side is Side.BIDDER and viewer.is_qualified
    is_in = is_bidder and viewer.has_nda and seat.stage is not RoomStage.PUBLISHED
    return RoomHead(
        room_id=room.id,
        listing_id=room.listing_id,
        fund_name=name,
        fund_code=code,
        side=viewer.side.value,
        stage=seat.stage.value,
        is_qualified=viewer.is_qualified,
        has_nda=viewer.has_nda,
        runs_it=seat.runs_it and visit.viewer.may("rooms:run"),
        may_sign=is_bidder and not viewer.has_nda and seat.stage not in OVER and visit.viewer.may("diligence:submit"),
        may_ask=is_in and visit.viewer.may("questions:write"),
        may_archive=viewer.is_exchange or viewer.is_deal_side or viewer.is_winner,
        sees_knowledge=viewer.is_exchange or viewer.is_deal_side,
        opened_at=room.opened_at,
        awarded_at=room.awarded_at,
        closed_at=room.closed_at,
    )


def _fund_of(visit: Visit, listing_id: str) -> tuple[str, str]:
    """Name and code of the fund; a room outlives what its viewer may see of the listing."""
    try:
        row = listings.listing_of(visit.tx, visit.actor, listing_id)
    except NotFound:
        return visit.t("room.title"), listing_id
    fund = listings.described(visit.tx, visit.actor, [row])[0].fund
    return fund.name, fund.code


def nda_lines(seat: Seat) -> NdaTextLines:
    """The agreement of a room in both languages."""
    text = seat.deal.nda
    return NdaTextLines(
        version=text.version,
        text_hash=text.text_hash,
        title_zh=text.titles["zh"],
        title_en=text.titles["en"],
        paragraphs_zh=tuple(text.paragraphs["zh"]),
        paragraphs_en=tuple(text.paragraphs["en"]),
    )


def index_lines(visit: Visit, seat: Seat, *, only_new: bool) -> IndexLines:
    """The index as the viewer may see it; with ``only_new`` what came since its last visit. Both counts stand."""
    tree = room_index.tree_of(visit.tx, visit.actor, visit.now, seat.deal.room.id)
    bidders = {leaf.bidder_id for folder in tree.folders for branch in folder.branches for leaf in branch.leaves}
    names = organisation_names(visit.tx, sorted(filter(None, bidders)), visit.language)
    folders = tuple(_folder(visit, seat, folder, names, only_new=only_new) for folder in tree.folders)
    return IndexLines(
        folders=tuple(folder for folder in folders if folder.items),
        document_count=sum(folder.document_count for folder in tree.folders),
        new_count=sum(folder.new_count for folder in tree.folders),
        new_since=tree.new_since,
    )


def _folder(visit: Visit, seat: Seat, folder: Folder, names: dict[str, str], *, only_new: bool) -> FolderLine:
    items = (_item(visit, seat, branch, names, only_new=only_new) for branch in folder.branches)
    return FolderLine(
        number=folder.number,
        title=_said(visit, seat.deal.folder_titles[folder.number]),
        document_count=folder.document_count,
        new_count=folder.new_count,
        items=tuple(item for item in items if item.documents),
    )


def _item(visit: Visit, seat: Seat, branch: Branch, names: dict[str, str], *, only_new: bool) -> ItemLine:
    return ItemLine(
        code=branch.code,
        number=branch.number,
        title=item_title(visit, seat, branch.code),
        documents=tuple(_document(leaf, names) for leaf in branch.leaves if leaf.is_new or not only_new),
    )


def _document(leaf: Leaf, names: dict[str, str]) -> DocumentLine:
    return DocumentLine(
        document_id=leaf.document_id,
        number=leaf.number,
        aliases=leaf.aliases,
        title=leaf.title,
        version=leaf.version,
        kind=leaf.kind,
        page_count=leaf.page_count,
        size=size_text(leaf.size_bytes),
        renewed_at=leaf.renewed_at,
        is_new=leaf.is_new,
        is_redacted=leaf.is_redacted,
        bidder=names.get(leaf.bidder_id or "", ""),
    )


def item_title(visit: Visit, seat: Seat, code: str) -> str:
    """What an item is called, in the viewer's language."""
    return _said(visit, seat.deal.titles[code]) if code in seat.deal.titles else code


def _said(visit: Visit, names: tuple[str, str]) -> str:
    return names[1] if visit.language == "en" else names[0]


def document_titles(visit: Visit, seat: Seat) -> dict[str, str]:
    """Number and title of every document that the viewer sees, by document id."""
    return {leaf.document_id: f"{leaf.number} {leaf.title}" for leaf in room_index.leaves_of(visit.tx, seat)}


def package_line(row: RoomPackageRow) -> PackageLine:
    """A package as its page shows it."""
    return PackageLine(
        package_id=row.id,
        kind=row.kind.value,
        state="making" if row.state is PackageState.REQUESTED else row.state.value,
        file_count=row.file_count,
        done_count=row.done_count,
        size=size_text(row.size_bytes or 0),
        manifest_sha256=row.manifest_sha256 or "",
        expires_at=row.expires_at,
    )


def size_text(size_bytes: int) -> str:
    """Bytes as a person reads them: 812 B, 42 KB, 3.4 MB."""
    if size_bytes < KILO:
        return f"{size_bytes} B"
    if size_bytes < KILO * KILO:
        return f"{size_bytes / KILO:.0f} KB"
    return f"{size_bytes / KILO / KILO:.1f} MB"
