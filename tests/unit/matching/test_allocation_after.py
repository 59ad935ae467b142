"""After the award, in worked numbers: match right, backups, the proof."""

from dataclasses import replace

import pytest

from exchange.core.terms import FirstRefusalMode
from exchange.matching.after_award import apply_match_right, match_right_offers, next_backup
from exchange.matching.award import Limits
from exchange.matching.bid_columns import Bid
from exchange.matching.priority import PriorityPolicy
from exchange.matching.proof import is_proven, proof_hash, proof_of, replay
from tests.unit.matching.auction_tables import BASIS, GUIDANCE, LIMITS, WORKED, YUAN, a_bid, awarded, table


def test_match_right_gives_the_worked_row_c_and_its_gain() -> None:
    award = awarded(WORKED, by=PriorityPolicy.MATCH_RIGHT)
    assert table(award.fills) == "B3 30@88, B1 60@88, B4 10@87"
    (offer,) = match_right_offers(award)
    assert (offer.bid_id, offer.at_least_minor, offer.up_to_minor, offer.price_ppm) == ("B2", 1, 50, 880_000)
    exercised = apply_match_right(award, {"B2": 50})
    assert table(exercised.fills) == "B3 30@88, B2 50@88, B1 20@88"
    assert [fill.by_match_right for fill in exercised.fills] == [False, True, False]
    assert exercised.outcome.proceeds_ppm_minor == 88_000_000
    assert exercised.priority_cost_minor(BASIS) == -88_000 * YUAN
    assert match_right_offers(exercised) == ()
    assert apply_match_right(award, {}) is award
    assert replay(proof_of(exercised)).fills == exercised.fills


PARTNERED = [
    a_bid("N1", 88, 60, 1),
    a_bid("P1", 88, 50, 2, existing=10),
    a_bid("P2", 85, 40, 3, existing=5),
    a_bid("G1", 88, 10, 4, rank=GUIDANCE),
]


def test_partners_who_bid_along_go_first_at_an_equal_price_and_only_there() -> None:
    plain = awarded(PARTNERED)
    along = awarded(PARTNERED, first_refusal=FirstRefusalMode.BIDS_ALONG)
    assert table(plain.fills) == "G1 10@88, N1 49@88, P1 41@88"
    assert table(along.fills) == "P1 50@88, G1 10@88, N1 40@88"
    assert match_right_offers(along) == ()
    assert along.priority_cost_ppm_minor == 0
    assert proof_of(along)["policy"]["first_refusal"] == "bids_along"
    assert "first_refusal" not in proof_of(plain)["policy"]
    assert replay(proof_of(along)).fills == along.fills
    assert table(next_backup(along, ["P1"])) == "N1 20@88, P2 30@85"


def test_partners_who_match_take_at_the_best_price_after_the_bidding() -> None:
    award = awarded(PARTNERED, first_refusal=FirstRefusalMode.MATCHES_BEST)
    assert table(award.fills) == "G1 10@88, N1 49@88, P1 41@88"
    offers = match_right_offers(award)
    assert [(o.bid_id, o.up_to_minor, o.price_ppm) for o in offers] == [("P1", 9, 880_000), ("P2", 40, 880_000)]
    exercised = apply_match_right(award, {"P1": 9, "P2": 40})
    assert table(exercised.fills) == "G1 10@88, P1 41@88, P1 9@88, P2 40@88"
    assert is_proven(proof_of(exercised), proof_hash(proof_of(exercised)))


def test_the_next_backup_gets_what_a_winner_gave_back() -> None:
    award = awarded(WORKED, by=PriorityPolicy.GUIDANCE_FIRST)
    assert [standby.bid_id for standby in award.backups] == ["B4"]
    assert table(next_backup(award, ["B2"])) == "B1 40@88, B4 10@87"
    assert table(next_backup(award, ["B2", "B1"], {"B3": 30})) == "B4 40@87"
    assert next_backup(award, []) == ()


def test_a_fill_that_stood_on_a_lapsed_one_lapses_with_it() -> None:
    limits = replace(LIMITS, minimum_holding_minor=40)
    bids = [a_bid("A", 90, 50, 1, holder="H"), a_bid("B", 89, 10, 2, holder="H"), a_bid("C", 88, 90, 3)]
    award = awarded(bids, limits=limits)
    assert table(award.fills) == "A 50@90, B 10@89, C 40@88"
    assert table(next_backup(award, ["A"])) == "C 50@88"
    assert table(next_backup(award, ["B"])) == "C 10@88"


