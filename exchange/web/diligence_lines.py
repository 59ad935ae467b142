"""Items of checklists as lines of a page: words, names, what the viewer may do."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from exchange.core.clock import market_date
from exchange.diligence.duty import Duty
from exchange.diligence.item import FULFILLED, ItemEvent, ItemState
from exchange.diligence.service.item_papers import Opening, openings_of
from exchange.diligence.service.overview import History, histories_of
from exchange.diligence.service.reading import EffectiveItem
from exchange.diligence.template import CountedFrom, ItemSpec, ValidityKind
from exchange.diligence.verdict import IN_REVIEW
from exchange.web.diligence_models import ItemLine, PastLine
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

SHORT_HASH = 12
WAITS_FOR_PROVIDER = frozenset({ItemState.REQUESTED, ItemState.RETURNED, ItemState.EXPIRED})
TOLD_WHY = frozenset({ItemState.RETURNED, ItemState.WAIVED})
AS_OF_KINDS = frozenset({ValidityKind.LATEST_DUE, ValidityKind.PERIOD, ValidityKind.BASE})


def item_lines(visit: Visit, items: Sequence[EffectiveItem]) -> list[ItemLine]:
    """Every item with its history; a fixed number of queries whatever their number."""
    past = histories_of(visit.tx, visit.actor, items)
    names = organisation_names(visit.tx, sorted(_organisations(items, past)), visit.language)
    openings = openings_of(visit.tx, visit.actor, items)
    return [_line(visit, item, past, names, openings) for item in items]


def needed_dates(spec: ItemSpec) -> tuple[str, ...]:
    """The dates without which nobody can say how long a paper of this kind is good."""
    kind = spec.validity.kind
    if kind in AS_OF_KINDS:
        return ("as_of",)
    if kind is ValidityKind.TERM:
        return ("expires_on",)
    if kind is ValidityKind.DAYS:
        return ("as_of",) if spec.validity.counted_from is CountedFrom.QUERY else ("issued_on",)
    return ()


def waits_for_viewer(item: EffectiveItem) -> bool:
    """Whether the viewer's organisation is the one to act: to review, or to hand in what is asked for or required."""
    if item.state in IN_REVIEW:
        return ItemEvent.ACCEPT in item.actions
    asked = item.state in WAITS_FOR_PROVIDER or (item.state is ItemState.NOT_REQUESTED and item.is_required)
    return asked and ItemEvent.SUBMIT in item.actions


def progress(items: Iterable[EffectiveItem]) -> tuple[int, int]:
    """How many of the required items are accepted or waived, and how many are required."""
    required = [item for item in items if item.is_required]
    return sum(item.state in FULFILLED for item in required), len(required)


def duty_words(visit: Visit, duties: Sequence[Duty], names: Mapping[str, str]) -> tuple[str, ...]:
    """Who must act: the organisation where one is known, else the role."""
    words = []
    for duty in duties:
        role = visit.t(f"party_role.{duty.role.value}")
        name = names.get(duty.organisation_id or "", "")
        words.append(f"{name} ({role})" if name and visit.language == "en" else f"{name}（{role}）" if name else role)
    return tuple(dict.fromkeys(words))


def _organisations(items: Iterable[EffectiveItem], past: Mapping[str, History]) -> set[str]:
    found = {duty.organisation_id for item in items for duty in item.waits_for if duty.organisation_id}
    for history in past.values():
        found |= {row.submitted_by_organisation_id for row in history.submissions}
        found |= {row.organisation_id for row in history.decisions}
    return found


def _line(
    visit: Visit,
    item: EffectiveItem,
    past: Mapping[str, History],
    names: Mapping[str, str],
    openings: Mapping[str, Opening],
) -> ItemLine:
    row, spec, today = item.row, item.spec, market_date(visit.now)
    shows = row is not None and item.shows_paper
    due = row.due_on if row else None
    return ItemLine(
        item_id=row.id if row else "",
        code=spec.code,
        name=spec.en if visit.language == "en" else spec.zh,
        scope=spec.scope.value,
        gate=spec.gate.value,
        state=item.state.value,
        is_required=item.is_required,
        waits_for=duty_words(visit, item.waits_for, names),
        since=row.state_since_at if row else None,
        valid_until=_end(row.valid_until if row else None),
        due_on=due,
        is_overdue=due is not None and due < today and item.state in WAITS_FOR_PROVIDER,
        reason=row.reason if row and item.shows_reason and item.state in TOLD_WHY else "",
        decided_as=_decided_as(visit, item),
        document_version=row.document_version if row and shows else None,
        sha256=(row.sha256 or "")[:SHORT_HASH] if row and shows else "",
        actions=tuple(event.value for event in item.actions) if row else (),
        dates=needed_dates(spec),
        files=" / ".join(kind.value.upper() for kind in spec.files),
        is_mine=row is not None and waits_for_viewer(item),
        opening=openings.get(row.id, Opening.NOT).value if row else Opening.NOT.value,
        past=_past(visit, past.get(row.id) if row else None, names),
    )


def _end(day: date | None) -> date | None:
    return None if day == date.max else day


def _decided_as(visit: Visit, item: EffectiveItem) -> str:
    if item.row is None or item.row.reviewer_role is None or not item.shows_reason:
        return ""
    return visit.t(f"party_role.{item.row.reviewer_role.value}")


def _past(visit: Visit, history: History | None, names: Mapping[str, str]) -> tuple[PastLine, ...]:
    """Papers and decisions in the order of time; the move that a paper made itself is not told twice."""
    if history is None:
        return ()
    lines = [
        PastLine(
            kind="submission",
            state="",
            who=names.get(row.submitted_by_organisation_id, ""),
            role=visit.t(f"party_role.{row.role.value}"),
            at=row.submitted_at,
            sha256=row.sha256[:SHORT_HASH],
            version=row.document_version,
            text=row.note,
        )
        for row in history.submissions
    ]
    lines += [
        PastLine(
            kind="decision",
            state=row.state_after.value,
            who=names.get(row.organisation_id, ""),
            role=visit.t(f"party_role.{row.role.value}"),
            at=row.at,
            sha256=(row.sha256 or "")[:SHORT_HASH],
            version=None,
            text=row.reason,
        )
        for row in history.decisions
        if row.state_after is not ItemState.SUBMITTED
    ]
    return tuple(sorted(lines, key=lambda line: line.at))
