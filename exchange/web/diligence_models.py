"""Values of the diligence pages: gates, items, findings, facts, as their templates read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class GateBox:
    """A step of the deal. ``since``: when it was passed. ``until``: its last open day; None: no end, or shut."""

    gate: str
    name: str
    state: str
    since: datetime | None
    until: date | None
    missing: tuple[str, ...]
    hidden: int
    findings: int


@dataclass(frozen=True, slots=True)
class PastLine:
    """A paper handed in, or a decision: what, by whom, when, why. ``sha256`` is the short hash of the bytes."""

    kind: str
    state: str
    who: str
    role: str
    at: datetime
    sha256: str
    version: int | None
    text: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of a checklist. ``dates`` are the fields its validity needs, ``actions`` what the viewer may do.

    ``opening`` says how the viewer may open the paper: not, as its own, with a reason.
    """

    item_id: str
    code: str
    name: str
    scope: str
    gate: str
    state: str
    is_required: bool
    waits_for: tuple[str, ...]
    since: datetime | None
    valid_until: date | None
    due_on: date | None
    is_overdue: bool
    reason: str
    decided_as: str
    document_version: int | None
    sha256: str
    actions: tuple[str, ...]
    dates: tuple[str, ...]
    files: str
    is_mine: bool
    opening: str = "not"
    past: tuple[PastLine, ...] = ()

    @property
    def hands_in(self) -> bool:
        """Whether the viewer may hand a paper in."""
        return "submit" in self.actions or "replace" in self.actions

    @property
    def decides(self) -> bool:
        """Whether the viewer may accept the paper."""
        return "accept" in self.actions


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items of one gate, and how many of those required are done."""

    gate: str
    name: str
    items: tuple[ItemLine, ...]
    done: int
    required: int


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding. ``may_resolve``: a form is shown; the service decides."""

    finding_id: str
    code: str
    name: str
    severity: str
    state: str
    opened_at: datetime
    text: str
    resolution: str
    may_resolve: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact that a side declares, or that the registers answer."""

    name: str
    label: str
    value: bool
    is_stated: bool
    is_declared: bool


@dataclass(frozen=True, slots=True)
class BidderLink:
    """A bidder whose items the exchange may look at."""

    organisation_id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    """Something that waits for the viewer's organisation, and where it is done."""

    kind: str
    item: ItemLine
    fund_name: str
    bidder: str
    path: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How far the papers of a listing are, as another page links to them; a client of it may ask advisers."""

    listing_id: str
    done: int
    required: int
    waiting: int
    may_ask_advice: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal shown beside the form it concerns; ``key`` is an item's id, a finding's id, or a name of a form."""

    key: str = ""
    texts: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


NO_PROBLEM = Problem()
