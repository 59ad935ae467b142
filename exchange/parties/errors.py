"""Refusals about participants."""

from exchange.core.errors import Forbidden, Invalid, NotFound, Refused


class OrganisationNotFound(NotFound):
    """No such organisation, or hidden from the caller (404)."""

    code = "ORGANISATION_NOT_FOUND"


class CreditCodeInvalid(Invalid):
    """The unified social credit code fails its check digit or form (422)."""

    code = "CREDIT_CODE_INVALID"


class CreditCodeReal(Invalid):
    """A simulated organisation carries a code that a real one might have (422)."""

    code = "CREDIT_CODE_REAL"


class CreditCodeTaken(Refused):
    """An organisation with this code is known (409)."""

    code = "CREDIT_CODE_TAKEN"


class SimulationForbidden(Forbidden):
    """Simulated organisations exist in a sandbox only (403)."""

    code = "SIMULATION_FORBIDDEN"


class KindNotOpen(Forbidden):
    """Operators and auditors do not apply in public (403)."""

    code = "KIND_NOT_OPEN"


class RecordDates(Invalid):
    """The dates of a record contradict each other, lie in the future, or run too long (422)."""

    code = "RECORD_DATES"


class DeemedInvalid(Invalid):
    """The proof of an investor who is qualified by law is not the one of its kind, or names no manager (422)."""

    code = "DEEMED_INVALID"


class ShareTooLarge(Refused):
    """The owners of an organisation would hold more than the whole (409)."""

    code = "OWNERSHIP_OVER_WHOLE"


class OwnItself(Invalid):
    """An organisation does not own itself (422)."""

    code = "OWNERSHIP_OF_ITSELF"


class RolesNotOfKind(Invalid):
    """A role that an organisation of this kind does not give (422)."""

    code = "ROLES_NOT_OF_KIND"


class AlreadyFounded(Refused):
    """The exchange has its first operators (409)."""

    code = "ALREADY_FOUNDED"


class FilingNotFound(NotFound):
    """No such filing waits."""

    code = "FILING_NOT_FOUND"
