"""What may be valued besides a fund. The package that owns a kind of thing says here which fund it belongs to."""

from collections.abc import Callable
from dataclasses import dataclass

from exchange.access.actor import Actor
from exchange.infra.database import Tx
from exchange.rulebook.service import DEFAULT_PROFILE


@dataclass(frozen=True, slots=True)
class Subject:
    """A fund as it is valued: under which market profile, whether a state-owned seller offers it, and for how many days
    the share may not be sold on by contract (0: no such lock-up)."""

    fund_id: str
    profile: str = DEFAULT_PROFILE
    seller_is_state_owned: bool = False
    listing_id: str | None = None
    lock_up_days: int = 0


ListingSubject = Callable[[Tx, Actor, str], Subject]
"""The subject of a listing the caller may see; refuses otherwise."""

_resolvers: dict[str, ListingSubject] = {}


def register_listings(resolver: ListingSubject) -> None:
    """Name what finds the fund of a listing; at import, by the package of listings."""
    _resolvers["listing"] = resolver


def subject_of_listing(tx: Tx, actor: Actor, listing_id: str) -> Subject:
    """The fund of a listing, with its market and seller."""
    return _resolvers["listing"](tx, actor, listing_id)
