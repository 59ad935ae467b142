"""Caps and minimums at the register: each rule broken and kept, alone and together."""

import pytest

from exchange.core.money import PPM
from exchange.custody.caps import Caps, Roll, Sale, Verdict, transfer_breaches
from exchange.parties.relations import Behind, Edge, ultimate_owners

MILLION = 1_000_000_00
CAPS = Caps(3, "R-06", 5, "R-05", MILLION, "R-26")


def judged(
    amount: int = 10,
    *,
    holders: str = "sab",
    buyer: str = "n",
    behind: dict[str, str] | None = None,
    partial: str = "",
    caps: Caps = CAPS,
    seller: int = 20 * MILLION,
    frozen: int | None = None,
) -> Verdict:
    """A sale of so many million by holder ``s``; everybody else has five million."""
    roll = dict.fromkeys(holders, 5 * MILLION) | {"s": seller}
    people = {*holders, buyer, "s"}
    known = {name: Behind(frozenset((behind or {}).get(name, name)), name not in partial) for name in people}
    sale = Sale("s", buyer, amount * MILLION, amount * MILLION if frozen is None else frozen)
    return transfer_breaches(sale, Roll(roll, known, "CNY"), caps)


def codes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(breach.rule, breach.code) for breach in verdict.breaches]


def test_a_new_partner_needs_a_place() -> None:
    assert codes(judged()) == [("R-06", "PARTNER_CAP_EXCEEDED")]
    assert judged().breaches[0].parameters == {"n": "3", "count": "4"}
    assert codes(judged(holders="sa")) == []


def test_a_seller_that_leaves_makes_room_and_a_partner_needs_none() -> None:
    assert codes(judged(20)) == []
    assert codes(judged(buyer="a", holders="sabcd")) == []


def test_no_partnership_no_partner_cap() -> None:
    assert codes(judged(caps=Caps(None, "R-06", 5, "R-05", MILLION, "R-26"))) == []


def test_holders_are_counted_through_and_once() -> None:
    pooled = {"n": "123"}
    verdict = judged(holders="sab", behind=pooled, caps=Caps(None, "R-06", 5, "R-05", MILLION, "R-26"))
    assert (codes(verdict), verdict.ultimate_holders) == ([("R-05", "HOLDER_CAP_EXCEEDED")], 6)
    assert codes(judged(holders="sa", behind=pooled)) == []
    shared = judged(holders="sab", behind={"n": "12", "a": "12"}, caps=Caps(None, "", 5, "R-05", MILLION, "R-26"))
    assert (codes(shared), shared.ultimate_holders) == ([], 4)


def test_owners_who_are_not_known_count_as_one_more() -> None:
    verdict = judged(holders="sa", behind={"n": "123"}, partial="n")
    assert (codes(verdict), verdict.incomplete) == ([("R-05", "HOLDER_CAP_EXCEEDED")], ("n",))


def test_a_roll_over_the_cap_may_change_hands_within_itself() -> None:
    assert codes(judged(holders="sabcdef", buyer="a")) == []


@pytest.mark.parametrize(
    ("seller", "frozen", "found"),
    [
        (10 * MILLION + 1, None, ["REMAINDER_BELOW_MINIMUM"]),
        (11 * MILLION - 1, None, ["REMAINDER_BELOW_MINIMUM"]),
        (11 * MILLION, None, []),
        (10 * MILLION, None, []),
        # All of the rest is frozen for another sale.
        (10 * MILLION + 1, 10 * MILLION + 1, []),
        (10 * MILLION + 2, 10 * MILLION + 1, ["REMAINDER_BELOW_MINIMUM"]),
    ],
)
def test_the_seller_keeps_nothing_or_the_minimum(seller: int, frozen: int | None, found: list[str]) -> None:
    assert [breach.code for breach in judged(holders="s", seller=seller, frozen=frozen).breaches] == found


def test_the_buyer_ends_with_the_minimum_counting_what_it_had() -> None:
    dear = Caps(3, "R-06", 5, "R-05", 11 * MILLION, "R-26")
    assert codes(judged(9, holders="sa", caps=dear)) == [("R-26", "HOLDING_BELOW_MINIMUM")]
    assert codes(judged(6, holders="sa", buyer="a", caps=dear)) == []


def test_every_broken_rule_is_named() -> None:
    dear = Caps(3, "R-06", 3, "R-05", 15 * MILLION, "R-26")
    assert codes(judged(holders="sab", caps=dear)) == [
        ("R-06", "PARTNER_CAP_EXCEEDED"),
        ("R-05", "HOLDER_CAP_EXCEEDED"),
        ("R-26", "REMAINDER_BELOW_MINIMUM"),
        ("R-26", "HOLDING_BELOW_MINIMUM"),
    ]


def test_ultimate_owners_end_every_chain_and_survive_circles() -> None:
    half = PPM // 2
    edges = [Edge("p", "fund", half), Edge("c", "fund", half), Edge("p", "c", half), Edge("q", "c", half)]
    assert ultimate_owners(edges, "fund") == Behind(frozenset("pq"), is_complete=True)
    assert ultimate_owners([*edges[:3]], "fund") == Behind(frozenset("p"), is_complete=False)
    assert ultimate_owners(edges, "p") == Behind(frozenset("p"), is_complete=True)
    circle = [Edge("x", "y", PPM), Edge("y", "x", PPM)]
    assert ultimate_owners(circle, "x") == Behind(frozenset("x"), is_complete=True)


def test_whom_the_law_does_not_look_through_is_one_holder() -> None:
    edges = [Edge("a", "annuity", PPM // 2), Edge("b", "annuity", PPM // 4), Edge("annuity", "pool", PPM)]
    annuity = frozenset({"annuity"})
    assert ultimate_owners(edges, "annuity") == Behind(frozenset("ab"), is_complete=False)
    assert ultimate_owners(edges, "annuity", annuity) == Behind(annuity, is_complete=True)
    assert ultimate_owners(edges, "pool", annuity) == Behind(annuity, is_complete=True)


def codes_of_sale_to_the_manager(roll: dict[str, int], general_partner: str | None) -> list[str]:
    people = {name: Behind(frozenset(name), is_complete=True) for name in "sg"}
    caps = Caps(50, "R-06", 200, "R-05", 0, "R-26")
    sale = Sale("s", "g", 5 * MILLION, 5 * MILLION, general_partner)
    return [breach.code for breach in transfer_breaches(sale, Roll(roll, people, "CNY"), caps).breaches]


def test_the_last_limited_partner_does_not_sell_out_to_the_general_partner() -> None:
    assert codes_of_sale_to_the_manager({"s": 5 * MILLION, "g": MILLION}, "g") == ["NO_LIMITED_PARTNER"]


def test_a_partnership_keeps_a_limited_partner() -> None:
    alone = {"s": 5 * MILLION, "g": MILLION}
    assert codes_of_sale_to_the_manager(alone, None) == []
    assert codes_of_sale_to_the_manager(alone | {"s": 6 * MILLION}, "g") == []
