"""The continuous book, command by command, as tables."""

import pytest

from exchange.core.terms import PriorityPolicy, Side, TimeInForce
from exchange.matching.engine import Book
from exchange.matching.engine_events import RejectCode, Rejected
from exchange.matching.order_book import DepthLevel, Order, Party, Terms
from tests.unit.matching.book_table import play


def test_guidance_first_fills_class_before_price_and_proves_the_cost() -> None:
    play("""
        book guidance_first
        buy B1 other 88 x60
        -> B1 rests x60 #1
        buy B4 other 87 x40
        -> B4 rests x40 #2
        buy B2 guidance 86 x50
        -> B2 rests x50 #3
        buy B3 guidance 88 x30
        -> B3 rests x30 #4
        sell A 85 x100
        -> A takes B3 88 x30
        -> A takes B2 86 x50
        -> A takes B1 88 x20
        -> price first: B3 88 x30, B1 88 x60, B4 87 x10; cost 900000
    """)


def test_price_first_fills_price_then_class_then_time() -> None:
    play("""
        book price_first
        buy B1 other 88 x60
        -> B1 rests x60 #1
        buy B4 other 87 x40
        -> B4 rests x40 #2
        buy B2 guidance 86 x50
        -> B2 rests x50 #3
        buy B3 guidance 88 x30
        -> B3 rests x30 #4
        buy B5 other 88 x10
        -> B5 rests x10 #5
        sell A 85 x110
        -> A takes B3 88 x30
        -> A takes B1 88 x60
        -> A takes B5 88 x10
        -> A takes B4 87 x10
    """)


def test_guidance_bid_below_the_ask_does_not_block_a_better_price() -> None:
    play("""
        book guidance_first
        buy G guidance 84 x50
        -> G rests x50 #1
        buy S other 86 x50
        -> S rests x50 #2
        sell A 85 x70
        -> A takes S 86 x50
        -> price first: S 86 x50; cost 0
        -> A rests x20 #3
    """)


def test_asks_rank_by_price_then_time_whatever_the_class_of_the_buyer() -> None:
    play("""
        book guidance_first
        sell A1 86 x10
        -> A1 rests x10 #1
        sell A2 85 x10
        -> A2 rests x10 #2
        sell A3 85 x10
        -> A3 rests x10 #3
        buy B other 86 x25
        -> B takes A2 85 x10
        -> B takes A3 85 x10
        -> B takes A1 86 x5
    """)


def test_immediate_orders_never_rest() -> None:
    play("""
        book price_first
        sell A 85 x10
        -> A rests x10 #1
        buy K other 85 x11 fok
        -> K ends x11 fill_or_kill
        buy I other 85 x4 ioc
        -> I takes A 85 x4
        buy L other 85 x6 fok
        -> L takes A 85 x6
        buy M other 85 x6 ioc
        -> M ends x6 immediate_or_cancel
    """)


def test_minimum_and_all_or_none_are_judged_on_entry_then_wait_for_one_fill() -> None:
    play("""
        book price_first
        sell A 85 x20
        -> A rests x20 #1
        buy M other 85 x60 min=30
        -> M rests x60 #2
        buy W other 85 x40 aon
        -> W rests x40 #3
        sell S 85 x25
        -> S skips M minimum_fill
        -> S skips W all_or_none
        -> S rests x25 #4
        sell T 85 x35
        -> T takes M 85 x35           # the minimum is met: M meets what waits
        -> M takes A 85 x20
        -> M takes S 85 x5
        sell U 85 x40
        -> U takes W 85 x40
    """)


def test_minimum_once_met_is_met_for_good() -> None:
    play("""
        book price_first
        buy M other 85 x60 min=30
        -> M rests x60 #1
        sell T 85 x35
        -> T takes M 85 x35
        sell U 85 x5
        -> U takes M 85 x5
    """)
    play("""
        book price_first pre_open
        buy M other 85 x60 min=30
        -> M rests x60 #1
        sell T 85 x35
        -> T rests x35 #2
        sell U 85 x25
        -> U rests x25 #3
        open
        -> open
        -> T takes M 85 x35
        -> U takes M 85 x25
    """)


