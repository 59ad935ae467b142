"""Class and suitability records, and owners."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, ApprovalPending
from exchange.access.schemas import ApprovalView
from exchange.core.errors import RulesBroken
from exchange.core.ids import id_pattern
from exchange.infra.clock import business_now
from exchange.parties import service
from exchange.parties.api.organisations import OrganisationPath
from exchange.parties.errors import DeemedInvalid, OrganisationNotFound, OwnItself, RecordDates, ShareTooLarge
from exchange.parties.schemas import (
    BeneficialOwnerView,
    InvestorClassList,
    InvestorClassView,
    OwnershipView,
    OwnersView,
    ProposeClass,
    ProposeSuitability,
    RecordOwner,
    SuitabilityList,
    SuitabilityView,
)
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.numbers import ratio_ppm, ratio_text
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses

router = APIRouter(tags=["participants"])

OwnershipPath = Annotated[str, Path(pattern=f"^{id_pattern('ownership')}$")]


@router.get(
    "/participants/{organisation_id}/classes",
    operation_id="list_classes",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, OrganisationNotFound),
)
def list_classes(tx: ReadTx, actor: CurrentActor, organisation_id: OrganisationPath) -> InvestorClassList:
    """Class records, newest first."""
    rows = service.classes_of(tx, actor, organisation_id)
    return InvestorClassList(items=[InvestorClassView.of(row) for row in rows])


@router.post(
    "/participants/{organisation_id}/classes",
    operation_id="propose_class",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, OrganisationNotFound, RecordDates, ApprovalPending),
)
def propose_class(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: OrganisationPath, body: ProposeClass
) -> Response:
    """Enter a class with its evidence; a second operator approves it."""

    def work() -> ApprovalView:
        proof = service.ClassProof(**body.model_dump())
        return ApprovalView.of(service.propose_class(tx, actor, business_now(tx), organisation_id, proof))

    return once(tx, actor, f"propose_class {organisation_id}", key, body, work, status_code=202).response()


@router.get(
    "/participants/{organisation_id}/suitability",
    operation_id="list_suitability",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, OrganisationNotFound),
)
def list_suitability(tx: ReadTx, actor: CurrentActor, organisation_id: OrganisationPath) -> SuitabilityList:
    """Suitability records, newest first."""
    rows = service.suitability_of(tx, actor, organisation_id)
    return SuitabilityList(items=[SuitabilityView.of(row) for row in rows])


@router.post(
    "/participants/{organisation_id}/suitability",
    operation_id="propose_suitability",
    status_code=202,
    response_model=ApprovalView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, OrganisationNotFound, RecordDates, DeemedInvalid, RulesBroken, ApprovalPending),
)
def propose_suitability(
    tx: WriteTx,
    actor: CurrentActor,
    key: IdempotencyKey,
    organisation_id: OrganisationPath,
    body: ProposeSuitability,
) -> Response:
    """Enter what an investor's documents show; a second operator approves it."""

    def work() -> ApprovalView:
        asked = service.propose_suitability(tx, actor, business_now(tx), organisation_id, body.proof())
        return ApprovalView.of(asked)

    return once(tx, actor, f"propose_suitability {organisation_id}", key, body, work, status_code=202).response()


@router.get(
    "/participants/{organisation_id}/owners",
    operation_id="list_owners",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, OrganisationNotFound),
)
def list_owners(tx: ReadTx, actor: CurrentActor, organisation_id: OrganisationPath) -> OwnersView:
    """Direct owners, and the beneficial owners at 25 % or more through all chains."""
    now = business_now(tx)
    direct = service.owners_of(tx, actor, now, organisation_id)
    beneficial = service.beneficial_owners_of(tx, actor, now, organisation_id)
    return OwnersView(
        direct=[OwnershipView.of(row) for row in direct],
        beneficial=[
            BeneficialOwnerView(owner_id=owner.owner_id, share=ratio_text(owner.share_ppm)) for owner in beneficial
        ],
    )


@router.post(
    "/participants/{organisation_id}/owners",
    operation_id="record_owner",
    status_code=201,
    response_model=OwnershipView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, OrganisationNotFound, OwnItself, RecordDates, ShareTooLarge),
)
def record_owner(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, organisation_id: OrganisationPath, body: RecordOwner
) -> Response:
    """Record an owner with its evidence; groups of related parties follow at once."""

    def work() -> OwnershipView:
        proof = service.OwnershipProof(share_ppm=ratio_ppm(body.share), **body.model_dump(exclude={"share"}))
        return OwnershipView.of(service.record_owner(tx, actor, business_now(tx), organisation_id, proof))

    return once(tx, actor, f"record_owner {organisation_id}", key, body, work, status_code=201).response()


@router.post(
    "/participants/{organisation_id}/owners/{ownership_id}:end",
    operation_id="end_ownership",
    response_model=OwnershipView,
    openapi_extra=needs("parties:write"),
    responses=responses(*REFUSALS, OrganisationNotFound),
)
def end_ownership(
    tx: WriteTx,
    actor: CurrentActor,
    key: IdempotencyKey,
    organisation_id: OrganisationPath,
    ownership_id: OwnershipPath,
) -> Response:
    """An owner holds no longer, from today."""

    def work() -> OwnershipView:
        now = business_now(tx)
        return OwnershipView.of(service.end_ownership(tx, actor, now, organisation_id, ownership_id))

    return once(tx, actor, f"end_ownership {ownership_id}", key, {}, work).response()
