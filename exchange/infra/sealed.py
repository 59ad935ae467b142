"""Fields that are kept encrypted: bank account numbers. AES-256-GCM under a key the settings hold, with its id.

What is bound to a record (its id) cannot be moved to another. Outside a sandbox nothing is sealed without a key.
"""

import base64
import hashlib
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exchange.core.errors import ExchangeError, Refused
from exchange.infra.settings import settings

NONCE_BYTES = 12
KEY_BYTES = 32


class FieldKeyMissing(Refused):
    """No key for encrypted fields is configured (409)."""

    code = "FIELD_KEY_MISSING"


class SealBroken(ExchangeError):
    """An encrypted field does not open: the key or the record is another (500)."""

    code = "SEAL_BROKEN"


def seal(text: str, bound_to: str) -> str:
    """The text encrypted, as ``key id : nonce : ciphertext``; opens only together with what it is bound to."""
    key_id, cipher = _cipher()
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = cipher.encrypt(nonce, text.encode(), bound_to.encode())
    return ":".join((key_id, _word(nonce), _word(sealed)))


def unseal(sealed: str, bound_to: str) -> str:
    """The text behind a seal. SealBroken when it was changed, moved or sealed with another key."""
    key_id, cipher = _cipher()
    found, nonce, content = sealed.split(":")
    if found != key_id:
        raise SealBroken
    try:
        opened = cipher.decrypt(base64.urlsafe_b64decode(nonce), base64.urlsafe_b64decode(content), bound_to.encode())
    except InvalidTag as error:
        raise SealBroken from error
    return opened.decode()


def masked(text: str) -> str:
    """All but the last four characters hidden, as pages and answers show it."""
    return f"…{text[-4:]}"


@lru_cache(maxsize=1)
def _cipher() -> tuple[str, AESGCM]:
    config = settings()
    if config.field_key:
        key = base64.b64decode(config.field_key)
    elif config.sandbox:
        key = hashlib.sha256(b"sandbox of the exchange").digest()
    else:
        raise FieldKeyMissing
    if len(key) != KEY_BYTES:
        raise FieldKeyMissing
    return hashlib.sha256(key).hexdigest()[:8], AESGCM(key)


def _word(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
