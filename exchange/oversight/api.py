"""Routes of the desk: audit chain, export, pending work, invariants, and the sandbox clock."""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from exchange.access.api import CurrentActor
from exchange.core.errors import Forbidden, Unauthenticated
from exchange.infra.clock import business_now
from exchange.infra.settings import settings
from exchange.oversight import service
from exchange.oversight.schemas import ChainView, ClockView, FindingsView, FindingView, MoveClock, PendingView
from exchange.oversight.service import ClockStandsStill, NoDeadlineAhead, NotASandbox
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["oversight"])


@router.get("/audit/pending", responses=responses(Unauthenticated, Forbidden), openapi_extra=needs("audit:read"))
def audit_pending(tx: ReadTx, actor: CurrentActor) -> PendingView:
    """What is still pending: unmatched commands, unsent events, future deadlines, due and dead reactions."""
    return PendingView.model_validate(service.pending_figures(tx, actor))


@router.post("/audit:verify", responses=responses(Unauthenticated, Forbidden), openapi_extra=needs("audit:read"))
def audit_verify(tx: ReadTx, actor: CurrentActor) -> ChainView:
    """Recompute the whole audit chain from the events and name the first broken link, if any."""
    links, head, broken = service.verify_trail(tx, actor)
    return ChainView(links=links, head_hash=head, first_broken=broken, is_unbroken=broken is None)


@router.get("/audit/invariants", responses=responses(Unauthenticated, Forbidden), openapi_extra=needs("audit:read"))
def audit_invariants(tx: ReadTx, actor: CurrentActor) -> FindingsView:
    """Every invariant of the exchange with its figure."""
    actor.require("audit:read")
    items = [
        FindingView(
            id=finding.id,
            statement=finding.statement,
            population=finding.population,
            violations=finding.violations,
            examples=list(finding.examples),
        )
        for finding in service.invariant_findings(tx)
    ]
    return FindingsView(items=items)


@router.get(
    "/audit/export",
    responses=responses(Unauthenticated, Forbidden)
    | {200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
    response_class=StreamingResponse,
    openapi_extra=needs("audit:export"),
)
def audit_export(tx: WriteTx, actor: CurrentActor) -> StreamingResponse:
    """Everything (orders, proposals, trades, holdings, ledger entries, events with the chain) as JSON lines.

    One consistent snapshot; the last line carries the sha-256 of all lines before it.
    """
    now = business_now(tx)
    service.record_export(tx, actor, now)

    def chunks() -> Iterator[str]:
        buffer: list[str] = []
        for line in service.export_lines(now):
            buffer.append(line)
            if len(buffer) >= 500:
                yield "".join(buffer)
                buffer.clear()
        yield "".join(buffer)

    return StreamingResponse(
        chunks(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="exchange-export.jsonl"'},
    )


@router.get("/clock", responses=responses(Unauthenticated), openapi_extra=needs(SIGNED_IN))
def clock(tx: ReadTx, actor: CurrentActor) -> ClockView:
    """Business time. In a sandbox it is simulated."""
    return ClockView(now=business_now(tx), is_simulated=settings().sandbox)


@router.post(
    "/sandbox/clock",
    responses=responses(Unauthenticated, Forbidden, NotASandbox, ClockStandsStill, NoDeadlineAhead),
    openapi_extra=needs("sandbox:run"),
)
def move_sandbox_clock(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: MoveClock) -> ClockView:
    """Move the simulated clock forward; every deadline in between fires through the same path as in real time."""
    now = business_now(tx)
    answer = once(
        tx,
        actor,
        "sandbox_clock",
        key,
        body.model_dump(mode="json"),
        lambda: ClockView(
            now=service.move_clock(
                tx,
                actor,
                now,
                working_days=body.working_days,
                hours=body.hours,
                to_next_deadline=body.to_next_deadline,
            ),
            is_simulated=True,
        ),
    )
    return ClockView.model_validate(answer.body)
