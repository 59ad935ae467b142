"""Batches of orders on a real PostgreSQL: each its own answer, no gap, no double, cover exact."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from benchmarks.order_reconcile import ZERO
from benchmarks.order_world import DEPOSIT_PPM, LOT_MINOR, NAV_MINOR, SUBSCRIBED_MINOR, World, build
from exchange.access.credential import Credential, CredentialKind, hash_of
from exchange.access.errors import ApiKeyInvalid
from exchange.core.errors import Busy, RulesBroken
from exchange.core.ids import new_id
from exchange.core.quantity import NavBasis
from exchange.infra.lane import Lane
from exchange.infra.settings import settings
from exchange.matching.errors import BookNotFound
from exchange.matching.holds import deposit_minor
from exchange.matching.order_terms import Limit, NewOrder, PriceForm
from exchange.matching.service.intake import Callers, IntakeRequest, answer_all
from exchange.matching.service.place import PlaceAnswer
from exchange.rest.idempotency import IdempotencyMismatch

PRICE = 800_000
DEPOSIT = deposit_minor(NavBasis(NAV_MINOR, SUBSCRIBED_MINOR), DEPOSIT_PPM, LOT_MINOR, PRICE)
TABLES = ("market_order", "event", "outbox", "ledger_entry", "idempotency")


@pytest.fixture
def lane(database_url: str) -> Iterator[Lane]:
    """A lane into the database of the test."""
    assert database_url
    made = Lane()
    yield made
    made.close()


def credential(world: World, investor: int = 0) -> Credential:
    """The key of an investor as a request shows it."""
    who = world.investors[investor]
    return Credential(CredentialKind.API_KEY, hash_of(who.secret), key_id=who.key_id)


def a_bid(book_id: str, *, price_ppm: int = PRICE, amount_minor: int = LOT_MINOR) -> NewOrder:
    """One lot at a price below the ask."""
    return NewOrder(amount_minor, Limit(PriceForm.RATIO, number=price_ppm), book_id=book_id)


def a_request(world: World, *orders: NewOrder, key: str = "", investor: int = 0, body: str = "a") -> IntakeRequest:
    """A request of one investor under a fresh key."""
    return IntakeRequest(credential(world, investor), key or new_id("request"), body * 64, orders, len(orders) > 1)


def counts(url: str) -> dict[str, int]:
    """How many rows the tables of the order path have."""
    with psycopg.connect(url) as connection:
        return {table: number(connection, f"SELECT count(*) FROM {table}") for table in TABLES}


def number(connection: "psycopg.Connection[Any]", query: str) -> int:
    """The one number of a query."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def assert_adds_up(url: str) -> None:
    """Sequences without gap, orders with command and event, holds equal to orders and to entries."""
    with psycopg.connect(url) as connection:
        for name, query in ZERO.items():
            if name not in {"books not matched to the end", "live bids that cross the ask"}:
                assert number(connection, query) == 0, name


def values(answer: object) -> dict[str, Any]:
    """The body of an accepted answer."""
    assert isinstance(answer, PlaceAnswer), answer
    body: dict[str, Any] = json.loads(answer.body)
    return body


def test_a_batch_is_numbered_in_its_order_and_writes_everything(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=2, books=2)
    first, second = world.books
    requests = [a_request(world, a_bid(book), investor=turn) for turn, book in ((0, first), (1, first), (0, second))]
    placed = [values(answer) for answer in answer_all(lane, requests)]
    assert [order["sequence"] for order in placed] == [3, 4, 3]
    assert {order["hold"]["amount"] for order in placed} == {f"{DEPOSIT // 100}.{DEPOSIT % 100:02d}"}
    found = counts(database_url)
    assert (found["event"], found["outbox"], found["ledger_entry"], found["idempotency"]) == (3, 3, 3, 3)
    assert_adds_up(database_url)


def test_a_refusal_changes_nothing_and_touches_no_other(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=1, books=1)
    (book,) = world.books
    before = counts(database_url)
    stranger = replace(credential(world), token_hash="0" * 64)
    refused = answer_all(
        lane,
        [
            a_request(world, a_bid(book, price_ppm=PRICE + 1)),
            a_request(world, a_bid(new_id("book"))),
            replace(a_request(world, a_bid(book)), credential=stranger),
        ],
    )
    assert [type(answer) for answer in refused] == [RulesBroken, BookNotFound, ApiKeyInvalid]
    assert counts(database_url) == before
    mixed = answer_all(lane, [a_request(world, a_bid(book, amount_minor=1)), a_request(world, a_bid(book))])
    assert isinstance(mixed[0], RulesBroken)
    assert values(mixed[1])["sequence"] == 3
    assert_adds_up(database_url)


def test_a_repeated_key_gets_the_same_answer_and_another_body_is_refused(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=2, books=1)
    bid, key = a_bid(world.books[0]), new_id("request")
    once, twin, other = answer_all(
        lane, [a_request(world, bid, key=key), a_request(world, bid, key=key), a_request(world, bid, key=key, body="b")]
    )
    assert values(once) == values(twin)
    assert isinstance(other, IdempotencyMismatch)
    (again,) = answer_all(lane, [a_request(world, bid, key=key)])
    assert isinstance(again, PlaceAnswer)
    assert again.replayed
    assert values(again) == values(once)
    (foreign,) = answer_all(lane, [a_request(world, bid, key=key, investor=1)])
    assert values(foreign)["id"] != values(once)["id"]
    assert counts(database_url)["market_order"] == 1 + 2


