"""Routes of agreements: generate, read, sign."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.core.ids import id_pattern
from exchange.diligence.errors import ChecklistNotFound, GateBlocked
from exchange.infra.clock import business_now
from exchange.infra.signing import SignerNotConfigured
from exchange.infra.typesetting import FontMissing
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.settlement.api.closing import WRITES
from exchange.settlement.api.deals import READS, DealPath
from exchange.settlement.errors import AgreementNotFound, AgreementOutdated, AlreadySigned, DealNotFound
from exchange.settlement.schemas.agreements import AgreementsView, AgreementView
from exchange.settlement.service import agreements as service

router = APIRouter(prefix="/api/v1", tags=["deals"])

AgreementPath = Annotated[str, Path(pattern=f"^{id_pattern('agreement')}$")]


@router.get("/deals/{deal_id}/agreements", openapi_extra=needs("deals:read"), responses=responses(*READS, DealNotFound))
def list_agreements(tx: ReadTx, actor: CurrentActor, deal_id: DealPath) -> AgreementsView:
    """The versions of a deal's agreement with their signatures."""
    return AgreementsView(items=[_view(found) for found in service.agreements_of(tx, actor, deal_id=deal_id)])


@router.post(
    "/deals/{deal_id}/agreements",
    status_code=201,
    response_model=AgreementView,
    openapi_extra=needs("deals:act", "deals:run"),
    responses=responses(*WRITES, FontMissing),
)
def generate_agreement(tx: WriteTx, actor: CurrentActor, deal_id: DealPath, key: IdempotencyKey) -> Response:
    """Make the next version from register data: names and amounts are never typed."""

    def work() -> AgreementView:
        return _view(service.generate(tx, actor, business_now(tx), deal_id=deal_id))

    return once(tx, actor, f"generate_agreement {deal_id}", key, {}, work, status_code=201).response()


@router.post(
    "/agreements/{agreement_id}:sign",
    response_model=AgreementView,
    openapi_extra=needs("deals:act"),
    responses=responses(
        *WRITES,
        *(AgreementNotFound, AgreementOutdated, AlreadySigned, GateBlocked, ChecklistNotFound, SignerNotConfigured),
    ),
)
def sign_agreement(tx: WriteTx, actor: CurrentActor, agreement_id: AgreementPath, key: IdempotencyKey) -> Response:
    """Sign the newest version for one's own side; with seller, buyer and manager the deal is signed."""

    def work() -> AgreementView:
        return _view(service.sign(tx, actor, business_now(tx), agreement_id=agreement_id))

    return once(tx, actor, f"sign_agreement {agreement_id}", key, {}, work).response()


@router.get(
    "/agreements/{agreement_id}.pdf",
    response_class=Response,
    openapi_extra=needs("deals:read"),
    responses=responses(*READS, DealNotFound, AgreementNotFound) | {200: {"content": {"application/pdf": {}}}},
)
def get_agreement_pdf(tx: ReadTx, actor: CurrentActor, agreement_id: AgreementPath) -> Response:
    """The PDF/A of a version with its signatures inside."""
    content = service.content_of(tx, actor, agreement_id=agreement_id)
    headers = {
        "Content-Disposition": f'attachment; filename="agreement-{agreement_id}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _view(found: service.SeenAgreement) -> AgreementView:
    return AgreementView.of(found.row, found.signatures, is_newest=found.is_newest)
