"""What every route refuses, and in which form: malformed bodies, wrong numbers, wrong keys; nothing changes."""

import threading
from typing import Any

import psycopg
import pytest

from exchange.infra.settings import settings
from tests.people import World, a_key

BODY = '{"kind":"gp","name_zh":"甲","name_en":"A","credit_code":"91110000600037341L"}'


def count(database_url: str, table: str) -> int:
    """Rows of a table."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def send(world: World, content: bytes | str, **headers: str | bytes) -> Any:
    """A raw application."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    sent = {"content-type": "application/json", "idempotency-key": a_key()} | headers
    return world.visitor().client.post("/api/v1/participants", content=raw, headers=sent)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BODY.replace('"gp"', "NaN"), "not finite"),
        (BODY.replace('"gp"', "Infinity"), "not finite"),
        (BODY.replace('"gp"', "1e400"), "not finite"),
        (BODY.replace('"gp"', "1" * 5000), "json"),
        (BODY.replace('"A"', r'"\ud800"'), "surrogate"),
        (BODY.replace('"A"', r'"a\u0000b"'), "NUL"),
        (BODY.replace('"name_zh"', '"kind"'), "doubled key"),
        ("[" * 5000 + "]" * 5000, "depth"),
        ("[" * 200_000, "depth"),
        ("{", "json"),
        ("", None),
        (b"\xff\xfe{}", "utf-8"),
        (BODY.encode("utf-16"), "utf-8"),
    ],
)
def test_malformed_bodies_are_refused_and_change_nothing(
    world: World, database_url: str, content: bytes | str, reason: str | None
) -> None:
    before = count(database_url, "organisation"), count(database_url, "idempotency"), count(database_url, "event")
    answer = send(world, content)
    if reason is None:
        assert answer.status_code == 422
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, "BODY_MALFORMED")
        assert reason in answer.json()["detail_en"]
    assert answer.headers["content-type"] == "application/problem+json"
    after = count(database_url, "organisation"), count(database_url, "idempotency"), count(database_url, "event")
    assert after == before


