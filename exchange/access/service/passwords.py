"""Passwords: argon2id with the parameters of the settings, and the same work for people we do not know."""

import threading
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from exchange.access.errors import PasswordWeak
from exchange.access.session_rules import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN
from exchange.core.errors import Busy, FieldError
from exchange.infra.settings import settings

PARALLEL_MAX = 4
WAIT_SECONDS = 5.0

# Each check takes 64 MiB: without a bound a crowd at the door takes the machine's memory.
_turnstile = threading.BoundedSemaphore(PARALLEL_MAX)


@lru_cache(maxsize=4)
def _hasher(memory_kib: int, time_cost: int) -> PasswordHash:
    return PasswordHash((Argon2Hasher(memory_cost=memory_kib, time_cost=time_cost, parallelism=1),))


def _current() -> PasswordHash:
    config = settings()
    return _hasher(config.password_memory_kib, config.password_time_cost)


@lru_cache(maxsize=4)
def _nobodys_hash(memory_kib: int, time_cost: int) -> str:
    return _hasher(memory_kib, time_cost).hash("the password of nobody")


def demand_strength(password: str, login: str) -> None:
    """PasswordWeak (422) unless the length is right and the login is not part of it."""
    long_enough = PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX
    if not long_enough or login.casefold() in password.casefold():
        raise PasswordWeak(
            minimum=PASSWORD_LENGTH_MIN,
            maximum=PASSWORD_LENGTH_MAX,
            fields=(FieldError("/password", "PASSWORD_WEAK", _bounds()),),
        )


def _bounds() -> dict[str, str]:
    return {"minimum": str(PASSWORD_LENGTH_MIN), "maximum": str(PASSWORD_LENGTH_MAX)}


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _current().hash(password)


def check_password(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and a new hash when the parameters have changed since it was made.

    Without a kept hash (unknown login) the same work is done for nothing. Busy (503) when too many check at once.
    """
    if not _turnstile.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        config = settings()
        reference = kept or _nobodys_hash(config.password_memory_kib, config.password_time_cost)
        fits, renewed = _current().verify_and_update(password, reference)
    finally:
        _turnstile.release()
    return (fits, renewed) if kept else (False, None)