@pytest.mark.parametrize(
    ("lapsed", "standing"), [(["B2"], {"B2": 10}), (["none"], None), ([], {"B1": 61}), ([], {"B1": 60, "B2": 50})]
)
def test_what_stands_or_lapsed_must_belong_to_the_award(lapsed: list[str], standing: dict[str, int] | None) -> None:
    with pytest.raises(ValueError, match="stand"):
        next_backup(awarded(WORKED), lapsed, standing)


def test_takings_count_in_time_order_and_guidance_winners_keep_their_fills() -> None:
    bids = [*WORKED, a_bid("B5", 85, 80, 2, rank=GUIDANCE)]
    award = awarded(bids, by=PriorityPolicy.MATCH_RIGHT)
    assert [(offer.bid_id, offer.up_to_minor) for offer in match_right_offers(award)] == [("B5", 70), ("B2", 50)]
    exercised = apply_match_right(award, {"B2": 50, "B5": 40})
    assert table(exercised.fills) == "B3 30@88, B5 40@88, B2 30@88"
    whole = [*bids[:2], a_bid("B2", 86, 50, 5, rank=GUIDANCE, whole=True), *bids[3:]]
    award = awarded(whole, by=PriorityPolicy.MATCH_RIGHT)
    exercised = apply_match_right(award, {"B2": 50, "B5": 40})
    assert table(exercised.fills) == "B3 30@88, B5 40@88, B1 30@88"
    assert [step for step in exercised.outcome.steps if step["step"] == "match_right"] == [
        {"step": "match_right", "bid": "B5", "wanted": 40, "left": 70, "passed_over": None},
        {"step": "match_right", "bid": "B2", "wanted": 50, "left": 30, "passed_over": "outranked"},
    ]


def test_a_taking_that_breaks_a_limit_or_costs_the_seller_is_passed_over() -> None:
    def passed_over(limits: Limits, bids: list[Bid], amount: int) -> object:
        award = awarded(bids, by=PriorityPolicy.MATCH_RIGHT, limits=limits)
        exercised = apply_match_right(award, {"B2": amount})
        assert exercised.fills == award.fills
        return exercised.outcome.steps[-1]["passed_over"]

    assert passed_over(replace(LIMITS, minimum_holding_minor=10), WORKED, 9) == "minimum_holding"
    only_one_slot = [a_bid("B3", 88, 30, 9, rank=GUIDANCE), a_bid("B2", 86, 50, 5, rank=GUIDANCE)]
    assert passed_over(replace(LIMITS, new_holder_slots=1), only_one_slot, 50) == "no_new_holder_slot"
    all_or_none = [a_bid("B1", 88, 100, 1, whole=True), WORKED[2]]
    assert passed_over(LIMITS, all_or_none, 50) == "seller_would_lose"
    assert passed_over(replace(LIMITS, full_sale_required=True), all_or_none, 50) == "full_sale_required"
    remainder = replace(LIMITS, minimum_remainder_minor=60)
    assert passed_over(remainder, all_or_none, 50) == "seller_remainder"


def test_a_match_right_is_offered_only_where_it_can_be_taken() -> None:
    bids = [a_bid("A", 88, 100, 1), a_bid("B", 86, 120, 2, rank=GUIDANCE, whole=True)]
    assert match_right_offers(awarded(bids, by=PriorityPolicy.MATCH_RIGHT)) == ()
    assert match_right_offers(awarded(WORKED)) == ()
    indivisible = replace(LIMITS, divisible=False)
    bids = [a_bid("A", 88, 100, 1), a_bid("B", 86, 120, 2, rank=GUIDANCE)]
    award = awarded(bids, by=PriorityPolicy.MATCH_RIGHT, limits=indivisible)
    assert table(apply_match_right(award, {"B": 100}).fills) == "B 100@88"
    for wrong in ({"B": 99}, {"A": 100}):
        with pytest.raises(ValueError, match="not offered"):
            apply_match_right(award, wrong)


def test_the_proof_is_recomputed_by_anyone_and_betrays_a_change() -> None:
    award = awarded(WORKED, by=PriorityPolicy.GUIDANCE_FIRST)
    proof = proof_of(award)
    published = proof_hash(proof)
    assert proof["ranking"] == ["B3", "B2", "B1", "B4"]
    assert proof["priority_cost_ppm_minor"] == 900_000
    assert is_proven(proof, published)
    assert proof_hash(proof_of(awarded(WORKED[::-1], by=PriorityPolicy.GUIDANCE_FIRST))) == published
    bids = {**proof["bids"], "rows": [list(row) for row in proof["bids"]["rows"]]}
    bids["rows"][0][bids["columns"].index("amount_minor")] += 1
    assert not is_proven({**proof, "bids": bids}, published)
    forged = {**proof, "fills": []}
    assert not is_proven(forged, proof_hash(forged))
