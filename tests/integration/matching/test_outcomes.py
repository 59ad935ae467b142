"""The waiting room: whoever waits for the matcher is told once it has come that far, and not before."""

import asyncio
import time
from collections.abc import Sequence

import psycopg
import pytest

from benchmarks.order_world import build
from exchange.infra.lane import Lane
from exchange.matching.service.drain import Matcher
from exchange.matching.service.intake import answer_all
from exchange.matching.service.outcomes import INTERVAL_SECONDS, Outcomes
from tests.integration.matching.test_intake import a_bid, a_request, values


def move(url: str, book_id: str, sequence: int) -> None:
    """Move a book's progress as the matcher would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE book_progress SET matched_sequence = %s WHERE book_id = %s", (sequence, book_id))


async def answers_of(room: Outcomes, wanted: Sequence[tuple[str, int]], timeout: float) -> list[bool]:
    return list(await asyncio.gather(*(room.matched(book, sequence, timeout) for book, sequence in wanted)))


def test_each_is_told_when_its_own_command_is_matched(database_url: str) -> None:
    first, second = build(database_url, investors=1, books=2).books
    room = Outcomes()

    async def run() -> list[bool]:
        waiting = asyncio.ensure_future(answers_of(room, [(first, 2), (first, 3), (second, 2)], 1.0))
        await asyncio.sleep(5 * INTERVAL_SECONDS)
        assert not waiting.done()
        await asyncio.to_thread(move, database_url, first, 2)
        return await waiting

    assert asyncio.run(run()) == [True, False, False]


def test_what_is_matched_already_is_told_at_once_and_again_after_a_pause(database_url: str) -> None:
    (book,) = build(database_url, investors=1, books=1).books
    move(database_url, book, 2)
    room = Outcomes()
    for _ in range(3):
        started = time.monotonic()
        assert asyncio.run(room.matched(book, 2, 5.0))
        assert time.monotonic() - started < 1
        time.sleep(2 * INTERVAL_SECONDS)


def test_an_unknown_book_is_never_matched(database_url: str) -> None:
    build(database_url, investors=1, books=1)
    assert not asyncio.run(Outcomes().matched("book_unknown", 0, 0.1))


def test_a_caller_that_leaves_does_not_disturb_the_others(database_url: str) -> None:
    (book,) = build(database_url, investors=1, books=1).books
    room = Outcomes()

    async def run() -> bool:
        leaving = asyncio.ensure_future(room.matched(book, 2, 5.0))
        staying = asyncio.ensure_future(room.matched(book, 2, 5.0))
        await asyncio.sleep(2 * INTERVAL_SECONDS)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        await asyncio.to_thread(move, database_url, book, 2)
        return await staying

    assert asyncio.run(run())


def test_a_broken_connection_only_delays_the_answer(database_url: str) -> None:
    (book,) = build(database_url, investors=1, books=1).books
    room = Outcomes()

    async def run() -> bool:
        waiting = asyncio.ensure_future(room.matched(book, 2, 5.0))
        await asyncio.sleep(3 * INTERVAL_SECONDS)
        await asyncio.to_thread(cut_and_move, database_url, book)
        return await waiting

    assert asyncio.run(run())


def cut_and_move(url: str, book_id: str) -> None:
    """End every other connection to the database, then move the book's progress."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
    move(url, book_id, 2)


def test_the_matcher_itself_ends_the_wait(database_url: str) -> None:
    world = build(database_url, investors=1, books=1)
    lane, room, matcher = Lane(), Outcomes(), Matcher()
    (answer,) = answer_all(lane, [a_request(world, a_bid(world.books[0]))])
    placed = values(answer)

    async def run() -> bool:
        waiting = asyncio.ensure_future(room.matched(world.books[0], placed["sequence"], 10.0))
        await asyncio.sleep(2 * INTERVAL_SECONDS)
        assert not waiting.done()
        assert await asyncio.to_thread(matcher.drain) == placed["sequence"]
        return await waiting

    assert asyncio.run(run())
    lane.close()
