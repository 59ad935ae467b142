"""A listing's page: terms, history, live book, bid ticket."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from exchange.core.ids import id_pattern, new_id
from exchange.core.terms import MatchingMode, TimeInForce
from exchange.matching.lifecycle import BookPhase
from exchange.rest.permissions import needs
from exchange.web.award_page import award_link
from exchange.web.books import Book, book_of, ladder_values
from exchange.web.diligence_page import summary_of
from exchange.web.listing_page import history_values, listing_page
from exchange.web.models import ListingPage, Quote, TicketForm
from exchange.web.routes import PageRoute
from exchange.web.ticket import Ticket, quote_of
from exchange.web.valuation_page import listing_panel
from exchange.web.visit import FormVisit, ReadVisit, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
IMMEDIATE = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)


@router.get("/listings/{listing_id}", openapi_extra=needs("listings:read"))
def show(visit: ReadVisit, listing_id: ListingPath) -> Response:
    """The page with an empty ticket."""
    listing = listing_page(visit, listing_id)
    return listing_response(visit, listing, TicketForm(), Quote())


@router.post("/listings/{listing_id}/edit", openapi_extra=needs("orders:write"))
def edit(visit: FormVisit, listing_id: ListingPath, form: Ticket) -> Response:
    """The page with the ticket as it was typed, back from the review."""
    listing = listing_page(visit, listing_id)
    return listing_response(visit, listing, form, quote_of(visit, listing, form)[0])


@router.post("/listings/{listing_id}/check", openapi_extra=needs("orders:write"))
def check(visit: FormVisit, listing_id: ListingPath, form: Ticket) -> Response:
    """What the ticket means and breaks, while it is typed. Writes nothing."""
    listing = listing_page(visit, listing_id)
    return visit.page("parts/quote.html", listing=listing, quote=quote_of(visit, listing, form)[0])


def listing_response(
    visit: Visit, listing: ListingPage, form: TicketForm, quote: Quote, status_code: int = 200
) -> Response:
    """The whole page around a ticket."""
    book = book_of(visit.tx, visit.actor, listing.line.book_id)
    return visit.page(
        "listing.html",
        status_code=status_code,
        listing=listing,
        form=form,
        quote=quote,
        why_not=why_not(visit, listing),
        award_link=award_link(visit, listing.line.listing_id),
        time_in_force_choices=times_in_force(book),
        diligence=summary_of(visit, listing.line.listing_id),
        valuation=listing_panel(visit, listing),
        valuation_key=new_id("request"),
        **ladder_values(visit, book),
        **history_values(visit, listing),
    )


def why_not(visit: Visit, listing: ListingPage) -> str:
    """The reason why this viewer has no ticket here, empty when there is one."""
    if listing.can_bid:
        return ""
    if listing.is_mine:
        return "own"
    return "not_open" if visit.viewer.may("orders:write") else "not_investor"


def times_in_force(book: Book | None) -> list[str]:
    """The times in force a book takes now: nothing is immediate while it collects."""
    open_now = book is not None and book.phase == BookPhase.OPEN.value and book.mode != MatchingMode.ONE_WAY_AUCTION
    first = TimeInForce.GOOD_TILL_CANCELLED
    rest = [name for name in TimeInForce if name is not first and (open_now or name not in IMMEDIATE)]
    return [first.value, *(name.value for name in rest)]
