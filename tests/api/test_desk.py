"""The auditor's desk over HTTP: export, chain, pending work, invariants, the read-only role, the sandbox clock."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest

from exchange.access.roles import Role
from exchange.infra.settings import settings
from exchange.relay import publish_all
from tests.people import Person, World, a_key


@pytest.fixture
def auditor(world: World) -> Person:
    """A user of an admitted auditor."""
    return world.a_person(world.an_organisation("auditor")["id"], [Role.AUDITOR])


@pytest.fixture
def investor(world: World) -> Person:
    """A user of an admitted investor."""
    return world.a_person(world.an_organisation()["id"], [Role.INVESTOR])


def lines_of(person: Person) -> list[str]:
    answer = person.get("/audit/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return answer.text.splitlines(keepends=True)


def test_an_export_is_whole_and_its_last_line_proves_it(auditor: Person) -> None:
    publish_all()
    *body, last = lines_of(auditor)
    assert json.loads(last) == {"end": True, "sha256": hashlib.sha256("".join(body).encode()).hexdigest()}
    counts = json.loads(body[-1])["counts"]
    rows = [json.loads(line)["view"] for line in body[1:-1]]
    assert {view: rows.count(view) for view in counts} == counts
    assert counts["organisations"] >= 2
    assert json.loads(body[0])["chain_number"] > 0


def test_an_export_holds_no_secret_and_names_who_took_it(auditor: Person) -> None:
    text = "".join(lines_of(auditor))
    assert "password_hash" not in text
    assert "token_hash" not in text
    assert "secret_hash" not in text
    assert '"audit.exported"' in "".join(lines_of(auditor))


def test_only_auditors_and_regulators_export(world: World, investor: Person) -> None:
    operator = world.maker
    for person in (operator, investor):
        answer = person.get("/audit/export")
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert world.visitor().get("/audit/export").status_code == 401


def test_the_chain_is_verified_from_the_events(auditor: Person) -> None:
    published = publish_all()
    seen = auditor.post("/audit:verify").json()
    assert (seen["links"], seen["first_broken"], seen["is_unbroken"]) == (published, None, True)


def test_a_forged_event_is_named(auditor: Person, database_url: str) -> None:
    publish_all()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE event SET data = '{\"forged\": true}' FROM audit_chain c WHERE c.number = 2 AND id = c.event_id"
        )
    assert auditor.post("/audit:verify").json()["first_broken"] == 2


def test_pending_work_is_counted(auditor: Person) -> None:
    before = auditor.get("/audit/pending").json()
    assert before["unsent_events"] > 0
    publish_all()
    assert auditor.get("/audit/pending").json()["unsent_events"] == 0


def test_every_invariant_holds_and_says_what_it_looked_at(auditor: Person) -> None:
    publish_all()
    findings = auditor.get("/audit/invariants").json()["items"]
    assert [finding["id"] for finding in findings if finding["violations"]] == []
    assert max(finding["population"] for finding in findings) > 0


@pytest.fixture
def auditor_sql(world: World, database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection under the auditor's database role."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET ROLE exchange_auditor")
        yield connection


def test_the_auditors_role_reads_its_views(auditor_sql: psycopg.Connection[tuple[object, ...]]) -> None:
    row = auditor_sql.execute("SELECT count(*) FROM audit.events").fetchone()
    assert row is not None
    assert int(str(row[0])) > 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password_hash FROM public.user_account",
        "SELECT * FROM public.event",
        "DELETE FROM audit.trades",
        "INSERT INTO audit.pending VALUES (1)",
        "CREATE TABLE public.mine (id int)",
    ],
)
def test_the_auditors_role_does_nothing_else(
    auditor_sql: psycopg.Connection[tuple[object, ...]], statement: str
) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
        auditor_sql.execute(statement.encode())


def now_at(person: Person) -> datetime:
    return datetime.fromisoformat(person.get("/clock").json()["now"])


def test_an_operator_moves_the_sandbox_clock_on_once(world: World) -> None:
    operator, key = world.maker, a_key()
    before = now_at(operator)
    first = operator.post("/sandbox/clock", {"hours": 5}, key=key)
    again = operator.post("/sandbox/clock", {"hours": 5}, key=key)
    assert (first.status_code, again.json()) == (200, first.json())
    assert 5 <= (now_at(operator) - before).total_seconds() / 3600 < 5.1


def test_a_move_of_nothing_is_refused(world: World) -> None:
    answer = world.maker.post("/sandbox/clock", {})
    assert (answer.status_code, answer.json()["code"]) == (422, "CLOCK_STANDS_STILL")


def test_the_clock_never_goes_back(world: World) -> None:
    before = now_at(world.maker)
    assert world.maker.post("/sandbox/clock", {"hours": -5}).status_code == 422
    assert now_at(world.maker) >= before


def test_investors_do_not_move_the_clock(investor: Person) -> None:
    assert investor.post("/sandbox/clock", {"hours": 5}).status_code == 403


def test_the_clock_of_a_production_system_cannot_be_moved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_SANDBOX", "false")
    settings.cache_clear()
    answer = world.maker.post("/sandbox/clock", {"hours": 5})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_A_SANDBOX")
