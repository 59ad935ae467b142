"""The valuation of a listing: the newest panel of its fund, in money for the amount on offer."""

from fastapi import APIRouter

from exchange.access.api import CurrentActor
from exchange.infra.clock import business_now
from exchange.listings.api.listings import READ, ListingPath
from exchange.listings.schemas.valuation import (
    AmountOpinionView,
    AskView,
    ListingValuationView,
    StateFloorView,
)
from exchange.listings.service.valuations import ListingValuation, valuation_of_listing
from exchange.rest.deps import ReadTx
from exchange.rest.numbers import MoneyView, ratio_text
from exchange.rest.permissions import needs
from exchange.rest.problems import responses
from exchange.valuation.errors import ValuationNotFound
from exchange.valuation.panel.opinion import Opinion
from exchange.valuation.schemas.panel import PanelView

router = APIRouter(tags=["listings"])


@router.get(
    "/listings/{listing_id}/valuation",
    operation_id="get_listing_valuation",
    openapi_extra=needs("valuations:read"),
    responses=responses(*READ, ValuationNotFound),
)
def get_listing_valuation(tx: ReadTx, actor: CurrentActor, listing_id: ListingPath) -> ListingValuationView:
    """Every model's range for the amount on offer, beside the ask, the seller's floor and the filed appraisal."""
    found = valuation_of_listing(tx, actor, business_now(tx), listing_id=listing_id)
    row, currency = found.listed.row, found.panel.currency
    floor = found.state_floor
    result = found.valuation.result
    return ListingValuationView(
        listing_id=row.id,
        fund_id=row.fund_id,
        valuation_id=found.valuation.row.id,
        computed_at=None if result is None else result.computed_at,
        amount=MoneyView.of(row.amount_minor, currency),
        opinions=[_opinion(found, opinion) for opinion in found.panel.opinions],
        ask=_ask(found, row.price_ppm),
        floor=_ask(found, row.floor_price_ppm),
        state_floor=None
        if floor is None
        else StateFloorView(
            value=MoneyView.of(floor.minor, currency),
            appraisal_id=floor.appraisal_id,
            filing_number=floor.filing_number,
            valid_until=floor.valid_until,
        ),
        state_floor_missing=row.seller_is_state_owned and floor is None,
        panel=PanelView.of(found.panel),
    )


def _opinion(found: ListingValuation, opinion: Opinion) -> AmountOpinionView:
    low, point, high = (
        None if minor is None else found.share_minor(minor)
        for minor in (opinion.low_minor, opinion.point_minor, opinion.high_minor)
    )
    return AmountOpinionView.of(opinion, (low, point, high), found.panel.currency)


def _ask(found: ListingValuation, price_ppm: int) -> AskView:
    row = found.listed.row
    return AskView(
        price=ratio_text(price_ppm),
        value=MoneyView.of(found.basis.value_minor(row.amount_minor, price_ppm), found.panel.currency),
        nav_as_of=found.listed.nav.as_of,
    )
