"""A thousand orders by eight clients while workers are killed at random and Redis is flushed.

Every acknowledged order exists once and is matched or rests, nothing exists that nobody asked for, sums and holds
agree, and the stored commands give the stored books.
"""

import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import redis
from sqlmodel import select

from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.infra.database import transaction
from exchange.infra.doorbell import doorbell
from exchange.infra.settings import settings
from exchange.matching import jobs
from exchange.matching.lifecycle import LIVE_ORDER, OrderStatus
from exchange.matching.service.replay import replay_books
from exchange.matching.tables import BookProgressRow, BookRow, FillRow, OrderRow
from exchange.oversight.service import invariant_findings
from tests.integration.matching.exchange_world import MILLION, Market, a_listing, a_market, book_of, settle
from tests.integration.matching.fleet_world import Processes, children_of, eventually, kill_all
from tests.journeys.market_at_api import key_of

ORDERS, CLIENTS, WORKERS = 1_000, 8, 2


@dataclass
class Tally:
    """What the clients were told: order ids by idempotency key."""

    accepted: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)


@pytest.fixture
def stormy(database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """A market's settings for this process and all that it starts."""
    assert database_url
    assert redis_url
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    settings.cache_clear()
    doorbell.cache_clear()
    jobs.matcher.cache_clear()
    found = Processes(tmp_path)
    yield found
    found.stop()
    doorbell.cache_clear()


def post(client: httpx.Client, path: str, body: dict[str, object], headers: dict[str, str]) -> httpx.Response:
    """Send until there is an answer that is final; an unknown outcome is asked for again under the same key."""
    while True:
        try:
            answer = client.post(path, json=body, headers=headers)
        except httpx.HTTPError:
            time.sleep(0.05)
            continue
        if answer.status_code != 503:
            return answer
        time.sleep(0.05)


def trade_away(url: str, keys: list[str], books: list[str], share: range, seed: int, tally: Tally) -> None:
    """One client: bids at several prices in several books, and now and then a cancel."""
    chance = random.Random(seed)
    with httpx.Client(base_url=url, timeout=10) as client:
        for number in share:
            key = f"chaos-{seed:03d}-{number:08d}"
            headers = {"Authorization": f"Bearer {chance.choice(keys)}", "Idempotency-Key": key}
            price = f"0.{chance.choice(['8500', '8550', '8600', '8650', '8700'])}"
            body: dict[str, object] = {"book_id": chance.choice(books), "amount": "1000000.00", "price": price}
            answer = post(client, "/api/v1/orders", body, headers)
            if answer.status_code != 201:
                tally.refused[answer.json()["code"]] += 1
                continue
            order_id = answer.json()["id"]
            tally.accepted[key] = order_id
            if chance.random() < 0.1:
                cancel = {**headers, "Idempotency-Key": f"{key}-cancel"}
                if post(client, f"/api/v1/orders/{order_id}:cancel", {}, cancel).status_code == 200:
                    tally.cancelled.add(order_id)


def storm(processes: Processes, clients: list[threading.Thread], seed: int) -> Counter[str]:
    """Flush Redis and kill workers, their working children, or both at random while clients post; what was done.

    A child whose worker was killed goes on beside the worker's replacement.
    """
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    workers = [processes.start("worker") for _ in range(WORKERS)]
    orphans: list[int] = []
    with redis.from_url(settings().redis_url) as client:
        while any(posting.is_alive() for posting in clients):
            time.sleep(chance.uniform(0.2, 0.7))
            turn = chance.choice(["flush", "kill child", "kill worker", "kill both"])
            done[turn] += 1
            victim = chance.choice(workers)
            if turn == "flush":
                client.flushall()
            elif turn == "kill child":
                kill_all(children_of(victim.pid))
            else:
                if turn == "kill worker":
                    orphans += children_of(victim.pid)
                    victim.kill()
                    victim.wait()
                    processes.running.remove(victim)
                else:
                    processes.kill(victim)
                workers.remove(victim)
                workers.append(processes.start("worker"))
    kill_all(orphans)
    return done


def an_api(processes: Processes) -> str:
    """A running API process; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    processes.start("api", "--port", str(port))

    def is_ready() -> bool:
        try:
            return httpx.get(f"{url}/ready", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    eventually(is_ready, 30, processes.logs)
    return url


def books_of(market: Market) -> list[str]:
    """The books of four negotiated listings, and the continuous one of two more."""
    negotiated = [a_listing(market, amount=15) for _ in range(4)]
    continuous = [
        a_listing(market, amount=15, mode=MatchingMode.CONTINUOUS, profile="OPEN", policy=PriorityPolicy.PRICE_FIRST)
        for _ in range(2)
    ]
    return sorted({book_of(listing_id).id for listing_id in (*negotiated, *continuous)})


def is_quiet() -> bool:
    """Whether the matcher is up to date with every journal."""
    with transaction() as tx:
        books = {row.id: row.last_sequence for row in tx.exec(select(BookRow))}
        return books == {row.book_id: row.matched_sequence for row in tx.exec(select(BookProgressRow))}


@pytest.mark.timeout(170)
def test_nothing_is_lost_or_doubled_while_workers_die_and_the_queue_forgets(stormy: Processes) -> None:
    market = a_market()
    books = books_of(market)
    url = an_api(stormy)
    stormy.start("relay")
    keys = [key_of(actor) for actor in market.buyers.values()]
    tally = Tally()
    share = ORDERS // CLIENTS
    clients = [
        threading.Thread(target=trade_away, args=(url, keys, books, range(n * share, (n + 1) * share), n, tally))
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    weather = storm(stormy, clients, seed=7)
    eventually(is_quiet, 20, stormy.logs)
    stormy.stop()
    settle()
    check(tally)
    print(f"{len(tally.accepted)} accepted, {tally.refused} refused, {len(tally.cancelled)} cancelled, {weather}")
    assert sum(weather.values()) >= 4
    assert len(tally.accepted) == ORDERS


def check(tally: Tally) -> None:
    """Every promise that was made to a client holds, and every sum agrees."""
    with transaction() as tx:
        bids = {row.id: row for row in tx.exec(select(OrderRow).where(OrderRow.side == "buy"))}
        assert set(tally.accepted.values()) == set(bids)
        assert len(set(tally.accepted.values())) == len(tally.accepted)
        for order_id in tally.cancelled:
            assert bids[order_id].leaves_minor == 0
        for row in bids.values():
            assert row.status in {*LIVE_ORDER, OrderStatus.FILLED, OrderStatus.CANCELLED}
            assert (row.leaves_minor > 0) == (row.status in LIVE_ORDER)
        fills = list(tx.exec(select(FillRow)))
        assert sum(row.filled_minor for row in bids.values()) == sum(fill.amount_minor for fill in fills)
        assert sum(fill.amount_minor for fill in fills) % MILLION == 0
        assert [finding for finding in invariant_findings(tx) if not finding.holds] == []
        assert [found for found in replay_books(tx) if not found.agrees] == []


def test_worker_that_is_asked_to_stop_ends_within_seconds(stormy: Processes) -> None:
    assert len(books_of(a_market())) == 5
    worker = stormy.start("worker")
    ready_by = time.monotonic() + 30
    while "worker started" not in stormy.logs() and time.monotonic() < ready_by:
        time.sleep(0.1)
    time.sleep(1)
    started = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0, stormy.logs()
    assert time.monotonic() - started < 4
