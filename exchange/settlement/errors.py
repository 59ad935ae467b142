"""Why settlement refuses."""

from exchange.core.errors import NotFound


class DealNotFound(NotFound):
    """No such deal, or not the caller's."""

    code = "DEAL_NOT_FOUND"
