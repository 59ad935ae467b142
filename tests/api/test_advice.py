"""Advice over HTTP: the whole way, and what nobody may find out before its time."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from exchange.access.roles import Role
from exchange.core.clock import market_date, system_now
from exchange.core.ids import new_id
from exchange.diligence.service import checklists
from exchange.diligence.service.checklists import ListingSubject
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import transaction
from exchange.reactions import react_due
from exchange.relay import publish_all
from tests.api.test_documents import uploaded
from tests.files import a_pdf
from tests.people import Person, World, a_key

TODAY = market_date(system_now())
FEE, OTHER_FEE = "1234567.89", "7654321.98"
SECRETS_OF_FEES = ("1234567.89", "123456789", "7654321.98", "765432198")


def made(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code_of(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def put(by: Person, path: str, body: object, *, version: int | None) -> httpx.Response:
    headers = {"X-CSRF-Token": by.csrf} | ({"If-Match": f'"{version}"'} if version is not None else {})
    answer: httpx.Response = by.client.put(f"/api/v1{path}", json=body, headers=headers)
    return answer


def work_through() -> None:
    while publish_all() or react_due():
        pass


def move_on(**span: int) -> None:
    with transaction() as tx:
        set_business_now(tx, business_now(tx) + timedelta(**span))
    work_through()


def day(number: int) -> str:
    return (TODAY + timedelta(days=number)).isoformat()


@dataclass
class Matter:
    """A listing with a checklist, its sides, a bidder, and every name and id that would give it away."""

    world: World
    seller: Person
    gp: Person
    bidder: Person
    listing_id: str
    fund: dict[str, Any]

    @property
    def secrets(self) -> list[str]:
        """Ids and names that nobody learns before its check."""
        people = [self.world.maker.get(f"/participants/{each.me['organisation_id']}").json()
                  for each in (self.seller, self.gp, self.bidder)]  # fmt: skip
        names = [each[name] for each in people for name in ("id", "name_zh", "name_en", "credit_code")]
        return [self.listing_id, self.fund["id"], self.fund["code"], self.fund["name"], *names]


def a_matter(world: World) -> Matter:
    gp = world.a_person(world.an_organisation("gp")["id"], [Role.GP])
    seller, bidder = (world.a_person(world.an_organisation()["id"], [Role.INVESTOR]) for _ in range(2))
    fund = made(
        gp.post("/funds", {"code": "SIM-ADV", "name": "Quiet Growth Fund VII", "vintage": 2018, "currency": "CNY",
                           "strategy": "growth", "source": "report", "filing_code": "SIM-00002"}), 201,
    )  # fmt: skip
    statement = {"as_of": day(-60), "nav": "88000000.00", "subscribed": "100000000.00", "paid_in": "90000000.00",
                 "distributed": "0", "source": "report"}  # fmt: skip
    made(gp.post(f"/funds/{fund['id']}/navs", statement), 201)
    listing_id = new_id("listing")
    subject = ListingSubject(
        listing_id, fund["id"], "CN_BJ", seller.me["organisation_id"], gp.me["organisation_id"],
        "lp_transfer_state_owned", is_simulated=True,
    )  # fmt: skip
    with transaction() as tx:
        now = business_now(tx)
        checklists.open_checklist(tx, now, subject, {})
        checklists.open_bidder(tx, now, listing_id, bidder.me["organisation_id"])
    return Matter(world, seller, gp, bidder, listing_id, fund)


def an_application(*kinds: str) -> dict[str, Any]:
    return {
        "kinds": list(kinds),
        "licences": [{"kind": kind, "authority": "bureau", "number": "7", "expires_on": day(900)} for kind in kinds],
        "cover": {"insurer": "insurer", "policy_number": "P-1", "amount": "50000000.00", "currency": "CNY",
                  "valid_until": day(900)},
        "confidentiality_signed_on": day(0),
        "regions": ["北京"],
        "languages": ["zh", "en"],
        "fee_low": "10000.00",
        "fee_high": "9000000.00",
    }  # fmt: skip


def an_adviser(world: World, *kinds: str) -> Person:
    adviser = world.a_person(world.an_organisation("adviser")["id"], [Role.ADVISER])
    made(adviser.post("/advisers", an_application(*kinds)), 201)
    made(world.maker.post(f"/advisers/{adviser.me['organisation_id']}:admit", {"is_state_shortlisted": True}))
    return adviser


def a_request(matter: Matter, *invited: Person, by: Person | None = None, **fields: Any) -> str:
    body = {
        "listing_id": matter.listing_id,
        "kind": "appraisal",
        "scope": "appraise the interest for its transfer",
        "item_codes": ["S06"],
        "room_codes": ["C07"],
        "budget": "9000000.00",
        "invited": [each.me["organisation_id"] for each in invited],
        "quotes_until": (datetime.now(UTC) + timedelta(days=5)).isoformat(),
        "deliver_until": day(40),
        **fields,
    }
    client = by or matter.seller
    engagement_id = str(made(client.post("/engagements", body), 201)["id"])
    made(client.post(f"/engagements/{engagement_id}:open"))
    return engagement_id


def a_quote(fee: str) -> dict[str, Any]:
    return {"fee": fee, "fee_basis": "fixed", "deliver_until": day(30), "team": "two people",
            "assumptions": "the room is complete", "conflicts_statement": "none"}  # fmt: skip


def free(engagement_id: str, adviser: Person) -> dict[str, Any]:
    body = {"has_conflict": False, "declaration": "none that we know of"}
    return made(adviser.post(f"/engagements/{engagement_id}/conflicts", body))


def readable(person: Person, engagement_id: str) -> str:
    """Everything a person can read around an engagement, as one text. That a fund has reported is for everybody."""
    paths = (f"/engagements/{engagement_id}", "/engagements", "/engagements?kind=appraisal")
    answers = [made(person.client.get(f"/api/v1{path}")) for path in paths]
    events = made(person.get("/events", limit=200))
    assert len(events["items"]) < 200
    events["items"] = [each for each in events["items"] if not each["type"].startswith(("fund.", "nav_statement."))]
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in (*answers, events))


@pytest.fixture
def matter(world: World) -> Matter:
    """A listing somebody wants advice on."""
    return a_matter(world)


@pytest.fixture
def auditor(world: World) -> Person:
    """Somebody who watches."""
    return world.a_person(world.an_organisation("auditor")["id"], [Role.AUDITOR])


def test_from_the_application_to_the_rating(world: World, matter: Matter) -> None:
    appraiser, seller = an_adviser(world, "appraisal"), matter.seller
    adviser_id = appraiser.me["organisation_id"]
    seen = made(matter.bidder.get(f"/advisers/{adviser_id}"))
    assert (seen["state"], seen["inside"], seen["rating"]) == ("admitted", None, {"average": None, "count": 0})
    engagement_id = a_request(matter, appraiser)
    assert free(engagement_id, appraiser)["matter"]["fund_id"] == matter.fund["id"]
    key = a_key()
    path = f"/engagements/{engagement_id}"
    first = appraiser.post(f"{path}/quotes", a_quote(FEE), key=key)
    again = appraiser.post(f"{path}/quotes", a_quote(FEE), key=key)
    assert (first.status_code, again.json(), again.headers["idempotent-replayed"]) == (200, first.json(), "true")
    assert code_of(appraiser.post(f"{path}/quotes", a_quote(FEE)), 409) == "ALREADY_QUOTED"
    quote_id = first.json()["quotes"][0]["id"]
    assert code_of(seller.post(f"{path}:award", {"quote_id": quote_id}), 409) == "ILLEGAL_TRANSITION"
    move_on(days=5, minutes=1)
    shown = made(seller.get(path))
    assert [(each["id"], each["fee"]["amount"]) for each in shown["quotes"]] == [(quote_id, FEE)]
    made(seller.post(f"{path}:award", {"quote_id": quote_id}))
    made(seller.post(f"{path}:start"))
    document = uploaded(appraiser, a_pdf(), listing_id=matter.listing_id)
    result = {
        "kind": "valuation_report", "base_date": day(-30), "purpose": "transfer", "methods": ["market"],
        "currency": "CNY", "low": "81000000.00", "point": "90000000.00", "high": "99000000.00",
        "key_inputs": [{"name": "discount", "value": "0.15"}], "valid_until": day(300), "report_number": "PG-1",
    }  # fmt: skip
    report = {"document_id": document["id"], "document_version": 1, "issued_on": day(0), "result": result}
    refused = appraiser.post(f"{path}/deliverables", report | {"result": result | {"low": "95000000.00"}})
    assert [(each["pointer"], each["code"]) for each in refused.json()["fields"]] == [
        ("/result/point", "RANGE_OUT_OF_ORDER")
    ]
    delivered = made(appraiser.post(f"{path}/deliverables", report))["deliverables"][0]
    assert delivered["result"]["figures"]["point"] == {"amount": "90000000.00", "currency": "CNY"}
    read = seller.get(f"/documents/{document['id']}/versions/1/content")
    assert (read.status_code, read.content) == (200, a_pdf())
    assert matter.bidder.get(f"/documents/{document['id']}/versions/1/content").status_code == 404
    made(seller.post(f"{path}:accept"))
    work_through()
    (appraisal,) = made(appraiser.get("/appraisals", fund_id=matter.fund["id"]))["items"]
    assert (appraisal["point"]["amount"], appraisal["filing_number"]) == ("90000000.00", None)
    made(seller.post(f"{path}:close"))
    made(seller.post(f"{path}/ratings", {"stars": 4, "comment": "on time"}))
    assert made(appraiser.post(f"{path}/ratings:reply", {"reply": "thank you"}))["rating"]["reply"] == "thank you"
    rating = made(matter.bidder.get(f"/advisers/{adviser_id}"))["rating"]
    assert rating == {"average": "4.00", "count": 1}


def test_before_its_check_and_after_a_failed_one_an_adviser_learns_no_name(world: World, matter: Matter) -> None:
    blocked, called = an_adviser(world, "appraisal"), an_adviser(world, "appraisal")
    organisation_id = blocked.me["organisation_id"]
    version = made(blocked.get(f"/advisers/{organisation_id}/relations"))["version"]
    relation = {"kind": "affiliate", "organisation_id": matter.gp.me["organisation_id"], "name": "A friend",
                "valid_from": day(-100)}  # fmt: skip
    assert code_of(put(blocked, f"/advisers/{organisation_id}/relations", {"relations": []}, version=None), 428)
    made(put(blocked, f"/advisers/{organisation_id}/relations", {"relations": [relation]}, version=version))
    engagement_id = a_request(matter, blocked, is_open_call=True)
    work_through()
    secrets = matter.secrets
    assert len(secrets) == 16
    for reader in (blocked, called):
        seen = made(reader.get(f"/engagements/{engagement_id}"))
        assert (seen["your_standing"], seen["matter"], seen["budget"]) == ("asked", None, None)
        assert seen["anonymous"] == {
            "strategy": "growth", "vintage_band": "2016-2020", "size_band": "50m_200m", "currency": "CNY",
        }  # fmt: skip
        text = readable(reader, engagement_id)
        assert [secret for secret in secrets if secret in text] == []
        narrowed = made(reader.get("/engagements", listing_id=matter.listing_id))
        assert narrowed["items"] == []
    assert free(engagement_id, blocked)["your_standing"] == "blocked"
    assert made(matter.seller.post(f"/engagements/{engagement_id}:cancel", {"reason": "later"}))
    work_through()
    seen = made(blocked.get(f"/engagements/{engagement_id}"))
    assert (seen["state"], seen["state_reason"], seen["invitations"][0]["conflicts"]) == (None, None, [])
    text = readable(blocked, engagement_id)
    assert [secret for secret in secrets if secret in text] == []
    client = made(matter.seller.get(f"/engagements/{engagement_id}"))
    told = {each["adviser"]["organisation_id"]: (each["standing"], each["conflicts"]) for each in client["invitations"]}
    assert told == {organisation_id: ("blocked", [])}


def test_a_sealed_quote_is_read_by_its_adviser_alone(
    world: World, matter: Matter, auditor: Person, database_url: str
) -> None:
    first, second, idle = (an_adviser(world, "appraisal") for _ in range(3))
    engagement_id = a_request(matter, first, second, idle)
    for adviser, fee in ((first, FEE), (second, OTHER_FEE)):
        free(engagement_id, adviser)
        made(adviser.post(f"/engagements/{engagement_id}/quotes", a_quote(fee)))
    free(engagement_id, idle)
    work_through()

    def leaks(text: str, *, but: tuple[str, ...] = ()) -> list[str]:
        return [secret for secret in SECRETS_OF_FEES if secret in text and secret not in but]

    watching = (matter.seller, world.maker, auditor, idle)
    assert [leaks(readable(each, engagement_id)) for each in watching] == [[], [], [], []]
    assert [made(each.get(f"/engagements/{engagement_id}"))["quotes"] for each in watching] == [[], [], [], []]
    assert leaks(readable(first, engagement_id), but=("1234567.89",)) == []
    export = auditor.client.get("/api/v1/audit/export")
    assert (export.status_code, leaks(export.text)) == (200, [])
    with psycopg.connect(database_url) as connection:
        connection.execute("SET SESSION AUTHORIZATION exchange_auditor")
        fees = connection.execute("SELECT fee_minor FROM audit.engagement_quotes").fetchall()
    assert fees == [(None,), (None,)]
    move_on(days=5, minutes=1)
    shown = made(matter.seller.get(f"/engagements/{engagement_id}"))["quotes"]
    assert [each["fee"]["amount"] for each in shown] == [FEE, OTHER_FEE]
    assert leaks(readable(first, engagement_id), but=("1234567.89",)) == []
    assert leaks(readable(idle, engagement_id)) == []


def test_an_engagement_of_others_does_not_exist(world: World, matter: Matter) -> None:
    adviser, stranger = an_adviser(world, "appraisal"), an_adviser(world, "appraisal")
    engagement_id = a_request(matter, adviser)
    path = f"/engagements/{engagement_id}"
    bodies: dict[str, object] = {
        ":open": {}, ":cancel": {"reason": "no"}, ":award": {"quote_id": "quo_01KAR3Z5V9W3M8Q4T6X2Y7B1C0"},
        ":start": {}, ":accept": {}, ":dispute": {"reason": "no"}, ":close": {},
        "/ratings": {"stars": 1, "comment": "no"},
        "/consents": {"adviser_organisation_id": adviser.me["organisation_id"]},
    }  # fmt: skip
    for other in (matter.bidder, matter.gp):
        assert code_of(other.get(path), 404) == "ENGAGEMENT_NOT_FOUND"
        for verb, body in bodies.items():
            assert code_of(other.post(f"{path}{verb}", body), 404) == "ENGAGEMENT_NOT_FOUND"
    report = {"document_id": "doc_01KAR3Z5V9W3M8Q4T6X2Y7B1C0", "document_version": 1, "issued_on": day(0),
              "result": {"kind": "legal_report", "opinion": "fine", "findings": []}}  # fmt: skip
    work: dict[str, object] = {
        "/conflicts": {"has_conflict": False, "declaration": "none"}, ":decline": {}, "/quotes": a_quote(FEE),
        "/deliverables": report, "/ratings:reply": {"reply": "no"},
    }  # fmt: skip
    assert code_of(stranger.get(path), 404) == "ENGAGEMENT_NOT_FOUND"
    for verb, body in work.items():
        assert code_of(stranger.post(f"{path}{verb}", body), 404) == "ENGAGEMENT_NOT_FOUND"


def test_a_stranger_to_a_listing_asks_for_no_advice_on_it(world: World, matter: Matter) -> None:
    adviser = an_adviser(world, "appraisal")
    stranger = world.a_person(world.an_organisation()["id"], [Role.INVESTOR])
    body = {
        "listing_id": matter.listing_id, "kind": "appraisal", "scope": "x", "item_codes": [], "room_codes": [],
        "invited": [adviser.me["organisation_id"]], "quotes_until": "2099-01-01T00:00:00Z",
        "deliver_until": "2099-02-01",
    }  # fmt: skip
    assert code_of(stranger.post("/engagements", body), 404) == "LISTING_NOT_FOUND"
    unknown = body | {"listing_id": new_id("listing")}
    assert code_of(matter.seller.post("/engagements", unknown), 404) == "LISTING_NOT_FOUND"


def test_the_directory_shows_the_cover_and_the_relations_to_nobody_else(world: World, matter: Matter) -> None:
    adviser = an_adviser(world, "law", "tax")
    path = f"/advisers/{adviser.me['organisation_id']}"
    relation = {"kind": "client", "name": "Somebody Secret", "valid_from": day(-100)}
    made(put(adviser, f"{path}/relations", {"relations": [relation]}, version=made(adviser.get(path))["version"]))
    text = matter.bidder.get(path).text + matter.bidder.get("/advisers").text
    assert [secret for secret in ("Somebody Secret", "P-1", "50000000.00") if secret in text] == []
    assert code_of(matter.bidder.get(f"{path}/relations"), 404) == "ADVISER_NOT_FOUND"
    assert made(adviser.get(path))["inside"]["cover"]["amount"]["amount"] == "50000000.00"
    assert made(world.checker.get(f"{path}/relations"))["relations"][0]["name"] == "Somebody Secret"
