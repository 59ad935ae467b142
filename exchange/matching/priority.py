"""Who ranks before whom: sides, buyer classes, priority policies, and the keys that put a book in order.

Asks rank by price, then time. Bids rank by the policy of the book: `guidance_first` by class, price, time;
the three others by price, class, time (`guidance_window` also hides classes for a while, `match_right` adds a
right that is exercised after the match; neither changes the rank). Time is the sequence number of the order.

Worked example, bids S (other, 88%) and G (guidance fund, 86%) against an ask at 85%:
`guidance_first` fills G at 86% first, `price_first` fills S at 88% first. With G also at 88%, both fill G first.

A rank is one integer, the level key: four times the price, plus three minus the class for bids, negated for asks.
The greater key is the better one on both sides, and an order with limit p may trade with every opposite key
at or above its `threshold`.
"""

from exchange.core.terms import BuyerClass, PriorityPolicy, Side

__all__ = [
    "CLASS_BITS",
    "CLASS_COUNT",
    "LAST_CLASS_RANK",
    "BuyerClass",
    "PriorityPolicy",
    "Side",
    "ask_key",
    "bid_key",
    "class_leads",
    "class_rank",
    "rank_in_key",
    "threshold",
]

CLASS_COUNT = 4
LAST_CLASS_RANK = CLASS_COUNT - 1
CLASS_BITS = 2
_RANKS = {buyer_class: buyer_class.rank for buyer_class in BuyerClass}


def class_rank(buyer_class: BuyerClass) -> int:
    """Rank of a class: 0 guidance fund, 1 PE/VC and S funds, 2 AMC and insurer, 3 others."""
    return _RANKS[buyer_class]


def class_leads(policy: PriorityPolicy) -> bool:
    """Whether the class of a bid ranks before its price."""
    return policy is PriorityPolicy.GUIDANCE_FIRST


def bid_key(price_ppm: int, rank: int) -> int:
    """Level key of a bid: a better price is greater; at one price a better class is greater."""
    return (price_ppm << CLASS_BITS) + LAST_CLASS_RANK - rank


def ask_key(price_ppm: int) -> int:
    """Level key of an ask: a lower price is greater; the class of a seller does not count."""
    return -(price_ppm << CLASS_BITS)


def rank_in_key(key: int) -> int:
    """Class rank folded into the level key of a bid."""
    return LAST_CLASS_RANK - (key & LAST_CLASS_RANK)


def threshold(side: Side, price_ppm: int) -> int:
    """Least opposite level key that an order of this side and limit may trade with."""
    return price_ppm << CLASS_BITS if side is Side.SELL else -(price_ppm << CLASS_BITS)
