"""The page of clock and calendar: what is due next, the sandbox clock, and the years that days are counted on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from exchange.access.approval import Approval, ApprovalStatus
from exchange.access.service import approvals
from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, new_id
from exchange.infra.settings import settings
from exchange.oversight import service as oversight
from exchange.rest.permissions import needs
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import LoadedYear
from exchange.web.commands import reason_or, refusal_of
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/clock"
DEADLINES_SHOWN = 20
APPROVALS_READ = 200
Key = Annotated[str, Form(max_length=128)]
Words = Annotated[str, Form(max_length=4_000)]
ApprovalPath = Annotated[str, Path(pattern=f"^{id_pattern('approval')}$")]
VERDICTS = {"approve": ApprovalStatus.APPROVED, "reject": ApprovalStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class WaitingYear:
    """A year that waits for a second operator."""

    approval_id: str
    year: int
    holidays: tuple[str, ...]
    worked: tuple[str, ...]
    source: str
    is_own: bool


@router.get(PATH, openapi_extra=needs(rulebook.CALENDARS_WRITE))
def show(visit: ReadVisit) -> Response:
    """What is due next, and the published years."""
    return _page(visit)


@router.post(f"{PATH}/move", openapi_extra=needs("sandbox:run"))
def move(
    visit: FormVisit,
    working_days: Annotated[int, Form(ge=0, le=250)] = 0,
    hours: Annotated[int, Form(ge=0, le=720)] = 0,
    to_next_deadline: Annotated[bool, Form()] = False,  # noqa: FBT002 - a button of a form
    idempotency_key: Key = "",
) -> Response:
    """Move the sandbox clock: by working days, by hours, or to the next deadline."""

    def work() -> object:
        return oversight.move_clock(
            visit.tx,
            visit.actor,
            visit.now,
            working_days=working_days,
            hours=hours,
            to_next_deadline=to_next_deadline,
        )

    body: dict[str, object] = {"days": working_days, "hours": hours, "next": to_next_deadline}
    return _done(visit, "move", idempotency_key, body, work)


@router.post(f"{PATH}/years", openapi_extra=needs(rulebook.CALENDARS_WRITE))
def propose(
    visit: FormVisit,
    year: Annotated[int, Form(ge=2000, le=2099)],
    holidays: Words = "",
    worked: Words = "",
    source: Annotated[str, Form(max_length=200)] = "",
    idempotency_key: Key = "",
) -> Response:
    """Ask for a year to be loaded; a second operator approves it."""

    def work() -> object:
        loaded = LoadedYear(year, _days(holidays), _days(worked), reason_or(source, Invalid))
        return rulebook.propose_year(visit.tx, visit.actor, visit.now, loaded=loaded)

    body: dict[str, object] = {"year": year, "holidays": holidays, "worked": worked, "source": source}
    return _done(visit, "propose", idempotency_key, body, work)


@router.post(f"{PATH}/years/{{approval_id}}/{{verdict}}", openapi_extra=needs("approvals:decide"))
def decide(visit: FormVisit, approval_id: ApprovalPath, verdict: str, idempotency_key: Key = "") -> Response:
    """Approve or reject a year that another operator asked for."""

    def work() -> object:
        if verdict not in VERDICTS:
            raise Invalid
        return approvals.decide(visit.tx, visit.actor, visit.now, approval_id, VERDICTS[verdict], reason=verdict)

    return _done(visit, "decide", idempotency_key, {"approval": approval_id, "verdict": verdict}, work)


def _done(visit: Visit, action: str, key: str, body: dict[str, object], work: Callable[[], object]) -> Response:
    refused = refusal_of(visit, f"clock {action}", key, body, work)
    return _page(visit, refused) if refused else see_other(PATH, done=f"clock.done_{action}_message")


def _page(visit: Visit, refused: tuple[str, ...] = ()) -> Response:
    ahead = oversight.deadlines_ahead(visit.tx, visit.actor, visit.now, limit=DEADLINES_SHOWN)
    deadlines = [
        (due, _kind(visit, kind), subject, rulebook.is_provisional(visit.tx, due)) for due, kind, subject in ahead
    ]
    return visit.page(
        "clock.html",
        status_code=409 if refused else 200,
        is_sandbox=settings().sandbox,
        deadlines=deadlines,
        years=rulebook.known_years(visit.tx),
        waiting=_waiting(visit),
        refused=refused,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


def _kind(visit: Visit, kind: str) -> str:
    """An event's type in words; the type itself where the catalogue has none."""
    key = f"due_event.{kind.replace('.', '_')}"
    return visit.t(key) if visit.t.has(key) else kind


def _waiting(visit: Visit) -> list[WaitingYear]:
    found = approvals.approvals_of(
        visit.tx, visit.actor, status=ApprovalStatus.PENDING, before=None, limit=APPROVALS_READ
    )
    return [_year(visit, approval) for approval in found if approval.kind == rulebook.APPROVAL]


def _year(visit: Visit, approval: Approval) -> WaitingYear:
    payload = approval.payload
    return WaitingYear(
        approval_id=approval.id,
        year=int(payload["year"]),
        holidays=tuple(payload["holidays"]),
        worked=tuple(payload["worked_weekend_days"]),
        source=str(payload["source"]),
        is_own=approval.requested_by == visit.actor.user_id,
    )


def _days(text: str) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(part) for part in text.replace(",", " ").replace("，", " ").split())
    except ValueError as error:
        raise Invalid from error
