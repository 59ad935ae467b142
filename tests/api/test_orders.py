"""Placing, checking, changing and withdrawing bids over HTTP: shapes refused, keys, foreign ids, bulk."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from benchmarks.order_world import World, build
from exchange.core.ids import new_id
from exchange.matching.api import order_changes
from exchange.matching.jobs import matcher
from exchange.matching.schemas.orders import BulkView, CheckView, OrderView
from exchange.matching.service.intake import stop_intake

Body = dict[str, Any]


class Desk:
    """The application with a world of two investors and one book."""

    def __init__(self, client: TestClient, world: World, url: str) -> None:
        self.client = client
        self.world = world
        self.url = url
        self.book = world.books[0]

    def headers(self, investor: int = 0, key: str = "", more: dict[str, str] | None = None) -> dict[str, str]:
        """Credential and a fresh key."""
        return {
            "Authorization": self.world.investors[investor].bearer,
            "Idempotency-Key": key or new_id("request"),
            **(more or {}),
        }

    def bid(self, **changes: object) -> Body:
        """One lot at 80 %."""
        return {"book_id": self.book, "amount": "1000000.00", "price": "0.8000", **changes}

    def post(self, path: str, body: object, **how: Any) -> Any:
        """Send a command."""
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers(**how))

    def orders(self) -> int:
        """How many bids are stored."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT count(*) FROM market_order WHERE side = 'buy'").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def desk(database_url: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An API over a fresh database; what waits for the worker waits briefly."""
    monkeypatch.setattr(order_changes, "WAIT_SECONDS", 0.05)
    stop_intake()
    matcher.cache_clear()
    yield Desk(TestClient(app), build(database_url, investors=2, books=1), database_url)
    stop_intake()
    matcher.cache_clear()


def test_a_bid_is_answered_with_its_order_and_can_be_read_again(desk: Desk) -> None:
    answer = desk.post("/orders", desk.bid())
    assert answer.status_code == 201, answer.text
    order = OrderView.model_validate(answer.json())
    assert (order.price, order.unit_price, order.total.amount) == ("0.8000", "0.704000", "704000.00")
    read = desk.client.get(f"/api/v1/orders/{order.id}", headers=desk.headers())
    assert read.json() == answer.json()
    assert read.headers["ETag"] == answer.headers["ETag"]
    listed = desk.client.get("/api/v1/bids", headers=desk.headers()).json()
    assert [item["id"] for item in listed["items"]] == [order.id]


@pytest.mark.parametrize("form", [{"unit_price": "0.704"}, {"total": "704000.00"}])
def test_a_price_may_be_given_in_three_forms(desk: Desk, form: Body) -> None:
    body = {name: value for name, value in desk.bid().items() if name != "price"}
    assert desk.post("/orders", {**body, **form}).json()["price"] == "0.8000"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"amount": NaN}',
        b'{"amount": "1000000.00", "amount": "2000000.00"}',
        b'{"amount": 1e400}',
        b'{"amount": "\\ud800"}',
        b"{",
    ],
)
def test_malformed_json_is_refused_and_changes_nothing(desk: Desk, raw: bytes) -> None:
    headers = desk.headers() | {"Content-Type": "application/json"}
    answer = desk.client.post("/api/v1/orders", content=raw, headers=headers)
    assert (answer.status_code, desk.orders()) == (400, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1000000},
        {"amount": "1e6"},
        {"amount": "１000000"},
        {"amount": "-1"},
        {"amount": "0"},
        {"price": "NaN"},
        {"price": 0.8},
        {"price": None},
        {"total": "700000.00"},
        {"listing_id": new_id("listing")},
        {"book_id": "bok_x"},
        {"surprise": 1},
        {"time_in_force": "for_ever"},
        {"expires_on": "2030-01-01"},
        {"time_in_force": "good_till_date"},
        {"all_or_none": "yes"},
    ],
)
def test_a_wrong_shape_is_refused_and_changes_nothing(desk: Desk, changes: Body) -> None:
    answer = desk.post("/orders", desk.bid(**changes))
    assert (answer.status_code, answer.json()["code"], desk.orders()) == (422, "INVALID", 0)


def test_a_body_over_the_limit_is_refused(desk: Desk) -> None:
    answer = desk.post("/orders", desk.bid(surprise="x" * 1_100_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_a_command_needs_a_key_and_a_known_caller(desk: Desk) -> None:
    without = {"Authorization": desk.world.investors[0].bearer}
    answer = desk.client.post("/api/v1/orders", json=desk.bid(), headers=without)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    nobody = desk.client.post("/api/v1/orders", json=desk.bid(), headers={"Idempotency-Key": "k" * 20})
    assert (nobody.status_code, desk.orders()) == (401, 0)


def test_a_repetition_gets_the_same_answer_and_another_body_is_refused(desk: Desk) -> None:
    key = new_id("request")
    first, again = desk.post("/orders", desk.bid(), key=key), desk.post("/orders", desk.bid(), key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = desk.post("/orders", desk.bid(amount="2000000.00"), key=key)
    assert (other.status_code, other.json()["code"], desk.orders()) == (422, "IDEMPOTENCY_MISMATCH", 1)


def test_every_broken_rule_is_told_at_once_and_the_check_says_the_same(desk: Desk) -> None:
    bad = desk.bid(amount="1.00", price="0.8001", currency="USD")
    placed, checked = desk.post("/orders", bad), desk.post("/orders:check", bad)
    assert (placed.status_code, placed.json()["code"]) == (409, "RULES_BROKEN")
    assert [item["code"] for item in placed.json()["breaches"]] == [
        "STEP_INVALID",
        "CURRENCY_MISMATCH",
        "AMOUNT_TOO_SMALL",
    ]
    view = CheckView.model_validate(checked.json())
    assert [item.code for item in view.breaches] == [item["code"] for item in placed.json()["breaches"]]
    good = desk.post("/orders:check", desk.bid()).json()
    assert (good["passes"], desk.orders()) == (True, 0)


def test_foreign_and_missing_objects_look_the_same(desk: Desk) -> None:
    order = desk.post("/orders", desk.bid()).json()["id"]
    for order_id in (order, new_id("order")):
        read = desk.client.get(f"/api/v1/orders/{order_id}", headers=desk.headers(investor=1))
        cancel = desk.post(f"/orders/{order_id}:cancel", {}, investor=1)
        assert (read.status_code, cancel.status_code) == (404, 404)
        assert read.json()["code"] == cancel.json()["code"] == "ORDER_NOT_FOUND"
    assert desk.post("/orders", desk.bid(book_id=new_id("book"))).json()["code"] == "BOOK_NOT_FOUND"
    assert desk.post(f"/listings/{new_id('listing')}/bids", {"amount": "1.00", "price": "1"}).status_code == 404


def test_a_withdrawal_is_queued_then_final_and_gives_the_deposit_back(desk: Desk) -> None:
    order, key = desk.post("/orders", desk.bid()).json(), new_id("request")
    queued = desk.post(f"/bids/{order['id']}:withdraw", {}, key=key)
    assert (queued.status_code, queued.json()["status"]) == (202, "accepted")
    matcher().drain()
    final = desk.post(f"/bids/{order['id']}:withdraw", {}, key=key)
    assert (final.status_code, final.json()["status"], final.json()["hold"]["amount"]) == (200, "cancelled", "0.00")
    assert desk.post(f"/bids/{order['id']}:withdraw", {}, key=key).json() == final.json()
    late = desk.post(f"/orders/{order['id']}:cancel", {})
    assert (late.status_code, late.json()["code"]) == (409, "ORDER_NOT_LIVE")


def test_a_change_needs_the_current_version_and_holds_more_at_once(desk: Desk) -> None:
    order = desk.post("/orders", desk.bid()).json()
    path, more = f"/api/v1/orders/{order['id']}", {"amount": "2000000.00"}
    assert desk.client.patch(path, json=more, headers=desk.headers()).status_code == 428
    stale = desk.client.patch(path, json=more, headers=desk.headers(more={"If-Match": '"2"'}))
    assert stale.status_code == 412
    current = {"If-Match": f'"{order["version"]}"'}
    early = desk.client.patch(path, json=more, headers=desk.headers(more=current))
    assert (early.status_code, early.json()["code"]) == (409, "ORDER_PENDING")
    matcher().drain()
    queued = desk.client.patch(path, json=more, headers=desk.headers(more=current))
    assert (queued.status_code, queued.json()["hold"]["amount"]) == (202, "70400.00")
    matcher().drain()
    final = desk.client.get(path, headers=desk.headers()).json()
    assert (final["amount"]["amount"], final["hold"]["amount"]) == ("2000000.00", "70400.00")


def test_a_bulk_answers_each_order_in_words_and_needs_a_system(desk: Desk) -> None:
    answer = desk.post("/orders:bulk", {"orders": [desk.bid(), desk.bid(price="0.8001"), desk.bid()]})
    view = BulkView.model_validate(answer.json())
    assert (answer.status_code, view.accepted, view.refused, desk.orders()) == (200, 2, 1, 2)
    assert answer.json()["items"][1]["problem"]["breaches"][0]["code"] == "STEP_INVALID"
    assert desk.post("/orders:bulk", {"orders": []}).status_code == 422
    assert desk.post("/orders:bulk", {"orders": [desk.bid()] * 1001}).status_code == 422


REFUSED = {
    "no key": ("/api/v1/orders", '{"amount": "1"}', {"Idempotency-Key": ""}),
    "no credential": ("/api/v1/orders", '{"book_id": "B", "amount": "1", "price": "1"}', {"Authorization": ""}),
    "a doubled name": ("/api/v1/orders", '{"amount": "1", "amount": "1"}', {}),
    "a wrong shape": ("/api/v1/orders:bulk", '{"orders": []}', {}),
    "no such book": ("/api/v1/orders", '{"book_id": "B", "amount": "1000000.00", "price": "0.8"}', {}),
    "no such listing": (
        "/api/v1/listings/lst_01M8AE5TDXQKP8BDZA7NF5KK21/bids",
        '{"amount": "1000000.00", "price": "0.8"}',
        {},
    ),
    "no listing's id": ("/api/v1/listings/nothing/bids", '{"amount": "1000000.00", "price": "0.8"}', {}),
    "a wrong verb": ("/api/v1/orders:none", "{}", {}),
}


@pytest.mark.parametrize("name", list(REFUSED))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_short_way_refuses_like_the_long_one(desk: Desk, app: FastAPI, name: str, language: str) -> None:
    path, body, changed = REFUSED[name]

    async def long_way(scope: Scope, receive: Receive, send: Send) -> None:
        await FastAPI.__call__(app, scope, receive, send)

    headers = {"Content-Type": "application/json", "Accept-Language": language, "X-Request-Id": "one-and-the-same"}
    headers = {key: value for key, value in {**headers, **desk.headers(), **changed}.items() if value}
    content = body.replace('"B"', f'"{new_id("book")}"')
    short, long = (TestClient(way).post(path, content=content, headers=headers) for way in (desk.client.app, long_way))
    assert short.status_code >= 400
    assert (short.status_code, short.json(), dict(short.headers)) == (
        long.status_code,
        long.json(),
        dict(long.headers),
    )
    assert desk.orders() == 0
