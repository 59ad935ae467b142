"""Routes of the pledge register: the lists, and what operators and holders do with a request. Asking needs papers:
`exchange.diligence.api.pledge_papers`."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, SamePerson
from exchange.core.errors import Busy, ExchangeError, Forbidden, IllegalTransition, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.custody.errors import InterestNotFree, PledgeNotFound, ReleaseTooLarge
from exchange.custody.pledge import PledgeStatus
from exchange.custody.schemas.pledges import PledgeRefusal, PledgeView
from exchange.custody.service import pledges as service
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.rest.body import BodyTooLarge, MalformedBody
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import etag
from exchange.rest.idempotency import (
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyMismatch,
    once,
)
from exchange.rest.model import StrictModel
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["holdings"])

PledgePath = Annotated[str, Path(pattern=f"^{id_pattern('pledge')}$")]
HoldingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('holding')}$")]
StatusFilter = Annotated[PledgeStatus | None, Query()]

READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)
WRITES: tuple[type[ExchangeError], ...] = (
    *(*READS, PledgeNotFound, IllegalTransition, Busy, MalformedBody, BodyTooLarge),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyMismatch),
)


@router.get("/pledges", openapi_extra=needs("holdings:read"), responses=responses(*READS, CursorInvalid))
def list_pledges(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    holding_id: HoldingFilter = None,
    status: StatusFilter = None,
) -> Page[PledgeView]:
    """Pledges of the caller's holdings and of the funds it manages, newest first; all for operators."""
    scope = f"pledges:{holding_id}:{status}"
    key = page.after(scope)
    rows = service.pledges_of(
        tx, actor, holding_id=holding_id, status=status, before=str(key[0]) if key else None, limit=page.limit + 1
    )
    return page_of(list(rows), page, scope, lambda row: [row.id], PledgeView.of)


@router.get("/pledges/{pledge_id}", openapi_extra=needs("holdings:read"), responses=responses(*READS, PledgeNotFound))
def get_pledge(tx: ReadTx, actor: CurrentActor, pledge_id: PledgePath, response: Response) -> PledgeView:
    """One pledge with its papers and where it stands."""
    row = service.pledge_of(tx, actor, pledge_id)
    response.headers["ETag"] = etag(row.version)
    return PledgeView.of(row)


@router.post(
    "/pledges/{pledge_id}:withdraw",
    response_model=PledgeView,
    openapi_extra=needs(service.ASK),
    responses=responses(*WRITES),
)
def withdraw_pledge(tx: WriteTx, actor: CurrentActor, pledge_id: PledgePath, key: IdempotencyKey) -> Response:
    """The holder takes a request back before it is decided."""
    return _once(
        tx,
        actor,
        f"withdraw_pledge {pledge_id}",
        key,
        {},
        lambda: service.withdraw_request(tx, actor, business_now(tx), pledge_id=pledge_id),
    )


@router.post(
    "/pledges/{pledge_id}:register",
    response_model=PledgeView,
    openapi_extra=needs(service.RUN),
    responses=responses(*WRITES, InterestNotFree),
)
def register_pledge(tx: WriteTx, actor: CurrentActor, pledge_id: PledgePath, key: IdempotencyKey) -> Response:
    """An operator enters a pledge; from now on its amount is not listed, frozen or sold."""
    return _once(
        tx,
        actor,
        f"register_pledge {pledge_id}",
        key,
        {},
        lambda: service.register_pledge(tx, actor, business_now(tx), pledge_id=pledge_id),
    )


@router.post(
    "/pledges/{pledge_id}:refuse",
    response_model=PledgeView,
    openapi_extra=needs(service.RUN),
    responses=responses(*WRITES),
)
def refuse_pledge(
    tx: WriteTx, actor: CurrentActor, pledge_id: PledgePath, body: PledgeRefusal, key: IdempotencyKey
) -> Response:
    """An operator says no to a request, with a reason the holder reads."""
    return _once(
        tx,
        actor,
        f"refuse_pledge {pledge_id}",
        key,
        body,
        lambda: service.refuse_pledge(
            tx, actor, business_now(tx), pledge_id=pledge_id, reason=body.reason, note=body.note
        ),
    )


@router.post(
    "/pledges/{pledge_id}:release",
    response_model=PledgeView,
    openapi_extra=needs(service.RUN),
    responses=responses(*WRITES, ReleaseTooLarge, SamePerson),
)
def release_pledge(tx: WriteTx, actor: CurrentActor, pledge_id: PledgePath, key: IdempotencyKey) -> Response:
    """An operator who did not register it gives the amount back after reading the creditor's letter."""
    return _once(
        tx,
        actor,
        f"release_pledge {pledge_id}",
        key,
        {},
        lambda: service.release_pledge(tx, actor, business_now(tx), pledge_id=pledge_id),
    )


@router.post(
    "/pledges/{pledge_id}:refuse-release",
    response_model=PledgeView,
    openapi_extra=needs(service.RUN),
    responses=responses(*WRITES),
)
def refuse_pledge_release(
    tx: WriteTx, actor: CurrentActor, pledge_id: PledgePath, body: PledgeRefusal, key: IdempotencyKey
) -> Response:
    """An operator does not take a letter of release; the pledge stands on."""
    return _once(
        tx,
        actor,
        f"refuse_pledge_release {pledge_id}",
        key,
        body,
        lambda: service.refuse_release(
            tx, actor, business_now(tx), pledge_id=pledge_id, reason=body.reason, note=body.note
        ),
    )


def _once(
    tx: Tx,
    actor: CurrentActor,
    operation: str,
    key: str,
    body: StrictModel | dict[str, object],
    work: Callable[[], service.PledgeRow],
) -> Response:
    return once(tx, actor, operation, key, body, lambda: PledgeView.of(work())).response()
