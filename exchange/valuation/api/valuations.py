"""Routes of valuations: ask, read, prove, weigh, the note, the list of models."""

from dataclasses import replace
from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor
from exchange.core.errors import FieldError
from exchange.funds.errors import FundNotFound
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.infra.typesetting import FontMissing
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook import service as rulebook
from exchange.valuation.api.refusals import COMMAND, READ, FundFilter, ValuationPath
from exchange.valuation.catalogue import MODELS
from exchange.valuation.errors import ValuationInvalid, ValuationNotComputed, ValuationNotFound, WeightsInvalid
from exchange.valuation.panel.canonical import to_json
from exchange.valuation.schemas.valuations import (
    EnterWeights,
    HashesView,
    InputsView,
    Models,
    ModelView,
    RequestValuation,
    SensitivityView,
    ValuationNoteView,
    ValuationView,
    VerificationView,
    WeightSets,
    WeightSetView,
)
from exchange.valuation.service import valuations as service
from exchange.valuation.service import weights
from exchange.valuation.service.note import note_pdf, note_subject
from exchange.valuation.service.subjects import Subject, subject_of_listing
from exchange.valuation.service.valuations import Valuation

router = APIRouter()


@router.post(
    "/valuations",
    operation_id="request_valuation",
    status_code=202,
    openapi_extra=needs("valuations:run"),
    response_model=ValuationView,
    responses=responses(*COMMAND, ValuationInvalid, FundNotFound),
)
def request_valuation(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, body: RequestValuation) -> JSONResponse:
    """Ask for a valuation of a fund or of a listing's fund; the worker computes it. `Location` says where to look."""
    now = business_now(tx)

    def work() -> ValuationView:
        subject = _subject(tx, actor, body)
        return _view(service.request(tx, actor, now, subject=subject, valued_on=body.valued_on))

    answer = once(tx, actor, "request_valuation", key, body, work, status_code=202)
    response = answer.response()
    response.headers["Location"] = f"/api/v1/valuations/{answer.body['id']}"
    return response


@router.get(
    "/valuations",
    operation_id="list_valuations",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, CursorInvalid, FundNotFound),
)
def list_valuations(
    tx: ReadTx, actor: CurrentActor, page: PageQuery, fund_id: FundFilter = None
) -> Page[ValuationView]:
    """Valuations, newest first, without their panels."""
    scope = f"valuations:{fund_id}"
    key = page.after(scope)
    found = service.valuations_of(tx, actor, fund_id=fund_id, before=str(key[0]) if key else None, limit=page.limit + 1)
    return page_of(found, page, scope, lambda item: [item.row.id], _view)


@router.get(
    "/valuations/{valuation_id}",
    operation_id="get_valuation",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound),
)
def get_valuation(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath) -> ValuationView:
    """One valuation: every model with its range, or why it has none."""
    return _view(service.valuation_of(tx, actor, valuation_id))


@router.get(
    "/valuations/{valuation_id}/inputs",
    operation_id="get_valuation_inputs",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound, ValuationNotComputed),
)
def get_valuation_inputs(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath) -> InputsView:
    """Exactly what a valuation was made from, so that anybody can compute it again."""
    result, facts, assumptions = service.inputs_kept(tx, actor, valuation_id)
    return InputsView(
        valuation_id=valuation_id,
        hashes=HashesView.of(result),
        facts=to_json(facts),
        assumptions=to_json(assumptions),
    )


@router.get(
    "/valuations/{valuation_id}/sensitivity",
    operation_id="get_valuation_sensitivity",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound, ValuationNotComputed),
)
def get_valuation_sensitivity(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath) -> SensitivityView:
    """How the discounted price moves with the buyer's target return and with later exits."""
    return SensitivityView.of(valuation_id, service.sensitivity_of(tx, actor, valuation_id))


@router.post(
    "/valuations/{valuation_id}:verify",
    operation_id="verify_valuation",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound, ValuationNotComputed),
)
def verify_valuation(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath) -> VerificationView:
    """Compute the kept inputs again and say whether the same bytes come out. Changes nothing."""
    found = service.verify(tx, actor, valuation_id=valuation_id)
    return VerificationView(
        valuation_id=found.valuation_id,
        agrees=found.agrees,
        kept_hash=found.kept_hash,
        recomputed_hash=found.recomputed_hash,
        kept_version=found.kept_version,
        present_version=found.present_version,
    )


