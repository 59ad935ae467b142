"""Investors file their own records; one operator takes them up, a second decides."""

from datetime import timedelta
from typing import Any

from exchange.access.roles import Role
from exchange.core.clock import market_date, system_now
from exchange.infra.database import transaction
from exchange.parties import service as parties
from exchange.parties.relations import Behind
from tests.people import World

TODAY = market_date(system_now())


def a_class_filing() -> dict[str, Any]:
    """A guidance fund with its document."""
    return {
        "buyer_class": "guidance_fund",
        "evidence": "approving document 7",
        "valid_from": TODAY.isoformat(),
        "valid_to": (TODAY + timedelta(days=300)).isoformat(),
    }


def a_suitability_filing(net_assets: str = "50000000.00") -> dict[str, Any]:
    """What the last balance sheet shows."""
    return {
        "currency": "CNY",
        "net_assets": net_assets,
        "financial_assets": "30000000.00",
        "evidence": "audited accounts",
        "as_of": (TODAY - timedelta(days=30)).isoformat(),
        "valid_to": (TODAY + timedelta(days=200)).isoformat(),
        "risk_rating": 5,
        "risk_statement_signed_on": TODAY.isoformat(),
        "no_nominee_declared_on": TODAY.isoformat(),
    }


def status_of(world: World, organisation_id: str, kind: str) -> list[str]:
    """The statuses of an organisation's records, newest first."""
    return [item["status"] for item in world.maker.get(f"/participants/{organisation_id}/{kind}").json()["items"]]


def behind(organisation_id: str) -> Behind:
    """Who stands behind an organisation when holders are counted."""
    with transaction() as tx:
        return parties.behind_of(tx, system_now(), [organisation_id])[organisation_id]


def test_a_filed_class_counts_after_two_operators(world: World) -> None:
    investor = world.an_organisation()
    person = world.a_person(investor["id"], [Role.INVESTOR])
    filed = person.post("/filings/classes", a_class_filing())
    assert (filed.status_code, filed.json()["status"]) == (201, "filed")
    newer = person.post("/filings/classes", a_class_filing()).json()
    assert status_of(world, investor["id"], "classes") == ["filed", "replaced"]
    waiting = world.maker.get("/filings").json()["classes"]
    assert [(item["id"], item["organisation_id"]) for item in waiting] == [(newer["id"], investor["id"])]
    assert world.maker.post(f"/filings/{filed.json()['id']}:take-up").json()["code"] == "FILING_NOT_FOUND"
    asked = world.maker.post(f"/filings/{newer['id']}:take-up")
    own = world.maker.post(f"/approvals/{asked.json()['id']}:approve", {"reason": "mine"})
    assert (own.status_code, status_of(world, investor["id"], "classes")[0]) == (403, "proposed")
    world.decided(asked)
    assert status_of(world, investor["id"], "classes")[0] == "approved"


def test_a_filed_suitability_record_obeys_the_rules_and_may_be_turned_down(world: World) -> None:
    investor = world.an_organisation()
    person = world.a_person(investor["id"], [Role.INVESTOR])
    assert person.post("/filings/suitability", a_suitability_filing("1.00")).json()["code"] == "RULES_BROKEN"
    assert status_of(world, investor["id"], "suitability") == []
    filed = person.post("/filings/suitability", a_suitability_filing()).json()
    answer = world.maker.post(f"/filings/{filed['id']}:turn-down", {"reason": "the accounts are not signed"})
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert world.maker.post(f"/filings/{filed['id']}:take-up").status_code == 404
    world.decided(
        world.maker.post(f"/filings/{person.post('/filings/suitability', a_suitability_filing()).json()['id']}:take-up")
    )
    assert status_of(world, investor["id"], "suitability") == ["approved", "rejected"]


def test_an_annuity_is_qualified_by_law_and_one_holder(world: World) -> None:
    annuity = world.an_organisation()
    person = world.a_person(annuity["id"], [Role.INVESTOR])
    owner = {"owner_name": "one of many", "share": "0.1", "as_of": TODAY.isoformat(), "evidence": "register"}
    world.maker.post(f"/participants/{annuity['id']}/owners", owner)
    assert not behind(annuity["id"]).is_complete
    deemed = {"kind": "annuity", "proof_kind": "charity_registration", "proof_number": "2026-17"}
    wrong = person.post("/filings/suitability", a_suitability_filing("0.00") | {"deemed": deemed})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "DEEMED_INVALID")
    assert "plan_confirmation" in wrong.json()["detail_en"]
    assert status_of(world, annuity["id"], "suitability") == []
    right = a_suitability_filing("0.00") | {"deemed": deemed | {"proof_kind": "plan_confirmation"}}
    filed = person.post("/filings/suitability", right)
    assert (filed.status_code, filed.json()["deemed_kind"]) == (201, "annuity")
    assert not behind(annuity["id"]).is_complete
    world.decided(world.maker.post(f"/filings/{filed.json()['id']}:take-up"))
    assert behind(annuity["id"]) == Behind(frozenset({annuity["id"]}), is_complete=True)
    assert world.maker.get(f"/participants/{annuity['id']}").json()["standing"]["deemed_kind"] == "annuity"


def test_staff_names_a_manager_and_not_just_anybody(world: World) -> None:
    staff, manager = world.an_organisation(), world.an_organisation("gp")
    person = world.a_person(staff["id"], [Role.INVESTOR])
    deemed = {"kind": "manager_or_staff", "proof_kind": "manager_registration", "proof_number": "P1000001"}
    for named in ({}, {"manager_organisation_id": staff["id"]}):
        answer = person.post("/filings/suitability", a_suitability_filing("0.00") | {"deemed": deemed | named})
        assert answer.json()["code"] == "DEEMED_INVALID"
    named = {"manager_organisation_id": manager["id"]}
    answer = person.post("/filings/suitability", a_suitability_filing("0.00") | {"deemed": deemed | named})
    assert (answer.status_code, answer.json()["deemed_manager_id"]) == (201, manager["id"])


def test_only_investors_file_and_only_operators_take_up(world: World) -> None:
    investor, manager = world.an_organisation(), world.an_organisation("gp")
    person = world.a_person(investor["id"], [Role.INVESTOR])
    gp = world.a_person(manager["id"], [Role.GP])
    assert gp.post("/filings/classes", a_class_filing()).status_code == 403
    assert world.maker.post("/filings/classes", a_class_filing()).status_code == 403
    filed = person.post("/filings/classes", a_class_filing()).json()
    assert person.post(f"/filings/{filed['id']}:take-up").status_code == 403
    assert person.get("/filings").status_code == 403
