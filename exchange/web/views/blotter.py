"""The operator's blotter: every match with its state, every book with what waits, halts."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, is_id, new_id
from exchange.core.money import Money
from exchange.funds import service as funds
from exchange.infra.doorbell import ring
from exchange.matching.lifecycle import BookPhase, ProposalStatus
from exchange.matching.service import halts, mending, proposals
from exchange.matching.service.proposals import ProposalRow
from exchange.rest.permissions import needs
from exchange.web.books import all_books
from exchange.web.commands import reason_or, run_once
from exchange.web.models import BlotterLine, BookLine, Choice, StuckLine
from exchange.web.names import buyer_classes, organisation_names
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

HaltPath = Annotated[str, Path(pattern=f"^{id_pattern('halt')}$")]
BookPath = Annotated[str, Path(pattern=f"^{id_pattern('book')}$")]
ApprovalPath = Annotated[str, Path(pattern=f"^{id_pattern('approval')}$")]
VERDICTS = {"approve": ApprovalStatus.APPROVED, "reject": ApprovalStatus.REJECTED}
Key = Annotated[str, Form(max_length=128)]
STATES = {
    "all": frozenset(ProposalStatus),
    "proposed": frozenset({ProposalStatus.PROPOSED}),
    "confirmed": frozenset({ProposalStatus.CONFIRMED}),
    "ended": frozenset({ProposalStatus.DECLINED, ProposalStatus.LAPSED}),
}
LINES_MAX = 200


@router.get("/blotter", openapi_extra=needs("trades:read_all"))
def blotter(visit: ReadVisit, state: Annotated[str, Query(max_length=12)] = "all") -> Response:
    """The whole market's matches and books."""
    values = parts(visit, state)
    return visit.page(
        "blotter.html",
        values,
        message=visit.message(),
        tabs=list(STATES),
        halt_choices=_halt_choices(visit, values["books"]),
        halt_asked=halts.waiting_market_halt(visit.tx) if visit.viewer.may("halts:write") else None,
        market_halt=next((row for row in halts.halts_of(visit.tx, active_only=True) if row.book_id is None), None),
        viewer_id=visit.actor.user_id,
        stuck=stuck_lines(visit),
        idempotency_key=new_id("request"),
    )


def parts(visit: Visit, state: str) -> dict[str, object]:
    """What the figures and tables show; a stream renders the same."""
    state = state if state in STATES else "all"
    rows = proposals.proposals_of(visit.tx, visit.actor, limit=LINES_MAX)
    books = book_lines(visit)
    confirmed: Counter[str] = Counter()
    costs: Counter[str] = Counter()
    for row in rows:
        if row.status is ProposalStatus.CONFIRMED:
            confirmed[row.currency] += row.money_minor
            costs[row.currency] += row.priority_cost_minor
    return {
        "state": state,
        "counts": {name: sum(row.status in states for row in rows) for name, states in STATES.items()},
        "lines": blotter_lines(visit, [row for row in rows if row.status in STATES[state]]),
        "books": books,
        "value_by_currency": [Money(confirmed[name], name) for name in sorted(confirmed)],
        "cost_by_currency": [Money(costs[name], name) for name in sorted(costs) if costs[name]],
        "pending_commands": sum(book.pending for book in books),
    }


def blotter_lines(visit: Visit, rows: Sequence[ProposalRow]) -> list[BlotterLine]:
    """Matches with both parties named, newest first."""
    parties = {name for row in rows for name in (row.buyer_organisation_id, row.seller_organisation_id)}
    names = organisation_names(visit.tx, sorted(parties), visit.language)
    classes = buyer_classes(visit.tx, sorted({row.buyer_organisation_id for row in rows}))
    known = funds.funds_by_id(visit.tx, sorted({row.fund_id for row in rows}))
    return [
        BlotterLine(
            proposal_id=row.id,
            listing_id=row.listing_id,
            book_id=row.book_id,
            at=row.created_at,
            state=row.status.value,
            fund_name=known[row.fund_id].name,
            fund_code=known[row.fund_id].code,
            price_ppm=row.price_ppm,
            amount=Money(row.amount_minor, row.currency),
            money=Money(row.money_minor, row.currency),
            buyer=names.get(row.buyer_organisation_id, ""),
            buyer_class=classes.get(row.buyer_organisation_id, ""),
            seller=names.get(row.seller_organisation_id, ""),
            policy=row.policy.value,
            priority_cost=Money(row.priority_cost_minor, row.currency),
            is_backup=row.is_backup,
            is_simulated=row.is_simulated,
            award_id=row.award_id or "",
        )
        for row in rows
    ]


def book_lines(visit: Visit) -> list[BookLine]:
    """Books that are not closed, those that are halted or behind first."""
    found = [book for book in all_books(visit.tx, visit.actor) if book.phase != BookPhase.CLOSED.value]
    active = {halt.book_id: halt for halt in halts.halts_of(visit.tx, active_only=True) if halt.book_id}
    known = funds.funds_by_id(visit.tx, sorted({book.fund_id for book in found}))
    lines = [
        BookLine(
            book_id=book.id,
            listing_id=book.listing_id,
            fund_name=known[book.fund_id].name,
            fund_code=known[book.fund_id].code,
            mode=book.mode,
            policy=book.policy,
            phase=book.phase,
            last_sequence=book.last_sequence,
            matched_sequence=book.matched_sequence,
            closes_at=book.closes_at,
            halt_id=active[book.id].id if book.id in active else "",
            halt_reason=active[book.id].reason if book.id in active else "",
        )
        for book in found
    ]
    return sorted(lines, key=lambda line: (not line.halt_id, -line.pending, line.fund_name))


