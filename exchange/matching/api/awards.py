"""Routes of awards: read, accept, refuse, take under a match right."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor
from exchange.core.errors import IllegalTransition
from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.core.quantity import price_text
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.ledger.errors import FundsNotCovered
from exchange.listings.errors import ListingNotFound
from exchange.matching.api.proposals import DECISIONS, READS
from exchange.matching.refusals import AwardNotFound, NoMatchRight
from exchange.matching.schemas.matching import AwardLine, AwardView, OfferView, Reason, TakeMatchRight
from exchange.matching.service import awards as service
from exchange.matching.tables import AwardRow
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.etags import etag
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.numbers import MoneyView
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["awards"])

AwardPath = Annotated[str, Path(pattern=f"^{id_pattern('award')}$")]
ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
READ = needs("proposals:read", "proposals:read_all")


@router.get("/awards/{award_id}", openapi_extra=READ, responses=responses(*READS, AwardNotFound))
def get_award(tx: ReadTx, actor: CurrentActor, award_id: AwardPath, response: Response) -> AwardView:
    """An award, for its seller, its bidders, operators and auditors."""
    row = service.award_of(tx, actor, award_id)
    response.headers["ETag"] = etag(row.version)
    return view_of(tx, row, actor)


@router.get(
    "/listings/{listing_id}/award", openapi_extra=READ, responses=responses(*READS, AwardNotFound, ListingNotFound)
)
def get_listing_award(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath) -> AwardView:
    """The award of a listing's auction."""
    return view_of(tx, service.award_of_listing(tx, actor, listing_id), actor)


@router.post(
    "/awards/{award_id}:accept",
    response_model=AwardView,
    openapi_extra=needs("proposals:decide"),
    responses=responses(*DECISIONS, AwardNotFound, IllegalTransition),
)
def accept_award(tx: WriteTx, actor: CurrentActor, award_id: AwardPath, key: IdempotencyKey) -> Response:
    """The seller's yes to every proposal of the award."""
    return once(
        tx,
        actor,
        f"accept_award {award_id}",
        key,
        {},
        lambda: view_of(tx, service.accept(tx, actor, business_now(tx), award_id=award_id), actor),
    ).response()


@router.post(
    "/awards/{award_id}:refuse",
    response_model=AwardView,
    openapi_extra=needs("proposals:decide"),
    responses=responses(*DECISIONS, AwardNotFound, IllegalTransition),
)
def refuse_award(tx: WriteTx, actor: CurrentActor, award_id: AwardPath, body: Reason, key: IdempotencyKey) -> Response:
    """A private seller's no: the listing ends and every bid is released. A state-owned seller may not (R-42)."""
    return once(
        tx,
        actor,
        f"refuse_award {award_id}",
        key,
        body,
        lambda: view_of(tx, service.refuse(tx, actor, business_now(tx), award_id=award_id, reason=body.reason), actor),
    ).response()


@router.post(
    "/awards/{award_id}:take",
    response_model=AwardView,
    openapi_extra=needs("orders:write"),
    responses=responses(*DECISIONS, AwardNotFound, NoMatchRight, FundsNotCovered),
)
def take_match_right(
    tx: WriteTx, actor: CurrentActor, award_id: AwardPath, body: TakeMatchRight, key: IdempotencyKey
) -> Response:
    """Take an amount at the best price while the right lasts: guidance funds, or partners who match the best price."""

    def work() -> AwardView:
        seen = service.award_of(tx, actor, award_id)
        amount = money_from_text(body.amount, seen.currency).minor
        row = service.take(tx, actor, business_now(tx), award_id=award_id, order_id=body.order_id, amount_minor=amount)
        return view_of(tx, row, actor)

    return once(tx, actor, f"take_match_right {award_id}", key, body, work).response()


def view_of(tx: Tx, row: AwardRow, actor: Actor) -> AwardView:
    """An award for the wire; the proof only for the seller, operators and auditors."""
    currency, proof = row.currency, row.proof
    sees_all = actor.sees_everything or service.is_seller(tx, row, actor)

    def lines(fills: list[dict[str, Any]]) -> list[AwardLine]:
        return [
            AwardLine(
                order_id=fill["bid_id"],
                price=price_text(fill["price_ppm"]),
                amount=MoneyView.of(fill["amount_minor"], currency),
                by_match_right=fill["by_match_right"],
                own=fill["holder"] == actor.organisation_id,
            )
            for fill in fills
        ]

    clearing = proof["clearing_price_ppm"]
    return AwardView(
        id=row.id,
        listing_id=row.listing_id,
        book_id=row.book_id,
        status=row.status,
        policy=row.policy,
        supply=MoneyView.of(proof["supply_minor"], currency),
        sold=MoneyView.of(proof["supply_minor"] - proof["unsold_minor"], currency),
        clearing_price=price_text(clearing) if clearing is not None else None,
        priority_cost=MoneyView.of(row.priority_cost_minor, currency),
        fills=lines(proof["fills"]),
        counterfactual=lines(proof["counterfactual"]["fills"]),
        offers=[
            OfferView(
                order_id=offer.bid_id,
                price=price_text(offer.price_ppm),
                at_least=MoneyView.of(offer.at_least_minor, currency),
                up_to=MoneyView.of(offer.up_to_minor, currency),
            )
            for offer in service.offers_for(row, actor.organisation_id)
        ],
        proof_hash=row.proof_hash,
        proof=proof if sees_all else None,
        created_at=row.created_at,
        version=row.version,
    )