def test_a_body_over_the_limit_is_refused(world: World) -> None:
    limit = settings().max_body_bytes
    answer = send(world, b'"' + b"a" * limit + b'"')
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")

    def parts() -> Any:
        for _ in range(limit // 1000 + 10):
            yield b" " * 1000

    sent = {"content-type": "application/json", "idempotency-key": a_key()}
    streamed = world.visitor().client.post("/api/v1/participants", content=parts(), headers=sent)
    assert streamed.json()["code"] == "BODY_TOO_LARGE"
    form = world.visitor().client.post(
        "/api/v1/participants", content=parts(), headers=sent | {"content-type": "text/plain"}
    )
    assert form.status_code == 413


def test_the_answer_never_echoes_what_was_sent(world: World) -> None:
    answer = send(world, '{"kind":"<script>","<b>bold</b>":"tell-me-back","credit_code":5}')
    assert answer.status_code == 422
    assert "script" not in answer.text
    assert "tell-me-back" not in answer.text
    assert "<b>" not in answer.text
    codes = {field["pointer"]: field["code"] for field in answer.json()["fields"]}
    assert codes["/kind"] == "FIELD_NOT_ALLOWED"
    assert codes["/credit_code"] == "FIELD_NOT_TEXT"
    assert codes["/name_zh"] == "FIELD_REQUIRED"
    assert "FIELD_UNKNOWN" in codes.values()


def test_a_problem_speaks_both_languages_and_the_callers_first(world: World) -> None:
    chinese = send(world, "{")
    english = send(world, "{", **{"accept-language": "fr;q=0.9, en-GB;q=0.8"})
    assert chinese.json()["detail"] == chinese.json()["detail_zh"] == english.json()["detail_zh"]
    assert english.json()["detail"] == english.json()["detail_en"]
    assert english.json()["type"] == "/problems/body-malformed"
    assert english.json()["request_id"] == english.headers["x-request-id"]
    assert world.visitor().client.get(english.json()["type"]).status_code == 200


def test_missing_addresses_and_verbs_are_problems_too(world: World) -> None:
    client = world.visitor().client
    assert client.get("/api/v1/nothing").json()["code"] == "NOT_FOUND"
    wrong = client.put("/api/v1/me")
    assert wrong.json()["code"] == "METHOD_NOT_ALLOWED"
    assert wrong.headers["allow"] == "GET"
    assert client.get("/api/v1/rules?on=%00").json()["code"] == "ADDRESS_MALFORMED"


def test_security_headers_are_on_every_answer(world: World) -> None:
    for path in ("/health", "/api/v1/me", "/api/v1/nothing"):
        headers = world.visitor().client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"].startswith("req_")
    assert world.visitor().client.get("/api/v1/me").headers["cache-control"] == "no-store"


def test_a_given_request_id_is_kept_when_harmless(world: World) -> None:
    client = world.visitor().client
    assert client.get("/health", headers={"X-Request-Id": "trace-0001"}).headers["x-request-id"] == "trace-0001"
    assert client.get("/health", headers={"X-Request-Id": "a b\tc"}).headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("key", ["short", "x" * 65, "with space in the key", "ключ-не-из-ascii"])
def test_a_malformed_key_is_refused(world: World, key: str) -> None:
    answer = send(world, BODY, **{"idempotency-key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")


def test_a_command_without_a_key_is_refused(world: World, database_url: str) -> None:
    before = count(database_url, "organisation")
    answer = world.visitor().client.post(
        "/api/v1/participants", content=BODY.encode(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert count(database_url, "organisation") == before


def test_the_same_key_with_other_content_is_refused(world: World) -> None:
    key = a_key()
    assert send(world, BODY, **{"idempotency-key": key}).status_code == 201
    reordered = '{"name_en":"A", "name_zh":"甲","kind":"gp","credit_code":"91110000600037341L"}'
    assert send(world, reordered, **{"idempotency-key": key}).status_code == 201
    other = send(world, BODY.replace('"A"', '"B"'), **{"idempotency-key": key})
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")


def test_a_refused_command_keeps_nothing_so_its_key_may_be_used_again(world: World, database_url: str) -> None:
    key = a_key()
    wrong = BODY.replace("91110000600037341L", "911100006000373410")
    before = count(database_url, "idempotency")
    assert send(world, wrong, **{"idempotency-key": key}).json()["code"] == "CREDIT_CODE_INVALID"
    assert count(database_url, "idempotency") == before
    assert send(world, BODY, **{"idempotency-key": key}).status_code == 201


def test_twins_in_flight_are_one_command(world: World, database_url: str) -> None:
    key = a_key()
    before = count(database_url, "organisation")
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(send(world, BODY, **{"idempotency-key": key}))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 5
    assert count(database_url, "organisation") == before + 1


def test_rivals_for_one_credit_code_end_in_one_organisation(world: World, database_url: str) -> None:
    before = count(database_url, "organisation")
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(send(world, BODY))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"CREDIT_CODE_TAKEN", "SIMULTANEOUS"}
    assert count(database_url, "organisation") == before + 1


@pytest.mark.parametrize("limit", ["0", "201", "x", "1.5", "-1"])
def test_the_size_of_a_page_is_bounded(world: World, limit: str) -> None:
    answer = world.maker.get("/participants", limit=limit)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["pointer"] == "/query/limit"


@pytest.mark.parametrize("cursor", ["abc", "A" * 40, "!!!!"])
def test_a_false_cursor_is_refused(world: World, cursor: str) -> None:
    assert world.maker.get("/participants", cursor=cursor).json()["code"] == "CURSOR_INVALID"


def test_a_cursor_belongs_to_its_list(world: World) -> None:
    world.an_organisation(admitted=False)
    cursor = world.maker.get("/participants", limit=1).json()["next_cursor"]
    assert world.maker.get("/participants", cursor=cursor).status_code == 200
    assert world.maker.get("/participants", cursor=cursor, kind="gp").json()["code"] == "CURSOR_INVALID"
    assert world.maker.get("/users", cursor=cursor).json()["code"] == "CURSOR_INVALID"


def test_the_probes_answer_without_a_caller(world: World) -> None:
    client = world.visitor().client
    assert client.get("/health").json() == {"status": "alive"}
    assert client.get("/ready").json() == {"status": "ready"}
    assert client.get("/version").json()["name"] == "exchange"


def test_readiness_says_busy_when_the_database_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from exchange.infra.database import forget_engine

    monkeypatch.setenv("EXCHANGE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    settings.cache_clear()
    forget_engine()
    answer = world.visitor().client.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "BUSY")
    assert answer.json()["retryable"] is True
    assert answer.headers["retry-after"]
    forget_engine()
