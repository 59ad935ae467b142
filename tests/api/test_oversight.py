"""The desk: the auditor's export and read-only views, the chain, what is pending, invariants, the sandbox clock."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from exchange.access.roles import Role
from exchange.core.clock import system_now
from exchange.infra.settings import settings
from exchange.oversight.registers import EXPORTED, ORDER_OF_ROWS
from exchange.oversight.service import export_lines
from exchange.relay import publish_all
from tests.people import Person, World, a_key

REFUSED = "42501"
READERS = {Role.OPERATOR, Role.AUDITOR, Role.REGULATOR}


def person_of(world: World, role: Role) -> Person:
    """Somebody of a new organisation with one role."""
    kind = {Role.REGULATOR: "auditor"}.get(role, role.value)
    return world.a_person(world.an_organisation(kind)["id"], [role])


@pytest.fixture
def auditor(world: World) -> Person:
    """An auditor of a sandbox in which something has happened and was published."""
    found = person_of(world, Role.AUDITOR)
    publish_all()
    return found


@pytest.fixture
def audit_connection(world: World, database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the read-only role."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET SESSION AUTHORIZATION exchange_auditor")
        yield connection


def lines_of(text: str) -> list[dict[str, Any]]:
    """The lines of an export; each ends with a newline."""
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def rows(database_url: str, query: str) -> Any:
    """The first value of a query."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_export_is_sealed_counted_and_complete(auditor: Person, database_url: str) -> None:
    answer = auditor.get("/audit/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert "attachment" in answer.headers["content-disposition"]
    lines = lines_of(answer.text)
    body, trailer = answer.text[: answer.text.rindex('{"end"')], lines[-1]
    assert trailer == {"end": True, "sha256": hashlib.sha256(body.encode()).hexdigest()}
    counts, pending = lines[-2]["counts"], lines[-2]["pending"]
    found = dict.fromkeys(EXPORTED, 0)
    for line in lines[1:-2]:
        found[line["view"]] += 1
    assert counts == found
    assert counts["organisations"] == rows(database_url, "SELECT count(*) FROM organisation")
    assert counts["events"] == rows(database_url, "SELECT count(*) FROM event")
    assert pending["unsent_events"] == 1, "the export's own event waits for the relay"
    assert lines[0]["schema"] == 1
    assert lines[0]["chain_number"] == rows(database_url, "SELECT max(number) FROM audit_chain")
    assert lines[0]["chain_hash"] == rows(database_url, "SELECT hash FROM audit_chain ORDER BY number DESC LIMIT 1")


def test_an_export_holds_no_secret(auditor: Person) -> None:
    text = auditor.get("/audit/export").text
    assert "argon2" not in text
    assert '"password' not in text
    assert '"secret' not in text


def test_an_export_is_one_snapshot(auditor: Person, world: World, database_url: str) -> None:
    before = rows(database_url, "SELECT count(*) FROM organisation")
    lines = export_lines(system_now())
    first = json.loads(next(lines))
    world.an_organisation()
    publish_all()
    rest = [json.loads(line) for line in lines]
    assert rest[-2]["counts"]["organisations"] == before
    numbers = [line["row"]["number"] for line in rest if line.get("view") == "events" and line["row"]["number"]]
    assert max(numbers) == first["chain_number"] < rows(database_url, "SELECT max(number) FROM audit_chain")
    assert first["chain_hash"] in {line["row"]["hash"] for line in rest if line.get("view") == "events"}


def test_an_export_is_noted_with_who_took_it(auditor: Person) -> None:
    auditor.get("/audit/export")
    events = [line["row"] for line in lines_of(auditor.get("/audit/export").text) if line.get("view") == "events"]
    takers = [event["actor_id"] for event in events if event["type"] == "audit.exported"]
    assert takers == [auditor.me["user_id"]] * 2


@pytest.mark.parametrize("role", list(Role))
def test_only_auditor_and_regulator_take_exports(world: World, database_url: str, role: Role) -> None:
    person = person_of(world, role)
    before = rows(database_url, "SELECT count(*) FROM event")
    answer = person.get("/audit/export")
    if role in {Role.AUDITOR, Role.REGULATOR}:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert rows(database_url, "SELECT count(*) FROM event") == before


@pytest.mark.parametrize("role", list(Role))
def test_chain_pending_and_invariants_are_open_to_who_watches(world: World, role: Role) -> None:
    person = person_of(world, role)
    expected = 200 if role in READERS else 403
    assert person.post("/audit:verify").status_code == expected
    assert person.get("/audit/pending").status_code == expected
    assert person.get("/audit/invariants").status_code == expected


def test_without_a_caller_the_desk_is_closed(world: World) -> None:
    for path in ("/audit/export", "/audit/pending", "/audit/invariants", "/clock"):
        assert world.visitor().get(path).status_code == 401


def test_the_chain_is_verified_and_a_changed_event_is_named(auditor: Person, database_url: str) -> None:
    sound = auditor.post("/audit:verify").json()
    assert sound["is_unbroken"] is True
    assert sound["first_broken"] is None
    assert sound["links"] == rows(database_url, "SELECT count(*) FROM audit_chain") > 3
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE event DISABLE TRIGGER ALL")
        connection.execute(
            "UPDATE event SET subject_id = 'somebody else' FROM audit_chain"
            " WHERE audit_chain.event_id = event.id AND number = 2"
        )
    broken = auditor.post("/audit:verify").json()
    assert (broken["is_unbroken"], broken["first_broken"], broken["links"]) == (False, 2, 1)
    findings = {item["id"]: item for item in auditor.get("/audit/invariants").json()["items"]}
    assert findings["A4"]["violations"] == 1


def test_what_is_pending_is_counted(auditor: Person, world: World) -> None:
    before = auditor.get("/audit/pending").json()
    assert before["unsent_events"] == before["unmatched_commands"] == before["dead_reactions"] == 0
    world.an_organisation(admitted=False)
    assert auditor.get("/audit/pending").json()["unsent_events"] == 1
    publish_all()
    assert auditor.get("/audit/pending").json()["unsent_events"] == 0


def test_every_invariant_is_told_with_its_figure(auditor: Person) -> None:
    items = auditor.get("/audit/invariants").json()["items"]
    assert len(items) > 15
    assert len({item["id"] for item in items}) == len(items)
    assert [item for item in items if item["violations"] or item["examples"]] == []
    assert all(item["statement"] for item in items)
    assert sum(item["population"] for item in items) > 0


def test_the_sandbox_clock_moves_forward_once_a_key_and_is_audited(world: World, database_url: str) -> None:
    operator, key = world.maker, a_key()
    before = datetime.fromisoformat(operator.get("/clock").json()["now"])
    moved = operator.post("/sandbox/clock", {"hours": 48}, key=key)
    assert moved.status_code == 200, moved.text
    again = operator.post("/sandbox/clock", {"hours": 48}, key=key)
    assert again.json() == moved.json()
    after = datetime.fromisoformat(operator.get("/clock").json()["now"])
    assert timedelta(hours=48) <= after - before < timedelta(hours=49)
    assert operator.get("/clock").json()["is_simulated"] is True
    assert rows(database_url, "SELECT count(*) FROM event WHERE type = 'sandbox.clock_moved'") == 1
    assert rows(database_url, "SELECT actor_id FROM event WHERE type = 'sandbox.clock_moved'") == operator.me["user_id"]
    other = operator.post("/sandbox/clock", {"hours": 1}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")


def test_two_moves_at_once_both_count(world: World) -> None:
    before = datetime.fromisoformat(world.maker.get("/clock").json()["now"])
    moves = [(world.maker, 48), (world.checker, 1)] * 3
    with ThreadPoolExecutor(len(moves)) as pool:
        answers = list(pool.map(lambda move: move[0].post("/sandbox/clock", {"hours": move[1]}), moves))
    assert [answer.status_code for answer in answers] == [200] * len(moves)
    after = datetime.fromisoformat(world.maker.get("/clock").json()["now"])
    assert after - before >= timedelta(hours=3 * 49)


def test_working_days_skip_the_weekend(world: World) -> None:
    before = datetime.fromisoformat(world.maker.get("/clock").json()["now"])
    assert world.maker.post("/sandbox/clock", {"working_days": 5}).status_code == 200
    after = datetime.fromisoformat(world.maker.get("/clock").json()["now"])
    assert after - before >= timedelta(days=7)


@pytest.mark.parametrize(
    "body", [{}, {"hours": -1}, {"working_days": -1}, {"hours": 0}, {"hours": "5"}, {"hours": 1.5}, {"hours": 721}]
)
def test_the_clock_never_goes_back_and_never_leaps_too_far(
    world: World, database_url: str, body: dict[str, object]
) -> None:
    answer = world.maker.post("/sandbox/clock", body)
    assert answer.status_code == 422
    assert answer.json()["code"] in {"CLOCK_STANDS_STILL", "INVALID"}
    assert rows(database_url, "SELECT offset_microseconds FROM sandbox_clock") == 0


def test_outside_a_sandbox_nobody_moves_the_clock(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCHANGE_SANDBOX", "false")
    settings.cache_clear()
    answer = world.maker.post("/sandbox/clock", {"hours": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_A_SANDBOX")
    assert world.maker.get("/clock").json()["is_simulated"] is False
    assert rows(database_url, "SELECT offset_microseconds FROM sandbox_clock") == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_only_an_operator_moves_the_sandbox_clock(world: World, database_url: str, role: Role) -> None:
    answer = person_of(world, role).post("/sandbox/clock", {"hours": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert rows(database_url, "SELECT offset_microseconds FROM sandbox_clock") == 0


def test_the_export_names_every_view_of_the_auditors(world: World, database_url: str) -> None:
    names = rows(database_url, "SELECT array_agg(table_name::text) FROM information_schema.views"
                 " WHERE table_schema = 'audit'")  # fmt: skip
    assert sorted(names) == sorted([*EXPORTED, "pending"])


def test_the_rows_of_an_export_stand_in_one_order(world: World, database_url: str) -> None:
    keys = rows(
        database_url,
        "SELECT json_object_agg(name, columns) FROM (SELECT c.relname AS name,"
        " string_agg(a.attname, ', ' ORDER BY k.place) AS columns FROM pg_constraint p"
        " JOIN pg_class c ON c.oid = p.conrelid CROSS JOIN unnest(p.conkey) WITH ORDINALITY k(number, place)"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number"
        " WHERE p.contype = 'p' AND cardinality(p.conkey) > 1 GROUP BY c.relname) composite",
    )
    wanted = {f"{table}s": columns for table, columns in keys.items() if f"{table}s" in EXPORTED}
    assert len(wanted) > 5
    assert {view: ORDER_OF_ROWS.get(view) for view in wanted} == wanted


def test_the_auditors_role_reads_every_view(audit_connection: psycopg.Connection[Any]) -> None:
    for view in (*EXPORTED, "pending"):
        query = sql.SQL("SELECT count(*) FROM audit.{}").format(sql.Identifier(view))
        assert audit_connection.execute(query).fetchone() is not None
    found = audit_connection.execute("SELECT count(*) FROM audit.users").fetchone()
    assert found == (2,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.user_account",
        "SELECT * FROM public.api_key",
        "SELECT * FROM public.market_order",
        "UPDATE audit.organisations SET name_en = 'x'",
        "DELETE FROM audit.organisations",
        "INSERT INTO audit.halts SELECT * FROM audit.halts",
        "UPDATE public.account SET posted_minor = 1",
        "DELETE FROM public.event",
        "TRUNCATE public.audit_chain",
        "CREATE TABLE public.notes (id int)",
        "CREATE TABLE audit.notes (id int)",
        "SET ROLE exchange_app",
    ],
)
def test_the_auditors_role_reads_nothing_else_and_writes_nothing(
    audit_connection: psycopg.Connection[Any], statement: str
) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        audit_connection.execute(statement.encode())
    assert refusal.value.sqlstate == REFUSED


def test_the_auditors_views_show_no_credential(audit_connection: psycopg.Connection[Any]) -> None:
    found = audit_connection.execute(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'audit' "
        "AND (column_name LIKE '%password%' OR column_name LIKE '%secret%' OR column_name LIKE '%token%')"
    ).fetchall()
    assert found == []


def test_the_clock_moves_to_the_next_deadline_and_not_beyond(world: World, database_url: str) -> None:
    both = world.maker.post("/sandbox/clock", {"hours": 1, "to_next_deadline": True})
    assert (both.status_code, both.json()["code"]) == (422, "CLOCK_STANDS_STILL")
    while (moved := world.maker.post("/sandbox/clock", {"to_next_deadline": True})).status_code == 200:
        now = datetime.fromisoformat(moved.json()["now"])
        assert rows(database_url, f"SELECT count(*) FROM outbox WHERE due_at = '{now.isoformat()}'") >= 1
        publish_all()
    assert (moved.status_code, moved.json()["code"]) == (409, "NO_DEADLINE_AHEAD")
