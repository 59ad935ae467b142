"""What holds for every auction: the fast allocation equals its slow twin, and no limit is ever passed."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.terms import FirstRefusalMode
from exchange.matching.after_award import apply_match_right, match_right_offers, next_backup, still_standing
from exchange.matching.allocation import allocate
from exchange.matching.award import EXCLUDING, REASONS, AuctionPolicy, Award, Fill, Limits, Margin, Reason
from exchange.matching.bid_columns import Bid
from exchange.matching.margin import Claim, share_margin
from exchange.matching.naive_allocation import naive_allocation
from exchange.matching.priority import PriorityPolicy
from exchange.matching.proof import is_proven, proof_hash, proof_of
from tests.properties.auction_strategies import auctions

Auction = tuple[list[Bid], int, Limits, AuctionPolicy]
MANY = settings(max_examples=400, deadline=None)
SOME = settings(max_examples=150, deadline=None)


def check_limits(bids: list[Bid], supply: int, limits: Limits, fills: tuple[Fill, ...]) -> None:
    """Conservation, slots, minima and the seller's remainder of any set of fills."""
    by_id = {bid.bid_id: bid for bid in bids}
    got: Counter[str] = Counter()
    for fill in fills:
        got[fill.bid_id] += fill.amount_minor
        assert fill.amount_minor > 0
    won: Counter[str] = Counter()
    for bid_id, amount in got.items():
        bid = by_id[bid_id]
        won[bid.holder] += amount
        assert bid.minimum_fill_minor <= amount <= bid.amount_minor
        assert amount == bid.amount_minor or not bid.all_or_none
        assert bid.price_ppm >= limits.floor_price_ppm
    assert sum(got.values()) <= supply
    existing = {bid.holder: bid.existing_holding_minor for bid in bids if bid.is_existing_holder}
    assert all(amount + existing.get(h, 0) >= limits.minimum_holding_minor for h, amount in won.items())
    if limits.new_holder_slots is not None:
        assert len(won.keys() - existing.keys()) <= limits.new_holder_slots
    remainder = limits.seller_holding_minor - sum(got.values())
    assert not got or remainder == 0 or remainder >= limits.minimum_remainder_minor
    assert not (limits.full_sale_required and got) or sum(got.values()) == supply
    assert limits.divisible or len(got) <= 1


def reasons_of(award: Award) -> dict[str, Reason]:
    codes = award.outcome.reasons.tolist()
    return {bid_id: REASONS[code] for bid_id, code in zip(award.columns.bid_ids, codes, strict=True)}


@MANY
@given(auctions())
def test_the_allocation_equals_its_slow_twin(auction: Auction) -> None:
    bids, supply, limits, policy = auction
    award = allocate(bids, supply, limits, policy)
    fills, reasons = naive_allocation(bids, supply, limits, policy)
    assert [(fill.bid_id, fill.amount_minor) for fill in award.fills] == list(fills.items())
    assert reasons_of(award) == reasons


@MANY
@given(auctions())
def test_no_award_passes_a_limit(auction: Auction) -> None:
    bids, supply, limits, policy = auction
    award = allocate(bids, supply, limits, policy)
    check_limits(bids, supply, limits, award.fills)
    assert award.unsold_minor + sum(fill.amount_minor for fill in award.fills) == supply
    named = [fill.bid_id for fill in award.fills]
    named += [standby.bid_id for standby in (*award.backups, *award.excluded)]
    assert sorted(named) == sorted(bid.bid_id for bid in bids)


@MANY
@given(auctions())
def test_priority_is_never_inverted(auction: Auction) -> None:
    bids, supply, limits, policy = auction
    award = allocate(bids, supply, limits, policy)
    place = {award.columns.bid_ids[row]: at for at, row in enumerate(award.ranking().tolist())}
    filled = {fill.bid_id: fill.amount_minor for fill in award.fills}
    last = max((place[bid_id] for bid_id in filled), default=-1)
    group = {bid.bid_id: (bid.class_rank, bid.rank_price_ppm or bid.price_ppm) for bid in bids}
    lowest = {group[bid_id] for bid_id in filled if place[bid_id] == last}
    reasons = reasons_of(award)
    margins = [step for step in award.outcome.steps if step["step"] == "margin"]
    scarce = {(step["class_rank"], step["rank_price_ppm"]): step["available"] for step in margins}
    asked = Counter[object]()
    for bid in bids:
        asked[group[bid.bid_id]] += bid.amount_minor
    for bid in bids:
        passed_over = place[bid.bid_id] < last and filled.get(bid.bid_id, 0) < bid.amount_minor
        same_group = group[bid.bid_id] in lowest and policy.margin is Margin.PRO_RATA
        if passed_over and not same_group and limits.divisible:
            reason = reasons[bid.bid_id]
            available = scarce.get(group[bid.bid_id])
            if isinstance(available, int) and bid.amount_minor * available < asked[group[bid.bid_id]]:
                continue  # its share at the margin was less than one minor unit, and what drops does not come back
            assert reason not in (Reason.FILLED, Reason.OUTRANKED)
            assert reason in EXCLUDING or limits.rule_of(reason) or bid.minimum_fill_minor or bid.all_or_none


