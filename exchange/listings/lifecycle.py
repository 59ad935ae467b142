"""The listing's lifecycle (rulebook 4.1 as far as matching reaches).

A draft is submitted, reviewed by an operator who did not enter it, opens on its date, and ends completed,
withdrawn or expired. Example: approved + open -> open.
"""

from collections.abc import Mapping
from enum import StrEnum


class ListingStatus(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"
    PRIORITY_WINDOW = "priority_window"
    OPEN = "open"
    LOCKED = "locked"
    MATCHING = "matching"
    AWARD_PROPOSED = "award_proposed"
    AWARDED = "awarded"
    NO_BID = "no_bid"
    HALTED = "halted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ListingReason(StrEnum):
    """Why a listing stands where it stands, where its status alone does not say; a person's own words go beside it."""

    RETURNED = "returned_by_operator"
    REJECTED = "rejected_by_operator"
    WITHDRAWN = "withdrawn_by_seller"
    AWARD_REFUSED = "award_refused"
    DRAFT_EXPIRED = "draft_expired"
    HALTED = "halted_by_operator"
    NOT_CORRECTED = "not_corrected_in_time"
    RELISTED = "listed_anew"
    AMENDED = "amended_by_seller"
    FELL_THROUGH = "deals_fell_through"


class ListingEvent(StrEnum):
    """What may happen to a listing."""

    SUBMIT = "submit"
    RETURN = "return"
    REJECT = "reject"
    APPROVE = "approve"
    START_PRIORITY_WINDOW = "start_priority_window"
    OPEN = "open"
    LOCK = "lock"
    HALT = "halt"
    LIFT = "lift"
    CLOSE = "close"
    PROPOSE_AWARD = "propose_award"
    FIND_NO_BID = "find_no_bid"
    ACCEPT_AWARD = "accept_award"
    REFUSE_AWARD = "refuse_award"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    EXTEND = "extend"
    AMEND = "amend"
    FALL_THROUGH = "fall_through"


_S, _E = ListingStatus, ListingEvent

LISTING_LIFECYCLE: Mapping[tuple[ListingStatus, ListingEvent], ListingStatus] = {
    (_S.DRAFT, _E.SUBMIT): _S.SUBMITTED,
    (_S.DRAFT, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.DRAFT, _E.EXPIRE): _S.EXPIRED,
    (_S.RETURNED, _E.SUBMIT): _S.SUBMITTED,
    (_S.RETURNED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _E.REJECT): _S.REJECTED,
    (_S.SUBMITTED, _E.RETURN): _S.RETURNED,
    (_S.SUBMITTED, _E.REJECT): _S.REJECTED,
    (_S.SUBMITTED, _E.APPROVE): _S.APPROVED,
    (_S.SUBMITTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _E.START_PRIORITY_WINDOW): _S.PRIORITY_WINDOW,
    (_S.APPROVED, _E.OPEN): _S.OPEN,
    (_S.APPROVED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _E.AMEND): _S.RETURNED,
    (_S.PRIORITY_WINDOW, _E.AMEND): _S.RETURNED,
    (_S.OPEN, _E.AMEND): _S.RETURNED,
    (_S.PRIORITY_WINDOW, _E.OPEN): _S.OPEN,
    (_S.PRIORITY_WINDOW, _E.EXTEND): _S.PRIORITY_WINDOW,
    (_S.PRIORITY_WINDOW, _E.HALT): _S.HALTED,
    (_S.PRIORITY_WINDOW, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.OPEN, _E.LOCK): _S.LOCKED,
    (_S.OPEN, _E.HALT): _S.HALTED,
    (_S.OPEN, _E.CLOSE): _S.MATCHING,
    (_S.OPEN, _E.COMPLETE): _S.AWARDED,
    (_S.OPEN, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.OPEN, _E.EXPIRE): _S.EXPIRED,
    (_S.OPEN, _E.EXTEND): _S.OPEN,
    (_S.LOCKED, _E.HALT): _S.HALTED,
    (_S.LOCKED, _E.CLOSE): _S.MATCHING,
    (_S.LOCKED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.HALTED, _E.LIFT): _S.OPEN,
    (_S.HALTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.MATCHING, _E.PROPOSE_AWARD): _S.AWARD_PROPOSED,
    (_S.MATCHING, _E.FIND_NO_BID): _S.NO_BID,
    (_S.AWARD_PROPOSED, _E.ACCEPT_AWARD): _S.AWARDED,
    (_S.AWARD_PROPOSED, _E.REFUSE_AWARD): _S.WITHDRAWN,
    (_S.AWARD_PROPOSED, _E.FIND_NO_BID): _S.NO_BID,
    (_S.AWARDED, _E.FALL_THROUGH): _S.EXPIRED,
    (_S.NO_BID, _E.EXPIRE): _S.EXPIRED,
    (_S.NO_BID, _E.EXTEND): _S.APPROVED,
    (_S.NO_BID, _E.WITHDRAW): _S.WITHDRAWN,
}

BEFORE_OPENING = frozenset({_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.APPROVED})
FREEZING = frozenset(
    {
        _S.SUBMITTED,
        _S.RETURNED,
        _S.APPROVED,
        _S.PRIORITY_WINDOW,
        _S.OPEN,
        _S.LOCKED,
        _S.MATCHING,
        _S.AWARD_PROPOSED,
        _S.AWARDED,
        _S.NO_BID,
        _S.HALTED,
    }
)
"""While a listing is in one of these, its amount is frozen in custody."""

TAKES_BIDS = frozenset({_S.APPROVED, _S.PRIORITY_WINDOW, _S.OPEN, _S.LOCKED})
"""A published listing in one of these takes bids, or will."""

UNSOLD = frozenset({_S.NO_BID, _S.EXPIRED, _S.WITHDRAWN})
"""A listing that ended in one of these may be listed anew."""
