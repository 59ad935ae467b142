"""The operators' review of submitted listings: publish or return."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from exchange.access.service.users import user_of
from exchange.core.clock import market_date
from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, new_id
from exchange.core.money import Money
from exchange.diligence.gate import Gate
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.service import ListedInterest, ListingFilter
from exchange.rest.permissions import needs
from exchange.rulebook.service import is_provisional
from exchange.web.commands import demand_version, reason_or, run_once
from exchange.web.diligence_page import acceptable_of, missing_before
from exchange.web.explain import failing
from exchange.web.lines import all_listings, is_stale
from exchange.web.models import ReviewLine
from exchange.web.names import organisation_names
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
Key = Annotated[str, Form(max_length=128)]


@router.get("/review", openapi_extra=needs("listings:review"))
def review(visit: ReadVisit) -> Response:
    """Submitted listings, the longest waiting first."""
    return visit.page(
        "review.html", lines=review_lines(visit), message=visit.message(), idempotency_key=new_id("request")
    )


def review_lines(visit: Visit) -> list[ReviewLine]:
    """What waits for a decision, with every rule a listing breaks now."""
    found = all_listings(visit.tx, visit.actor, ListingFilter(status=ListingStatus.SUBMITTED))
    sellers = organisation_names(visit.tx, sorted({item.row.seller_organisation_id for item in found}), visit.language)
    people = {key: user_of(visit.tx, visit.actor, key).name for key in {item.row.entered_by for item in found}}
    lines = [_line(visit, item, sellers, people) for item in found]
    return sorted(lines, key=lambda line: line.submitted_at or visit.now)


def _line(visit: Visit, item: ListedInterest, sellers: dict[str, str], people: dict[str, str]) -> ReviewLine:
    row, currency = item.row, item.fund.currency
    due = listings.review_due_at(visit.tx, row)
    own = visit.actor.user_id == row.entered_by or item.is_own
    gates = listings.gates_of(visit.tx, visit.actor, visit.now, listing_id=row.id)
    broken = next((gate.breaches for gate in gates if gate.name == "review"), ())
    return ReviewLine(
        listing_id=row.id,
        fund_name=item.fund.name,
        fund_code=item.fund.code,
        seller=sellers.get(row.seller_organisation_id, ""),
        seller_class="state_owned" if row.seller_is_state_owned else "market",
        entered_by=people.get(row.entered_by, ""),
        amount=Money(row.amount_minor, currency),
        price_ppm=row.price_ppm,
        floor_ppm=row.floor_price_ppm,
        mode=row.mode.value,
        policy=row.policy.value,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        submitted_at=row.submitted_at,
        nav_as_of=item.nav.as_of,
        nav_is_stale=is_stale(item.nav.as_of, market_date(visit.now)),
        status=row.status.value,
        version=row.version,
        may_decide=not own,
        failing=failing(broken, visit.f),
        due_at=due,
        is_overdue=due is not None and visit.now >= due,
        is_provisional=is_provisional(visit.tx, due),
        missing=tuple(missing_before(visit, row.id, Gate.LIST_PUBLISH)),
        acceptable=acceptable_of(visit, row.id),
    )


@router.post("/review/{listing_id}/approve", openapi_extra=needs("listings:review"))
def approve(
    visit: FormVisit, listing_id: ListingPath, idempotency_key: Key = "", version: Annotated[int, Form()] = 0
) -> Response:
    """Publish a listing in the version the page showed; its book opens."""

    def work() -> None:
        demand_version(version, listings.lock_listing(visit.tx, listing_id).version)
        listings.publish(visit.tx, visit.actor, visit.now, listing_id=listing_id)

    run_once(visit, f"approve {listing_id}", idempotency_key, {"version": version}, work)
    return see_other("/review", done="review.approved_message")


@router.post("/review/{listing_id}/return", openapi_extra=needs("listings:review"))
def give_back(
    visit: FormVisit,
    listing_id: ListingPath,
    idempotency_key: Key = "",
    version: Annotated[int, Form()] = 0,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Give a listing back for correction."""
    why = reason_or(reason, Invalid)

    def work() -> None:
        demand_version(version, listings.lock_listing(visit.tx, listing_id).version)
        listings.return_listing(visit.tx, visit.actor, visit.now, listing_id=listing_id, reason=why)

    run_once(visit, f"return {listing_id}", idempotency_key, {"version": version, "reason": why}, work)
    return see_other("/review", done="review.returned_message")
