"""Errors the exchange raises on purpose. A kind fixes the HTTP status, a code carries the nuance.

Every code has a title and a detail in Chinese and English in ``exchange/rest/texts/*.toml``; the keyword
arguments of an error fill the placeholders of its detail. Source of the wire form: RFC 9457.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that is broken: its id, a code with texts, the numbers behind it, the first date it passes.

    ``is_provisional``: that date lies in a year whose holidays are not published, so it may move.
    """

    rule: str
    code: str
    parameters: dict[str, str] = field(default_factory=dict)
    passes_on: date | None = None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of a request: JSON pointer and a code with texts."""

    pointer: str
    code: str
    parameters: dict[str, str] = field(default_factory=dict)


class ExchangeError(Exception):
    """Base of every deliberate refusal. ``retryable``: the same request may succeed later."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        *,
        breaches: tuple[Breach, ...] = (),
        fields: tuple[FieldError, ...] = (),
        **parameters: str | int,
    ) -> None:
        super().__init__(self.code)
        self.breaches = breaches
        self.fields = fields
        self.parameters: dict[str, str] = {name: str(value) for name, value in parameters.items()}
        # Further members of the problem document, for a refusal that says more than a sentence (RFC 9457, 3.2).
        self.members: dict[str, object] = {}


class Invalid(ExchangeError):
    """The request is malformed or breaks a rule of shape (422)."""

    status = 422
    code = "INVALID"


class Unauthenticated(ExchangeError):
    """Nobody we know is calling (401)."""

    status = 401
    code = "UNAUTHENTICATED"


class Forbidden(ExchangeError):
    """The caller may see this but not do it (403)."""

    status = 403
    code = "FORBIDDEN"


class NotFound(ExchangeError):
    """Missing, or hidden from the caller: both look the same (404)."""

    status = 404
    code = "NOT_FOUND"


class Refused(ExchangeError):
    """The world says no: a rule of the market or the state of the object (409)."""

    status = 409
    code = "REFUSED"


class RulesBroken(Refused):
    """One or more rules of the market profile are broken; ``breaches`` lists all of them (409)."""

    code = "RULES_BROKEN"


class IllegalTransition(Refused):
    """An event out of order; names what is allowed (409)."""

    code = "ILLEGAL_TRANSITION"


class Stale(ExchangeError):
    """Somebody changed the object since the caller read it (412)."""

    status = 412
    code = "VERSION_CONFLICT"


class PreconditionRequired(ExchangeError):
    """A change needs the version it is based on (428)."""

    status = 428
    code = "IF_MATCH_REQUIRED"


class TooMany(ExchangeError):
    """Rate limit (429)."""

    status = 429
    code = "RATE_LIMITED"
    retryable = True


class Busy(ExchangeError):
    """A lock, pool or server is not available in time; nothing was changed (503)."""

    status = 503
    code = "BUSY"
    retryable = True
