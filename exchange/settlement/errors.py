"""Why settlement refuses."""

from exchange.core.errors import NotFound, Refused


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
