"""Admission, classes, suitability and ownership over HTTP, all with four eyes."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from exchange.access.roles import Role
from exchange.core.clock import market_date, system_now
from exchange.core.events import Event
from exchange.infra.database import transaction
from exchange.infra.settings import settings
from exchange.parties import jobs
from exchange.parties import service as parties
from tests.people import World, a_key

TODAY = market_date(system_now())


def events_of(database_url: str, kind: str) -> list[dict[str, Any]]:
    """Data of the events of a type, in order."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT data FROM event WHERE type = %s ORDER BY id", (kind,)).fetchall()
    return [row[0] for row in rows]


def a_suitability(**fields: object) -> dict[str, object]:
    """A record that fits the default profile."""
    return {
        "currency": "CNY",
        "net_assets": "20000000.00",
        "financial_assets": "10000000.00",
        "evidence": "audited accounts",
        "as_of": (TODAY - timedelta(days=90)).isoformat(),
        "valid_to": (TODAY + timedelta(days=200)).isoformat(),
        "risk_rating": 4,
        "risk_statement_signed_on": TODAY.isoformat(),
        "no_nominee_declared_on": TODAY.isoformat(),
    } | fields


def test_anybody_applies_and_two_operators_admit(world: World) -> None:
    body = {
        "kind": "investor",
        "name_zh": "模拟投资者",
        "name_en": "Simulated investor",
        "credit_code": parties.simulated_credit_code(77),
        "is_simulated": True,
    }
    applied = world.visitor().post("/participants", body)
    assert applied.status_code == 201
    organisation_id = applied.json()["id"]
    approval = world.maker.post(f"/participants/{organisation_id}:approve")
    assert approval.json()["status"] == "pending"
    same = world.maker.post(f"/approvals/{approval.json()['id']}:approve", {"reason": "mine"})
    assert (same.status_code, same.json()["code"]) == (403, "SAME_PERSON")
    assert world.maker.get(f"/participants/{organisation_id}").json()["status"] == "applied"
    world.decided(approval)
    found = world.maker.get(f"/participants/{organisation_id}").json()
    assert found["status"] == "approved"
    assert found["standing"]["is_approved"] is True
    again = world.checker.post(f"/approvals/{approval.json()['id']}:approve", {"reason": "twice"})
    assert again.json()["code"] == "APPROVAL_DECIDED"


def test_a_rejected_applicant_stays_out(world: World) -> None:
    organisation = world.an_organisation(admitted=False)
    world.decided(world.maker.post(f"/participants/{organisation['id']}:approve"), "reject")
    assert world.maker.get(f"/participants/{organisation['id']}").json()["status"] == "rejected"
    answer = world.maker.post(f"/participants/{organisation['id']}:approve")
    assert answer.json()["code"] == "ILLEGAL_TRANSITION"


