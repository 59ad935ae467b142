"""Malformed requests to every route that changes something: a documented refusal, and nothing changed."""

import re
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from exchange.core.ids import PREFIXES
from exchange.infra.settings import settings
from exchange.rest.body import FRAME_BYTES
from exchange.rest.texts import catalogue
from tests.people import Person, World, a_key

ULID = "01KAR3Z5V9W3M8Q4T6X2Y7B1C0"
MALFORMED = {
    "NaN": b'{"amount": NaN}',
    "infinity": b'{"amount": -Infinity}',
    "a number out of range": b'{"amount": 1e400}',
    "a doubled key": b'{"amount": "1.00", "amount": "2.00"}',
    "a lone surrogate": rb'{"reason": "\ud800"}',
    "digits of another script": '{"amount": １２３}'.encode(),
    "deep nesting": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "not JSON": b"amount=1.00",
    "half of it": b'{"amount": "1.00"',
    "a NUL": rb'{"reason": "a\u0000b"}',
    "not UTF-8": b'{"reason": "\xff\xfe"}',
}


def commands(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, address and operation of every command, with well-formed ids of nothing."""

    def filled(match: re.Match[str]) -> str:
        name = match[1].removesuffix("_id")
        kind = {"key": "api_key", "record": "suitability", "item": "checklist_item", "offer": "backup_offer"}.get(
            name, name
        )
        return "sign" if kind == "gate" else f"{PREFIXES.get(kind) or PREFIXES[f'room_{kind}']}_{ULID}"

    found = [
        (method, re.sub(r"{(\w+)}", filled, path), operation)
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
        if method in {"post", "patch"} and path.startswith("/api/")
    ]
    assert len(found) > 50
    return found


def changes(database_url: str) -> tuple[int, ...]:
    """How many events, kept answers and sessions there are."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM idempotency), (SELECT count(*) FROM outbox),"
            " (SELECT count(*) FROM organisation), (SELECT count(*) FROM fund)"
        ).fetchone()
    assert row is not None
    return tuple(int(value) for value in row)


def send(person: Person, method: str, path: str, content: bytes, content_type: str) -> Any:
    """A raw command with everything but its body in order."""
    headers = {
        "X-CSRF-Token": person.csrf,
        "Idempotency-Key": a_key(),
        "If-Match": '"1"',
        "Content-Type": content_type,
    }
    return person.client.request(method.upper(), path, content=content, headers=headers)


def fault(answer: Any, allowed: set[int]) -> str:
    """What is wrong with a refusal, or nothing."""
    if answer.status_code not in allowed:
        return f"status {answer.status_code}: {answer.text[:200]}"
    if answer.headers["content-type"] != "application/problem+json":
        return f"content type {answer.headers['content-type']}"
    problem = answer.json()
    if problem["code"] not in catalogue() or not problem["detail_zh"] or not problem["detail_en"]:
        return f"no text for {problem['code']}"
    return ""


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_body_is_refused_by_every_command(world: World, app: FastAPI, database_url: str, name: str) -> None:
    before = changes(database_url)
    wrong = []
    for method, path, _ in commands(app):
        answer = send(world.maker, method, path, MALFORMED[name], "application/json")
        if found := fault(answer, {400}) or ("" if answer.json()["code"] == "BODY_MALFORMED" else answer.text[:200]):
            wrong.append(f"{method} {path}: {found}")
    assert not wrong, "\n".join(wrong)
    assert changes(database_url) == before


def test_a_body_over_the_limit_is_refused_by_every_command(
    world: World, app: FastAPI, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = changes(database_url)
    monkeypatch.setenv("EXCHANGE_MAX_BODY_BYTES", "4096")
    for name in ("UPLOAD", "DOCUMENT", "BULK"):
        monkeypatch.setenv(f"EXCHANGE_MAX_{name}_BYTES", "8192")
    settings.cache_clear()
    wrong = []
    for method, path, _ in commands(app):
        for content_type in ("application/json", "multipart/form-data; boundary=b"):
            answer = send(world.maker, method, path, b'"' + b"a" * (9000 + FRAME_BYTES) + b'"', content_type)
            if found := fault(answer, {413}) or ("" if answer.json()["code"] == "BODY_TOO_LARGE" else answer.text):
                wrong.append(f"{method} {path} {content_type}: {found}")
    assert not wrong, "\n".join(wrong)
    assert changes(database_url) == before


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/plain", b'{"amount": "1.00"}'),
        ("application/x-www-form-urlencoded", b"amount=1.00"),
        ("application/xml", b"<amount>1.00</amount>"),
        ("", b'{"amount": "1.00"}'),
    ],
)
def test_another_content_type_is_refused_by_every_command_with_a_body(
    world: World, app: FastAPI, database_url: str, content_type: str, content: bytes
) -> None:
    before = changes(database_url)
    wrong = []
    for method, path, operation in commands(app):
        if not operation.get("requestBody", {}).get("required"):
            continue
        answer = send(world.maker, method, path, content, content_type)
        if found := fault(answer, {400, 403, 415, 422}):
            wrong.append(f"{method} {path}: {found}")
    assert not wrong, "\n".join(wrong)
    assert changes(database_url) == before


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true", b'{"unknown": 1}'])
def test_json_of_another_shape_is_refused_by_every_command_with_a_body(
    world: World, app: FastAPI, database_url: str, body: bytes
) -> None:
    before = changes(database_url)
    wrong = []
    for method, path, operation in commands(app):
        if "application/json" not in operation.get("requestBody", {}).get("content", {}):
            continue
        if not operation["requestBody"].get("required") and body == b"null":
            continue
        answer = send(world.maker, method, path, body, "application/json")
        if found := fault(answer, {400, 403, 422}):
            wrong.append(f"{method} {path}: {found}")
    assert not wrong, "\n".join(wrong)
    assert changes(database_url) == before
