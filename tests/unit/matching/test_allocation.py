"""The one-way auction in worked numbers: priorities, shares at the margin, limits, bounds."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmarks import auction_speed
from exchange.matching.after_award import next_backup
from exchange.matching.allocation import allocate
from exchange.matching.award import AuctionPolicy, Margin, Reason
from exchange.matching.bid_columns import Bid, columns_of
from exchange.matching.naive_allocation import naive_allocation
from exchange.matching.priority import PriorityPolicy
from exchange.matching.proof import is_proven, proof_hash, proof_of
from tests.unit.matching.auction_tables import BASIS, GUIDANCE, LIMITS, WORKED, YUAN, a_bid, awarded, reason_of, table


def test_price_first_gives_the_worked_row_a() -> None:
    award = awarded(WORKED)
    assert table(award.fills) == "B3 30@88, B1 60@88, B4 10@87"
    assert award.outcome.proceeds_ppm_minor == 87_900_000  # 87.90 % on average of 100
    assert award.priority_cost_minor(BASIS) == 0
    assert award.clearing_price_ppm == 870_000


def test_guidance_first_gives_the_worked_row_b_and_its_cost() -> None:
    award = awarded(WORKED, by=PriorityPolicy.GUIDANCE_FIRST)
    assert table(award.fills) == "B3 30@88, B2 50@86, B1 20@88"
    assert award.outcome.proceeds_ppm_minor == 87_000_000
    assert table(award.counterfactual_fills) == "B3 30@88, B1 60@88, B4 10@87"
    assert award.priority_cost_minor(BASIS) == 792_000 * YUAN


def test_the_guidance_window_considers_guidance_funds_alone_and_the_counterfactual_everyone() -> None:
    award = awarded(WORKED, by=PriorityPolicy.GUIDANCE_WINDOW, limits=replace(LIMITS, guidance_only=True))
    assert table(award.fills) == "B3 30@88, B2 50@86"
    assert award.unsold_minor == 20
    assert reason_of(award, "B1") == (Reason.NOT_CONSIDERED, "R-4A")
    assert award.backups == ()
    assert award.counterfactual.proceeds_ppm_minor == 87_900_000


def test_equal_bids_share_by_largest_remainder() -> None:
    bids = [a_bid("X", 85, 60, 1), a_bid("Y", 85, 45, 2), a_bid("Z", 85, 40, 3)]
    award = awarded(bids)
    assert table(award.fills) == "X 41@85, Y 31@85, Z 28@85"
    (step,) = award.outcome.steps
    assert (step["available"], step["demand"], step["shared_by"]) == (100, 145, ["X", "Y", "Z"])
    assert table(awarded(bids, margin=Margin.TIME).fills) == "X 60@85, Y 40@85"


def test_a_tie_of_remainders_goes_to_the_earlier_bid_then_to_the_lower_id() -> None:
    assert table(awarded([a_bid("Y", 85, 60, 2), a_bid("Z", 85, 60, 1)], 99).fills) == "Z 50@85, Y 49@85"
    assert table(awarded([a_bid("Z", 85, 60, 1), a_bid("Y", 85, 60, 1)], 99).fills) == "Y 50@85, Z 49@85"


def test_a_share_below_the_minimum_drops_and_the_rest_share_again() -> None:
    bids = [a_bid("X", 85, 60, 1), a_bid("Y", 85, 45, 2), a_bid("Z", 85, 40, 3)]
    award = awarded(bids, limits=replace(LIMITS, minimum_holding_minor=30))
    assert table(award.fills) == "X 57@85, Y 43@85"
    assert reason_of(award, "Z") == (Reason.MINIMUM_HOLDING, "R-26")
    assert award.unsold_minor == 0


def test_when_all_shares_are_below_the_minimum_they_drop_one_at_a_time() -> None:
    bids = [a_bid("X", 85, 2, 1, least=2), a_bid("Y", 85, 2, 2, least=2), a_bid("Z", 85, 2, 3, least=2)]
    award = awarded(bids, 3)
    assert table(award.fills) == "X 2@85"
    assert reason_of(award, "Y") == (Reason.MINIMUM_FILL, None)


def test_an_existing_holding_counts_towards_the_minimum() -> None:
    bids = [a_bid("X", 85, 60, 1), a_bid("Y", 85, 45, 2), a_bid("Z", 85, 40, 3, existing=5)]
    assert table(awarded(bids, limits=replace(LIMITS, minimum_holding_minor=30)).fills) == "X 41@85, Y 31@85, Z 28@85"


def test_what_a_holder_won_higher_up_counts_towards_the_minimum_and_never_what_is_below() -> None:
    limits = replace(LIMITS, minimum_holding_minor=40)
    bids = [a_bid("A", 90, 10, 1, holder="H"), a_bid("B", 89, 50, 2, holder="H"), a_bid("C", 88, 5, 3, holder="H")]
    award = awarded(bids, limits=limits)
    assert table(award.fills) == "B 50@89, C 5@88"
    assert reason_of(award, "A") == (Reason.MINIMUM_HOLDING, "R-26")


def test_all_or_none_is_filled_whole_or_skipped_and_lower_bids_follow() -> None:
    bids = [a_bid("A", 90, 60, 1), a_bid("B", 89, 50, 2, whole=True), a_bid("C", 88, 30, 3)]
    award = awarded(bids)
    assert table(award.fills) == "A 60@90, C 30@88"
    assert reason_of(award, "B") == (Reason.ALL_OR_NONE, None)
    assert award.unsold_minor == 10


def test_new_holders_take_slots_in_rank_order_and_partners_need_none() -> None:
    limits = replace(LIMITS, new_holder_slots=1)
    bids = [
        a_bid("A", 90, 10, 1, holder="new"),
        a_bid("B", 89, 10, 2),
        a_bid("C", 88, 10, 3, existing=50),
        a_bid("D", 87, 10, 4, holder="new"),
    ]
    award = awarded(bids, limits=limits)
    assert table(award.fills) == "A 10@90, C 10@88, D 10@87"
    assert reason_of(award, "B") == (Reason.NO_NEW_HOLDER_SLOT, "R-06")
    closed = awarded(bids, limits=replace(LIMITS, new_holder_slots=0))
    assert table(closed.fills) == "C 10@88"


def test_a_slot_freed_at_the_margin_goes_to_the_next_in_time() -> None:
    bids = [a_bid("A", 88, 90, 1), a_bid("B", 88, 40, 2, whole=True), a_bid("C", 88, 30, 3)]
    award = awarded(bids, limits=replace(LIMITS, new_holder_slots=2))
    assert table(award.fills) == "A 75@88, C 25@88"
    assert reason_of(award, "B")[0] is Reason.ALL_OR_NONE


def test_a_bid_below_the_reserve_has_no_effect() -> None:
    award = awarded([a_bid("A", 79, 50, 1, rank=GUIDANCE), a_bid("B", 80, 50, 2)], by=PriorityPolicy.GUIDANCE_FIRST)
    assert table(award.fills) == "B 50@80"
    assert reason_of(award, "A") == (Reason.BELOW_RESERVE, "R-13")


def test_payment_plans_rank_by_their_all_cash_equivalent_and_pay_their_own_price() -> None:
    deferred = replace(a_bid("A", 90, 60, 1), rank_price_ppm=840_000)
    award = awarded([deferred, a_bid("B", 85, 60, 2)])
    assert table(award.fills) == "B 60@85, A 40@90"
    below = replace(deferred, rank_price_ppm=799_999)
    assert reason_of(awarded([below]), "A") == (Reason.BELOW_RESERVE, "R-13")


def test_an_indivisible_interest_goes_whole_to_one_bid() -> None:
    limits = replace(LIMITS, divisible=False)
    bids = [a_bid("A", 90, 99, 1), a_bid("B", 88, 120, 2), a_bid("C", 88, 150, 3), a_bid("D", 89, 101, 4, whole=True)]
    award = awarded(bids, limits=limits)
    assert table(award.fills) == "B 100@88"
    assert reason_of(award, "A") == reason_of(award, "D") == (Reason.INDIVISIBLE, "L-1")
    assert table(next_backup(award, ["B"])) == "C 100@88"


def test_the_seller_keeps_nothing_or_the_minimum() -> None:
    limits = replace(LIMITS, minimum_remainder_minor=30)
    award = awarded([a_bid("A", 90, 60, 1), a_bid("B", 89, 25, 2)], limits=limits)
    assert table(award.fills) == "A 60@90, B 10@89"
    assert award.outcome.steps[-1] == {"step": "seller_remainder", "rule": "R-26s", "supply": 70}
    assert table(awarded([a_bid("A", 90, 100, 1)], limits=limits).fills) == "A 100@90"


def test_a_full_sale_sells_everything_or_nothing() -> None:
    limits = replace(LIMITS, full_sale_required=True)
    award = awarded([a_bid("A", 90, 60, 1), a_bid("B", 89, 25, 2)], limits=limits)
    assert award.fills == ()
    assert award.unsold_minor == 100
    assert award.clearing_price_ppm is None
    assert reason_of(award, "A") == (Reason.FULL_SALE_REQUIRED, "L-2")


def test_a_large_book_equals_the_twin_across_blocks() -> None:
    chance = np.random.default_rng(7)
    count = 50_000
    prices = chance.integers(1600, 2000, count).tolist()
    amounts = chance.integers(1, 1000, count).tolist()
    holders = chance.integers(0, 30_000, count).tolist()
    flags = chance.integers(0, 100, count).tolist()
    bids = [
        Bid(f"bid_{i:06}", f"org_{h}", p * 500, a, f % 4, i, h % 3 == 0, h % 50 if h % 3 == 0 else 0, a // 9, f == 1)
        for i, (p, a, h, f) in enumerate(zip(prices, amounts, holders, flags, strict=True))
    ]
    limits = replace(LIMITS, minimum_holding_minor=90, new_holder_slots=9_000, seller_holding_minor=10**9)
    for supply in (100_000, 6_000_000):
        for policy in (
            AuctionPolicy(PriorityPolicy.GUIDANCE_FIRST),
            AuctionPolicy(PriorityPolicy.PRICE_FIRST, Margin.TIME),
        ):
            fills, _ = naive_allocation(bids, supply, limits, policy)
            award = allocate(bids, supply, limits, policy)
            assert {fill.bid_id: fill.amount_minor for fill in award.fills} == fills
            assert sum(fills.values()) == supply


def test_sums_beyond_64_bits_are_exact() -> None:
    supply = 10**15
    bids = [a_bid(f"b{i:05}", 88, supply, i) for i in range(10_000)]
    award = awarded(bids, supply, limits=replace(LIMITS, seller_holding_minor=supply))
    assert {fill.amount_minor for fill in award.fills} == {supply // 10_000}
    assert award.unsold_minor == 0
    small = [a_bid("small", 89, 1, 0), *bids]
    fills = awarded(small, supply, limits=replace(LIMITS, seller_holding_minor=supply), margin=Margin.TIME).fills
    assert [(fill.bid_id, fill.amount_minor) for fill in fills] == [("small", 1), ("b00000", supply - 1)]


def test_an_auction_without_bids_sells_nothing() -> None:
    award = awarded([])
    assert (award.fills, award.unsold_minor, award.clearing_price_ppm) == ((), 100, None)
    assert is_proven(proof_of(award), proof_hash(proof_of(award)))


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 0},
        {"amount_minor": 10**15 + 1},
        {"price_ppm": -1},
        {"class_rank": 4},
        {"minimum_fill_minor": 61},
        {"holder": "org_B4", "existing_holding_minor": 7},
        {"holder": "org_B4", "is_existing_holder": True},
        {"bid_id": "B4"},
    ],
)
def test_a_malformed_bid_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"bounds|at most|agree|unique"):
        awarded([Bid(**{**asdict(WORKED[0]), **change}), *WORKED[1:]])


def test_malformed_supplies_limits_and_columns_are_refused() -> None:
    for supply in (0, 101):
        with pytest.raises(ValueError, match="supply"):
            awarded(WORKED, supply)
    with pytest.raises(ValueError, match="negative"):
        replace(LIMITS, minimum_holding_minor=-1)
    columns = columns_of(WORKED)
    with pytest.raises(ValueError, match="time order"):
        replace(columns, sequence=columns.sequence[::-1])
    with pytest.raises(ValueError, match="length"):
        replace(columns, sequence=columns.sequence[:2])


def test_the_benchmark_compares_equal_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert auction_speed.main(["--bids", "3000", "--rounds", "1", "--loop-rounds", "1"]) == 0
    assert capsys.readouterr().out.count("same result: True") == 2