def test_a_question_waits_once(world: World) -> None:
    organisation = world.an_organisation(admitted=False)
    world.maker.post(f"/participants/{organisation['id']}:approve")
    answer = world.checker.post(f"/participants/{organisation['id']}:approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "APPROVAL_PENDING")
    assert len(world.maker.get("/approvals", status="pending").json()["items"]) == 1


def test_suspension_and_reinstatement_take_two_as_well(world: World, database_url: str) -> None:
    organisation = world.an_organisation()
    world.decided(world.maker.post(f"/participants/{organisation['id']}:suspend"))
    found = world.maker.get(f"/participants/{organisation['id']}").json()
    assert (found["status"], found["standing"]["is_approved"]) == ("suspended", False)
    world.decided(world.maker.post(f"/participants/{organisation['id']}:reinstate"))
    assert world.maker.get(f"/participants/{organisation['id']}").json()["status"] == "approved"
    assert len(events_of(database_url, "organisation.suspended")) == 1


@pytest.mark.parametrize(
    ("code", "simulated", "status", "expected"),
    [
        ("91110000600037341L", False, 201, None),
        ("911100006000373410", False, 422, "CREDIT_CODE_INVALID"),
        ("91110000600037341L", True, 422, "CREDIT_CODE_REAL"),
        ("911100006000373410", True, 201, None),
        ("91110000600037341l", False, 422, "INVALID"),
        ("9111000060003734", False, 422, "INVALID"),
    ],
)
def test_credit_codes_are_checked(world: World, code: str, simulated: bool, status: int, expected: str | None) -> None:
    body = {"kind": "gp", "name_zh": "甲", "name_en": "A", "credit_code": code, "is_simulated": simulated}
    answer = world.visitor().post("/participants", body)
    assert (answer.status_code, answer.json().get("code")) == (status, expected)


def test_no_simulated_organisation_outside_a_sandbox(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_SANDBOX", "false")
    settings.cache_clear()
    body = {"kind": "gp", "name_zh": "甲", "name_en": "A", "credit_code": parties.simulated_credit_code(5)}
    answer = world.visitor().post("/participants", body | {"is_simulated": True})
    assert answer.json()["code"] == "SIMULATION_FORBIDDEN"


def test_the_public_cannot_apply_as_operator(world: World) -> None:
    body = {"kind": "operator", "name_zh": "甲", "name_en": "A", "credit_code": parties.simulated_credit_code(5)}
    assert world.visitor().post("/participants", body | {"is_simulated": True}).json()["code"] == "KIND_NOT_OPEN"


def test_an_application_sent_twice_is_one_organisation(world: World) -> None:
    key = a_key()
    body = {"kind": "gp", "name_zh": "甲", "name_en": "A", "credit_code": "91110000600037341L"}
    first, again = (world.visitor().post("/participants", body, key=key) for _ in range(2))
    assert first.json() == again.json()
    other = world.visitor().post("/participants", body)
    assert other.json()["code"] == "CREDIT_CODE_TAKEN"


def test_foreign_organisations_are_not_there(world: World) -> None:
    mine, other = world.an_organisation("gp"), world.an_organisation("gp")
    person = world.a_person(mine["id"], [Role.GP])
    assert person.get(f"/participants/{mine['id']}").status_code == 200
    missing = "org_01KAR3Z5V9W3M8Q4T6X2Y7B1C0"
    for tail in ("", "/classes", "/suitability", "/owners"):
        answers = [person.get(f"/participants/{who}{tail}") for who in (other["id"], missing)]
        bodies = [{k: v for k, v in a.json().items() if k not in {"request_id", "instance"}} for a in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert bodies[0] == bodies[1]
    assert person.get("/participants").status_code == 403


def test_a_class_counts_only_after_the_second_person(world: World, database_url: str) -> None:
    organisation = world.an_organisation()["id"]
    body = {
        "buyer_class": "guidance_fund",
        "evidence": "approving document",
        "valid_from": TODAY.isoformat(),
        "valid_to": (TODAY + timedelta(days=30)).isoformat(),
    }
    asked = world.maker.post(f"/participants/{organisation}/classes", body)
    assert world.maker.get(f"/participants/{organisation}").json()["standing"]["buyer_class"] == "other"
    assert events_of(database_url, "investor_class.changed") == []
    world.decided(asked)
    standing = world.maker.get(f"/participants/{organisation}").json()["standing"]
    assert standing["buyer_class"] == "guidance_fund"
    assert events_of(database_url, "investor_class.changed") == [{"from": "other", "to": "guidance_fund"}]


def test_a_new_class_replaces_the_old_and_says_so(world: World, database_url: str) -> None:
    organisation = world.an_organisation()["id"]
    world.a_class(organisation, "guidance_fund")
    world.a_class(organisation, "equity_fund")
    records = world.maker.get(f"/participants/{organisation}/classes").json()["items"]
    assert [record["status"] for record in records] == ["approved", "replaced"]
    assert [event["to"] for event in events_of(database_url, "investor_class.changed")] == [
        "guidance_fund",
        "equity_fund",
    ]


def test_a_class_ends_by_itself_once(world: World, database_url: str) -> None:
    organisation = world.an_organisation()["id"]
    world.a_class(organisation)
    with psycopg.connect(database_url) as connection:
        due = connection.execute(
            "SELECT count(*) FROM outbox o JOIN event e ON e.id = o.event_id "
            "WHERE e.type = 'investor_class.ended' AND o.due_at > now()"
        ).fetchone()
        assert due == (1,)
        connection.execute("UPDATE investor_class SET valid_from = %s, valid_to = %s", (TODAY - timedelta(9),) * 2)
    for _ in range(2):
        with transaction() as tx:
            jobs.class_ended(tx, system_now(), Event("investor_class.ended", organisation))
    changes = events_of(database_url, "investor_class.changed")
    assert changes == [{"from": "other", "to": "guidance_fund"}, {"from": "guidance_fund", "to": "other"}]


@pytest.mark.parametrize(
    ("first", "last"), [(1, 30), (-30, -1), (0, 2000)], ids=["not yet in force", "over already", "too long"]
)
def test_a_class_must_be_in_force_and_end(world: World, first: int, last: int) -> None:
    organisation = world.an_organisation()["id"]
    body = {
        "buyer_class": "equity_fund",
        "evidence": "paper",
        "valid_from": (TODAY + timedelta(days=first)).isoformat(),
        "valid_to": (TODAY + timedelta(days=last)).isoformat(),
    }
    answer = world.maker.post(f"/participants/{organisation}/classes", body)
    assert answer.json()["code"] == "RECORD_DATES"
    assert world.maker.get(f"/participants/{organisation}/classes").json()["items"] == []


def test_suitability_is_measured_against_the_profile(world: World) -> None:
    organisation = world.an_organisation()["id"]
    path = f"/participants/{organisation}/suitability"
    poor = world.maker.post(path, a_suitability(net_assets="19999999.99", financial_assets="0"))
    assert (poor.status_code, poor.json()["code"]) == (409, "RULES_BROKEN")
    assert [(b["rule"], b["code"]) for b in poor.json()["breaches"]] == [
        ("R-22", "NET_ASSETS_TOO_LOW"),
        ("R-22", "FINANCIAL_ASSETS_TOO_LOW"),
    ]
    assert "20000000.00" in poor.json()["breaches"][0]["detail_en"]
    world.decided(world.maker.post(path, a_suitability()))
    standing = world.maker.get(f"/participants/{organisation}").json()["standing"]
    assert standing["net_assets"] == {"amount": "20000000.00", "currency": "CNY"}
    assert standing["risk_rating"] == 4
    assert standing["suitable_until"] == (TODAY + timedelta(days=200)).isoformat()


def test_owners_make_groups(world: World) -> None:
    parent, child, grandchild = (world.an_organisation()["id"] for _ in range(3))
    edge = {"owner_name": "parent", "as_of": TODAY.isoformat(), "evidence": "register"}
    world.maker.post(f"/participants/{grandchild}/owners", edge | {"owner_id": child, "share": "0.6"})
    world.maker.post(f"/participants/{child}/owners", edge | {"owner_id": parent, "share": "0.5"})
    owners = world.maker.get(f"/participants/{grandchild}/owners").json()
    assert owners["beneficial"] == [
        {"owner_id": owner, "share": share} for owner, share in sorted([(child, "0.6000"), (parent, "0.3000")])
    ]
    with transaction() as tx:
        standings = parties.standings_of(tx, [parent, child, grandchild])
    assert standings[parent].is_related_to(standings[grandchild])
    direct = world.maker.get(f"/participants/{child}/owners").json()["direct"][0]["id"]
    assert world.maker.post(f"/participants/{child}/owners/{direct}:end").status_code == 200
    with transaction() as tx:
        standings = parties.standings_of(tx, [parent, child, grandchild])
    assert not standings[parent].is_related_to(standings[grandchild])
    assert standings[child].is_related_to(standings[grandchild])


def test_nobody_owns_more_than_the_whole_or_itself(world: World) -> None:
    organisation = world.an_organisation()["id"]
    edge = {"owner_name": "somebody", "as_of": TODAY.isoformat(), "evidence": "register"}
    path = f"/participants/{organisation}/owners"
    assert world.maker.post(path, edge | {"share": "0.7"}).status_code == 201
    assert world.maker.post(path, edge | {"share": "0.300001"}).json()["code"] == "OWNERSHIP_OVER_WHOLE"
    itself = edge | {"owner_id": organisation, "share": "0.1"}
    assert world.maker.post(path, itself).json()["code"] == "OWNERSHIP_OF_ITSELF"
    assert len(world.maker.get(path).json()["direct"]) == 1


def test_roles_fit_the_kind_of_organisation(world: World) -> None:
    organisation = world.an_organisation("investor")["id"]
    body = {"login": "x@example.test", "name": "X", "password": "a long sentence indeed", "roles": ["operator"]}
    answer = world.maker.post(f"/participants/{organisation}/users", body)
    assert answer.json()["code"] == "ROLES_NOT_OF_KIND"
    weak = world.maker.post(f"/participants/{organisation}/users", body | {"roles": ["investor"], "password": "short"})
    assert weak.json()["code"] == "PASSWORD_WEAK"
    assert world.maker.get("/users", organisation_id=organisation).json()["items"] == []


def test_lists_page_without_gaps_or_repeats(world: World) -> None:
    known = {world.an_organisation(admitted=False)["id"] for _ in range(5)} | {world.operator_organisation_id}
    seen: list[str] = []
    cursor = ""
    while True:
        page = world.maker.get("/participants", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 6
    assert set(seen) == known


def test_the_rule_book_is_open_to_everybody_signed_in(world: World) -> None:
    person = world.a_person(world.an_organisation()["id"], [Role.INVESTOR])
    rules = {rule["name"]: rule for rule in person.get("/rules/CN_BJ").json()["rules"]}
    assert rules["partner_cap"]["value"] == 50
    assert rules["partner_cap"]["rule_id"] == "R-06"
    assert person.get("/rules").json()["items"][0]["name"] == "CN_BJ"
    assert person.get("/rules/NOWHERE").json()["code"] == "PROFILE_UNKNOWN"
    assert person.get("/rules/CN_BJ", on="1999-01-01").status_code == 404
    assert world.visitor().get("/rules").status_code == 401
