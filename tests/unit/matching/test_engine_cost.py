"""What a command costs does not depend on how many orders rest: counted in lines of code run, not in time."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from benchmarks.engine_scaling import MIDDLE, a_book
from exchange.core.terms import PriorityPolicy, Side, TimeInForce
from exchange.matching.engine import Book
from exchange.matching.order_book import Level, Order, Party, Terms

SMALL, LARGE = 200, 10_000


def lines_run(command: Callable[[], object]) -> int:
    """How many lines of the matching package a command runs."""
    counted = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        if "matching" not in frame.f_code.co_filename:
            return None
        counted += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        command()
    finally:
        sys.settrace(before)
    return counted


def costs(resting: int, policy: PriorityPolicy) -> dict[str, int]:
    """Lines run by each kind of command on a book of this size, five levels deep where it matters."""
    book: Book = a_book(resting, policy)
    buyer, seller = Party("org_a", 3), Party("org_b", 3)
    book.submit(Order("near", Side.BUY, MIDDLE, 10, buyer))
    kill = Terms(TimeInForce.FILL_OR_KILL)
    return {
        "rest": lines_run(lambda: book.submit(Order("rest", Side.BUY, MIDDLE - 9, 10, buyer))),
        "take": lines_run(lambda: book.submit(Order("take", Side.SELL, MIDDLE, 10, seller))),
        "amend": lines_run(lambda: book.amend("rest", amount=5)),
        "cancel": lines_run(lambda: book.cancel("rest")),
        "fill or kill": lines_run(lambda: book.submit(Order("kill", Side.BUY, MIDDLE + 10, 1, buyer, kill))),
        "fill or kill in vain": lines_run(lambda: book.submit(Order("vain", Side.BUY, MIDDLE + 1, 1, buyer, kill))),
    }


@pytest.mark.parametrize("policy", [PriorityPolicy.PRICE_FIRST, PriorityPolicy.GUIDANCE_FIRST])
def test_cost_of_a_command_is_the_same_in_a_book_fifty_times_as_large(policy: PriorityPolicy) -> None:
    small, large = costs(SMALL, policy), costs(LARGE, policy)
    assert min(small.values()) > 0
    assert large == small


def places_alive() -> int:
    """Orders and levels that exist in this process."""
    return sum(type(thing) in (Order, Level) for thing in gc.get_objects())


@pytest.mark.parametrize("policy", [PriorityPolicy.PRICE_FIRST, PriorityPolicy.GUIDANCE_FIRST])
def test_orders_that_left_are_freed_while_the_garbage_collector_is_stopped(policy: PriorityPolicy) -> None:
    book = Book(policy)
    buyer, seller = Party("org_a", 3), Party("org_b", 3)
    gc.collect()
    gc.disable()
    before = places_alive()
    try:
        for turn in range(20):
            for number in range(4):
                book.submit(Order(f"bid_{turn}_{number}", Side.BUY, MIDDLE - number % 2, 10, buyer))
            book.submit(Order(f"take_{turn}", Side.SELL, MIDDLE - 1, 30, seller))
            book.cancel(f"bid_{turn}_3")
        after = places_alive()
    finally:
        gc.enable()
    assert not book.orders
    assert after == before
