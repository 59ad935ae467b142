"""States of a book, an order, a proposal and an award, each lifecycle one table.

An order's status is derived from its amounts by the matcher; proposals and awards advance by events.
Example: proposed + lapse -> lapsed, and the next in rank is called.
"""

from collections.abc import Mapping
from enum import StrEnum


class BookPhase(StrEnum):
    """What a book does with orders.

    ``collecting``: orders are accepted and wait (before opening, or the whole window of an auction);
    ``open``: matched on arrival; ``locked``: auction's last part, improve only; ``halted``: only cancels;
    ``closed``: nothing.
    """

    COLLECTING = "collecting"
    OPEN = "open"
    LOCKED = "locked"
    HALTED = "halted"
    CLOSED = "closed"


class CommandKind(StrEnum):
    """A line of a book's journal. Sequence numbers have no gap; replaying them gives the same state."""

    SUBMIT = "submit"
    AMEND = "amend"
    CANCEL = "cancel"
    EXPIRE = "expire"
    RECLASS = "reclass"
    CONSIDER = "consider"
    OPEN = "open"
    LOCK = "lock"
    HALT = "halt"
    LIFT = "lift"
    CLOSE = "close"
    REINSTATE = "reinstate"
    REALLOCATE = "reallocate"


class OrderStatus(StrEnum):
    """Where an order stands. ``accepted`` waits for the worker; ``filled`` has nothing left to match."""

    ACCEPTED = "accepted"
    RESTING = "resting"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


LIVE_ORDER = frozenset({OrderStatus.ACCEPTED, OrderStatus.RESTING})


class OrderReason(StrEnum):
    """Why an order left its book without its owner; the reasons of the engine and of an award stand with them."""

    WINDOW_CLOSED = "window_closed"
    BOOK_CLOSED = "book_closed"
    LISTING_WITHDRAWN = "listing_withdrawn"
    LISTING_AMENDED = "listing_amended"
    LISTING_ENDED = "listing_ended"
    AWARD_REFUSED = "award_refused"
    NO_BID = "no_bid"
    ORGANISATION_NOT_ADMITTED = "organisation_not_admitted"
    MATCH_FELL_AWAY = "match_fell_away"


class ProposalStatus(StrEnum):
    """A match put to two identified parties (or, in a continuous book, a binding trade from the start)."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"


class ProposalReason(StrEnum):
    """Why a proposal ended without a trade; a person's own words go beside it."""

    DECLINED_BY_SELLER = "declined_by_seller"
    DECLINED_BY_BUYER = "declined_by_buyer"
    NOT_CONFIRMED_BY_SELLER = "not_confirmed_by_seller"
    NOT_CONFIRMED_BY_BUYER = "not_confirmed_by_buyer"
    NOT_CONFIRMED_BY_EITHER = "not_confirmed_by_either"
    LISTING_WITHDRAWN = "listing_withdrawn"
    AWARD_REFUSED = "award_refused"


class ProposalEvent(StrEnum):
    """What may happen to a proposal."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    LAPSE = "lapse"


PROPOSAL_LIFECYCLE: Mapping[tuple[ProposalStatus, ProposalEvent], ProposalStatus] = {
    (ProposalStatus.PROPOSED, ProposalEvent.CONFIRM): ProposalStatus.CONFIRMED,
    (ProposalStatus.PROPOSED, ProposalEvent.DECLINE): ProposalStatus.DECLINED,
    (ProposalStatus.PROPOSED, ProposalEvent.LAPSE): ProposalStatus.LAPSED,
}


class AwardStatus(StrEnum):
    """The outcome of an auction: put to the seller, accepted, refused, or nobody to award to."""

    PROPOSED = "proposed"
    MATCH_RIGHT_OFFERED = "match_right_offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NO_BID = "no_bid"


class AwardEvent(StrEnum):
    """What may happen to an award."""

    OFFER_MATCH_RIGHT = "offer_match_right"
    END_MATCH_RIGHT = "end_match_right"
    ACCEPT = "accept"
    REFUSE = "refuse"


AWARD_LIFECYCLE: Mapping[tuple[AwardStatus, AwardEvent], AwardStatus] = {
    (AwardStatus.MATCH_RIGHT_OFFERED, AwardEvent.END_MATCH_RIGHT): AwardStatus.PROPOSED,
    (AwardStatus.PROPOSED, AwardEvent.ACCEPT): AwardStatus.ACCEPTED,
    (AwardStatus.PROPOSED, AwardEvent.REFUSE): AwardStatus.REFUSED,
}
