"""Routes of certificates of holdings."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.core.ids import id_pattern
from exchange.custody.api.holdings import HoldingPath
from exchange.custody.api.pledges import READS, WRITES
from exchange.custody.errors import CertificateNotFound, HoldingNotFound
from exchange.custody.schemas.pledges import CertificateView
from exchange.custody.service import certificates as service
from exchange.infra.clock import business_now
from exchange.infra.files import FileStoreUnavailable, StoredBytesDamaged
from exchange.infra.typesetting import FontMissing
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["holdings"])

CertificatePath = Annotated[str, Path(pattern=f"^{id_pattern('certificate')}$")]


@router.post(
    "/holdings/{holding_id}/certificates",
    status_code=201,
    response_model=CertificateView,
    openapi_extra=needs("holdings:read"),
    responses=responses(*WRITES, HoldingNotFound, FontMissing, FileStoreUnavailable),
)
def issue_certificate(tx: WriteTx, actor: CurrentActor, holding_id: HoldingPath, key: IdempotencyKey) -> Response:
    """A certificate of a holding as it stands, as PDF/A; the same standing gives the one issued before."""

    def work() -> CertificateView:
        row = service.issue_certificate(tx, actor, business_now(tx), holding_id=holding_id)
        return CertificateView.of(row, is_current=True)

    return once(tx, actor, f"issue_certificate {holding_id}", key, {}, work, status_code=201).response()


@router.get(
    "/certificates/{certificate_id}",
    openapi_extra=needs("holdings:read"),
    responses=responses(*READS, CertificateNotFound),
)
def get_certificate(tx: ReadTx, actor: CurrentActor, certificate_id: CertificatePath) -> CertificateView:
    """What a certificate says, and whether the holding still stands so."""
    row, is_current = service.certificate_of(tx, actor, certificate_id)
    return CertificateView.of(row, is_current=is_current)


@router.get(
    "/certificates/{certificate_id}.pdf",
    response_class=Response,
    openapi_extra=needs("holdings:read"),
    responses=responses(*READS, CertificateNotFound, FileStoreUnavailable, StoredBytesDamaged)
    | {200: {"content": {"application/pdf": {}}}},
)
def get_certificate_pdf(tx: ReadTx, actor: CurrentActor, certificate_id: CertificatePath) -> Response:
    """The PDF/A as it was issued."""
    row, content = service.certificate_file(tx, actor, certificate_id)
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{row.id}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)
