"""The page of a listing's diligence: gates, items, findings, facts; and the short line other pages link it by."""

from collections.abc import Sequence

from exchange.access.roles import Role
from exchange.core.errors import ExchangeError
from exchange.diligence.errors import ChecklistNotFound, GateBlocked
from exchange.diligence.finding import FindingState
from exchange.diligence.gate import Gate
from exchange.diligence.item import FULFILLED, ItemEvent
from exchange.diligence.service import checklists, findings, gates, overview
from exchange.diligence.service.engagements import askable_listings
from exchange.diligence.service.reading import ChecklistView, FactState, checklist_of
from exchange.diligence.service.templates import template
from exchange.diligence.template import FactScope, FactSource
from exchange.diligence.verdict import NO_END, GateVerdict
from exchange.funds import service as funds
from exchange.web.diligence_lines import item_lines, progress, waits_for_viewer
from exchange.web.diligence_models import (
    NO_PROBLEM,
    BidderLink,
    FactLine,
    FindingLine,
    GateBox,
    ItemGroup,
    ItemLine,
    Problem,
    Summary,
)
from exchange.web.explain import failing, field_problems, sentence
from exchange.web.models import Failing
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

MISSING_SHOWN = 6


def page_values(
    visit: Visit, listing_id: str, organisation_id: str | None, problem: Problem = NO_PROBLEM
) -> dict[str, object]:
    """Everything the page shows. CHECKLIST_NOT_FOUND (404) for whom the listing's papers are not there."""
    view = checklist_of(visit.tx, visit.actor, visit.now, listing_id, organisation_id)
    lines = item_lines(visit, view.items)
    bidder = _bidder(visit, listing_id, view)
    done, required = progress(view.items)
    is_side = _is_side(visit, view)
    return {
        "listing_id": listing_id,
        "organisation_id": organisation_id or "",
        "fund_name": _fund_name(visit, view),
        "type_name": _type_name(visit, view),
        "problem": problem,
        "message": visit.message(),
        "gates": _gates(visit, listing_id, bidder),
        "mine": [line for line in lines if line.is_mine],
        "groups": _groups(visit, view, lines),
        "done": done,
        "required": required,
        "acceptable": [line for line in lines if line.decides],
        "findings": _findings(visit, listing_id, view),
        "facts": _facts(visit, view, is_side=is_side),
        "may_declare": visit.viewer.may("facts:write")
        and (is_side or view.organisation_id is not None or Role.OPERATOR in visit.actor.roles),
        "bidders": _bidders(visit, listing_id, organisation_id),
        "may_begin": _may_begin(visit, view, bidder, is_side=is_side),
    }


def summary_of(visit: Visit, listing_id: str) -> Summary | None:
    """How far the papers of a listing are for the viewer; None where there are none for it."""
    try:
        view = checklist_of(visit.tx, visit.actor, visit.now, listing_id)
    except ChecklistNotFound:
        return None
    done, required = progress(view.items)
    waiting = sum(waits_for_viewer(item) for item in view.items)
    may_ask = visit.viewer.may("engagements:write") and listing_id in askable_listings(visit.tx, visit.actor)
    return Summary(listing_id, done, required, waiting, may_ask)


def blocked_lines(visit: Visit, verdict: GateVerdict) -> list[str]:
    """What keeps a gate shut, a line each: code, name, state; findings; how many others."""
    english = visit.language == "en"
    lines = [
        f"{item.code} {item.en if english else item.zh} · {visit.t('item_state.' + item.state.value)}"
        for item in verdict.missing
    ]
    lines += [_finding_name(visit, finding.code) for finding in verdict.findings]
    return [*lines, *([visit.t("diligence.hidden", count=verdict.hidden)] if verdict.hidden else [])]


def acceptable_of(visit: Visit, listing_id: str) -> tuple[tuple[str, str], ...]:
    """The id and code of every paper of a listing that waits for the viewer to accept it."""
    try:
        view = checklist_of(visit.tx, visit.actor, visit.now, listing_id)
    except ChecklistNotFound:
        return ()
    return tuple((item.row.id, item.spec.code) for item in view.items if item.row and ItemEvent.ACCEPT in item.actions)


def missing_before(visit: Visit, listing_id: str, gate: Gate) -> list[str]:
    """What a listing lacks before one of its own gates; nothing when it is open or has no checklist."""
    try:
        found = gates.gate_states(visit.tx, visit.now, listing_id=listing_id, actor=visit.actor)
    except ChecklistNotFound:
        return []
    verdict = next((each for each in found if each.gate is gate), None)
    return [] if verdict is None or verdict.is_open else blocked_lines(visit, verdict)


def refusal_texts(visit: Visit, refusal: ExchangeError) -> tuple[str, ...]:
    """A refusal in words: what is missing before a gate, broken rules or wrong fields each, else its sentence."""
    if isinstance(refusal, GateBlocked):
        return (sentence(refusal, visit.f), *blocked_lines(visit, refusal.verdict))
    if refusal.breaches:
        return tuple(_rule_text(visit, rule) for rule in failing(refusal.breaches, visit.f))
    fields = tuple(dict.fromkeys(problem.text for problem in field_problems(refusal, visit.f)))
    return fields or (sentence(refusal, visit.f),)


