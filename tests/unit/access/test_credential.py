"""What a request shows of its caller."""

import pytest

from exchange.access.credential import (
    CredentialKind,
    cookie_name,
    credential_from,
    csrf_token_of,
    hash_of,
    is_same_origin,
    session_token,
)
from exchange.core.errors import Unauthenticated

TOKEN = "t" * 43
KEY_ID = "key_01KAR3Z5V9W3M8Q4T6X2Y7B1C0"
SECRET = "0123456789abcdef" * 4
COOKIE = {"cookie": f"theme=dark; sid={TOKEN}; other=1", "host": "exchange.test"}


def test_a_cookie_is_enough_to_read() -> None:
    credential = credential_from(COOKIE, "GET", "sid")
    assert credential is not None
    assert credential.kind is CredentialKind.SESSION
    assert credential.token_hash == hash_of(TOKEN)
    assert credential.csrf_ok


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "form_token", "is_ok"),
    [
        ({}, None, False),
        ({"x-csrf-token": csrf_token_of(TOKEN)}, None, True),
        ({"x-csrf-token": csrf_token_of("u" * 43)}, None, False),
        ({"x-csrf-token": "ü"}, None, False),
        ({}, csrf_token_of(TOKEN), True),
        ({"x-csrf-token": csrf_token_of(TOKEN), "sec-fetch-site": "same-origin"}, None, True),
        ({"x-csrf-token": csrf_token_of(TOKEN), "sec-fetch-site": "cross-site"}, None, False),
        ({"x-csrf-token": csrf_token_of(TOKEN), "origin": "https://exchange.test"}, None, True),
        ({"x-csrf-token": csrf_token_of(TOKEN), "origin": "https://exchange.test.evil.test"}, None, False),
        ({"x-csrf-token": csrf_token_of(TOKEN), "origin": "null"}, None, False),
    ],
)
def test_a_change_by_cookie_must_come_from_our_own_page(
    method: str, headers: dict[str, str], form_token: str | None, is_ok: bool
) -> None:
    credential = credential_from(COOKIE | headers, method, "sid", form_token=form_token)
    assert credential is not None
    assert credential.csrf_ok is is_ok


def test_a_key_goes_before_a_cookie_and_needs_no_token() -> None:
    headers = COOKIE | {"authorization": f"Bearer fx_{KEY_ID}_{SECRET}"}
    credential = credential_from(headers, "POST", "sid")
    assert credential is not None
    assert (credential.kind, credential.key_id) == (CredentialKind.API_KEY, KEY_ID)
    assert credential.token_hash == hash_of(SECRET)
    assert credential.csrf_ok


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic abc", f"Bearer fx_{KEY_ID}", f"Bearer fx_{KEY_ID}_{SECRET[:-1]}", f"fx_{KEY_ID}_{SECRET}"],
)
def test_an_authorization_that_is_no_key_is_refused_even_beside_a_cookie(authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        credential_from(COOKIE | {"authorization": authorization}, "GET", "sid")


@pytest.mark.parametrize("cookie", ["", "sid=", "sid=short", f"xsid={TOKEN}", f"__Host-sid={TOKEN}", f"sid={TOKEN}x"])
def test_a_malformed_cookie_is_no_credential(cookie: str) -> None:
    assert session_token({"cookie": cookie}, "sid") is None
    assert credential_from({"cookie": cookie}, "GET", "sid") is None


def test_the_cookie_binds_to_https_and_host_where_it_can() -> None:
    assert cookie_name(secure=True) == "__Host-sid"
    assert cookie_name(secure=False) == "sid"


def test_an_origin_of_another_port_is_another_origin() -> None:
    assert is_same_origin({"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"})
    assert not is_same_origin({"origin": "http://127.0.0.1:9000", "host": "127.0.0.1:8000"})
