"""Why a listing could not be submitted now: every broken rule and every missing paper, without changing anything."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Header

from exchange.access.api import CurrentActor
from exchange.diligence.gate import Gate
from exchange.diligence.schemas.gates import GateVerdictView
from exchange.infra.clock import business_now
from exchange.listings import service
from exchange.listings.api.listings import READ, ListingPath
from exchange.listings.errors import NotListingParty
from exchange.rest.deps import ReadTx
from exchange.rest.model import Instant, ViewModel
from exchange.rest.permissions import needs
from exchange.rest.problems import BreachView, breach_view, responses
from exchange.rest.texts import preferred_language
from exchange.rulebook.verdict import Verdict

router = APIRouter(tags=["listings"])


class ListingCheckView(ViewModel):
    """What stands between a listing and its submission. ``passes_on``: the first date on which no rule is broken."""

    listing_id: str
    checked_at: Instant
    passes: bool
    breaches: list[BreachView]
    passes_on: date | None
    papers: GateVerdictView | None


@router.post(
    "/listings/{listing_id}:check",
    operation_id="check_listing",
    openapi_extra=needs("listings:write", "listings:review"),
    responses=responses(*READ, NotListingParty),
)
def check_listing(
    tx: ReadTx,
    actor: CurrentActor,
    listing_id: ListingPath,
    accept_language: Annotated[str, Header(max_length=200)] = "",
) -> ListingCheckView:
    """All rules and papers a submission would be refused for at this moment, with the numbers behind each."""
    now = business_now(tx)
    breaches, papers = service.check_submission(tx, actor, now, listing_id=listing_id)
    language = preferred_language(accept_language)
    missing = next((verdict for verdict in papers if verdict.gate is Gate.LIST_SUBMIT), None)
    return ListingCheckView(
        listing_id=listing_id,
        checked_at=now,
        passes=not breaches and (missing is None or missing.is_open),
        breaches=[breach_view(breach, language) for breach in breaches],
        passes_on=Verdict(breaches).passes_on,
        papers=GateVerdictView.of(missing) if missing is not None else None,
    )
