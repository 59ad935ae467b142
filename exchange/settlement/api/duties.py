"""Routes of what is due after a transfer and of payment plans: filings, later parts of the price, settling."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from exchange.access.api import CurrentActor
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern
from exchange.diligence.document_errors import DocumentNotFound
from exchange.diligence.errors import ChecklistNotFound, DocumentNotClean, GateBlocked
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.ledger.errors import FundsNotCovered
from exchange.listings.errors import PlanInvalid
from exchange.listings.schemas.payment import PlanBody
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.model import ViewModel
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.settlement.api.closing import WRITES
from exchange.settlement.api.deals import READS, DealPath, view_of
from exchange.settlement.duty_errors import (
    EvidenceNotYours,
    InstalmentNotFound,
    InstalmentsOutOfOrder,
    NotYetSettled,
    ObligationKeptByExchange,
    ObligationNotFound,
    PlanFixed,
)
from exchange.settlement.errors import DealNotFound
from exchange.settlement.obligation import ObligationStatus
from exchange.settlement.schemas.deals import DealView
from exchange.settlement.schemas.duties import Fulfilment, InstalmentView, ObligationView, PlanStatementView
from exchange.settlement.service import obligations, plans, settling
from exchange.settlement.service.reads import deal_of

router = APIRouter(prefix="/api/v1", tags=["deals"])

ObligationPath = Annotated[str, Path(pattern=f"^{id_pattern('obligation')}$")]
InstalmentPath = Annotated[str, Path(pattern=f"^{id_pattern('instalment')}$")]
DealFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('deal')}$")]


class InstalmentsView(ViewModel):
    """The plans stated for a deal, and after its transfer the later parts."""

    deal_id: str
    statements: list[PlanStatementView]
    instalments: list[InstalmentView]


@router.get("/obligations", openapi_extra=needs("deals:read"), responses=responses(*READS, CursorInvalid))
def list_obligations(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    deal_id: DealFilter = None,
    status: ObligationStatus | None = None,
) -> Page[ObligationView]:
    """What is to be filed after transfers, newest first: of the deals the caller follows, or of all."""
    scope = f"obligations:{deal_id}:{status}"
    key = page.after(scope)
    rows = obligations.obligations_of(
        tx, actor, deal_id=deal_id, status=status, before=str(key[0]) if key else None, limit=page.limit + 1
    )
    return page_of(list(rows), page, scope, lambda row: [row.id], ObligationView.of)


@router.post(
    "/obligations/{obligation_id}:fulfil",
    response_model=ObligationView,
    openapi_extra=needs("deals:act"),
    responses=responses(
        *WRITES, ObligationNotFound, ObligationKeptByExchange, EvidenceNotYours, DocumentNotFound, DocumentNotClean
    ),
)
def fulfil_obligation(
    tx: WriteTx, actor: CurrentActor, obligation_id: ObligationPath, body: Fulfilment, key: IdempotencyKey
) -> Response:
    """Hand the evidence of a filing in; with the last one the deal is filed once its transfer is final."""

    def work() -> ObligationView:
        return ObligationView.of(
            obligations.fulfil(tx, actor, business_now(tx), obligation_id=obligation_id, document_id=body.document_id)
        )

    return once(tx, actor, f"fulfil_obligation {obligation_id}", key, body, work).response()


@router.get(
    "/deals/{deal_id}/instalments", openapi_extra=needs("deals:read"), responses=responses(*READS, DealNotFound)
)
def get_instalments(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> InstalmentsView:
    """The payment plans the parties stated, and after the transfer the later parts of the price."""
    return InstalmentsView(
        deal_id=deal_id,
        statements=_statements(tx, actor, deal_id),
        instalments=[InstalmentView.of(row) for row in plans.instalments_of(tx, actor, deal_id)],
    )


@router.post(
    "/deals/{deal_id}/instalments",
    status_code=201,
    response_model=PlanStatementView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, RulesBroken, PlanFixed, PlanInvalid),
)
def state_payment_plan(
    tx: WriteTx, actor: CurrentActor, deal_id: DealPath, body: PlanBody, key: IdempotencyKey
) -> Response:
    """State how the price is to be paid, before signing; it is agreed once buyer and seller have stated the same."""

    def work() -> PlanStatementView:
        row = plans.state_plan(tx, actor, business_now(tx), deal_id=deal_id, plan=body.plan())
        return PlanStatementView.of(row, deal_of(tx, actor, deal_id).plan)

    return once(tx, actor, f"state_payment_plan {deal_id}", key, body, work, status_code=201).response()


@router.post(
    "/instalments/{instalment_id}:pay",
    response_model=InstalmentView,
    openapi_extra=needs("deals:act"),
    responses=responses(*WRITES, InstalmentNotFound, InstalmentsOutOfOrder, FundsNotCovered),
)
def pay_instalment(tx: WriteTx, actor: CurrentActor, instalment_id: InstalmentPath, key: IdempotencyKey) -> Response:
    """Pay a later part of the price with its interest up to today, from the buyer's cash to the seller's."""

    def work() -> InstalmentView:
        return InstalmentView.of(plans.pay(tx, actor, business_now(tx), instalment_id=instalment_id))

    return once(tx, actor, f"pay_instalment {instalment_id}", key, {}, work).response()


@router.post(
    "/deals/{deal_id}:settle",
    response_model=DealView,
    openapi_extra=needs("deals:run"),
    responses=responses(*WRITES, NotYetSettled, GateBlocked, ChecklistNotFound, FundsNotCovered),
)
def settle_deal(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Settle a filed deal by hand, or hear what it still waits for. It settles by itself once nothing is missing."""

    def work() -> DealView:
        return view_of(tx, settling.settle(tx, actor, business_now(tx), deal_id=deal_id))

    return once(tx, actor, f"settle_deal {deal_id}", key, {}, work).response()


def _statements(tx: Tx, actor: CurrentActor, deal_id: str) -> list[PlanStatementView]:
    agreed = deal_of(tx, actor, deal_id).plan
    return [PlanStatementView.of(row, agreed) for row in plans.plan_statements(tx, actor, deal_id)]
