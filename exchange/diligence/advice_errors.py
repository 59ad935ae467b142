"""Refusals of the directory of advisers and of engagements."""

from typing import ClassVar

from exchange.core.errors import Forbidden, Invalid, NotFound, Refused, RulesBroken


class AdviserNotFound(NotFound):
    """No such adviser, or none that is admitted."""

    code: ClassVar[str] = "ADVISER_NOT_FOUND"


class AdviserEntryInvalid(Invalid):
    """Licences, cover or confidentiality are missing or have run out; names every field."""

    code: ClassVar[str] = "ADVISER_ENTRY_INVALID"


class NotAdviserOrganisation(Forbidden):
    """Only an admitted organisation of the kind adviser stands in the directory."""

    code: ClassVar[str] = "NOT_ADVISER_ORGANISATION"


class ApplicationMissing(Refused):
    """The adviser has applied with nothing that waits for a decision."""

    code: ClassVar[str] = "ADVISER_APPLICATION_MISSING"


class AdviserNotAdmitted(Forbidden):
    """The adviser is not admitted at the moment, or not for this kind of work."""

    code: ClassVar[str] = "ADVISER_NOT_ADMITTED"


class EngagementNotFound(NotFound):
    """No such engagement, or not the caller's to see."""

    code: ClassVar[str] = "ENGAGEMENT_NOT_FOUND"


class NotAClientOfTheListing(NotFound):
    """The listing does not exist, or the caller is neither its seller, its manager, nor a bidder with a checklist."""

    code: ClassVar[str] = "LISTING_NOT_FOUND"


class EngagementInvalid(Invalid):
    """A request that cannot be; names every field."""

    code: ClassVar[str] = "ENGAGEMENT_INVALID"


class InviteesTooFew(RulesBroken):
    """A state-owned client invites more advisers, or makes an open call."""


class QuotesClosed(Refused):
    """The time for declarations and quotes has ended."""

    code: ClassVar[str] = "QUOTES_CLOSED"


class AlreadyDeclared(Refused):
    """The adviser has answered this request; a declaration is made once."""

    code: ClassVar[str] = "CONFLICT_ALREADY_DECLARED"


class NotCleared(Forbidden):
    """The adviser has not passed the conflict check of this request."""

    code: ClassVar[str] = "ADVISER_NOT_CLEARED"


class ConflictOfInterest(Forbidden):
    """A conflict rule blocks the adviser."""

    code: ClassVar[str] = "CONFLICT_OF_INTEREST_OF_ADVISER"


class ConsentsMissing(Refused):
    """A disclosed conflict needs the written consent of both sides before anybody is engaged."""

    code: ClassVar[str] = "CONFLICT_CONSENTS_MISSING"


class ConsentNotAsked(NotFound):
    """No conflict of this adviser concerns the caller."""

    code: ClassVar[str] = "CONFLICT_CONSENT_NOT_ASKED"


class AlreadyQuoted(Refused):
    """An adviser quotes once; the sealed quote stands."""

    code: ClassVar[str] = "ALREADY_QUOTED"


class QuoteInvalid(Invalid):
    """A quote that cannot be; names every field."""

    code: ClassVar[str] = "QUOTE_INVALID"


class QuoteNotFound(NotFound):
    """No such quote for this engagement."""

    code: ClassVar[str] = "QUOTE_NOT_FOUND"


class QuoteOverBudget(Refused):
    """The quote is above the budget of the request."""

    code: ClassVar[str] = "QUOTE_OVER_BUDGET"


class RoomScopeTooWide(Refused):
    """The client may not open these papers of the room to its adviser."""

    code: ClassVar[str] = "ROOM_SCOPE_TOO_WIDE"


class DeliverableInvalid(Invalid):
    """A structured result that cannot be; names every field."""

    code: ClassVar[str] = "DELIVERABLE_INVALID"


class DeliverableMissing(Refused):
    """Nothing was delivered that could be accepted or disputed."""

    code: ClassVar[str] = "DELIVERABLE_MISSING"


class AlreadyRated(Refused):
    """A party rates an engagement once, and the adviser replies once."""

    code: ClassVar[str] = "ALREADY_RATED"


class NotYetRateable(Refused):
    """Only a closed engagement that was worked on is rated, and only a rating is replied to."""

    code: ClassVar[str] = "ENGAGEMENT_NOT_RATEABLE"
