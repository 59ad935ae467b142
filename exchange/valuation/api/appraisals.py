"""Routes of independent appraisals."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.access.errors import SamePerson
from exchange.funds import service as funds
from exchange.funds.errors import FundNotFound
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.errors import ProfileUnknown
from exchange.valuation.api.refusals import COMMAND, READ, AppraisalPath, FundFilter
from exchange.valuation.errors import AppraisalExpired, AppraisalFiled, AppraisalInvalid, AppraisalNotFound
from exchange.valuation.schemas.appraisals import AppraisalView, FileAppraisal, RecordAppraisal
from exchange.valuation.service import appraisals as service

router = APIRouter()


@router.post(
    "/appraisals",
    operation_id="record_appraisal",
    status_code=201,
    openapi_extra=needs("appraisals:write"),
    response_model=AppraisalView,
    responses=responses(*COMMAND, FundNotFound, ProfileUnknown, AppraisalInvalid),
)
def record_appraisal(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: RecordAppraisal) -> JSONResponse:
    """Enter an independent appraisal report; an adviser or an operator."""
    now = business_now(tx)

    def work() -> AppraisalView:
        currency = funds.fund_of(tx, actor, body.fund_id).currency
        found = service.record_appraisal(tx, actor, now, appraisal=body.appraisal(currency))
        return AppraisalView.of(found.row, found.filing, currency)

    return once(tx, actor, "record_appraisal", key, body, work, status_code=201).response()


@router.get(
    "/appraisals",
    operation_id="list_appraisals",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, CursorInvalid),
)
def list_appraisals(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, fund_id: FundFilter = None
) -> Page[AppraisalView]:
    """Filed appraisals, and unfiled ones of the caller's organisation, newest first."""
    scope = f"appraisals:{fund_id}"
    key = page.after(scope)
    before = str(key[0]) if key else None
    found = service.appraisals_of(tx, actor, fund_id=fund_id, before=before, limit=page.limit + 1)
    known = funds.funds_by_id(tx, sorted({item.row.fund_id for item in found}))
    return page_of(
        found,
        page,
        scope,
        lambda item: [item.row.id],
        lambda item: AppraisalView.of(item.row, item.filing, known[item.row.fund_id].currency),
    )


@router.get(
    "/appraisals/{appraisal_id}",
    operation_id="get_appraisal",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, AppraisalNotFound),
)
def get_appraisal(tx: ReadTx, actor: CurrentActor, appraisal_id: AppraisalPath) -> AppraisalView:
    """One appraisal the caller may see."""
    found = service.appraisal_of(tx, actor, appraisal_id)
    return AppraisalView.of(found.row, found.filing, funds.fund_facts(tx, found.row.fund_id).currency)


@router.post(
    "/appraisals/{appraisal_id}:file",
    operation_id="file_appraisal",
    openapi_extra=needs("appraisals:file"),
    response_model=AppraisalView,
    responses=responses(*COMMAND, AppraisalNotFound, AppraisalFiled, AppraisalExpired, AppraisalInvalid, SamePerson),
)
def file_appraisal(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, appraisal_id: AppraisalPath, body: FileAppraisal
) -> JSONResponse:
    """Record that an appraisal was approved or filed; an operator who did not enter it."""
    now = business_now(tx)

    def work() -> AppraisalView:
        found = service.file_appraisal(
            tx, actor, now, appraisal_id=appraisal_id, filing_number=body.filing_number, filed_on=body.filed_on
        )
        return AppraisalView.of(found.row, found.filing, funds.fund_facts(tx, found.row.fund_id).currency)

    return once(tx, actor, f"file_appraisal {appraisal_id}", key, body, work).response()
