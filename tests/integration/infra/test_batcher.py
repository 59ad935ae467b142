"""The batcher: what waits together is answered together, nothing is lost, and beyond the bound a request is refused."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from exchange.core.errors import Busy
from exchange.infra.batcher import Batcher

SECONDS = 5.0


class Desk:
    """Work that a test can hold up: it waits for the gate and notes each batch."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Event()
        self.batches: list[list[int]] = []

    def work(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        self.began.set()
        assert self.gate.wait(SECONDS)
        if -1 in items:
            raise LookupError("poisoned")
        return [ValueError(str(item)) if item % 10 == 9 else item * 2 for item in items]


def a_batcher(desk: Desk, *, batch_max: int = 100, waiting_max: int = 100) -> "Batcher[int, int]":
    batcher: Batcher[int, int] = Batcher("test", desk.work, batch_max=batch_max, waiting_max=waiting_max)
    batcher.start()
    return batcher


async def hold_up(desk: Desk, batcher: "Batcher[int, int]") -> "asyncio.Task[int]":
    """Let one request reach the work and keep it there."""
    desk.gate.clear()
    desk.began.clear()
    first = asyncio.ensure_future(batcher.submit(0))
    await asyncio.sleep(0)
    assert await asyncio.to_thread(desk.began.wait, SECONDS)
    return first


async def all_of(waiting: "Sequence[asyncio.Future[int]]") -> list[int | BaseException]:
    return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), SECONDS)


def test_what_gathers_during_a_batch_is_the_next_batch_in_order() -> None:
    desk = Desk()
    batcher = a_batcher(desk)

    async def run() -> list[int | BaseException]:
        first = await hold_up(desk, batcher)
        others = [asyncio.ensure_future(batcher.submit(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        desk.gate.set()
        return await all_of([first, *others])

    assert asyncio.run(run()) == [0, 2, 4, 6, 8, 10]
    assert desk.batches == [[0], [1, 2, 3, 4, 5]]
    batcher.stop()


def test_a_batch_is_no_heavier_than_its_bound_but_takes_one_request_whatever_its_weight() -> None:
    desk = Desk()
    batcher: Batcher[int, int] = Batcher(
        "test", desk.work, batch_max=5, waiting_max=1000, weight=lambda number: number or 1
    )
    batcher.start()

    async def run() -> list[int | BaseException]:
        first = await hold_up(desk, batcher)
        others = [asyncio.ensure_future(batcher.submit(number)) for number in (2, 3, 1, 50, 4)]
        await asyncio.sleep(0)
        desk.gate.set()
        return await all_of([first, *others])

    assert asyncio.run(run()) == [0, 4, 6, 2, 100, 8]
    assert desk.batches == [[0], [2, 3], [1], [50], [4]]
    assert batcher.waiting == 0
    batcher.stop()


def test_beyond_the_bound_a_request_is_refused_at_once_and_taken_again_later() -> None:
    desk = Desk()
    batcher = a_batcher(desk, waiting_max=3)

    async def run() -> list[int | BaseException]:
        first = await hold_up(desk, batcher)
        others = [asyncio.ensure_future(batcher.submit(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await batcher.submit(3)
        desk.gate.set()
        answers = await all_of([first, *others])
        return [*answers, await batcher.submit(3)]

    assert asyncio.run(run()) == [0, 2, 4, 6]
    assert [item for batch in desk.batches for item in batch] == [0, 1, 2, 3]
    batcher.stop()


def test_a_fault_of_one_request_is_its_own_and_a_fault_of_a_batch_is_everybodys() -> None:
    desk = Desk()
    batcher = a_batcher(desk)

    async def run(items: Sequence[int]) -> list[int | BaseException]:
        first = await hold_up(desk, batcher)
        waiting = [asyncio.ensure_future(batcher.submit(item)) for item in items]
        await asyncio.sleep(0)
        desk.gate.set()
        return (await all_of([first, *waiting]))[1:]

    assert [type(answer) for answer in asyncio.run(run([1, 9, 2]))] == [int, ValueError, int]
    assert [type(answer) for answer in asyncio.run(run([1, -1]))] == [LookupError, LookupError]
    assert asyncio.run(run([3])) == [6]
    batcher.stop()


def test_a_stop_answers_what_waits_and_takes_no_more() -> None:
    desk = Desk()
    batcher = a_batcher(desk)

    async def run() -> list[int | BaseException]:
        first = await hold_up(desk, batcher)
        second = asyncio.ensure_future(batcher.submit(1))
        await asyncio.sleep(0)
        batcher.stop(0)
        with pytest.raises(Busy):
            await batcher.submit(2)
        desk.gate.set()
        return await all_of([first, second])

    assert asyncio.run(run()) == [0, 2]
    batcher.stop()
    assert batcher.waiting == 0


def test_a_caller_that_goes_away_disturbs_nobody_and_its_request_is_done() -> None:
    desk = Desk()
    batcher = a_batcher(desk)

    async def leave() -> None:
        first = await hold_up(desk, batcher)
        first.cancel()
        asyncio.ensure_future(batcher.submit(1)).add_done_callback(lambda _: None)
        await asyncio.sleep(0)

    asyncio.run(leave())  # its loop is closed while the work still has its requests
    desk.gate.set()
    assert asyncio.run(batcher.submit(4)) == 8
    assert [item for batch in desk.batches for item in batch] == [0, 1, 4]
    batcher.stop()


def test_what_follows_a_batch_may_fail_without_harm() -> None:
    calls: list[int] = []

    def after() -> None:
        calls.append(1)
        raise OSError("no bell")

    desk = Desk()
    batcher: Batcher[int, int] = Batcher("test", desk.work, batch_max=5, waiting_max=5, after=after)
    batcher.start()
    assert [asyncio.run(batcher.submit(number)) for number in (1, 2)] == [2, 4]
    batcher.stop()
    assert len(calls) == 2
