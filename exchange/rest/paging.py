"""Lists in pages: a signed cursor holds the sort key of the last row, so a page costs the same anywhere.

The signature only keeps a cursor with the list it came from; what a caller may see is decided by the query.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query

from exchange.core.errors import Invalid
from exchange.infra.settings import settings
from exchange.rest.model import ViewModel

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
SIGNATURE_BYTES = 12

Key = str | int | None
R = TypeVar("R")
V = TypeVar("V")


class CursorInvalid(Invalid):
    """The cursor was not given by this list."""

    code = "CURSOR_INVALID"


class Page(ViewModel, Generic[V]):
    """Items in order, and the cursor of the next page when there is one."""

    items: list[V]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the caller asked for. ``limit`` is between 1 and 200."""

    cursor: str | None = None
    limit: int = LIMIT_DEFAULT

    def after(self, scope: str) -> list[Key] | None:
        """The sort key to continue after, or None for the first page."""
        return decode(scope, self.cursor) if self.cursor else None


def page_request(
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
) -> PageRequest:
    """The paging part of a query string."""
    return PageRequest(cursor, limit)


PageQuery = Annotated[PageRequest, Depends(page_request)]


def _sign(scope: str, payload: bytes) -> bytes:
    # Every process of one system has the same database, so this needs no further setting.
    key = hashlib.sha256(b"cursor:" + settings().database_url.encode()).digest()
    return hmac.new(key, scope.encode() + b"\n" + payload, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def encode(scope: str, key: Sequence[Key]) -> str:
    """The cursor of a sort key. ``scope`` names the list with its filters."""
    payload = json.dumps(list(key), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(scope, payload) + payload).decode().rstrip("=")


def decode(scope: str, cursor: str) -> list[Key]:
    """The sort key in a cursor of this list; CursorInvalid for any other text."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise CursorInvalid from error
    signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(scope, payload)):
        raise CursorInvalid
    key: list[Key] = json.loads(payload)
    return key


def page_of(
    rows: Sequence[R], request: PageRequest, scope: str, key: Callable[[R], Sequence[Key]], view: Callable[[R], V]
) -> Page[V]:
    """A page from at most ``limit + 1`` rows: the extra row only says that there is more."""
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    return Page(
        items=[view(row) for row in shown],
        next_cursor=encode(scope, key(shown[-1])) if more else None,
    )
