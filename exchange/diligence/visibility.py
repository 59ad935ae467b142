"""Who may see a paper of a data room: computed from visibility, side, stage, class, NDA and grants at each request.

A denial wins over everything. What may not be seen does not exist for the viewer. The rungs of visibility contain each
other: ``nda`` asks for everything ``qualified`` asks for, ``shortlist`` for everything ``nda`` asks for.
Source: checklist template, ``visibility``; house design of the room (permission = stage x side x NDA, never a link).
"""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum

from exchange.diligence.item import Visibility


class Side(StrEnum):
    """On which side of a deal somebody stands."""

    SELLER = "seller"
    GP = "gp"
    BIDDER = "bidder"
    ADVISER = "adviser"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    STRANGER = "stranger"


class RoomStage(StrEnum):
    """Where a deal stands for one viewer. ``open``: published, and the viewer's own gate to the room is passed."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    OPEN = "open"
    AWARDED = "awarded"
    ENDED = "ended"


class Sight(StrEnum):
    """Whether a paper is seen, and if not, what stands in the way. Only ``seen`` is ever told of a single paper."""

    SEEN = "seen"
    DENIED = "denied"
    NOT_PUBLISHED = "not_published"
    NOT_YOURS = "not_yours"
    NOT_QUALIFIED = "not_qualified"
    NDA_MISSING = "nda_missing"
    ROOM_SHUT = "room_shut"
    NOT_SHORTLISTED = "not_shortlisted"
    NOT_A_PARTY = "not_a_party"
    NOT_ACCEPTED = "not_accepted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Scope:
    """What grants of one effect cover: the whole room, items by code, documents by id."""

    is_room: bool = False
    item_codes: Set[str] = frozenset()
    document_ids: Set[str] = frozenset()

    def covers(self, paper: "Paper") -> bool:
        """Whether a paper is within."""
        return self.is_room or paper.item_code in self.item_codes or paper.document_id in self.document_ids


NOTHING = Scope()


@dataclass(frozen=True, slots=True)
class Paper:
    """A document at its place in the room.

    ``bidder_id`` is set for a paper kept for one bidder; ``is_accepted`` says that a reviewer has accepted a version.
    """

    visibility: Visibility
    item_code: str
    document_id: str
    owner_id: str
    bidder_id: str | None = None
    is_accepted: bool = True


@dataclass(frozen=True, slots=True)
class Viewer:
    """A caller as the room sees it. ``is_winner``: the deal was awarded to this bidder."""

    organisation_id: str
    side: Side
    is_qualified: bool = False
    has_nda: bool = False
    is_shortlisted: bool = False
    is_winner: bool = False
    winners: Set[str] = frozenset()
    allowed: Scope = field(default=NOTHING)
    denied: Scope = field(default=NOTHING)

    @property
    def is_exchange(self) -> bool:
        """Operators, and auditors and regulators, who see every room to its end and after."""
        return self.side in {Side.OPERATOR, Side.AUDITOR}

    @property
    def is_deal_side(self) -> bool:
        """The seller or the manager of the fund."""
        return self.side in {Side.SELLER, Side.GP}


def may_see(paper: Paper, viewer: Viewer, stage: RoomStage) -> bool:
    """Whether the viewer sees the paper at this stage."""
    return sight(paper, viewer, stage) is Sight.SEEN


def sight(paper: Paper, viewer: Viewer, stage: RoomStage) -> Sight:
    """Whether the viewer sees the paper at this stage, and if not, why not."""
    if viewer.denied.covers(paper):
        return Sight.DENIED
    if viewer.is_exchange or paper.owner_id == viewer.organisation_id:
        return Sight.SEEN
    if stage is RoomStage.ENDED:
        return Sight.ENDED
    if paper.visibility is Visibility.EXCHANGE_ONLY:
        return Sight.NOT_YOURS
    if viewer.is_deal_side:
        return _of_a_deal_side(paper, viewer)
    if stage is RoomStage.UNPUBLISHED:
        return Sight.NOT_PUBLISHED
    if not paper.is_accepted:
        return Sight.NOT_ACCEPTED
    if viewer.side is Side.ADVISER:
        return _of_an_adviser(paper, viewer)
    return _of_a_bidder(paper, viewer, stage)


def _of_a_deal_side(paper: Paper, viewer: Viewer) -> Sight:
    """The sides see each other's papers; those of a bidder only once it is the buyer."""
    if paper.bidder_id is None or (paper.bidder_id in viewer.winners):
        return Sight.SEEN
    return Sight.NOT_YOURS


def _of_an_adviser(paper: Paper, viewer: Viewer) -> Sight:
    """An adviser sees what it was granted (its engagement binds it to secrecy), and what is public."""
    if paper.bidder_id is not None:
        return Sight.NOT_YOURS
    if viewer.allowed.covers(paper) or paper.visibility is Visibility.PUBLIC:
        return Sight.SEEN
    return Sight.NOT_A_PARTY


def _of_a_bidder(paper: Paper, viewer: Viewer, stage: RoomStage) -> Sight:
    """A bidder climbs the rungs; a grant lifts it over shortlist and parties, never over class or NDA."""
    if paper.bidder_id is not None:
        is_own = paper.bidder_id == viewer.organisation_id
        return Sight.SEEN if is_own else Sight.NOT_YOURS
    if stage is RoomStage.AWARDED and not viewer.is_winner:
        return Sight.ENDED
    if paper.visibility is Visibility.PUBLIC:
        return Sight.SEEN
    if viewer.side is not Side.BIDDER or not viewer.is_qualified:
        return Sight.NOT_QUALIFIED
    if paper.visibility is Visibility.QUALIFIED:
        return Sight.SEEN
    if not viewer.has_nda:
        return Sight.NDA_MISSING
    if stage is RoomStage.PUBLISHED:
        return Sight.ROOM_SHUT
    if paper.visibility is Visibility.NDA or viewer.is_winner or viewer.allowed.covers(paper):
        return Sight.SEEN
    if paper.visibility is Visibility.SHORTLIST:
        return Sight.SEEN if viewer.is_shortlisted else Sight.NOT_SHORTLISTED
    return Sight.NOT_A_PARTY
