import pytest

from exchange.ledger.cover import Balance, HoldChange, covered


def a_change(delta: int, account: str = "A") -> HoldChange:
    return HoldChange(account, delta, "order", "transfer")


def taken(*deltas: int, posted: int = 100, held: int = 0) -> list[int]:
    return sorted(covered([a_change(delta) for delta in deltas], {"A": Balance(posted, held)}))


def test_holds_are_covered_in_their_order() -> None:
    assert taken(60, 50, 40) == [0, 2]


def test_a_release_makes_room_for_what_comes_after_it() -> None:
    assert taken(50, -20, 40, posted=60, held=20) == [1, 2]
    assert taken(-30, 40, posted=60, held=40) == [0, 1]


def test_exactly_all_of_it_is_covered_and_one_more_is_not() -> None:
    assert taken(100) == [0]
    assert taken(101) == []


def test_an_unknown_account_covers_nothing() -> None:
    assert covered([a_change(1, "B")], {"A": Balance(100, 0)}) == frozenset()


def test_releasing_more_than_is_held_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="released"):
        taken(-1)


def test_free_is_posted_less_held() -> None:
    assert Balance(100, 30).free_minor == 70
