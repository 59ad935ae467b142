"""Refusals of the order path."""

from typing import ClassVar

from exchange.core.errors import Busy, Forbidden, NotFound, Refused


class BookNotFound(NotFound):
    """No such book or listing with a book, or not the caller's to see."""

    code: ClassVar[str] = "BOOK_NOT_FOUND"


class OrderNotFound(NotFound):
    """No such order, or not the caller's."""

    code: ClassVar[str] = "ORDER_NOT_FOUND"


class OrderNotLive(Refused):
    """The order has nothing open any more."""

    code: ClassVar[str] = "ORDER_NOT_LIVE"


class OrderPending(Refused):
    """The worker has not come to the order's last command yet: ask again in a moment."""

    code: ClassVar[str] = "ORDER_PENDING"
    retryable: ClassVar[bool] = True


class IntakeFull(Busy):
    """More orders wait than this process takes on; nothing was changed."""

    code: ClassVar[str] = "INTAKE_FULL"


class ApiKeyRequired(Forbidden):
    """Bulks are for systems: a browser's session cannot send one."""

    code: ClassVar[str] = "API_KEY_REQUIRED"
