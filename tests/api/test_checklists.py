"""Checklists over the API: from an empty list to a passed gate, and what a refusal tells."""

from dataclasses import dataclass
from typing import Any

import pytest

from exchange.access.actor import Actor
from exchange.access.roles import Role, permissions_of
from exchange.core.clock import market_date, system_now
from exchange.core.ids import new_id
from exchange.diligence.document import FileKind
from exchange.diligence.errors import GateBlocked
from exchange.diligence.gate import Gate
from exchange.diligence.service import checklists, gates
from exchange.diligence.service.checklists import ListingSubject
from exchange.diligence.tables.checklists import GatePassageRow
from exchange.rest.problems import problem_of
from tests.builders import a_fund, at_work
from tests.integration.diligence.deal_world import a_document
from tests.people import Person, World, a_key

TODAY = market_date(system_now()).isoformat()


@dataclass
class Desk:
    """A listing with its checklist and its people at the API."""

    world: World
    listing_id: str
    gp: Person
    seller: Person
    bidder: Person

    def items(self, by: Person, **query: str) -> dict[str, Any]:
        """The items that somebody sees, by code."""
        answer = by.get(f"/listings/{self.listing_id}/checklist", **query)
        assert answer.status_code == 200, answer.text
        return {item["code"]: item for item in answer.json()["items"]}

    def document(self, owner: Person, kind: FileKind = FileKind.PDF) -> str:
        """A clean document of somebody's organisation in this listing."""
        with at_work() as (tx, now):
            return a_document(tx, now, actor_of(owner), self.listing_id, kind=kind)

    def submit(self, by: Person, code: str, **fields: object) -> Any:
        """Hand in a fresh paper for an item."""
        item_id = self.items(by)[code]["id"]
        body = {"document_id": self.document(by), "document_version": 1, "issued_on": TODAY, "as_of": TODAY}
        return by.post(f"/checklist-items/{item_id}/submissions", body | fields)


def actor_of(person: Person) -> Actor:
    """The person as services know it."""
    role = Role(person.me["roles"][0])
    return Actor(
        person.me["user_id"], person.me["organisation_id"], frozenset({role}), permissions_of(frozenset({role}))
    )


@pytest.fixture
def desk(world: World) -> Desk:
    """A listing with its checklist and a bidder."""
    gp, seller, bidder = (
        world.a_person(world.an_organisation(kind)["id"], [role])
        for kind, role in (("gp", Role.GP), ("investor", Role.INVESTOR), ("investor", Role.INVESTOR))
    )
    listing_id = new_id("listing")
    subject = ListingSubject(
        listing_id,
        a_fund(actor_of(gp)),
        "CN_BJ",
        actor_of(seller).organisation_id,
        actor_of(gp).organisation_id,
        "lp_transfer",
        is_simulated=True,
    )
    with at_work() as (tx, now):
        checklists.open_checklist(tx, now, subject, {"large_deal": True})
        checklists.open_bidder(tx, now, listing_id, actor_of(bidder).organisation_id)
    return Desk(world, listing_id, gp, seller, bidder)


def test_a_paper_goes_from_nothing_to_accepted_with_its_history(desk: Desk) -> None:
    item = desk.items(desk.gp)["C07"]
    assert (item["state"], item["folder"], item["gate"]) == ("not_requested", "04", "list_publish")
    assert item["actions"] == ["submit"]
    handed_in = desk.submit(desk.gp, "C07", structured={"commitment": "100.00"}, note="second quarter")
    assert handed_in.status_code == 201, handed_in.text
    body = handed_in.json()
    assert body["item"]["state"] == "submitted"
    assert body["submissions"][0]["note"] == "second quarter"
    path = f"/checklist-items/{item['id']}"
    assert desk.world.maker.get("/tasks").json()["items"][0]["item"]["code"] == "C07"
    own = desk.gp.post(f"{path}:accept")
    assert (own.status_code, own.json()["code"]) == (403, "NOT_ITEM_REVIEWER")
    assert desk.bidder.get(path).status_code == 404
    assert desk.bidder.post(f"{path}:accept").status_code == 404
    nothing = desk.world.maker.post(f"{path}:return", {"reason": ""})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "REASON_MISSING")
    assert desk.world.maker.post(f"{path}:take-up").json()["item"]["state"] == "in_review"
    key = a_key()
    first = desk.world.maker.post(f"{path}:accept", {"reason": "agrees"}, key=key)
    second = desk.world.maker.post(f"{path}:accept", {"reason": "agrees"}, key=key)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    history = desk.gp.get(path).json()
    assert [step["state_after"] for step in history["decisions"]] == ["submitted", "in_review", "accepted"]
    assert history["item"]["paper"]["structured"] == {"commitment": "100.00"}
    late = desk.world.maker.post(f"{path}:accept")
    assert (late.status_code, late.json()["code"]) == (409, "ILLEGAL_TRANSITION")


