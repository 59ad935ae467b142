"""What a listing is worth by the newest valuation of its fund, in money for the amount on offer.

The best bid is no part of this: whoever may see the book adds it.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.money import divide_half_up
from exchange.core.quantity import NavBasis
from exchange.infra.database import Tx
from exchange.listings.service.facts import is_party
from exchange.listings.service.reads import ListedInterest, described, listing_of
from exchange.valuation import service as valuation
from exchange.valuation.service import FiledFloor, Panel, Subject, Valuation


@dataclass(frozen=True, slots=True)
class ListingValuation:
    """The newest panel of the listing's fund beside the listing's own figures, all for the amount on offer.

    ``account_minor``: the subscribed capital that the panel's figures belong to. ``state_floor``: the filed appraisal
    of a state-owned seller's amount; None for other sellers and where none is filed.
    """

    listed: ListedInterest
    valuation: Valuation
    panel: Panel
    account_minor: int | None
    state_floor: FiledFloor | None

    def share_minor(self, account_value_minor: int) -> int | None:
        """A figure of the whole account, pro rata to the amount on offer, rounded half-up once."""
        if not self.account_minor:
            return None
        return divide_half_up(account_value_minor * self.listed.row.amount_minor, self.account_minor)

    @property
    def basis(self) -> NavBasis:
        """What the listing's prices refer to."""
        return NavBasis(self.listed.nav.nav_minor, self.listed.nav.subscribed_minor)


def subject_of(tx: Tx, actor: Actor, listing_id: str) -> Subject:
    """The fund of a listing the caller may see, under the listing's market and with its seller."""
    row = listing_of(tx, actor, listing_id)
    return Subject(row.fund_id, row.profile, row.seller_is_state_owned, row.id)


valuation.register_listings(subject_of)


def valuation_of_listing(tx: Tx, actor: Actor, now: datetime, *, listing_id: str) -> ListingValuation:
    """The newest valuation of a listing's fund; VALUATION_NOT_FOUND when nobody asked for one yet."""
    row = listing_of(tx, actor, listing_id)
    found, _, panel = valuation.latest_valuation_of(tx, actor, row.fund_id)
    _, facts, _ = valuation.inputs_kept(tx, actor, found.row.id)
    floor = None
    if row.seller_is_state_owned and (actor.sees_everything or is_party(actor, row) or row.reviewed_at is not None):
        floor = valuation.filed_floor(tx, row.fund_id, market_date(now), row.amount_minor)
    return ListingValuation(
        listed=described(tx, actor, [row])[0],
        valuation=found,
        panel=panel,
        account_minor=facts.statements[-1].subscribed_minor if facts.statements else None,
        state_floor=floor,
    )