def stuck_lines(visit: Visit) -> list[StuckLine]:
    """Books whose next command cannot be applied, with their fund and the question that waits."""
    found = mending.stuck_books(visit.tx, visit.actor)
    known = funds.funds_by_id(visit.tx, sorted({book.found.fund_id for book in found}))
    return [
        StuckLine(
            book_id=book.found.book_id,
            fund_name=known[book.found.fund_id].name,
            sequence=book.found.sequence,
            kind=book.found.kind,
            error=book.found.error,
            since=book.found.since,
            waiting=book.found.waiting,
            approval_id=book.asked.id if book.asked else "",
            asked_by=book.asked.requested_by if book.asked else "",
            reason=str(book.asked.payload["reason"]) if book.asked else "",
        )
        for book in found
    ]


def _halt_choices(visit: Visit, books: object) -> list[Choice]:
    options = [Choice("", visit.t("blotter.halt_market"))]
    lines = [line for line in books if isinstance(line, BookLine)] if isinstance(books, list) else []
    return options + [
        Choice(line.book_id, f"{line.fund_name} · {line.book_id[-8:]}") for line in lines if not line.halt_id
    ]


@router.post("/halts", openapi_extra=needs("halts:write"))
def halt(
    visit: FormVisit,
    idempotency_key: Key = "",
    book_id: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Stop one book; ask a second person to stop the whole market when none is named."""
    why = reason_or(reason, Invalid)
    if book_id and not is_id("book", book_id):
        raise Invalid

    def work() -> None:
        if book_id:
            halts.halt_book(visit.tx, visit.actor, visit.now, book_id=book_id, reason=why)
        else:
            halts.ask_market_halt(visit.tx, visit.actor, visit.now, reason=why)

    run_once(visit, "halt", idempotency_key, {"book_id": book_id, "reason": why}, work)
    return _rung("blotter.halted_message" if book_id else "blotter.halt_asked_message")


@router.post("/market-halts/{approval_id}/decide", openapi_extra=needs("approvals:decide"))
def decide_market_halt(
    visit: FormVisit,
    approval_id: ApprovalPath,
    idempotency_key: Key = "",
    verdict: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The second person's yes or no to a halt of the whole market."""
    if verdict not in VERDICTS:
        raise Invalid
    run_once(
        visit,
        f"decide {approval_id}",
        idempotency_key,
        {"verdict": verdict},
        lambda: approvals.decide(visit.tx, visit.actor, visit.now, approval_id, VERDICTS[verdict], reason=verdict),
    )
    return _rung("blotter.halted_message" if verdict == "approve" else "blotter.halt_refused_message")


@router.post("/books/{book_id}/retry", openapi_extra=needs("halts:write"))
def retry_book(visit: FormVisit, book_id: BookPath, idempotency_key: Key = "") -> Response:
    """Have a book that is set aside tried again at once."""
    run_once(
        visit,
        f"retry {book_id}",
        idempotency_key,
        {},
        lambda: mending.retry(visit.tx, visit.actor, visit.now, book_id=book_id),
    )
    return _rung("blotter.retried_message")


@router.post("/books/{book_id}/skip", openapi_extra=needs("halts:write"))
def skip_command(
    visit: FormVisit,
    book_id: BookPath,
    idempotency_key: Key = "",
    sequence: Annotated[int, Form(ge=1)] = 1,
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Ask a second person to let a book step over the command it stands at."""
    why = reason_or(reason, Invalid)
    run_once(
        visit,
        f"skip {book_id}",
        idempotency_key,
        {"sequence": sequence, "reason": why},
        lambda: mending.ask_skip(visit.tx, visit.actor, visit.now, book_id=book_id, sequence=sequence, reason=why),
    )
    return _rung("blotter.skip_asked_message")


@router.post("/skips/{approval_id}/decide", openapi_extra=needs("approvals:decide"))
def decide_skip(
    visit: FormVisit,
    approval_id: ApprovalPath,
    idempotency_key: Key = "",
    verdict: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """The second person's yes or no to skipping a command."""
    if verdict not in VERDICTS:
        raise Invalid
    run_once(
        visit,
        f"decide {approval_id}",
        idempotency_key,
        {"verdict": verdict},
        lambda: approvals.decide(visit.tx, visit.actor, visit.now, approval_id, VERDICTS[verdict], reason=verdict),
    )
    return _rung("blotter.skipped_message" if verdict == "approve" else "blotter.skip_refused_message")


@router.post("/halts/{halt_id}/lift", openapi_extra=needs("halts:write"))
def lift(visit: FormVisit, halt_id: HaltPath, idempotency_key: Key = "") -> Response:
    """Go on where the halt began."""
    run_once(
        visit,
        f"lift {halt_id}",
        idempotency_key,
        {},
        lambda: halts.lift(visit.tx, visit.actor, visit.now, halt_id=halt_id),
    )
    return _rung("blotter.lifted_message")


def _rung(done: str) -> Response:
    response = see_other("/blotter", done=done)
    response.background = BackgroundTask(ring)  # after the commit
    return response