def test_concurrent_batches_leave_no_gap_and_twins_become_one_order(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=4, books=3)
    keys = [new_id("request") for _ in range(120)]
    answers: list[list[object]] = []

    def run() -> None:
        own = Lane()
        for start in range(0, len(keys), 8):
            requests = [
                a_request(world, a_bid(world.books[at % 3]), key=keys[at], investor=at % 4)
                for at in range(start, start + 8)
            ]
            answers.append([*answer_all(own, requests)])
        own.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = {values(answer)["id"] for batch in answers for answer in batch}
    assert len(ids) == len(keys)
    assert counts(database_url)["market_order"] == len(keys) + 3
    assert_adds_up(database_url)


def test_concurrent_orders_use_the_cover_up_to_the_last_cent_and_no_further(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=1, books=4, money_minor=10 * DEPOSIT + DEPOSIT - 1)
    outcomes: list[object] = []

    def run(book: str) -> None:
        own = Lane()
        for _ in range(5):
            outcomes.extend(answer_all(own, [a_request(world, a_bid(book))]))
        own.close()

    threads = [threading.Thread(target=run, args=(book,)) for book in world.books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = [answer for answer in outcomes if isinstance(answer, PlaceAnswer)]
    refused = [answer for answer in outcomes if isinstance(answer, RulesBroken)]
    assert (len(accepted), len(refused)) == (10, 10)
    assert {answer.breaches[0].code for answer in refused} == {"DEPOSIT_MISSING"}
    assert_adds_up(database_url)


def test_a_bulk_answers_each_order_and_counts_down_the_cover(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=1, books=1, money_minor=2 * DEPOSIT)
    (book,) = world.books
    bulk = a_request(world, a_bid(book), a_bid(book, price_ppm=PRICE + 1), a_bid(book), a_bid(book))
    (answer,) = answer_all(lane, [bulk])
    told = values(answer)
    assert [item["status_code"] for item in told["items"]] == [201, 409, 201, 409]
    assert (told["accepted"], told["refused"]) == (2, 2)
    assert told["items"][3]["breaches"][0]["code"] == "DEPOSIT_MISSING"
    (again,) = answer_all(lane, [bulk])
    assert values(again) == told
    assert_adds_up(database_url)


def test_a_stuck_book_refuses_its_own_orders_only(
    database_url: str, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCHANGE_LOCK_TIMEOUT_MS", "200")
    settings.cache_clear()
    world = build(database_url, investors=2, books=2)
    stuck, free = world.books
    with psycopg.connect(database_url) as holder:
        holder.execute("SELECT 1 FROM book WHERE id = %s FOR UPDATE", (stuck,))
        answers = answer_all(lane, [a_request(world, a_bid(stuck)), a_request(world, a_bid(free), investor=1)])
    assert isinstance(answers[0], Busy)
    assert values(answers[1])["book_id"] == free
    assert_adds_up(database_url)


def test_a_poisoned_request_fails_alone(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=1, books=1)
    (book,) = world.books
    poisoned = replace(a_request(world, a_bid(book)), key="\x00" * 20)
    answers = answer_all(lane, [a_request(world, a_bid(book)), poisoned, a_request(world, a_bid(book))])
    assert [isinstance(answer, PlaceAnswer) for answer in answers] == [True, False, True]
    assert counts(database_url)["market_order"] == 1 + 2
    assert_adds_up(database_url)


def test_a_lane_survives_the_death_of_its_connection(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=1, books=1)
    values(answer_all(lane, [a_request(world, a_bid(world.books[0]))])[0])
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
    assert values(answer_all(lane, [a_request(world, a_bid(world.books[0]))])[0])["sequence"] == 4


def test_a_caller_known_before_is_looked_up_again_in_every_batch(database_url: str, lane: Lane) -> None:
    world = build(database_url, investors=2, books=1)
    callers, (book,) = Callers(), world.books

    def place(*investors: int) -> list[object]:
        return [*answer_all(lane, [a_request(world, a_bid(book), investor=turn) for turn in investors], callers)]

    assert [values(answer)["sequence"] for answer in place(0, 1)] == [3, 4]
    assert [values(answer)["sequence"] for answer in place(0, 1)] == [5, 6]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE api_key SET revoked_at = now() WHERE id = %s", (world.investors[0].key_id,))
    for _ in range(2):
        refused, accepted = place(0, 1)
        assert isinstance(refused, ApiKeyInvalid)
        assert isinstance(accepted, PlaceAnswer)
    assert_adds_up(database_url)


def test_a_known_caller_with_another_secret_or_another_organisation_is_judged_as_it_is(
    database_url: str, lane: Lane
) -> None:
    world = build(database_url, investors=2, books=1, money_minor=5 * DEPOSIT)
    callers, (book,) = Callers(), world.books
    first, second = world.investors
    assert isinstance(answer_all(lane, [a_request(world, a_bid(book))], callers)[0], PlaceAnswer)
    stranger = replace(credential(world), token_hash="0" * 64)
    (answer,) = answer_all(lane, [replace(a_request(world, a_bid(book)), credential=stranger)], callers)
    assert isinstance(answer, ApiKeyInvalid)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE user_account SET organisation_id = %s WHERE id = %s", (second.organisation_id, first.user_id)
        )
    assert isinstance(answer_all(lane, [a_request(world, a_bid(book))], callers)[0], PlaceAnswer)
    with psycopg.connect(database_url) as connection:
        held = "SELECT held_minor FROM account WHERE organisation_id = '{}'"
        assert number(connection, held.format(first.organisation_id)) == DEPOSIT
        assert number(connection, held.format(second.organisation_id)) == DEPOSIT
    assert_adds_up(database_url)
