"""The signature of a bank's notice: HMAC-SHA256 over its instant and its bytes, good for some minutes.

Example: signature = hex(hmac(secret, "1784160000." + body)). A notice that is older or younger than the window is
refused even with a good signature, so that one that was caught cannot be played again later.
Source: RFC 2104; the layout of signed webhooks (timestamp, then body).
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=5)


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """The signature in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secret: str, timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether a notice is signed with the secret and made within the window around now (aware UTC)."""
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > len("9999999999"):
        return False
    made_at = datetime.fromtimestamp(int(timestamp), UTC)
    fresh = abs(now - made_at) <= WINDOW
    return fresh and hmac.compare_digest(signature_of(secret, timestamp, body), signature)
