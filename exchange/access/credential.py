"""What a request shows of its caller, read from headers alone.

A bearer key (``Authorization: Bearer fx_<id>_<secret>``) goes before a session cookie. Only sha-256 values leave
this file. A cookie is sent by a browser whether its user wants or not, so a change by cookie must prove that our own
page sent it: the token of the session in a header, and a same-origin request (Sec-Fetch-Site, Origin).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from exchange.core.errors import Unauthenticated
from exchange.core.ids import id_pattern

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
_KEY = re.compile(rf"fx_({id_pattern('api_key')})_([0-9a-f]{{64}})", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class CredentialKind(StrEnum):
    """How a caller proves who it is."""

    SESSION = "session"
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True)
class Credential:
    """Proof of a caller, hashed. ``csrf_ok`` is False for a change by cookie that our own page did not send."""

    kind: CredentialKind
    token_hash: str
    key_id: str | None = None
    csrf_ok: bool = True


def hash_of(token: str) -> str:
    """sha-256 in hexadecimal: enough for 256-bit tokens, which nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token_of(session_token: str) -> str:
    """The token our own pages of this session send back; derived, so checking it needs no database."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def cookie_name(*, secure: bool) -> str:
    """``__Host-sid`` binds the cookie to this host and to https; plain http on the own machine uses ``sid``."""
    return "__Host-sid" if secure else "sid"


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """False when the browser says that another site sent the request."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def session_token(headers: Mapping[str, str], cookie: str) -> str | None:
    """The well-formed token in the session cookie of this name."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == cookie and _TOKEN.fullmatch(value):
            return value
    return None


def credential_from(
    headers: Mapping[str, str], method: str, cookie: str, *, form_token: str | None = None
) -> Credential | None:
    """The credential of a request, or None when it shows none. Header names are lower case or case-insensitive.

    ``form_token`` is the session's token from a form, for pages that cannot send the header. Unauthenticated (401)
    for an Authorization header that is no key of ours.
    """
    authorization = headers.get("authorization")
    if authorization is not None:
        return _from_bearer(authorization)
    token = session_token(headers, cookie)
    if token is None:
        return None
    csrf_ok = method in SAFE_METHODS or _proves_own_page(headers, token, form_token)
    return Credential(CredentialKind.SESSION, hash_of(token), csrf_ok=csrf_ok)


def _from_bearer(authorization: str) -> Credential:
    scheme, _, value = authorization.partition(" ")
    match = _KEY.fullmatch(value.strip())
    if scheme.lower() != "bearer" or match is None:
        raise Unauthenticated
    return Credential(CredentialKind.API_KEY, hash_of(match[2]), key_id=match[1])


def _proves_own_page(headers: Mapping[str, str], token: str, form_token: str | None) -> bool:
    shown = headers.get(CSRF_HEADER, form_token or "")
    return is_same_origin(headers) and hmac.compare_digest(shown.encode(), csrf_token_of(token).encode())
