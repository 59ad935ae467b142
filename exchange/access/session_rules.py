"""Numbers of sign-in in one place, each with its source.

Sources: OWASP ASVS 5.0 chapters V6 (authentication) and V7 (session management); NIST SP 800-63B-4.
"""

from datetime import timedelta

IDLE = timedelta(minutes=15)
"""A session ends after this time without a request (ASVS 7.3.1)."""

ABSOLUTE = timedelta(hours=8)
"""A session ends after this time in any case: one working day (ASVS 7.3.2)."""

TOUCH = timedelta(minutes=1)
"""Use of a session or key is written down at most this often: a read should not cost a write."""

TOKEN_BYTES = 32
"""256 bits of chance in a session token and in the secret of an API key (ASVS 7.2.3 asks for 128)."""

FAILURE_WINDOW = timedelta(minutes=15)
LOGIN_FAILURES_MAX = 10
"""Failures under one login within the window before it is refused, known or not (ASVS 6.3.1)."""

ADDRESS_FAILURES_MAX = 100
"""Failures from one address within the window; an office shares an address (ASVS 6.3.1)."""

PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 128
"""Length is what counts, no rules of composition (ASVS 6.2.1, 6.2.5, 6.2.9)."""

API_KEY_DAYS_DEFAULT = 90
API_KEY_DAYS_MAX = 365
API_KEYS_MAX = 20
"""Live keys of one user."""

ROTATION_OVERLAP = timedelta(hours=24)
"""How long the old key still works after a rotation, at most."""
