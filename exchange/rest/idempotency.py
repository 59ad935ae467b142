"""A command sent n times equals once.

The key row is claimed first, in the transaction of the command: a twin in flight waits on it, a rolled-back
command leaves nothing, and a repeated one gets the stored answer before any rule is looked at.
Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from exchange.core.clock import system_now
from exchange.core.errors import ExchangeError, Invalid
from exchange.core.events import canonical_json
from exchange.infra.database import Tx
from exchange.rest import store
from exchange.rest.etags import etag

KEY_PATTERN = r"^[!-~]{16,64}$"
_KEY = re.compile(r"[!-~]{16,64}", re.ASCII)


class IdempotencyKeyRequired(ExchangeError):
    """A command came without a key (400)."""

    status = 400
    code = "IDEMPOTENCY_KEY_REQUIRED"


class IdempotencyKeyInvalid(ExchangeError):
    """The key is not 16 to 64 visible ASCII characters (400)."""

    status = 400
    code = "IDEMPOTENCY_KEY_INVALID"


class IdempotencyMismatch(Invalid):
    """The key was used with other content (422)."""

    code = "IDEMPOTENCY_MISMATCH"


def checked_key(key: str | None) -> str:
    """The key of a command, or the refusal."""
    if key is None or not key:
        raise IdempotencyKeyRequired
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalid
    return key


def _from_header(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="16 to 64 visible ASCII characters, new for each command, the same for each repetition.",
            json_schema_extra={"examples": ["01KAR3Z5V9W3M8Q4T6X2Y7B1C0"]},
        ),
    ] = None,
) -> str:
    return checked_key(idempotency_key)


IdempotencyKey = Annotated[str, Depends(_from_header)]


class Caller(Protocol):
    """Whoever commands: keys of different users never meet."""

    @property
    def user_id(self) -> str:
        """The user whose keys these are."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body of an answer; ``replayed`` when it was given before."""

    status_code: int
    body: dict[str, Any]
    replayed: bool = False

    def response(self) -> JSONResponse:
        """The HTTP answer. A body with a ``version`` carries it as its ETag."""
        headers = {"Idempotent-Replayed": "true"} if self.replayed else {}
        version = self.body.get("version")
        if isinstance(version, int):
            headers["ETag"] = etag(version)
        return JSONResponse(self.body, status_code=self.status_code, headers=headers)


def hash_of(body: BaseModel | Mapping[str, Any]) -> str:
    """sha256 of the canonical body: order of keys and white space do not matter."""
    value = body.model_dump(mode="json") if isinstance(body, BaseModel) else dict(body)
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def once(
    tx: Tx,
    actor: Caller,
    operation: str,
    key: str,
    body: BaseModel | Mapping[str, Any],
    work: Callable[[], BaseModel],
    *,
    status_code: int = 200,
    never_kept: frozenset[str] = frozenset(),
) -> Answer:
    """Do the work unless this user did it before under this key; then give the same answer.

    ``operation`` names the command with the ids of its path (``approve_listing lst_...``). Fields in
    ``never_kept`` (secrets shown once) are stored as null. IdempotencyMismatch (422) for another body.
    """
    body_hash = hash_of(body)
    earlier = store.claim(tx, actor.user_id, operation, key, body_hash, system_now())
    if earlier is not None:
        if earlier.body_hash != body_hash:
            raise IdempotencyMismatch
        return Answer(earlier.status_code, earlier.answer, replayed=True)
    answer = work().model_dump(mode="json")
    kept = {name: None if name in never_kept else value for name, value in answer.items()}
    store.keep(tx, actor.user_id, operation, key, status_code, kept)
    return Answer(status_code, answer)


def settle(tx: Tx, actor: Caller, operation: str, key: str, status_code: int, body: dict[str, Any]) -> Answer:
    """Replace the kept answer of a command that was accepted first (202) by how it ended."""
    store.keep(tx, actor.user_id, operation, key, status_code, body)
    return Answer(status_code, body)
