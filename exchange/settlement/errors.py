"""Why settlement refuses."""

from exchange.core.errors import Invalid, NotFound, Refused


class DealNotFound(NotFound):
    """No such deal, or not the caller's."""

    code = "DEAL_NOT_FOUND"


class StatementNotIssued(NotFound):
    """The deal has no closing statement yet."""

    code = "STATEMENT_NOT_ISSUED"


class StatementClosed(Refused):
    """The statement takes no such answer any more."""

    code = "STATEMENT_CLOSED"


class StatementNotAgreed(Refused):
    """Nothing is registered on a statement that is open or disputed."""

    code = "STATEMENT_NOT_AGREED"


class PartnerAnswered(Refused):
    """A partner answers a notice once."""

    code = "PARTNER_ANSWERED"


class AnswerTooLate(Refused):
    """The right of first refusal is no longer open."""

    code = "ANSWER_TOO_LATE"


class AnswerInvalid(Invalid):
    """Who exercises asks for a part of what is offered; who waives asks for nothing."""

    code = "ANSWER_INVALID"


class DealApprovalNotFound(NotFound):
    """No such approval of a deal."""

    code = "DEAL_APPROVAL_NOT_FOUND"


class ConsentReasonMissing(Invalid):
    """A refusal names its reason."""

    code = "CONSENT_REASON_MISSING"


class AgreementNotFound(NotFound):
    """No such agreement, or not the caller's."""

    code = "AGREEMENT_NOT_FOUND"


class AgreementOutdated(Refused):
    """The version is no longer the newest, or no longer says what the deal says."""

    code = "AGREEMENT_OUTDATED"


class AlreadySigned(Refused):
    """The caller's side has signed this version."""

    code = "ALREADY_SIGNED"


class NothingToAppeal(Refused):
    """The deal was not busted."""

    code = "NOTHING_TO_APPEAL"