def _rule_text(visit: Visit, rule: Failing) -> str:
    passes = visit.t("ticket.passes_on", date=rule.passes_on.isoformat()) if rule.passes_on else ""
    return " ".join(part for part in (rule.rule, rule.text, passes) if part)


def _bidder(visit: Visit, listing_id: str, view: ChecklistView) -> str | None:
    """The bidder whose gates are shown: the one that is looked at, once it stands as a bidder."""
    if view.organisation_id is None:
        return None
    known = checklists.stands_as_bidder(visit.tx, listing_id, view.organisation_id)
    return view.organisation_id if known else None


def _is_side(visit: Visit, view: ChecklistView) -> bool:
    return view.checklist is not None and visit.actor.organisation_id in checklists.own_sides(view.checklist)


def _may_begin(visit: Visit, view: ChecklistView, bidder: str | None, *, is_side: bool) -> bool:
    is_outsider = not is_side and not visit.actor.sees_everything and bidder is None
    return is_outsider and visit.viewer.may("orders:write") and visit.viewer.may("diligence:submit")


def _fund_name(visit: Visit, view: ChecklistView) -> str:
    fund_id = view.checklist.fund_id if view.checklist else ""
    found = funds.funds_by_id(visit.tx, [fund_id]).get(fund_id)
    return found.name if found else ""


def _type_name(visit: Visit, view: ChecklistView) -> str:
    if view.checklist is None:
        return ""
    found = template(view.checklist.template_version).types[view.checklist.transaction_type]
    return found.en if visit.language == "en" else found.zh


def _gate_name(visit: Visit, gate: Gate) -> str:
    spec = next(spec for spec in template().gates if spec.gate is gate)
    return spec.en if visit.language == "en" else spec.zh


def _gates(visit: Visit, listing_id: str, bidder: str | None) -> list[GateBox]:
    found = gates.gate_states(visit.tx, visit.now, listing_id=listing_id, organisation_id=bidder, actor=visit.actor)
    passed = overview.passed_at(visit.tx, visit.actor, listing_id=listing_id, organisation_id=bidder)
    return [
        GateBox(
            gate=verdict.gate.value,
            name=_gate_name(visit, verdict.gate),
            state="passed" if verdict.is_passed else "open" if verdict.is_open else "shut",
            since=passed.get(verdict.gate),
            until=None if verdict.is_passed or verdict.open_until == NO_END else verdict.open_until,
            missing=tuple(dict.fromkeys(item.code for item in verdict.missing)),
            hidden=verdict.hidden,
            findings=len(verdict.findings),
        )
        for verdict in found
    ]


def _groups(visit: Visit, view: ChecklistView, lines: Sequence[ItemLine]) -> list[ItemGroup]:
    """The items by gate in the order of a deal; what waits for the viewer stands above them and not here again."""
    found = []
    for gate in Gate:
        items = [item for item in view.items if item.spec.gate is gate]
        rest = tuple(line for line in lines if line.gate == gate.value and not line.is_mine)
        if rest:
            required = [item for item in items if item.is_required]
            done = sum(item.state in FULFILLED for item in required)
            found.append(ItemGroup(gate.value, _gate_name(visit, gate), rest, done, len(required)))
    return found


def _finding_name(visit: Visit, code: str) -> str:
    key = f"finding.{code}"
    return visit.t(key) if visit.t.has(key) else code


def _findings(visit: Visit, listing_id: str, view: ChecklistView) -> list[FindingLine]:
    try:
        found = findings.findings_of(visit.tx, visit.actor, visit.now, listing_id=listing_id)
    except ChecklistNotFound:  # an investor that has not begun reads states, and no findings yet
        return []
    shown = [row for row in found if row.organisation_id in {None, view.organisation_id}]
    rows = sorted(shown, key=lambda row: (row.state is not FindingState.OPEN, row.opened_at, row.id))
    return [
        FindingLine(
            finding_id=row.id,
            code=row.code,
            name=_finding_name(visit, row.code),
            severity=row.severity.value,
            state=row.state.value,
            opened_at=row.opened_at,
            text=row.note,
            resolution=row.resolution,
            may_resolve=row.state is FindingState.OPEN
            and visit.viewer.may("diligence:review")
            and (Role.OPERATOR in visit.actor.roles or row.opened_by_organisation_id == visit.actor.organisation_id),
        )
        for row in rows
    ]


def _facts(visit: Visit, view: ChecklistView, *, is_side: bool) -> list[FactLine]:
    """The facts of whom the page is about: the bidder that is looked at, else the listing."""
    is_bidders = view.organisation_id is not None and not is_side
    scope = FactScope.BIDDER if is_bidders else FactScope.LISTING
    return [_fact(visit, fact) for fact in view.facts if fact.scope is scope]


def _fact(visit: Visit, fact: FactState) -> FactLine:
    label = fact.en if visit.language == "en" else fact.zh
    return FactLine(fact.name, label, fact.value, fact.is_stated, fact.source is FactSource.DECLARED)


def _bidders(visit: Visit, listing_id: str, organisation_id: str | None) -> list[BidderLink]:
    known = overview.bidders_of(visit.tx, visit.actor, listing_id=listing_id)
    names = organisation_names(visit.tx, known, visit.language)
    return [BidderLink(each, names.get(each, each), each == organisation_id) for each in known]
