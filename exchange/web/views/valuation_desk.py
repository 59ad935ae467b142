"""The valuation desk: figures of the market that two operators agree to, and the valuation of every fund at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.access.approval import Approval, ApprovalStatus
from exchange.access.service import approvals, users
from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError, Invalid
from exchange.core.ids import id_pattern, new_id
from exchange.infra.doorbell import ring
from exchange.rest.permissions import needs
from exchange.valuation.market import CHINA, StrategyClass
from exchange.valuation.parameters import ParameterKind
from exchange.valuation.service import parameters, revaluations
from exchange.valuation.service.parameters import ValuationParameterRow
from exchange.valuation.service.revaluations import Revaluation
from exchange.valuation.service.words import words_of
from exchange.web.commands import run_once
from exchange.web.explain import field_problems, sentence
from exchange.web.models import FieldProblem
from exchange.web.parameter_form import Parameter, ParameterForm, fields_of, read_parameter, values_in_words
from exchange.web.routes import PageRoute
from exchange.web.valuation_models import ParameterLine, ProposalLine, RevaluationLine
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

KindName = Annotated[ParameterKind, Query()]
ApprovalPath = Annotated[str, Path(pattern=f"^{id_pattern('approval')}$")]
RevaluationPath = Annotated[str, Path(pattern=f"^{id_pattern('revaluation')}$")]
Key = Annotated[str, Form(max_length=128)]
VERDICTS = {"approve": ApprovalStatus.APPROVED, "reject": ApprovalStatus.REJECTED}
PAGE = 200
LEVELS_SHOWN = 24
APPROVALS_SEEN = 200
DESK = "/valuation-desk"


@router.get(DESK, openapi_extra=needs("valuations:read"))
def desk(visit: ReadVisit, kind: KindName = ParameterKind.TARGET_RETURN) -> Response:
    """The figures of a kind, what waits for a second person, and the latest valuations of the whole market."""
    first = ParameterForm(
        region=CHINA, strategy=StrategyClass.ALL.value, effective_on=market_date(visit.now).isoformat(), mark="reported"
    )
    return _page(visit, kind, first, ())


def _page(
    visit: Visit, kind: ParameterKind, form: ParameterForm, problems: Sequence[FieldProblem], status_code: int = 200
) -> Response:
    waits = _proposals(visit) if visit.viewer.may("parties:read") else []
    return visit.page(
        "valuation_desk.html",
        status_code=status_code,
        message=visit.message(),
        kind=kind.value,
        kinds=[item.value for item in ParameterKind],
        lines=_in_force(visit, kind),
        fields=fields_of(kind, form, visit.t, problems),
        problems=[problem for problem in problems if not problem.name],
        proposals=waits,
        revaluations=[
            _revaluation_line(item) for item in revaluations.revaluations_of(visit.tx, visit.actor, limit=10)
        ],
        today=market_date(visit.now),
        idempotency_key=new_id("request"),
    )


def _in_force(visit: Visit, kind: ParameterKind) -> list[ParameterLine]:
    """Every version of the figures of a kind, the newest day first; of long series the newest levels."""
    found: list[ValuationParameterRow] = []
    after: str | None = None
    while True:
        rows = parameters.parameters_of(visit.tx, visit.actor, kind=kind, after=after, limit=PAGE)
        found += rows
        if len(rows) < PAGE:
            break
        after = rows[-1].id
    ordered = sorted(found, key=lambda row: (row.effective_on, row.version, row.id), reverse=True)
    shown = ordered[:LEVELS_SHOWN] if kind is ParameterKind.INDEX_LEVEL else ordered
    names = _people(visit, {name for row in shown for name in (row.entered_by, row.approved_by)})
    return [
        ParameterLine(
            kind=row.kind.value,
            place=_place(visit, row.region, row.strategy, row.name),
            effective_on=row.effective_on,
            version=row.version,
            values=values_in_words(row.kind, row.values, visit.t),
            mark=_mark(row.source_mark.value),
            source=row.source,
            entered_by=names[row.entered_by],
            approved_by=names[row.approved_by],
        )
        for row in shown
    ]


def _place(visit: Visit, region: str, strategy: str, name: str) -> str:
    """Market, strategy and name of a figure; a strategy that only a publisher knows is shown as written."""
    words = words_of(visit.language)
    parts = [words.get(f"region.{region}", region), words.get(f"strategy.{strategy}", strategy), name]
    return " · ".join(part for part in parts if part)


def _mark(mark: str) -> str:
    """A reported figure of the market is a published one: no manager reported it."""
    return "published" if mark == "reported" else mark


def _people(visit: Visit, user_ids: set[str]) -> dict[str, str]:
    return {user_id: users.name_of(visit.tx, user_id) for user_id in sorted(user_ids)}


def _proposals(visit: Visit) -> list[ProposalLine]:
    waiting = approvals.approvals_of(
        visit.tx, visit.actor, status=ApprovalStatus.PENDING, before=None, limit=APPROVALS_SEEN
    )
    return [_proposal_line(visit, item) for item in waiting if item.kind == parameters.APPROVAL]


def _proposal_line(visit: Visit, approval: Approval) -> ProposalLine:
    row = parameters.proposal_of(visit.tx, visit.actor, approval.subject_id)
    person = users.name_of(visit.tx, row.entered_by)
    return ProposalLine(
        approval_id=approval.id,
        entered_by=person,
        entered_at=row.entered_at,
        is_own=row.entered_by == visit.actor.user_id,
        lines=tuple(_proposed(visit, item, person) for item in row.items[:LEVELS_SHOWN]),
        count=len(row.items),
    )


def _proposed(visit: Visit, item: Mapping[str, Any], person: str) -> ParameterLine:
    kind = ParameterKind(item["kind"])
    return ParameterLine(
        kind=kind.value,
        place=_place(visit, item["region"], item["strategy"], item["name"]),
        effective_on=date.fromisoformat(item["effective_on"]),
        version=None,
        values=values_in_words(kind, item["values"], visit.t),
        mark=_mark(item["source_mark"]),
        source=item["source"],
        entered_by=person,
        approved_by="",
    )


@router.post(DESK, openapi_extra=needs("valuation_parameters:write"))
def propose(
    visit: FormVisit, form: Parameter, kind: KindName = ParameterKind.TARGET_RETURN, idempotency_key: Key = ""
) -> Response:
    """Ask a second operator to approve a figure; a refusal shows the form again with what is wrong."""
    entered, problems = read_parameter(kind, form, visit.t)
    if entered is not None:
        body = {
            "kind": kind.value, "region": form.region, "strategy": form.strategy, "name": form.name,
            "effective_on": form.effective_on, "mark": form.mark, "source": form.source, **(form.values or {}),
        }  # fmt: skip
        try:
            with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
                run_once(
                    visit,
                    "valuation parameter",
                    idempotency_key,
                    body,
                    lambda: parameters.propose(visit.tx, visit.actor, visit.now, entered=[entered]),
                )
        except ExchangeError as refusal:
            problems = _refused(visit, kind, refusal)
    if problems:
        return _page(visit, kind, form, problems, 422)
    return see_other(DESK, kind=kind.value, done="parameters.proposed_message")


def _refused(visit: Visit, kind: ParameterKind, refusal: ExchangeError) -> list[FieldProblem]:
    """A refusal by field: `/items/0/values/low` belongs to the field of the low value; what has no field to no name."""
    known = {field.name for field in fields_of(kind, ParameterForm(), visit.t, ())}
    found = [
        FieldProblem(name if (name := item.name.rpartition("/")[2]) in known else "", item.text)
        for item in field_problems(refusal, visit.f)
    ]
    return found or [FieldProblem("", sentence(refusal, visit.f))]


@router.post(f"{DESK}/proposals/{{approval_id}}/decide", openapi_extra=needs("approvals:decide"))
def decide(
    visit: FormVisit,
    approval_id: ApprovalPath,
    idempotency_key: Key = "",
    verdict: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The second person's yes or no."""
    if verdict not in VERDICTS:
        raise Invalid
    run_once(
        visit,
        f"decide {approval_id}",
        idempotency_key,
        {"verdict": verdict},
        lambda: approvals.decide(visit.tx, visit.actor, visit.now, approval_id, VERDICTS[verdict], reason=verdict),
    )
    done = "parameters.approved_message" if verdict == "approve" else "parameters.rejected_message"
    return see_other(DESK, done=done)


@router.post("/revaluations", openapi_extra=needs("revaluations:run"))
def revalue(visit: FormVisit, idempotency_key: Key = "") -> Response:
    """Value every fund today, on the workers."""
    run_once(
        visit,
        "revaluation",
        idempotency_key,
        {},
        lambda: revaluations.request(visit.tx, visit.actor, visit.now),
    )
    response = see_other(DESK, done="parameters.revalued_message")
    response.background = BackgroundTask(ring)  # after the commit
    return response


@router.get("/revaluations/{revaluation_id}/progress", openapi_extra=needs("valuations:read"))
def progress(visit: ReadVisit, revaluation_id: RevaluationPath) -> Response:
    """How far a valuation of the whole market has come; the page asks again until it is done."""
    found = revaluations.revaluation_of(visit.tx, visit.actor, revaluation_id)
    return visit.page("parts/revaluation.html", line=_revaluation_line(found))


def _revaluation_line(found: Revaluation) -> RevaluationLine:
    return RevaluationLine(
        revaluation_id=found.row.id,
        valued_on=found.row.valued_on,
        requested_at=found.row.requested_at,
        fund_count=found.row.fund_count,
        funds_done=found.funds_done,
        is_done=found.is_done,
    )