def test_order_with_a_minimum_trades_on_entry_when_enough_is_in_reach() -> None:
    play("""
        book price_first
        sell A 85 x20
        -> A rests x20 #1
        sell B 86 x20
        -> B rests x20 #2
        buy M other 86 x60 min=40
        -> M takes A 85 x20
        -> M takes B 86 x20
        -> M rests x20 #3
        buy I other 86 x5 ioc min=6
        -> refused BAD_MINIMUM_FILL
    """)


def test_same_owner_and_related_parties_are_passed_over_and_recorded() -> None:
    play("""
        book price_first
        buy B1 other 88 x10 @zhao
        -> B1 rests x10 #1
        buy B2 other 87 x10 @qian +ubo_sun
        -> B2 rests x10 #2
        buy B3 other 86 x10 @li
        -> B3 rests x10 #3
        sell A 85 x15 @zhao +ubo_sun
        -> A skips B1 same_owner
        -> A skips B2 related_party
        -> A takes B3 86 x10
        -> A rests x5 #4
        sell F 85 x15 @zhou +zhao fok      # B1 is out of reach for F
        -> F ends x15 fill_or_kill
    """)


@pytest.mark.parametrize("bad", [True, 1.5, "7", None])
def test_numbers_that_are_not_integers_are_refused(bad: object) -> None:
    book = Book(PriorityPolicy.PRICE_FIRST)
    for price, amount, code in ((bad, 5, RejectCode.BAD_PRICE), (5, bad, RejectCode.BAD_AMOUNT)):
        order = Order("bid_1", Side.BUY, price, amount, Party("org_1"))  # type: ignore[arg-type]
        assert book.submit(order) == [Rejected(code, "bid_1")]
    assert book.consider(9) == [Rejected(RejectCode.BAD_CLASS, None)]
    assert not book.orders
    assert book.sequence == 0


def test_sequence_given_by_the_caller_must_rise() -> None:
    book = Book(PriorityPolicy.PRICE_FIRST)
    assert book.submit(Order("bid_1", Side.BUY, 5, 5, Party("org_1"), sequence=7))[0] == ("bid_1", 5, 7)
    assert book.submit(Order("bid_2", Side.BUY, 5, 5, Party("org_1"), sequence=7)) == [
        Rejected(RejectCode.STALE_SEQUENCE, "bid_2")
    ]
    assert book.amend("bid_1", amount=9, sequence=7) == [Rejected(RejectCode.STALE_SEQUENCE, "bid_1")]
    assert book.amend("bid_1", amount=9, sequence=9)[0] == ("bid_1", 5, 9, 9, 9)


def test_class_rank_outside_the_four_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="class rank 4"):
        Party("org_1", 4)


def test_depth_adds_the_classes_of_a_price_together() -> None:
    book = play("""
        book guidance_first
        buy B1 other 88 x60
        -> B1 rests x60 #1
        buy B2 guidance 88 x30
        -> B2 rests x30 #2
        buy B3 guidance 86 x50
        -> B3 rests x50 #3
        sell A1 89 x5
        -> A1 rests x5 #4
        sell A2 90 x5
        -> A2 rests x5 #5
    """)
    assert book.depth(Side.BUY) == [DepthLevel(880_000, 90, 2), DepthLevel(860_000, 50, 1)]
    assert book.depth(Side.BUY, 1) == [DepthLevel(880_000, 90, 2)]
    assert book.depth(Side.SELL, 1) == [DepthLevel(890_000, 5, 1)]
    assert (book.best(Side.BUY), book.best(Side.SELL)) == (880_000, 890_000)
    assert Book(PriorityPolicy.PRICE_FIRST).best(Side.SELL) is None


def test_restored_book_keeps_places_phase_and_counters() -> None:
    book = play("""
        book guidance_window considered=guidance
        buy S other 90 x30 gtd
        -> S rests x30 #1
        buy G guidance 86 x30 min=20 +ubo_1
        -> G rests x30 #2
        sell A 85 x25
        -> A takes G 86 x25
        -> price first: S 90 x25; cost 1000000
        halt
        -> halted
    """)
    restored = Book.restore(book.snapshot())
    assert restored.state_hash() == book.state_hash()
    assert restored.phase == "halted"
    order = restored.orders["S"]
    assert order.terms == Terms(TimeInForce.GOOD_TILL_DATE)
    restored.cancel("S")
    assert restored.state_hash() != book.state_hash()
    assert "S" in book.orders
