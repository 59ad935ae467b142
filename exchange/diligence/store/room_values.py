"""What was read of a room, as values over its rows: the deal, a caller's seat in it, its index, log and threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from exchange.diligence.item import Visibility
from exchange.diligence.nda import NdaText
from exchange.diligence.room_index import Folder, Place
from exchange.diligence.store.rooms import Entry
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.diligence.tables.rooms import QuestionMessageRow, QuestionRow, RoomRow, RoomViewRow
from exchange.diligence.visibility import Paper, RoomStage, Side, Viewer, may_see


@dataclass(frozen=True, slots=True)
class Deal:
    """A room with what its permissions are computed from."""

    room: RoomRow
    checklist: ChecklistRow
    visibility: Mapping[str, Visibility]
    places: Mapping[str, Place]
    nda: NdaText
    titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    folder_titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[str, ...]:
        """Seller and manager, once each."""
        return tuple(dict.fromkeys((self.checklist.seller_organisation_id, self.checklist.manager_organisation_id)))

    def paper(self, entry: Entry, *, is_accepted: bool | None = None) -> Paper:
        """A document of the room as the permission sees it."""
        return Paper(
            visibility=self.visibility.get(entry.item_code, Visibility.EXCHANGE_ONLY),
            item_code=entry.item_code,
            document_id=entry.document_id,
            owner_id=entry.owner_id,
            bidder_id=entry.bidder_id,
            is_accepted=entry.accepted_version is not None if is_accepted is None else is_accepted,
        )


@dataclass(frozen=True, slots=True)
class Seat:
    """A caller in a room: who it is there, and where the deal stands for it."""

    deal: Deal
    viewer: Viewer
    stage: RoomStage

    def sees(self, entry: Entry, *, is_accepted: bool | None = None) -> bool:
        """Whether the caller sees a document."""
        return may_see(self.deal.paper(entry, is_accepted=is_accepted), self.viewer, self.stage)

    @property
    def runs_it(self) -> bool:
        """Seller, manager and operators run a room."""
        return self.viewer.is_deal_side or self.viewer.side is Side.OPERATOR


@dataclass(frozen=True, slots=True)
class Tree:
    """What a caller sees of a room, and since when things count as new to it."""

    seat: Seat
    folders: list[Folder]
    new_since: datetime | None


@dataclass(frozen=True, slots=True)
class LoggedView:
    """A line of the log. ``user_id`` is None for who may know the organisation only."""

    row: RoomViewRow
    seconds: int | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Thread:
    """A question as one caller sees it.

    ``public_id`` is what others than the asker and the sides know it by: the id of its answer, so that nothing tells
    when it was asked. ``asker_organisation_id`` and ``asked_by`` are None where the caller may not know them.
    """

    row: QuestionRow
    messages: tuple[QuestionMessageRow, ...]
    public_id: str
    is_own: bool
    asker_organisation_id: str | None
    asked_by: str | None
    is_answer_seen: bool
