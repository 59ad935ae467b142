"""Refusals of sign-in, keys and approvals."""

from exchange.core.errors import ExchangeError, Forbidden, Invalid, Refused, TooMany, Unauthenticated


class SignInRefused(Unauthenticated):
    """Login and password do not fit; says nothing of which one (401)."""

    code = "SIGN_IN_REFUSED"


class SignInLimited(TooMany):
    """Too many failures under this login or from this address (429)."""

    code = "SIGN_IN_LIMITED"


class SessionEnded(Unauthenticated):
    """The session has ended: idle, too old, signed out, or the account changed (401)."""

    code = "SESSION_ENDED"


class CsrfRefused(Forbidden):
    """A change by cookie that our own page did not send (403)."""

    code = "CSRF_REFUSED"


class ApiKeyInvalid(Unauthenticated):
    """The key is unknown, expired or revoked (401)."""

    code = "API_KEY_INVALID"


class ScopeNotHeld(Invalid):
    """A key cannot do more than its owner (422)."""

    code = "SCOPE_NOT_HELD"


class TooManyKeys(Refused):
    """The user has as many live keys as allowed (409)."""

    code = "API_KEYS_LIMIT"


class KeyRevoked(Refused):
    """The key no longer lives (409)."""

    code = "API_KEY_REVOKED"


class SessionRequired(Forbidden):
    """Only a person with a session may do this, no key (403)."""

    code = "SESSION_REQUIRED"


class LoginTaken(Refused):
    """Another user has this login (409)."""

    code = "LOGIN_TAKEN"


class PasswordWeak(Invalid):
    """The password is too short, too long, or holds the login (422)."""

    code = "PASSWORD_WEAK"


class OwnAccount(Refused):
    """Nobody changes his own roles or blocks himself (409)."""

    code = "OWN_ACCOUNT"


class SamePerson(Forbidden):
    """The person who asked may not decide (403)."""

    code = "SAME_PERSON"


class AlreadyDecided(Refused):
    """The approval was decided before (409)."""

    code = "APPROVAL_DECIDED"


class ApprovalPending(Refused):
    """The same decision is already waiting for a second person (409)."""

    code = "APPROVAL_PENDING"


REFUSALS: tuple[type[ExchangeError], ...] = (SessionEnded, ApiKeyInvalid, CsrfRefused)
"""What any request of a signed-in caller may meet."""