@SOME
@given(auctions(), st.randoms(use_true_random=False))
def test_the_proof_does_not_depend_on_the_order_of_the_input(auction: Auction, chance: Random) -> None:
    bids, supply, limits, policy = auction
    proof = proof_of(allocate(bids, supply, limits, policy))
    shuffled = list(bids)
    chance.shuffle(shuffled)
    assert proof_hash(proof_of(allocate(shuffled, supply, limits, policy))) == proof_hash(proof)
    assert is_proven(proof, proof_hash(proof))
    altered = {**proof, "supply_minor": supply + 1}
    assert not is_proven(altered, proof_hash(proof))


@SOME
@given(auctions(), st.data())
def test_a_backup_keeps_the_limits_beside_what_stands(auction: Auction, data: st.DataObject) -> None:
    bids, supply, limits, policy = auction
    award = allocate(bids, supply, limits, policy)
    lapsed = {fill.bid_id for fill in award.fills if data.draw(st.booleans())}
    called = next_backup(award, lapsed)
    assert called == next_backup(award, sorted(lapsed))
    assert not lapsed & {fill.bid_id for fill in called}
    stands = still_standing(award, lapsed)
    kept = tuple(fill for fill in award.fills if fill.bid_id in stands)
    if called:
        check_limits(bids, supply, limits, (*kept, *called))
    everyone = {bid.bid_id for bid in bids}
    assert next_backup(award, everyone) == ()


@SOME
@given(auctions(), st.data())
def test_a_match_right_never_costs_the_seller(auction: Auction, data: st.DataObject) -> None:
    bids, supply, limits, policy = auction
    award = allocate(bids, supply, limits, AuctionPolicy(PriorityPolicy.MATCH_RIGHT, policy.margin))
    taken = {
        offer.bid_id: data.draw(st.integers(offer.at_least_minor, offer.up_to_minor))
        for offer in match_right_offers(award)
        if data.draw(st.booleans())
    }
    exercised = apply_match_right(award, taken)
    check_limits(bids, supply, limits, exercised.fills)
    assert exercised.outcome.proceeds_ppm_minor >= award.outcome.proceeds_ppm_minor
    if not limits.guidance_only:
        assert award.priority_cost_ppm_minor == 0 >= exercised.priority_cost_ppm_minor
    guidance = {fill.bid_id: fill for fill in award.fills if fill.class_rank == 0}
    assert set(guidance.values()) <= set(exercised.fills)
    assert is_proven(proof_of(exercised), proof_hash(proof_of(exercised)))


@SOME
@given(auctions(), st.data())
def test_partners_who_match_the_best_price_never_cost_the_seller(auction: Auction, data: st.DataObject) -> None:
    bids, supply, limits, policy = auction
    best = AuctionPolicy(PriorityPolicy.PRICE_FIRST, policy.margin, FirstRefusalMode.MATCHES_BEST)
    award = allocate(bids, supply, limits, best)
    partners = {bid.bid_id for bid in bids if bid.is_existing_holder}
    offers = match_right_offers(award)
    assert {offer.bid_id for offer in offers} <= partners
    taken = {
        offer.bid_id: data.draw(st.integers(offer.at_least_minor, offer.up_to_minor))
        for offer in offers
        if data.draw(st.booleans())
    }
    exercised = apply_match_right(award, taken)
    check_limits(bids, supply, limits, exercised.fills)
    assert exercised.outcome.proceeds_ppm_minor >= award.outcome.proceeds_ppm_minor
    assert {fill for fill in award.fills if fill.bid_id in partners} <= set(exercised.fills)
    assert is_proven(proof_of(exercised), proof_hash(proof_of(exercised)))


@MANY
@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=30), st.integers(1, 10**16))
def test_shares_at_the_margin_sum_and_differ_from_the_exact_ones_by_less_than_one(
    amounts: list[int], available: int
) -> None:
    shares = share_margin([Claim(amount, 0, i, False) for i, amount in enumerate(amounts)], available, None)
    assert sum(shares.amounts) == min(available, sum(amounts))
    for share, amount in zip(shares.amounts, amounts, strict=True):
        assert abs(share * sum(amounts) - min(available, sum(amounts)) * amount) < sum(amounts)
