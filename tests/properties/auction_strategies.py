"""Small, crowded auctions for property tests: few prices, holders and amounts, so that everything collides."""

from hypothesis import strategies as st

from exchange.matching.award import AuctionPolicy, LimitRules, Limits, Margin
from exchange.matching.bid_columns import Bid
from exchange.matching.priority import PriorityPolicy

RULES = LimitRules(
    reserve="R-13",
    window="R-4A",
    indivisible="indivisible",
    minimum_holding="R-26",
    new_holder_slots="R-06",
    seller_remainder="R-26",
    full_sale="full-sale",
)
SMALL = st.integers(1, 60)
LARGE = st.integers(10**14, 10**15)


@st.composite
def bid_lists(draw: st.DrawFn, size: int = 14) -> list[Bid]:
    """Bids of at most six holders; what a holder has already is the same in all its bids."""
    amounts = draw(st.sampled_from([SMALL, SMALL, LARGE]))
    held = [draw(st.one_of(st.none(), st.integers(0, 20))) for _ in range(6)]
    count = draw(st.integers(1, size))
    bids = []
    for number in range(count):
        holder, amount = draw(st.integers(0, 5)), draw(amounts)
        price = draw(st.sampled_from([860_000, 870_000, 880_000]))
        bids.append(
            Bid(
                bid_id=f"bid_{number:02}",
                holder=f"org_{holder}",
                price_ppm=price,
                amount_minor=amount,
                class_rank=draw(st.integers(0, 3)),
                sequence=draw(st.integers(1, 20)),
                is_existing_holder=held[holder] is not None,
                existing_holding_minor=held[holder] or 0,
                minimum_fill_minor=draw(st.one_of(st.just(0), st.integers(0, amount))),
                all_or_none=draw(st.sampled_from([False, False, False, True])),
                rank_price_ppm=draw(st.sampled_from([None, None, price - 5_000])),
            )
        )
    return bids


@st.composite
def limits_for(draw: st.DrawFn, supply: int) -> Limits:
    """Limits that bind often."""
    return Limits(
        floor_price_ppm=draw(st.sampled_from([0, 856_000, 870_000])),
        divisible=draw(st.sampled_from([True, True, True, False])),
        minimum_holding_minor=draw(st.sampled_from([0, 0, 5, 20, 40])),
        new_holder_slots=draw(st.one_of(st.none(), st.integers(0, 4))),
        seller_holding_minor=supply + draw(st.sampled_from([0, 0, 3, 50])),
        minimum_remainder_minor=draw(st.sampled_from([0, 0, 10, 40])),
        full_sale_required=draw(st.sampled_from([False, False, False, True])),
        guidance_only=draw(st.sampled_from([False, False, False, True])),
        rules=RULES,
    )


@st.composite
def auctions(draw: st.DrawFn) -> tuple[list[Bid], int, Limits, AuctionPolicy]:
    """A whole auction: bids, supply, limits, policy."""
    bids = draw(bid_lists())
    supply = draw(st.one_of(st.integers(1, 150), st.integers(10**14, 10**15)))
    policy = AuctionPolicy(draw(st.sampled_from(PriorityPolicy)), draw(st.sampled_from(Margin)))
    return bids, supply, draw(limits_for(supply)), policy
