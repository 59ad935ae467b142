"""Transfers make and lose nothing, whatever their legs; a part and the rest are the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.custody.roll import Holding, part_of
from exchange.ledger.cover import Balance
from exchange.ledger.transfer import Leg, merged, opposite, uncovered

NAMES = st.sampled_from(["a", "b", "c", "d"])
AMOUNTS = st.integers(-(10**15), 10**15)


@given(st.lists(st.tuples(NAMES, AMOUNTS), min_size=1, max_size=8))
def test_merged_legs_move_what_the_legs_move(parts: list[tuple[str, int]]) -> None:
    total = sum(amount for _, amount in parts)
    legs = [Leg(name, amount) for name, amount in parts]
    if total:
        with pytest.raises(ValueError, match="sum to zero"):
            merged(legs)
    closed = merged([*legs, Leg("z", -total)])
    assert sum(leg.delta_minor for leg in closed) == 0
    assert [leg.account_id for leg in closed] == sorted({leg.account_id for leg in closed})
    assert merged([*closed, *opposite(closed)]) == ()


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_leg_takes_at_most_what_is_free(posted: int, held: int, taken: int) -> None:
    balance = Balance(posted, min(held, posted))
    short = uncovered([Leg("a", -taken), Leg("bank", taken)], {"a": balance})
    assert (short is None) == (taken <= balance.free_minor)


@given(st.integers(1, 10**15), st.integers(0, 10**15), st.integers(0, 10**15), st.data())
def test_a_part_and_the_rest_are_the_whole(subscribed: int, paid_in: int, unfunded: int, data: st.DataObject) -> None:
    held = Holding("h", "f", "o", subscribed, paid_in, unfunded)
    part = part_of(held, data.draw(st.integers(1, subscribed)))
    assert 0 <= part.paid_in_minor <= paid_in
    assert 0 <= part.unfunded_minor <= unfunded
    if part.subscribed_minor == subscribed:
        assert (part.paid_in_minor, part.unfunded_minor) == (paid_in, unfunded)


def test_a_part_outside_the_holding_is_refused() -> None:
    for amount in (0, -1, 101):
        with pytest.raises(ValueError, match="a part is more than nothing"):
            part_of(Holding("h", "f", "o", 100, 70, 30), amount)
