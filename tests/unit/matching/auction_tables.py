"""Auctions as an auditor reads them: bids in whole percent, limits with rule ids, fills as one line of text."""

from exchange.core.quantity import NavBasis
from exchange.core.terms import FirstRefusalMode
from exchange.matching.allocation import allocate
from exchange.matching.award import AuctionPolicy, Award, Fill, LimitRules, Limits, Margin, Reason
from exchange.matching.bid_columns import Bid
from exchange.matching.priority import PriorityPolicy

YUAN = 100
MILLION = 1_000_000 * YUAN
RULES = LimitRules(
    reserve="R-13",
    window="R-4A",
    indivisible="L-1",
    minimum_holding="R-26",
    new_holder_slots="R-06",
    seller_remainder="R-26s",
    full_sale="L-2",
)
LIMITS = Limits(
    floor_price_ppm=800_000,
    divisible=True,
    minimum_holding_minor=0,
    new_holder_slots=None,
    seller_holding_minor=100,
    minimum_remainder_minor=0,
    full_sale_required=False,
    guidance_only=False,
    rules=RULES,
)
GUIDANCE, FUND, INSURER, OTHER = range(4)
BASIS = NavBasis(nav_minor=88 * MILLION, subscribed_minor=100)


def a_bid(
    bid_id: str,
    percent: int,
    amount: int,
    at: int,
    *,
    rank: int = OTHER,
    holder: str = "",
    least: int = 0,
    whole: bool = False,
    existing: int | None = None,
) -> Bid:
    """A bid in whole percent of NAV; its holder is named after it unless told."""
    return Bid(
        bid_id,
        holder or f"org_{bid_id}",
        percent * 10_000,
        amount,
        rank,
        at,
        existing is not None,
        existing or 0,
        least,
        whole,
    )


WORKED = [
    a_bid("B1", 88, 60, 1),
    a_bid("B4", 87, 40, 3),
    a_bid("B2", 86, 50, 5, rank=GUIDANCE),
    a_bid("B3", 88, 30, 9, rank=GUIDANCE),
]


def awarded(
    bids: list[Bid],
    supply: int = 100,
    *,
    by: PriorityPolicy = PriorityPolicy.PRICE_FIRST,
    margin: Margin = Margin.PRO_RATA,
    limits: Limits = LIMITS,
    first_refusal: FirstRefusalMode = FirstRefusalMode.AFTER_BIDDING,
) -> Award:
    return allocate(bids, supply, limits, AuctionPolicy(by, margin, first_refusal))


def table(fills: tuple[Fill, ...]) -> str:
    """Fills as `B3 30@88, B1 60@88`."""
    return ", ".join(f"{f.bid_id} {f.amount_minor}@{f.price_ppm // 10_000}" for f in fills)


def reason_of(award: Award, bid_id: str) -> tuple[Reason, str | None]:
    (standby,) = (s for s in (*award.backups, *award.excluded) if s.bid_id == bid_id)
    return standby.reason, standby.rule
