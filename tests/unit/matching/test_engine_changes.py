"""Changes to resting orders and to the book itself, command by command, as tables."""

from exchange.core.terms import Side
from tests.unit.matching.book_table import play


def test_amend_keeps_the_place_for_less_and_gives_a_new_one_for_more_or_another_price() -> None:
    play("""
        book price_first
        buy B1 other 85 x50
        -> B1 rests x50 #1
        buy B2 other 85 x50
        -> B2 rests x50 #2
        amend B1 x40
        -> B1 now 85 x40 open x40 #1
        sell S 85 x10
        -> S takes B1 85 x10
        amend B1 x9
        -> refused BELOW_FILLED
        amend B1 x45
        -> B1 now 85 x45 open x35 #4
        -> B1 rests x35 #4
        sell T 85 x60
        -> T takes B2 85 x50
        -> T takes B1 85 x10
        amend B1 x20
        -> B1 now 85 x20 open x0 #4
        cancel B1
        -> refused UNKNOWN_ORDER
    """)


def test_amended_order_may_trade_at_once() -> None:
    play("""
        book price_first
        sell A 86 x10
        -> A rests x10 #1
        buy B other 85 x10
        -> B rests x10 #2
        amend B 86.5
        -> B now 86.5 x10 open x10 #3
        -> B takes A 86 x10
    """)


def test_smaller_amount_lifts_a_minimum_and_is_tried_again() -> None:
    play("""
        book price_first
        buy W other 85 x40 aon
        -> W rests x40 #1
        sell A 85 x30
        -> A skips W all_or_none
        -> A rests x30 #2
        amend W x30
        -> W now 85 x30 open x30 #1
        -> W takes A 85 x30
    """)


def test_cancel_and_expiry_take_only_what_is_open() -> None:
    play("""
        book price_first
        buy D other 85 x50 day
        -> D rests x50 #1
        buy G other 85 x50
        -> G rests x50 #2
        sell A 85 x20
        -> A takes D 85 x20
        expire D
        -> D ends x30 expired
        expire G
        -> refused DOES_NOT_EXPIRE
        cancel G
        -> G ends x50 withdrawn
        cancel G
        -> refused UNKNOWN_ORDER
    """)


def test_lapsed_amount_returns_to_its_old_place_and_meets_the_next_in_rank() -> None:
    book = play("""
        book guidance_first
        buy G guidance 86 x50
        -> G rests x50 #1
        buy S other 88 x50
        -> S rests x50 #2
        sell A 85 x50
        -> A takes G 86 x50
        -> price first: S 88 x50; cost 1000000
        reinstate A x51 #3 from sell A 85 x50
        -> refused BAD_AMOUNT
        reinstate A x50
        -> refused UNKNOWN_ORDER
        reinstate A x50 #3 from sell A 85 x50
        -> A back x50 open x50 #3
        -> A takes S 88 x50
        -> price first: S 88 x50; cost 0
        buy T other 84 x10
        -> T rests x10 #4
        buy U other 84 x10
        -> U rests x10 #5
        sell B 84 x5
        -> B takes T 84 x5
        -> price first: T 84 x5; cost 0
        reinstate T x5
        -> T back x5 open x10 #4
        -> T rests x10 #4
    """)
    assert [order.order_id for order in book.ranked(Side.BUY)] == ["T", "U"]


def test_bids_of_a_class_not_yet_considered_wait_in_their_order() -> None:
    book = play("""
        book guidance_window considered=guidance
        buy S other 90 x30
        -> S rests x30 #1
        buy G guidance 86 x30
        -> G rests x30 #2
        sell A 85 x50
        -> A takes G 86 x30
        -> price first: S 90 x30; cost 1200000
        -> A rests x20 #3
        consider fund
        -> considered 1
        consider all
        -> considered 3
        -> A takes S 90 x20
        consider guidance
        -> considered 0
        sell B 85 x10
        -> B rests x10 #4
    """)
    assert book.best(Side.BUY) is None
    assert [order.order_id for order in book.waiting()] == ["S"]


def test_opening_lets_each_ask_take_from_the_bids_at_their_limits() -> None:
    play("""
        book price_first pre_open
        buy B1 other 87 x10
        -> B1 rests x10 #1
        buy B2 other 89 x10
        -> B2 rests x10 #2
        sell A1 86 x15
        -> A1 rests x15 #3
        sell A2 85 x4
        -> A2 rests x4 #4
        buy I other 90 x5 ioc
        -> refused NOT_OPEN
        open
        -> open
        -> A2 takes B2 89 x4
        -> A1 takes B2 89 x6
        -> A1 takes B1 87 x9
        open
        -> refused ALREADY_OPEN
    """)


def test_halt_refuses_orders_and_amendments_and_lets_cancels_through() -> None:
    play("""
        book price_first
        buy B other 85 x10
        -> B rests x10 #1
        buy C other 85 x10
        -> C rests x10 #2
        sell A 85 x5
        -> A takes B 85 x5
        sell Z 86 x5
        -> Z rests x5 #4
        halt
        -> halted
        sell X 85 x10
        -> refused HALTED
        amend B x20
        -> refused HALTED
        halt
        -> refused HALTED
        open
        -> refused HALTED
        cancel C
        -> C ends x10 withdrawn
        reinstate A x5 #3 from sell A 85 x5      # comes back unmatched
        -> A back x5 open x5 #3
        -> A rests x5 #3
        resume
        -> open
        -> A takes B 85 x5
        resume
        -> refused NOT_HALTED
    """)


def test_refusals_of_values_change_nothing() -> None:
    play("""
        book price_first
        buy B other 85 x10
        -> B rests x10 #1
        buy B other 86 x10
        -> refused DUPLICATE_ORDER
        buy C other 85 x0
        -> refused BAD_AMOUNT
        buy C other -1 x5
        -> refused BAD_PRICE
        amend B 0
        -> refused BAD_PRICE
        amend B x-3
        -> refused BAD_AMOUNT
        amend X x3
        -> refused UNKNOWN_ORDER
    """)
