"""Refusals about listings."""

from typing import ClassVar

from exchange.core.errors import Forbidden, Invalid, NotFound, Refused


class ListingNotFound(NotFound):
    """No such listing, or not the caller's to see."""

    code: ClassVar[str] = "LISTING_NOT_FOUND"


class NotListingParty(Forbidden):
    """Only the seller or the manager who entered the listing may do this."""

    code: ClassVar[str] = "NOT_LISTING_PARTY"


class ApprovalNotFound(NotFound):
    """No such approval, or not the caller's to see."""

    code: ClassVar[str] = "LISTING_APPROVAL_NOT_FOUND"


class ApprovalInvalid(Invalid):
    """The filed approval contradicts itself: the fields say where."""

    code: ClassVar[str] = "LISTING_APPROVAL_INVALID"


class ListingHasProposals(Refused):
    """What is offered does not change while a match waits for its parties."""

    code: ClassVar[str] = "LISTING_HAS_PROPOSALS"


class NotHolder(Forbidden):
    """Only the holder, or the fund's manager for it, may offer an interest."""

    code: ClassVar[str] = "NOT_HOLDER"


class ListingNotEditable(Refused):
    """Terms change in draft or after a return only."""

    code: ClassVar[str] = "LISTING_NOT_EDITABLE"


class ListingNotUnsold(Refused):
    """Only a published listing that ended without a buyer is listed anew."""

    code: ClassVar[str] = "LISTING_NOT_UNSOLD"


class ReviewedByOwnSide(Forbidden):
    """Who entered a listing, or sells in it, does not review it."""

    code: ClassVar[str] = "REVIEWED_BY_OWN_SIDE"


class PriceInputInvalid(Invalid):
    """Exactly one of percentage, unit price and total states a price."""

    code: ClassVar[str] = "PRICE_INPUT_INVALID"


class StepInvalid(Invalid):
    """The price is not on the tick; the nearest two are named."""

    code: ClassVar[str] = "STEP_INVALID"


class NavNotUsable(Refused):
    """The fund has no current NAV statement a price could refer to."""

    code: ClassVar[str] = "NAV_NOT_USABLE"


class PlanInvalid(Invalid):
    """Shares, days or interest of a payment plan are out of bounds."""

    code: ClassVar[str] = "PLAN_INVALID"