def test_papers_are_refused_in_words_that_help(desk: Desk) -> None:
    wrong = desk.submit(desk.gp, "C07", document_id=desk.document(desk.gp, FileKind.ZIP))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "FILE_KIND_NOT_ACCEPTED")
    assert "pdf, xlsx, csv" in wrong.json()["detail_en"]
    fraction = desk.submit(desk.gp, "C07", structured={"rows": [{"amount": 0.1}]})
    assert (fraction.status_code, fraction.json()["fields"][0]["code"]) == (422, "STRUCTURED_NOT_EXACT")
    day = {"document_version": 1, "issued_on": TODAY, "as_of": TODAY}
    papers = [
        {"code": "C01", "document_id": desk.document(desk.gp), **day},
        {"code": "A03", "document_id": desk.document(desk.gp), **day},
    ]
    several = desk.gp.post(f"/listings/{desk.listing_id}/submissions", {"papers": papers})
    assert (several.status_code, several.json()["code"]) == (403, "NOT_ITEM_PROVIDER")
    assert [field["pointer"] for field in several.json()["fields"]] == ["/papers/1"]
    assert desk.items(desk.gp)["C01"]["state"] == "not_requested"
    good = desk.gp.post(f"/listings/{desk.listing_id}/submissions", {"papers": papers[:1]})
    assert good.status_code == 201
    assert [item["state"] for item in good.json()["items"]] == ["submitted"]


def test_a_shut_gate_names_what_is_missing_and_who_must_act(desk: Desk) -> None:
    bidder = actor_of(desk.bidder).organisation_id
    with at_work() as (tx, now), pytest.raises(GateBlocked) as shut:
        gates.require_gate(tx, now, listing_id=desk.listing_id, gate=Gate.SIGN, organisation_id=bidder)
    problem = problem_of(shut.value, "zh", "/here", "req").model_dump() | shut.value.members
    assert (problem["status"], problem["code"], problem["gate"]) == (409, "GATE_BLOCKED", "sign")
    items: Any = problem["items"]
    listed = {item["code"]: item for item in items if item["scope"] != "account"}
    assert {"A05", "C07", "F04", "G06", "I02"} <= listed.keys()
    assert listed["G06"]["waits_for"] == [{"role": "buyer", "organisation_id": bidder}]
    assert listed["G06"]["name_zh"] == "保密协议"
    count = len(items)
    assert problem["detail_zh"].startswith(f"还有 {count} 项未完成：")
    assert problem["detail_en"].startswith(f"{count} items are still open: ")


def test_facts_change_what_is_asked_for(desk: Desk) -> None:
    put = desk.gp.client.put(
        f"/api/v1/listings/{desk.listing_id}/facts",
        json={"facts": {"fund_has_debt": True}},
        headers={"X-CSRF-Token": desk.gp.csrf},
    )
    assert put.status_code == 200, put.text
    facts = {fact["name"]: fact for fact in put.json()["facts"]}
    assert facts["fund_has_debt"]["is_stated"]
    assert facts["large_deal"]["value"]
    assert not facts["seller_foreign"]["is_stated"]
    assert desk.items(desk.gp)["C10"]["is_required"]
    refused = desk.gp.client.put(
        f"/api/v1/listings/{desk.listing_id}/facts",
        json={"facts": {"large_deal": False}},
        headers={"X-CSRF-Token": desk.gp.csrf},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "FACT_OF_THE_REGISTERS")


