"""Funds, imports, holdings, accounts and listings over HTTP."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from exchange.access.roles import Role
from exchange.core.clock import market_date, system_now
from tests.evidence import complete
from tests.people import Person, World, a_key

FUND = {
    "code": "SIM-1",
    "name": "基金一 【模拟】",
    "vintage": 2018,
    "currency": "CNY",
    "source": "report",
    "registered_region": "11",
    "filing_code": "SIM-00001",
}


def a_gp(world: World) -> Person:
    return world.a_person(world.an_organisation("gp")["id"], [Role.GP])


def an_investor(world: World) -> tuple[Person, dict[str, Any]]:
    organisation = world.an_organisation()
    return world.a_person(organisation["id"], [Role.INVESTOR]), organisation


def made(answer: httpx.Response, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def upload(by: Person, kind: str, header: list[str], *rows: list[str]) -> httpx.Response:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    answer: httpx.Response = by.client.post(
        "/api/v1/imports",
        data={"kind": kind},
        files={"file": ("rows.csv", text.getvalue().encode(), "text/csv")},
        headers={"X-CSRF-Token": by.csrf},
    )
    return answer


def a_statement() -> dict[str, str]:
    as_of = (market_date(system_now()) - timedelta(days=30)).isoformat()
    return {
        "as_of": as_of, "nav": "88000000.00", "subscribed": "100000000.00", "paid_in": "90000000.00",
        "distributed": "0", "source": "report",
    }  # fmt: skip


def a_register(world: World, gp: Person) -> tuple[str, str, Person]:
    """A fund with a NAV and one holder: fund id, holding id, the holder."""
    fund = made(gp.post("/funds", FUND))
    made(gp.post(f"/funds/{fund['id']}/navs", a_statement()))
    holder, organisation = an_investor(world)
    header = ["fund_code", "holder_code", "subscribed", "paid_in"]
    row = ["SIM-1", organisation["credit_code"], "100000000.00", "90000000.00"]
    staged = made(upload(gp, "partner_register", header, row))
    made(gp.post(f"/imports/{staged['id']}:commit"), 200)
    (held,) = made(holder.get("/holdings"), 200)["items"]
    return fund["id"], held["id"], holder


def a_draft(holding_id: str, **fields: object) -> dict[str, object]:
    now = system_now()
    return {
        "holding_id": holding_id, "amount": "20000000.00", "price": "0.8250",
        "opens_at": now.isoformat(), "closes_at": (now + timedelta(days=30)).isoformat(),
    } | fields  # fmt: skip


def test_a_fund_is_changed_on_the_version_read(world: World) -> None:
    gp = a_gp(world)
    fund = made(gp.post("/funds", FUND))
    assert gp.get(f"/funds/{fund['id']}").headers["ETag"] == '"1"'
    assert gp.patch(f"/funds/{fund['id']}", {"risk_rating": 5}, version=None).status_code == 428
    changed = gp.patch(f"/funds/{fund['id']}", {"risk_rating": 5}, version=1)
    assert (made(changed, 200)["risk_rating"], changed.headers["ETag"]) == (5, '"2"')
    assert gp.patch(f"/funds/{fund['id']}", {"risk_rating": 4}, version=1).json()["code"] == "VERSION_CONFLICT"
    wrong = gp.patch(f"/funds/{fund['id']}", {"risk_rating": 9}, version=2)
    assert wrong.json()["fields"][0]["code"] == "RISK_RATING_OUT_OF_RANGE"
    assert gp.get(f"/funds/{fund['id']}").json()["risk_rating"] == 5
    assert gp.post("/funds", FUND).json()["code"] == "FUND_CODE_TAKEN"
    assert a_gp(world).patch(f"/funds/{fund['id']}", {"risk_rating": 4}, version=2).json()["code"] == "NOT_FUND_MANAGER"


def test_statements_and_flows_are_reported_once_under_their_key(world: World) -> None:
    gp = a_gp(world)
    fund = made(gp.post("/funds", FUND))
    key = a_key()
    answers = [gp.post(f"/funds/{fund['id']}/navs", a_statement(), key=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    made(gp.post(f"/funds/{fund['id']}/navs", a_statement() | {"nav": "87000000.00"}))
    (shown,) = gp.get(f"/funds/{fund['id']}/navs").json()["items"]
    assert (shown["version"], shown["nav"]["amount"], shown["unfunded"]["amount"]) == (2, "87000000.00", "10000000.00")
    flow = {"notice_no": "C-1", "occurred_on": "2026-01-31", "kind": "contribution", "amount": "5.00", "source": "n"}
    recorded = made(gp.post(f"/funds/{fund['id']}/cash-flows", flow))
    assert recorded["effect_on_unfunded"]["amount"] == "-5.00"
    assert len(gp.get(f"/funds/{fund['id']}/cash-flows").json()["items"]) == 1


@pytest.mark.parametrize("nav", [1.5, "1e5", "NaN", "１２", "1.234", " 1", True, None])
def test_money_arrives_as_a_strict_decimal_string_or_not_at_all(world: World, nav: object) -> None:
    gp = a_gp(world)
    fund = made(gp.post("/funds", FUND))
    refused = gp.post(f"/funds/{fund['id']}/navs", a_statement() | {"nav": nav})
    assert refused.status_code == 422
    assert gp.get(f"/funds/{fund['id']}/navs").json()["items"] == []


def test_an_import_is_previewed_and_its_errors_are_told_in_both_languages(world: World) -> None:
    gp = a_gp(world)
    made(gp.post("/funds", FUND))
    header = ["fund_code", "notice_no", "occurred_on", "kind", "amount", "source"]
    staged = made(upload(gp, "cash_flows", header, ["SIM-1", "C-1", "46112", "call", "5.00", "=cmd()"]))
    assert (staged["status"], staged["errors"]) == ("invalid", 1)
    ((error,),) = gp.get(f"/imports/{staged['id']}/errors").json()["items"]
    assert (error["row"], error["column"], error["hint"]) == (2, "occurred_on", "2026-03-31")
    assert error["message_zh"] != error["message_en"]
    download = gp.get(f"/imports/{staged['id']}/errors.csv")
    assert download.headers["content-type"].startswith("text/csv")
    refused = gp.post(f"/imports/{staged['id']}:commit")
    assert (refused.status_code, refused.json()["code"]) == (422, "IMPORT_ROW_ERRORS")
    assert made(gp.post(f"/imports/{staged['id']}:discard"), 200)["status"] == "discarded"
    assert gp.post(f"/imports/{staged['id']}:discard").json()["code"] == "IMPORT_NOT_OPEN"


def test_a_template_comes_in_both_formats_and_strangers_get_none(world: World) -> None:
    gp = a_gp(world)
    assert gp.get("/import-templates/funds", format="csv").text.startswith("\ufeff")
    assert gp.get("/import-templates/funds").content.startswith(b"PK")
    investor, _ = an_investor(world)
    assert investor.get("/import-templates/funds").status_code == 403
    assert gp.get("/import-templates/nothing").status_code == 422


def test_registers_are_seen_by_their_own_sides_only(world: World) -> None:
    gp = a_gp(world)
    fund_id, holding_id, holder = a_register(world, gp)
    roll = made(gp.get(f"/funds/{fund_id}/partners"), 200)
    assert (roll["holders"], roll["unfunded"]["amount"]) == (1, "10000000.00")
    assert made(holder.get(f"/holdings/{holding_id}"), 200)["free"]["amount"] == "100000000.00"
    stranger, _ = an_investor(world)
    assert stranger.get(f"/holdings/{holding_id}").status_code == 404
    assert stranger.get(f"/funds/{fund_id}/partners").status_code == 404
    assert stranger.get("/holdings").json()["items"] == []


def test_money_arrives_once_and_only_by_an_operator(world: World) -> None:
    investor, organisation = an_investor(world)
    assert investor.get("/accounts").json()["items"] == []
    opened = world.maker.post("/accounts", {"organisation_id": organisation["id"], "currency": "CNY"})
    account = made(opened)
    body = {"amount": "1000.00", "currency": "CNY", "bank_reference": "B-1"}
    key = a_key()
    for _ in range(2):
        booked = made(world.maker.post(f"/accounts/{account['id']}:deposit", body, key=key), 200)
    assert booked["free"]["amount"] == "1000.00"
    assert investor.post(f"/accounts/{account['id']}:deposit", body).status_code == 403
    (entry,) = investor.get(f"/accounts/{account['id']}/entries").json()["items"]
    assert (entry["kind"], entry["posted_change"]["amount"]) == ("deposit", "1000.00")
    stranger, _ = an_investor(world)
    assert stranger.get(f"/accounts/{account['id']}/entries").status_code == 404


def gates_are_told_to_whom_they_concern(world: World, path: str, bidder: Person, holder: Person) -> None:
    """A bidder learns of its own gates alone; the exchange of anybody's, the own side of the listing's."""
    bidder_id, holder_id = bidder.me["organisation_id"], holder.me["organisation_id"]
    own = made(bidder.get(f"{path}/gates"), 200)
    assert own["gates"] == []
    bid = next(gate for gate in own["checklist"] if gate["gate"] == "bid")
    assert not bid["is_open"]
    assert {item["organisation_id"] for item in bid["items"]} <= {bidder_id}
    assert bid["items"]
    assert made(bidder.get(f"{path}/gates", organisation_id=bidder_id), 200)["checklist"] == own["checklist"]
    assert bidder.get(f"{path}/gates", organisation_id=holder_id).status_code == 404
    assert holder.get(f"{path}/gates", organisation_id=bidder_id).status_code == 404
    listing_only = made(holder.get(f"{path}/gates"), 200)
    assert len(listing_only["gates"]) == 3
    assert "bid" not in {gate["gate"] for gate in listing_only["checklist"]}
    watched = made(world.maker.get(f"{path}/gates", organisation_id=bidder_id), 200)
    assert "bid" in {gate["gate"] for gate in watched["checklist"]}


def test_a_listing_goes_from_draft_to_the_market(world: World) -> None:
    gp = a_gp(world)
    _, holding_id, holder = a_register(world, gp)
    draft = made(gp.post("/listings", a_draft(holding_id)))
    assert draft["ask"]["total"]["amount"] == "14520000.00"
    assert (draft["ask"]["price"], draft["ask"]["unit_price"]) == ("0.8250", "0.726000")
    stranger, _ = an_investor(world)
    path = f"/listings/{draft['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.get("/listings").json()["items"] == []
    assert gp.patch(path, {"total": "15000000.00"}, version=1).json()["code"] == "STEP_INVALID"
    assert made(gp.patch(path, {"price": "0.8000"}, version=1), 200)["floor"]["price"] == "0.8000"
    complete(draft["id"])
    made(gp.post(f"{path}:submit"), 200)
    assert holder.get(f"/holdings/{holding_id}").json()["frozen"]["amount"] == "20000000.00"
    assert gp.post(f"{path}:publish").status_code == 403
    assert made(world.checker.post(f"{path}:publish"), 200)["status"] == "approved"
    (shown,) = stranger.get("/listings").json()["items"]
    assert shown["seller_organisation_id"] is None
    assert not shown["is_own"]
    assert made(holder.get(path), 200)["seller_organisation_id"] is not None
    gates_are_told_to_whom_they_concern(world, path, stranger, holder)
    made(gp.post(f"{path}:withdraw", {"reason": "kept"}), 200)
    assert holder.get(f"/holdings/{holding_id}").json()["frozen"]["amount"] == "0.00"


def test_a_refused_submission_lists_all_rules_and_changes_nothing(world: World) -> None:
    gp = a_gp(world)
    _, holding_id, holder = a_register(world, gp)
    draft = made(
        gp.post("/listings", a_draft(holding_id, amount="99500000.00", floor_price="0.9000", mode="continuous"))
    )
    refused = gp.post(f"/listings/{draft['id']}:submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "RULES_BROKEN")
    assert {breach["rule"] for breach in refused.json()["breaches"]} == {"R-02", "R-26", "R-43"}
    assert all(breach["detail_zh"] != breach["detail_en"] for breach in refused.json()["breaches"])
    assert holder.get(f"/holdings/{holding_id}").json()["frozen"]["amount"] == "0.00"
    gates = made(gp.get(f"/listings/{draft['id']}/gates"), 200)
    assert [gate["is_open"] for gate in gates["gates"]] == [False, False, False]
    submit = next(gate for gate in gates["checklist"] if gate["gate"] == "list_submit")
    assert submit["is_open"] is (not submit["items"])


def test_exactly_one_price_is_taken(world: World) -> None:
    gp = a_gp(world)
    _, holding_id, _ = a_register(world, gp)
    for fields in ({"price": None}, {"total": "14520000.00"}):
        assert gp.post("/listings", a_draft(holding_id, **fields)).json()["code"] == "PRICE_INPUT_INVALID"
    by_total = made(gp.post("/listings", a_draft(holding_id, price=None, total="14520000.00")))
    assert by_total["ask"]["price"] == "0.8250"


def test_a_sale_by_a_court_is_checked_filed_and_verified(world: World) -> None:
    gp = a_gp(world)
    _, holding_id, _ = a_register(world, gp)
    draft = made(gp.post("/listings", a_draft(holding_id, cause="court_order")))
    path, today = f"/listings/{draft['id']}", market_date(system_now())
    assert draft["cause"] == "court_order"
    checked = made(gp.post(f"{path}:check"), 200)
    assert "COURT_ORDER_MISSING" in {breach["code"] for breach in checked["breaches"]}
    order = {"kind": "court_order", "approving_body": "Court of Beijing", "document_number": "(2026) 17",
             "approved_on": today.isoformat(), "valid_until": (today + timedelta(days=90)).isoformat()}  # fmt: skip
    wrong = gp.post(f"{path}/approvals", order | {"invested_on": today.isoformat()})
    assert (wrong.status_code, wrong.json()["fields"][0]["code"]) == (422, "INVESTED_ON_FOR_EXITS_ONLY")
    filed = made(gp.post(f"{path}/approvals", order))
    assert "COURT_ORDER_MISSING" in {item["code"] for item in made(gp.post(f"{path}:check"), 200)["breaches"]}
    assert gp.post(f"/listing-approvals/{filed['id']}:verify").status_code == 403
    assert made(world.checker.post(f"/listing-approvals/{filed['id']}:verify"), 200)["status"] == "verified"
    assert "COURT_ORDER_MISSING" not in {item["code"] for item in made(gp.post(f"{path}:check"), 200)["breaches"]}
    changed = made(gp.patch(path, {"cause": "voluntary", "first_refusal": "bids_along"}, version=1), 200)
    assert (changed["cause"], changed["first_refusal"]) == ("voluntary", "bids_along")
    codes = {item["code"] for item in made(gp.post(f"{path}:check"), 200)["breaches"]}
    assert "FIRST_REFUSAL_NEEDS_AUCTION" in codes
