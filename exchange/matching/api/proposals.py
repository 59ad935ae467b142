"""Routes of proposals: read, confirm, decline."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from exchange.access.actor import Actor
from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.errors import (
    Busy,
    ExchangeError,
    Forbidden,
    IllegalTransition,
    Invalid,
    RulesBroken,
    Unauthenticated,
)
from exchange.core.ids import id_pattern
from exchange.core.quantity import price_text
from exchange.diligence.errors import GateBlocked
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.matching.lifecycle import ProposalStatus
from exchange.matching.refusals import ProposalLapsed, ProposalNotFound
from exchange.matching.schemas.matching import ComparisonView, FillLine, ProposalView, Reason
from exchange.matching.service import proposals as service
from exchange.matching.tables import ProposalRow
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
from exchange.rest.numbers import MoneyView
from exchange.rest.paging import CursorInvalid, Page, PageQuery, page_of
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.rulebook.service import is_provisional

router = APIRouter(prefix="/api/v1", tags=["proposals"])

ProposalPath = Annotated[str, Path(pattern=f"^{id_pattern('proposal')}$")]
ListingFilter = Annotated[str | None, Query(pattern=f"^{id_pattern('listing')}$")]

READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)
DECISIONS: tuple[type[ExchangeError], ...] = (
    *(*READS, ProposalNotFound, ProposalLapsed, IllegalTransition, RulesBroken, Busy),
    *(IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyMismatch, MalformedBody, BodyTooLarge),
)


@router.get(
    "/proposals",
    openapi_extra=needs("proposals:read", "proposals:read_all"),
    responses=responses(*READS, CursorInvalid),
)
def list_proposals(
    tx: ReadTx,
    actor: CurrentActor,
    page: PageQuery,
    listing_id: ListingFilter = None,
    status: ProposalStatus | None = None,
) -> Page[ProposalView]:
    """Proposals to the caller's organisation as buyer or seller, newest first; all for operators and auditors."""
    scope = f"proposals:{listing_id}:{status}"
    key = page.after(scope)
    rows = service.proposals_of(
        tx,
        actor,
        listing_id=listing_id,
        status=status,
        before=str(key[0]) if key else None,
        limit=page.limit + 1,
    )
    return page_of(rows, page, scope, lambda row: [row.id], lambda row: view_of(tx, row, actor))


@router.get(
    "/proposals/{proposal_id}",
    openapi_extra=needs("proposals:read", "proposals:read_all"),
    responses=responses(*READS, ProposalNotFound),
)
def get_proposal(tx: ReadTx, actor: CurrentActor, proposal_id: ProposalPath, response: Response) -> ProposalView:
    """A proposal; its seller sees the ranking and what the priority cost or gave before deciding."""
    row = service.proposal_of(tx, actor, proposal_id)
    response.headers["ETag"] = etag(row.version)
    return view_of(tx, row, actor)


@router.post(
    "/proposals/{proposal_id}:confirm",
    response_model=ProposalView,
    openapi_extra=needs("proposals:decide"),
    responses=responses(*DECISIONS, GateBlocked),
)
def confirm_proposal(tx: WriteTx, actor: CurrentActor, proposal_id: ProposalPath, key: IdempotencyKey) -> Response:
    """Say yes for one's own side. With both sides it is a trade."""
    return once(
        tx,
        actor,
        f"confirm_proposal {proposal_id}",
        key,
        {},
        lambda: view_of(tx, service.confirm(tx, actor, business_now(tx), proposal_id=proposal_id), actor),
    ).response()


@router.post(
    "/proposals/{proposal_id}:decline",
    response_model=ProposalView,
    openapi_extra=needs("proposals:decide"),
    responses=responses(*DECISIONS),
)
def decline_proposal(
    tx: WriteTx, actor: CurrentActor, proposal_id: ProposalPath, body: Reason, key: IdempotencyKey
) -> Response:
    """Say no for one's own side; the next in rank is called. A state-owned seller may not (R-42)."""
    return once(
        tx,
        actor,
        f"decline_proposal {proposal_id}",
        key,
        body,
        lambda: view_of(
            tx, service.decline(tx, actor, business_now(tx), proposal_id=proposal_id, reason=body.reason), actor
        ),
    ).response()


def view_of(tx: Tx, row: ProposalRow, actor: Actor) -> ProposalView:
    """A proposal for the wire. The buyer does not see the other bids behind it."""
    is_buyer = actor.organisation_id == row.buyer_organisation_id
    sees_ranking = actor.sees_everything or actor.organisation_id == row.seller_organisation_id
    return ProposalView(
        id=row.id,
        listing_id=row.listing_id,
        book_id=row.book_id,
        fund_id=row.fund_id,
        award_id=row.award_id,
        buy_order_id=row.buy_order_id if sees_ranking or is_buyer else None,
        buyer_organisation_id=row.buyer_organisation_id,
        seller_organisation_id=row.seller_organisation_id,
        rank=row.rank,
        is_backup=row.is_backup,
        price=price_text(row.price_ppm),
        amount=MoneyView.of(row.amount_minor, row.currency),
        value=MoneyView.of(row.money_minor, row.currency),
        policy=row.policy,
        priority_cost=MoneyView.of(row.priority_cost_minor, row.currency) if sees_ranking else None,
        comparison=_comparison(row.counterfactual, row.currency) if sees_ranking else None,
        status=row.status,
        status_reason=row.status_reason,
        status_note=row.status_note,
        seller_confirmed_at=row.seller_confirmed_at,
        buyer_confirmed_at=row.buyer_confirmed_at,
        lapses_at=row.lapses_at,
        lapse_rule=row.lapse_rule,
        lapses_at_is_provisional=is_provisional(tx, row.lapses_at),
        is_simulated=row.is_simulated,
        created_at=row.created_at,
        version=row.version,
    )


def _comparison(stored: dict[str, Any], currency: str) -> ComparisonView:
    def lines(name: str) -> list[FillLine]:
        return [
            FillLine(
                order_id=line["order_id"],
                price=price_text(line["price_ppm"]),
                amount=MoneyView.of(line["amount_minor"], currency),
                value=MoneyView.of(line["money_minor"], currency),
            )
            for line in stored[name]
        ]

    return ComparisonView(
        priority=stored["priority"],
        fills=lines("fills"),
        actual=lines("actual"),
        cost=MoneyView.of(stored["cost_minor"], currency),
    )
