"""Valuations over HTTP: asked for and polled, strict numbers, privacy, two persons, refusals with codes."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from exchange.access.roles import Role
from exchange.core.clock import market_date, system_now
from exchange.reactions import react_due
from exchange.relay import publish_all
from tests.api.test_registers import a_draft, a_register
from tests.people import Person, World, a_key

TODAY = market_date(system_now())
ULID = "01KAR3Z5V9W3M8Q4T6X2Y7B1C0"
FUND = {"code": "SIM-V", "name": "Fund V 【模拟】", "vintage": 2018, "currency": "USD", "source": "report"}
PRICE: dict[str, Any] = {
    "kind": "market_price",
    "region": "global",
    "name": "2025",
    "effective_on": "2026-02-10",
    "values": {"low": "0.80", "point": "0.87", "high": "0.92"},
    "source": "survey of a test",
}


def made(answer: httpx.Response, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code_of(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def fields_of(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert all(item["detail_zh"] != item["code"] for item in answer.json()["fields"])
    return [(item["pointer"], item["code"]) for item in answer.json()["fields"]]


def work_through() -> None:
    while publish_all() or react_due():
        pass


def a_gp(world: World) -> Person:
    return world.a_person(world.an_organisation("gp")["id"], [Role.GP])


def an_investor(world: World) -> Person:
    return world.a_person(world.an_organisation()["id"], [Role.INVESTOR])


def a_fund(gp: Person) -> str:
    fund = made(gp.post("/funds", FUND))
    for days_ago, nav in ((150, "85000000.00"), (60, "88000000.00")):
        statement = {
            "as_of": (TODAY - timedelta(days=days_ago)).isoformat(), "nav": nav, "subscribed": "100000000.00",
            "paid_in": "90000000.00", "distributed": "0", "source": "report",
        }  # fmt: skip
        made(gp.post(f"/funds/{fund['id']}/navs", statement))
    return str(fund["id"])


def a_valuation(by: Person, fund_id: str) -> str:
    asked = made(by.post("/valuations", {"fund_id": fund_id}), 202)
    work_through()
    return str(asked["id"])


@pytest.fixture
def gp(world: World) -> Person:
    """A manager."""
    return a_gp(world)


@pytest.fixture
def valuation_id(world: World, gp: Person) -> str:
    """A computed valuation of a fund with a market price."""
    world.decided(world.maker.post("/valuation-parameters", {"items": [PRICE]}))
    return a_valuation(gp, a_fund(gp))


def test_a_valuation_is_asked_for_and_found_where_the_answer_says(world: World, gp: Person) -> None:
    fund_id = a_fund(gp)
    key = a_key()
    answer = gp.post("/valuations", {"fund_id": fund_id}, key=key)
    asked = made(answer, 202)
    assert (asked["status"], asked["panel"], asked["hashes"]) == ("requested", None, None)
    assert answer.headers["Location"] == f"/api/v1/valuations/{asked['id']}"
    again = gp.post("/valuations", {"fund_id": fund_id}, key=key)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (asked, "true")
    path = f"/valuations/{asked['id']}"
    assert code_of(gp.get(f"{path}/note"), 409) == "VALUATION_NOT_COMPUTED"
    work_through()
    found = made(gp.get(path), 200)
    assert found["status"] == "computed"
    assert found["panel"]["reference_nav"] == {"amount": "88000000.00", "currency": "USD"}
    opinions = {opinion["model"]: opinion for opinion in found["panel"]["opinions"]}
    assert opinions["reported_nav"]["point"] == {
        "value": {"amount": "88000000.00", "currency": "USD"}, "price": "1.0000",
    }  # fmt: skip
    assert opinions["market_price"]["status"]["code"] == "PARAMETERS_MISSING"
    assert opinions["market_price"]["status"]["title_zh"] == "缺少市场参数"
    (listed,) = made(gp.get("/valuations", fund_id=fund_id), 200)["items"]
    assert (listed["id"], listed["panel"]) == (asked["id"], None)


def test_a_valuation_and_a_scenario_take_a_lock_up_in_days(world: World, gp: Person) -> None:
    figures: list[dict[str, Any]] = [
        {"kind": "lock_up", "values": {"volatility": "0.35", "dividend_yield": "0"}},
        {"kind": "risk_free_rate", "values": {"point": "0.02"}},
    ]
    common = {"region": "global", "effective_on": "2026-02-10", "source": "survey of a test"}
    world.decided(world.maker.post("/valuation-parameters", {"items": [figure | common for figure in figures]}))
    fund_id = a_fund(gp)
    asked = made(gp.post("/valuations", {"fund_id": fund_id, "lock_up_days": 365}), 202)
    assert asked["lock_up_days"] == 365
    work_through()
    path = f"/valuations/{asked['id']}"

    def price_of(panel: dict[str, Any]) -> float:
        opinion = next(each for each in panel["opinions"] if each["model"] == "lock_up_discount")
        return float(opinion["point"]["price"])

    own = made(gp.post(f"{path}/scenarios", {"name": "longer", "lock_up_days": 1_095}))
    assert own["assumed"]["lock_up_days"] == 1_095
    assert 0 < price_of(own["panel"]) < price_of(made(gp.get(path), 200)["panel"]) < 1
    for days in (-1, 3_651):
        refused = [("/lock_up_days", "LOCK_UP_OUT_OF_RANGE")]
        assert fields_of(gp.post("/valuations", {"fund_id": fund_id, "lock_up_days": days})) == refused
        assert fields_of(gp.post(f"{path}/scenarios", {"name": "out", "lock_up_days": days})) == refused


def test_a_valuation_proves_itself(world: World, gp: Person, valuation_id: str) -> None:
    auditor = world.a_person(world.an_organisation("auditor")["id"], [Role.AUDITOR])
    proved = made(auditor.post(f"/valuations/{valuation_id}:verify"), 200)
    assert proved["agrees"]
    assert proved["kept_hash"] == proved["recomputed_hash"]
    inputs = made(auditor.get(f"/valuations/{valuation_id}/inputs"), 200)
    assert inputs["facts"]["statements"][-1]["nav_minor"] == 8_800_000_000
    assert inputs["assumptions"]["market_prices"][0]["source"] == "survey of a test"
    assert inputs["hashes"]["panel"] == proved["kept_hash"]


def test_the_note_of_the_checklist_shows_range_inputs_and_how_long_it_counts(gp: Person, valuation_id: str) -> None:
    note = made(gp.get(f"/valuations/{valuation_id}/note"), 200)
    assert (note["checklist_code"], note["fund_code"]) == ("X01", "SIM-V")
    assert note["valid_until"] == (TODAY + timedelta(days=180)).isoformat()
    assert "仅供参考" in note["statement_zh"]
    market = next(each for each in note["panel"]["opinions"] if each["model"] == "market_price")
    assert [market[end]["price"] for end in ("low", "point", "high")] == ["0.8000", "0.8700", "0.9200"]
    assert any(item["source"].startswith("survey of a test") for item in market["inputs"])


def test_the_list_of_models_says_what_each_needs(gp: Person) -> None:
    items = made(gp.get("/valuation-models"), 200)["items"]
    assert len(items) == 9
    assert all(item["needs"] and item["source"] and item["version"] for item in items)


def test_a_scenario_is_private_at_the_door_too(world: World, gp: Person, valuation_id: str) -> None:
    buyer, rival = an_investor(world), an_investor(world)
    path = f"/valuations/{valuation_id}/scenarios"
    key = a_key()
    body = {"name": "mine", "market_price": "0.75"}
    scenario = made(buyer.post(path, body, key=key))
    assert buyer.post(path, body, key=key).json() == scenario
    market = next(each for each in scenario["panel"]["opinions"] if each["model"] == "market_price")
    assert market["point"]["price"] == "0.7500"
    assert made(buyer.get(f"/scenarios/{scenario['id']}"), 200) == scenario
    assert [item["id"] for item in made(buyer.get(path), 200)["items"]] == [scenario["id"]]
    for stranger in (rival, gp):
        assert code_of(stranger.get(f"/scenarios/{scenario['id']}"), 404) == "SCENARIO_NOT_FOUND"
        assert made(stranger.get(path), 200)["items"] == []
    assert code_of(world.maker.get(f"/scenarios/{scenario['id']}"), 403) == "FORBIDDEN"
    assert fields_of(buyer.post(path, {"name": "x"})) == [("", "SCENARIO_EMPTY")]
    assert fields_of(buyer.post(path, {"name": "x", "market_price": 0.75})) == [("/market_price", "RATIO_FORMAT")]
    assert fields_of(buyer.post(path, {"name": "x", "life_years": 99})) == [("/life_years", "FIELD_OUT_OF_RANGE")]


def test_weights_answer_with_a_figure_and_bad_ones_with_codes(gp: Person, valuation_id: str) -> None:
    path = f"/valuations/{valuation_id}/weights"
    chosen = [{"model": "market_price", "weight": "0.75"}, {"model": "reported_nav", "weight": "0.25"}]
    entered = made(gp.post(path, {"weights": chosen, "reason": "the NAV is recent"}))
    assert entered["point"]["price"] == "0.9025"
    assert made(gp.get(path), 200)["items"] == [entered]
    wrong = [{"model": "market_price", "weight": "0.5"}]
    assert fields_of(gp.post(path, {"weights": wrong, "reason": "x"})) == [("/weights", "WEIGHTS_DO_NOT_SUM")]
    assert fields_of(gp.post(path, {"weights": chosen})) == [("/reason", "FIELD_REQUIRED")]
    unknown = [{"model": "crystal_ball", "weight": "1"}]
    assert fields_of(gp.post(path, {"weights": unknown, "reason": "x"})) == [("/weights/0/model", "FIELD_NOT_ALLOWED")]


def test_figures_take_two_operators(world: World, gp: Person) -> None:
    asked = world.maker.post("/valuation-parameters", {"items": [PRICE]})
    approval = made(asked, 202)
    proposal = made(world.checker.get(f"/valuation-parameter-proposals/{approval['subject_id']}"), 200)
    assert proposal["items"][0]["values"] == {"low": "0.8000", "point": "0.8700", "high": "0.9200"}
    assert code_of(world.maker.post(f"/approvals/{approval['id']}:approve", {"reason": "me"}), 403) == "SAME_PERSON"
    assert made(gp.get("/valuation-parameters"), 200)["items"] == []
    world.decided(asked)
    (row,) = made(gp.get("/valuation-parameters", kind="market_price"), 200)["items"]
    assert (row["values"]["point"], row["version"], row["source"]) == ("0.8700", 1, "survey of a test")
    assert row["entered_by"] != row["approved_by"]
    assert code_of(gp.post("/valuation-parameters", {"items": [PRICE]}), 403) == "FORBIDDEN"
    bad = PRICE | {"region": "mars", "values": {"point": "1e3"}}
    assert fields_of(world.maker.post("/valuation-parameters", {"items": [bad]})) == [
        ("/items/0/values/point", "RATIO_FORMAT"), ("/items/0/region", "REGION_UNKNOWN"),
    ]  # fmt: skip


def test_the_shipped_figures_are_proposed_like_any_others(world: World, gp: Person) -> None:
    world.decided(world.maker.post("/valuation-parameters:propose-published"))
    prices = made(gp.get("/valuation-parameters", kind="market_price", limit=200), 200)["items"]
    assert prices
    assert made(gp.get("/valuation-parameters", region="china"), 200)["items"] == []


def test_an_appraisal_is_entered_filed_and_seen(world: World, gp: Person) -> None:
    fund_id = a_fund(gp)
    body = {
        "fund_id": fund_id, "base_date": (TODAY - timedelta(days=30)).isoformat(), "purpose": "sale",
        "methods": ["income", "market"], "appraiser": "Simulated Appraisers", "report_number": "PG-1",
        "low": "76000000.00", "point": "80000000.00", "high": "84000000.00",
    }  # fmt: skip
    assert code_of(gp.post("/appraisals", body), 403) == "FORBIDDEN"
    adviser = world.a_person(world.an_organisation("adviser")["id"], [Role.ADVISER])
    entered = made(adviser.post("/appraisals", body))
    assert (entered["amount"]["amount"], entered["filing_number"]) == ("100000000.00", None)
    path = f"/appraisals/{entered['id']}"
    assert code_of(gp.get(path), 404) == "APPRAISAL_NOT_FOUND"
    filing = {"filing_number": "备-7", "filed_on": TODAY.isoformat()}
    assert code_of(adviser.post(f"{path}:file", filing), 403) == "FORBIDDEN"
    assert made(world.maker.post(f"{path}:file", filing), 200)["filing_number"] == "备-7"
    assert code_of(world.checker.post(f"{path}:file", filing), 409) == "APPRAISAL_FILED"
    assert made(gp.get(path), 200)["filed_on"] == TODAY.isoformat()
    assert len(made(gp.get("/appraisals", fund_id=fund_id), 200)["items"]) == 1
    wrong = body | {"low": "90000000.00", "valid_until": (TODAY + timedelta(days=700)).isoformat()}
    assert fields_of(adviser.post("/appraisals", wrong)) == [
        ("/valid_until", "APPRAISAL_VALIDITY"), ("/point", "RANGE_OUT_OF_ORDER"),
    ]  # fmt: skip
    assert code_of(adviser.post("/appraisals", body | {"profile": "NO_SUCH"}), 404) == "PROFILE_UNKNOWN"


def test_the_whole_market_is_revalued_and_watched(world: World, gp: Person) -> None:
    assert code_of(world.maker.post("/revaluations"), 409) == "NOTHING_TO_REVALUE"
    fund_id = a_fund(gp)
    assert code_of(gp.post("/revaluations"), 403) == "FORBIDDEN"
    answer = world.maker.post("/revaluations")
    asked = made(answer, 202)
    assert (asked["done"], asked["total"], asked["is_done"]) == (0, 1, False)
    work_through()
    path = answer.headers["Location"].removeprefix("/api/v1")
    found = made(gp.get(path), 200)
    assert (found["done"], found["chunks_done"], found["is_done"]) == (1, 1, True)
    assert found["finished_at"]
    (kept,) = made(gp.get("/valuations", fund_id=fund_id), 200)["items"]
    assert kept["revaluation_id"] == asked["id"]
    assert made(gp.get("/revaluations"), 200)["items"] == [found]


def test_what_cannot_be_asked_is_refused_with_a_code(gp: Person) -> None:
    fund_id = a_fund(gp)
    later = (TODAY + timedelta(days=2)).isoformat()
    assert fields_of(gp.post("/valuations", {})) == [("/fund_id", "FUND_OR_LISTING")]
    both = {"fund_id": fund_id, "listing_id": f"lst_{ULID}"}
    assert fields_of(gp.post("/valuations", both)) == [("/fund_id", "FUND_OR_LISTING")]
    assert fields_of(gp.post("/valuations", {"fund_id": fund_id, "valued_on": later})) == [
        ("/valued_on", "DATE_IN_FUTURE")
    ]
    assert fields_of(gp.post("/valuations", {"fund_id": fund_id, "valued_on": "1989-12-31"})) == [
        ("/valued_on", "DATE_TOO_OLD")
    ]
    assert code_of(gp.post("/valuations", {"fund_id": f"fnd_{ULID}"}), 404) == "FUND_NOT_FOUND"
    assert code_of(gp.post("/valuations", {"listing_id": f"lst_{ULID}"}), 404) == "LISTING_NOT_FOUND"
    assert code_of(gp.get(f"/valuations/val_{ULID}"), 404) == "VALUATION_NOT_FOUND"
    assert code_of(gp.get(f"/revaluations/rvl_{ULID}"), 404) == "REVALUATION_NOT_FOUND"
    assert code_of(gp.get(f"/listings/lst_{ULID}/valuation"), 404) == "LISTING_NOT_FOUND"


def test_a_schedule_of_investments_is_replaced_as_of_its_date(world: World, gp: Person) -> None:
    fund_id = a_fund(gp)
    path = f"/funds/{fund_id}/holdings"
    line = {
        "name": "Company A", "owned": "0.20", "fair_value": "400000000.00", "method": "recent_round",
        "source_mark": "appraised", "source": "round B",
    }  # fmt: skip
    body: dict[str, Any] = {
        "as_of": (TODAY - timedelta(days=60)).isoformat(), "balance": {"cash": "12000000.00"}, "holdings": [line],
        "source": "report",
    }  # fmt: skip
    first = made(gp.post(path, body))
    assert (first["version"], first["holdings"][0]["owned"]) == (1, "0.2000")
    assert made(gp.post(path, body))["version"] == 1
    assert made(gp.post(path, body | {"holdings": [line, line | {"name": "Company B"}]}))["version"] == 2
    reader = an_investor(world)
    (found,) = made(reader.get(path), 200)["items"]
    assert [each["name"] for each in found["holdings"]] == ["Company A", "Company B"]
    assert code_of(reader.post(path, body), 403) == "FORBIDDEN"
    assert code_of(a_gp(world).post(path, body), 403) == "NOT_FUND_MANAGER"
    wrong = body | {"holdings": [line, line | {"owned": "1.5", "volatility": "9"}]}
    assert fields_of(gp.post(path, wrong)) == [
        ("/holdings/1/owned", "RATIO_OUT_OF_RANGE"), ("/holdings/1/volatility", "VOLATILITY_OUT_OF_RANGE"),
        ("/holdings/1/name", "INVESTMENT_TWICE"),
    ]  # fmt: skip


def test_the_backtest_tells_errors_of_models_and_of_dumb_baselines_to_every_participant(world: World) -> None:
    found = made(an_investor(world).get("/valuation-models/backtest"), 200)
    by_name = {score["name"]: score for score in found["reliable"]}
    assert by_name["constant_85"]["is_baseline"]
    assert by_name["nav_itself"]["mean_absolute_error"] == "0.161444"
    assert by_name["market_price"]["ranges"] == by_name["market_price"]["spoke"] == 9
    assert len(found["sales"]) == 10


def test_a_listing_is_valued_for_its_amount(world: World) -> None:
    gp = a_gp(world)
    fund_id, holding_id, _ = a_register(world, gp)
    listing = made(gp.post("/listings", a_draft(holding_id)))
    path = f"/listings/{listing['id']}"
    assert code_of(gp.get(f"{path}/valuation"), 404) == "VALUATION_NOT_FOUND"
    asked = made(gp.post("/valuations", {"listing_id": listing["id"]}), 202)
    assert (asked["fund_id"], asked["listing_id"], asked["profile"]) == (fund_id, listing["id"], "CN_BJ")
    work_through()
    found = made(gp.get(f"{path}/valuation"), 200)
    assert (found["valuation_id"], found["amount"]["amount"]) == (asked["id"], "20000000.00")
    reported = next(each for each in found["opinions"] if each["model"] == "reported_nav")
    assert reported["point"] == {"value": {"amount": "17600000.00", "currency": "CNY"}, "price": "1.0000"}
    assert found["ask"]["value"]["amount"] == "14520000.00"
    assert (found["state_floor"], found["state_floor_missing"]) == (None, False)
    assert code_of(an_investor(world).get(f"{path}/valuation"), 404) == "LISTING_NOT_FOUND"
    assert code_of(an_investor(world).post("/valuations", {"listing_id": listing["id"]}), 404) == "LISTING_NOT_FOUND"
