"""Small, crowded auctions for property tests: few prices, holders and amounts, so that everything collides."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from exchange.core.terms import FirstRefusalMode
from exchange.matching.award import AuctionPolicy, LimitRules, Limits, Margin
from exchange.matching.bid_columns import Bid
from exchange.matching.priority import PriorityPolicy

Chosen = TypeVar("Chosen")
RULES = LimitRules(
    reserve="R-13",
    window="R-4A",
    indivisible="indivisible",
    minimum_holding="R-26",
    new_holder_slots="R-06",
    seller_remainder="R-26",
    full_sale="full-sale",
)
# One draw of eight bytes a bid and of nine for the limits: a draw costs more than an auction, a byte costs nothing.
# Zeros, to which examples shrink, are the plainest bid and no limit at all.
CROWDS = st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=14)
HELD = st.binary(min_size=6, max_size=6)
TERMS = st.binary(min_size=9, max_size=9)
SUPPLIES = st.one_of(st.integers(1, 150), st.integers(10**14, 10**15))
POLICIES = st.sampled_from(
    [
        *(AuctionPolicy(priority, margin) for priority in PriorityPolicy for margin in Margin),
        *(AuctionPolicy(PriorityPolicy.PRICE_FIRST, margin, mode) for mode in FirstRefusalMode for margin in Margin),
    ]
)

PRICES = (860_000, 870_000, 880_000)
FLOORS = (0, 856_000, 870_000)
MINIMUM_HOLDINGS = (0, 0, 5, 20, 40)
SLOTS = (None, None, 0, 1, 2, 3, 4)
KEPT = (0, 0, 3, 50)
MINIMUM_REMAINDERS = (0, 0, 10, 40)


def one_of(choices: Sequence[Chosen], byte: int) -> Chosen:
    """The choice a byte names."""
    return choices[byte % len(choices)]


def a_bid(number: int, raw: bytes, held: bytes, *, large: bool) -> Bid:
    """The bid that eight bytes stand for."""
    holder, price, rank, sequence, minimum, kind, high, low = raw
    fine = high * 256 + low
    amount = 10**14 + fine * 9 * 10**14 // 65_535 if large else 1 + fine % 60
    existing = held[holder % 6]
    return Bid(
        bid_id=f"bid_{number:02}",
        holder=f"org_{holder % 6}",
        price_ppm=one_of(PRICES, price),
        amount_minor=amount,
        class_rank=rank % 4,
        sequence=1 + sequence % 20,
        is_existing_holder=existing % 2 == 1,
        existing_holding_minor=existing // 2 % 21 if existing % 2 else 0,
        minimum_fill_minor=amount * (minimum // 2 % 61) // 60 if minimum % 2 else 0,
        all_or_none=kind % 4 == 3,
        rank_price_ppm=one_of(PRICES, price) - 5_000 if kind // 4 % 3 == 2 else None,
    )


def limits_of(raw: bytes, supply: int) -> Limits:
    """The limits that bytes stand for; they bind often."""
    floor, divisible, minimum, slots, kept, remainder, full_sale, guidance, _ = raw
    return Limits(
        floor_price_ppm=one_of(FLOORS, floor),
        divisible=divisible % 4 != 3,
        minimum_holding_minor=one_of(MINIMUM_HOLDINGS, minimum),
        new_holder_slots=one_of(SLOTS, slots),
        seller_holding_minor=supply + one_of(KEPT, kept),
        minimum_remainder_minor=one_of(MINIMUM_REMAINDERS, remainder),
        full_sale_required=full_sale % 4 == 3,
        guidance_only=guidance % 4 == 3,
        rules=RULES,
    )


@st.composite
def auctions(draw: st.DrawFn) -> tuple[list[Bid], int, Limits, AuctionPolicy]:
    """A whole auction: bids of at most six holders (what a holder has is the same in all its bids), limits, policy."""
    supply, held, terms = draw(SUPPLIES), draw(HELD), draw(TERMS)
    large = terms[8] % 3 == 2
    bids = [a_bid(number, raw, held, large=large) for number, raw in enumerate(draw(CROWDS))]
    return bids, supply, limits_of(terms, supply), draw(POLICIES)
