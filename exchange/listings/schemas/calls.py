"""Calls of partners to auctions, on the wire."""

from exchange.core.terms import FirstRefusalMode
from exchange.listings.tables import ListingCallRow
from exchange.rest.model import Instant, ViewModel


class ListingCallView(ViewModel):
    """A partner was told that it exercises its right of first refusal in the auction of a listing, until it closes."""

    id: str
    listing_id: str
    partner_organisation_id: str
    first_refusal: FirstRefusalMode
    closes_at: Instant
    called_at: Instant

    @classmethod
    def of(cls, row: ListingCallRow) -> "ListingCallView":
        """From the row."""
        return cls(**row.model_dump(include=set(cls.model_fields)))


class ListingCallList(ViewModel):
    """Calls, oldest first."""

    items: list[ListingCallView]
