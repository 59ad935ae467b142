"""Commands and queries about listings, one screen a file."""

from exchange.listings.service.amendment import take_back_to_amend
from exchange.listings.service.clocks import review_due_at
from exchange.listings.service.continuing import extend_window, relist
from exchange.listings.service.drafts import create_draft, edit_draft, expire_draft
from exchange.listings.service.first_refusal import partners_called
from exchange.listings.service.progress import (
    advance_listing,
    attach_book,
    detach_book,
    listing_facts,
    lock_listing,
    note_settled,
    release_interest,
)
from exchange.listings.service.reads import (
    Gate,
    ListedInterest,
    check_submission,
    described,
    gates_of,
    gates_seen_by,
    listing_of,
    listings_of,
)
from exchange.listings.service.review import publish, reject, return_listing
from exchange.listings.service.submission import submit, withdraw
from exchange.listings.service.valuations import ListingValuation, valuation_of_listing
from exchange.listings.store import ListingFilter
from exchange.listings.tables import ListingRow

__all__ = [
    "Gate",
    "ListedInterest",
    "ListingFilter",
    "ListingRow",
    "ListingValuation",
    "advance_listing",
    "attach_book",
    "check_submission",
    "create_draft",
    "described",
    "detach_book",
    "edit_draft",
    "expire_draft",
    "extend_window",
    "gates_of",
    "gates_seen_by",
    "listing_facts",
    "listing_of",
    "listings_of",
    "lock_listing",
    "note_settled",
    "partners_called",
    "publish",
    "reject",
    "release_interest",
    "relist",
    "return_listing",
    "review_due_at",
    "submit",
    "take_back_to_amend",
    "valuation_of_listing",
    "withdraw",
]
