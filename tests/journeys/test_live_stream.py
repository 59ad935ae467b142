"""The live stream over a real server: what concerns one arrives at once, and nothing is missed after a reconnect."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from exchange.infra.settings import settings
from tests.integration.matching.exchange_world import Market, a_listing, bid, settle
from tests.integration.matching.fleet_world import Processes, eventually
from tests.journeys.market_at_api import key_of


@pytest.fixture
def address(market: Market, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of one API process over the market, with Redis."""
    settings.cache_clear()
    found = Processes(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found.start("api", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(url), 20, found.logs)
    yield url
    found.stop()


def answers(url: str) -> bool:
    """Whether the server is there."""
    try:
        return httpx.get(f"{url}/ready", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def read(url: str, key: str, count: int, **headers: str) -> list[tuple[int, dict[str, object]]]:
    """The next events of a stream: (position, envelope)."""
    found: list[tuple[int, dict[str, object]]] = []
    with httpx.stream("GET", url, headers={"Authorization": f"Bearer {key}", **headers}, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        position = 0
        for line in answer.iter_lines():
            if line.startswith("id: "):
                position = int(line[4:])
            if line.startswith("data: "):
                found.append((position, json.loads(line[6:])))
                if len(found) == count:
                    return found
    return found


def test_stream_resumes_without_a_gap_and_shows_only_ones_own(market: Market, address: str) -> None:
    listing_id = a_listing(market)
    bid(market, listing_id, "social", 10, 860_000)
    bid(market, listing_id, "second", 10, 870_000)
    settle()
    url = f"{address}/api/v1/stream?topics=proposals,orders"
    key = key_of(market.buyers["social"])
    first = read(f"{url}&after=0", key, 2)
    assert {envelope["type"] for _, envelope in first} == {"order.filled", "proposal.made"}
    again = read(url, key, 1, **{"Last-Event-ID": str(first[0][0])})
    assert again[0] == first[1]
    everything = read(f"{address}/api/v1/stream?after=0", key_of(market.operator), 12)
    assert [position for position, _ in everything] == list(range(1, 13))


def test_stream_delivers_what_happens_while_it_is_open(market: Market, address: str) -> None:
    listing_id = a_listing(market)
    settle()
    key = key_of(market.buyers["social"])
    url = f"{address}/api/v1/stream?topics=market"
    with httpx.stream("GET", url, headers={"Authorization": f"Bearer {key}"}, timeout=20) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        bid(market, listing_id, "second", 10, 870_000)
        settle()
        data = next(line for line in lines if line.startswith("data: "))
    assert json.loads(data[6:])["type"] in {"book.changed", "listing.opened", "book.opened"}


def test_stream_refuses_strangers_and_odd_positions(market: Market, address: str) -> None:
    assert market.fund_id
    assert httpx.get(f"{address}/api/v1/stream").status_code == 401
    headers = {"Authorization": f"Bearer {key_of(market.operator)}", "Last-Event-ID": "x"}
    answer = httpx.get(f"{address}/api/v1/stream", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "STREAM_POSITION_INVALID")
