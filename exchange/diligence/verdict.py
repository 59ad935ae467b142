"""Whether a gate stands open, what is missing before it, and until when it stands open.

A gate opens when every required item of it or of an earlier gate is accepted or waived, and no blocking finding that
concerns it is open. A paper must be unexpired when its own gate is passed; after that its expiry matters again at its
``refresh`` gate and from there on, and nowhere between. A paper that is returned or replaced shuts every gate not yet
passed; a passed gate stays passed. Source: checklist template, loader rules; decision 0006.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from exchange.diligence.duty import Duty, Sides, providing, reviewing
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, ItemState
from exchange.diligence.template import ItemSpec

NO_END = date.max
"""The last day of a gate that no paper's end will shut."""

IN_REVIEW = frozenset({ItemState.SUBMITTED, ItemState.IN_REVIEW})


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as it stands before a gate, with the organisations around it. ``since``: of its state."""

    spec: ItemSpec
    scope: ItemScope
    sides: Sides
    state: ItemState
    is_required: bool
    organisation_id: str | None = None
    item_id: str | None = None
    since: datetime | None = None
    valid_until: date | None = None
    provider_organisation_id: str | None = None

    def state_on(self, today: date) -> ItemState:
        """Its state on a day: an accepted paper past its last day is expired, whatever the row still says."""
        return state_on(self.state, self.valid_until, today)


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A blocking finding. It shuts every gate from that of its item on; without an item, all of them."""

    id: str
    code: str
    since: datetime
    item_code: str | None = None
    gate: Gate | None = None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class MissingItem:
    """A paper that shuts a gate: its state, since when, and who must act."""

    code: str
    zh: str
    en: str
    state: ItemState
    scope: ItemScope
    waits_for: tuple[Duty, ...]
    organisation_id: str | None = None
    item_id: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What is known of a gate. ``open_until``: its last open day as things stand (NO_END: no end; None: shut).

    ``hidden`` counts what also shuts it and is not the onlooker's to know.
    """

    gate: Gate
    is_passed: bool
    missing: tuple[MissingItem, ...] = ()
    findings: tuple[OpenFinding, ...] = ()
    open_until: date | None = None
    hidden: int = 0

    @property
    def is_open(self) -> bool:
        """True when the step may be taken, or was taken already."""
        return self.is_passed or not (self.missing or self.findings or self.hidden)

    def seen_by(self, organisation_id: str) -> "GateVerdict":
        """The verdict as a bidder may know it: its own papers and findings, and how many others stand open."""
        missing = tuple(item for item in self.missing if _concerns(item, organisation_id))
        findings = tuple(finding for finding in self.findings if finding.organisation_id == organisation_id)
        hidden = len(self.missing) - len(missing) + len(self.findings) - len(findings)
        return replace(self, missing=missing, findings=findings, hidden=hidden)


def state_on(state: ItemState, valid_until: date | None, today: date) -> ItemState:
    """A state as of a day: accepted ends with the paper's last day."""
    is_over = state is ItemState.ACCEPTED and valid_until is not None and valid_until < today
    return ItemState.EXPIRED if is_over else state


def verdict(
    gate: Gate,
    standings: Iterable[Standing],
    *,
    passed: frozenset[Gate],
    findings: Iterable[OpenFinding],
    today: date,
) -> GateVerdict:
    """The verdict on one gate. ``passed`` are the gates that the listing and this bidder have behind them."""
    if gate in passed:
        return GateVerdict(gate, is_passed=True, open_until=NO_END)
    asked = [item for item in standings if item.is_required and item.spec.gate.is_up_to(gate)]
    if gate is Gate.POST:
        asked = []
    missing = tuple(_missing(item, today) for item in asked if not _is_fulfilled(item, gate, passed, today))
    blocking = tuple(f for f in findings if gate is not Gate.POST and (f.gate is None or f.gate.is_up_to(gate)))
    open_until = None if missing or blocking else _last_day(asked, gate, passed)
    return GateVerdict(gate, is_passed=False, missing=missing, findings=blocking, open_until=open_until)


def verdicts(
    gates: Sequence[Gate],
    standings: Sequence[Standing],
    *,
    passed: frozenset[Gate],
    findings: Sequence[OpenFinding],
    today: date,
) -> tuple[GateVerdict, ...]:
    """The verdicts on several gates."""
    return tuple(verdict(gate, standings, passed=passed, findings=findings, today=today) for gate in gates)


def clear_until(
    standings: Iterable[Standing], *, passed: frozenset[Gate], findings: Iterable[OpenFinding], today: date
) -> date | None:
    """The last day on which a bidder may bid, None when it may not today.

    Every bid is a step of its own: that an earlier one passed the gate opens it for no later one.
    """
    earlier = frozenset(gate for gate in passed if gate.place < Gate.BID.place)
    return verdict(Gate.BID, standings, passed=earlier, findings=findings, today=today).open_until


def does_expiry_matter(spec: ItemSpec, gate: Gate, passed: frozenset[Gate]) -> bool:
    """Whether the end of a paper counts at a gate: before its own gate is passed, and from its refresh gate on."""
    return spec.gate not in passed or (spec.refresh is not None and spec.refresh.is_up_to(gate))


def _concerns(item: MissingItem, organisation_id: str) -> bool:
    is_asked = any(duty.organisation_id == organisation_id for duty in item.waits_for)
    return item.organisation_id == organisation_id or is_asked


def _is_fulfilled(item: Standing, gate: Gate, passed: frozenset[Gate], today: date) -> bool:
    state = item.state_on(today)
    if state is ItemState.EXPIRED:
        return not does_expiry_matter(item.spec, gate, passed)
    return state in {ItemState.ACCEPTED, ItemState.WAIVED}


def _last_day(asked: Iterable[Standing], gate: Gate, passed: frozenset[Gate]) -> date:
    ends = (
        item.valid_until
        for item in asked
        if item.state is ItemState.ACCEPTED and item.valid_until and does_expiry_matter(item.spec, gate, passed)
    )
    return min(ends, default=NO_END)


def _missing(item: Standing, today: date) -> MissingItem:
    state = item.state_on(today)
    waits_for = (
        reviewing(item.spec, item.sides, item.provider_organisation_id)
        if state in IN_REVIEW
        else providing(item.spec, item.sides)
    )
    return MissingItem(
        code=item.spec.code,
        zh=item.spec.zh,
        en=item.spec.en,
        state=state,
        scope=item.scope,
        waits_for=waits_for,
        organisation_id=item.organisation_id,
        item_id=item.item_id,
        since=item.since,
    )