@router.post(
    "/valuations/{valuation_id}/weights",
    operation_id="enter_valuation_weights",
    status_code=201,
    openapi_extra=needs("valuations:run"),
    response_model=WeightSetView,
    responses=responses(*COMMAND, ValuationNotFound, ValuationNotComputed, WeightsInvalid),
)
def enter_valuation_weights(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, valuation_id: ValuationPath, body: EnterWeights
) -> JSONResponse:
    """Enter the caller's own weights with the reason; answers with the figure they make, beside the range."""
    now = business_now(tx)

    def work() -> WeightSetView:
        row = weights.add_weights(tx, actor, now, valuation_id=valuation_id, weights=body.values(), reason=body.reason)
        return WeightSetView.of(row, service.valuation_of(tx, actor, valuation_id).fund.currency)

    return once(tx, actor, f"enter_valuation_weights {valuation_id}", key, body, work, status_code=201).response()


@router.get(
    "/valuations/{valuation_id}/weights",
    operation_id="list_valuation_weights",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound),
)
def list_valuation_weights(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath) -> WeightSets:
    """Operators' weights and those of the caller's organisation, newest first."""
    currency = service.valuation_of(tx, actor, valuation_id).fund.currency
    rows = weights.weights_of(tx, actor, valuation_id=valuation_id)
    return WeightSets(items=[WeightSetView.of(row, currency) for row in rows])


@router.get(
    "/valuations/{valuation_id}/note.pdf",
    operation_id="download_valuation_note",
    openapi_extra=needs("valuations:read"),
    response_class=Response,
    responses=responses(*READ, ValuationNotFound, ValuationNotComputed, FontMissing)
    | {200: {"content": {"application/pdf": {}}}},
)
def download_valuation_note(
    tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath, language: Literal["zh", "en"] = "zh"
) -> Response:
    """The valuation note as PDF/A; the same valuation gives the same bytes."""
    subject = note_subject(tx, actor, valuation_id, language)
    name = f"valuation-note-{subject.fund_code}-{subject.panel.valued_on.isoformat()}.pdf"
    headers = {
        "Content-Disposition": f"attachment; filename=\"valuation-note.pdf\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(note_pdf(subject, language), media_type="application/pdf", headers=headers)


@router.get(
    "/valuations/{valuation_id}/note",
    operation_id="get_valuation_note",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound, ValuationNotComputed),
)
def get_valuation_note(tx: ReadTx, actor: CurrentActor, valuation_id: ValuationPath) -> ValuationNoteView:
    """The valuation note (checklist item X01): inputs, range, disagreement and hashes; indicative."""
    found, result, panel = service.computed_valuation(tx, actor, valuation_id)
    rules = rulebook.profile(found.row.profile, found.row.valued_on)
    return ValuationNoteView.of(
        found.row,
        found.fund,
        result,
        panel,
        weights.weights_of(tx, actor, valuation_id=valuation_id),
        valid_days=rules.valuation_note_valid_days.value,
    )


@router.get(
    "/valuation-models",
    operation_id="list_valuation_models",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ),
)
def list_valuation_models(actor: CurrentActor) -> Models:
    """The models of the panel: which number each gives, what it needs, and its source."""
    actor.require("valuations:read")
    return Models(items=[ModelView.of(model) for model in MODELS])


def _subject(tx: Tx, actor: Actor, body: RequestValuation) -> Subject:
    if (body.fund_id is None) == (body.listing_id is None):
        raise ValuationInvalid(fields=(FieldError("/fund_id", "FUND_OR_LISTING"),))
    if body.listing_id is not None:
        subject = subject_of_listing(tx, actor, body.listing_id)
        return replace(subject, lock_up_days=body.lock_up_days)
    return Subject(body.fund_id or "", lock_up_days=body.lock_up_days)


def _view(found: Valuation) -> ValuationView:
    return ValuationView.of(found.row, found.fund, found.result, found.panel)