def test_findings_are_opened_listed_and_resolved_by_others(desk: Desk) -> None:
    body = {"listing_id": desk.listing_id, "severity": "block", "note": "The register names another owner."}
    opened = desk.world.maker.post("/findings", body)
    assert opened.status_code == 201, opened.text
    finding_id = opened.json()["id"]
    assert [row["id"] for row in desk.gp.get("/findings", listing_id=desk.listing_id).json()["items"]] == [finding_id]
    assert desk.bidder.get("/findings", listing_id=desk.listing_id).json()["items"] == []
    own = desk.gp.post(f"/findings/{finding_id}:resolve", {"resolution": "it is us"})
    assert (own.status_code, own.json()["code"]) == (403, "FINDING_BY_SUBJECT")
    done = desk.world.checker.post(f"/findings/{finding_id}:resolve", {"resolution": "a new extract is in"})
    assert done.json()["state"] == "resolved"
    assert desk.gp.get("/findings", listing_id=desk.listing_id, state="open").json()["items"] == []


def test_a_stranger_meets_nothing_until_the_listing_is_published(desk: Desk) -> None:
    stranger = desk.world.a_person(desk.world.an_organisation("investor")["id"], [Role.INVESTOR])
    checklist = f"/listings/{desk.listing_id}/checklist"
    for path in (checklist, f"{checklist}.xlsx"):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/findings", listing_id=desk.listing_id).status_code == 404
    assert stranger.post(f"{checklist}:open").status_code == 404
    with at_work() as (tx, now):  # as listings does when it publishes; the papers are not the point here
        tx.add(
            GatePassageRow(
                id=new_id("gate_passage"),
                listing_id=desk.listing_id,
                gate=Gate.LIST_PUBLISH,
                passed_by="system",
                passed_at=now,
            )
        )
    opened = stranger.post(f"{checklist}:open")
    assert opened.status_code == 200, opened.text
    assert "G06" in {item["code"] for item in opened.json()["items"]}
    assert {"C07", "A03"}.isdisjoint(item["code"] for item in opened.json()["items"])


def test_accounts_templates_and_services_are_read(desk: Desk) -> None:
    account = desk.bidder.get("/account/checklist").json()
    assert {item["code"] for item in account["items"]} == {"P01", "P02", "P03", "P04", "P05"}
    organisation_id = actor_of(desk.bidder).organisation_id
    assert desk.gp.get("/account/checklist", organisation_id=organisation_id).status_code == 404
    assert desk.world.maker.get("/account/checklist", organisation_id=organisation_id).json()["items"]
    with at_work() as (tx, now):
        document_id = a_document(tx, now, actor_of(desk.bidder), None)
    paper = {"code": "P05", "document_id": document_id, "document_version": 1, "issued_on": TODAY}
    alone = desk.bidder.post("/account/submissions", {"papers": [paper]})
    assert (alone.status_code, alone.json()["code"]) == (409, "PAPER_NOT_BORNE_OUT")
    handed_in = desk.bidder.post("/account/submissions", {"papers": [paper | {"code": "P01"}]})
    assert handed_in.status_code == 201, handed_in.text
    assert handed_in.json()["items"][0]["state"] == "submitted"
    found = desk.bidder.get("/checklist-templates/gp_led_continuation").json()
    assert len(found["items"]) == 55 + 11
    assert desk.bidder.get("/checklist-templates/no_such_type").status_code == 404
    assert len(desk.gp.get("/service-checklists/initial_custody").json()["items"]) == 9


def test_a_workbook_goes_out_to_a_side_and_in_by_the_exchange_alone(desk: Desk) -> None:
    assert desk.submit(desk.gp, "C01").status_code == 201
    out = desk.gp.get(f"/listings/{desk.listing_id}/checklist.xlsx")
    assert out.status_code == 200
    assert out.content.startswith(b"PK")
    path = f"/api/v1/listings/{desk.listing_id}/checklist:import"

    def send(person: Person, content: bytes) -> Any:
        files = {"file": ("checklist.xlsx", content)}
        return person.client.post(path, files=files, headers={"X-CSRF-Token": person.csrf})

    assert send(desk.gp, out.content).status_code == 403
    taken = send(desk.world.maker, out.content)
    assert (taken.status_code, taken.json()["code"]) == (422, "CHECKLIST_WORKBOOK_INVALID")
    assert send(desk.world.maker, b"no workbook").status_code == 422
