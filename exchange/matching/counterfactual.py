"""What the priority cost or gave the seller: the same ask under `price_first`, beside what really happened.

Cost = value under `price_first` minus value obtained, each the sum of price times amount over the fills, in parts per
million times minor units; positive means that the priority cost the seller. `money_cost` turns it into money.

Worked example (100 on sale, bids S 88% for 60, S2 87% for 40, G 86% for 50, G2 88% for 30): guidance first gives
G2 30, G 50, S 20, together 87.00%; price first G2 30, S 60, S2 10, together 87.90%. Cost 900,000 ppm x amount,
on a NAV of 88 million 792,000.
"""

from collections.abc import Iterable, Sequence

from exchange.matching.engine_events import Filled, RankedFill
from exchange.matching.order_book import Order, Party, takes

PPM = 1_000_000


def price_first_fills(seller: Party, amount: int, limit_ppm: int, bids: Iterable[Order]) -> tuple[RankedFill, ...]:
    """Fills of an ask for `amount` minor units under price, class, time; bids may come in any order.

    Bids below the limit, of related parties, or with an unmet minimum are passed over, as the engine does.
    """
    in_reach = [bid for bid in bids if bid.price_ppm >= limit_ppm]
    in_reach.sort(key=lambda bid: (-bid.price_ppm, bid.party.class_rank, bid.sequence))
    return as_fills(takes(seller, amount, in_reach))


def as_fills(taken: Iterable[tuple[Order, int]]) -> tuple[RankedFill, ...]:
    """Lines of a counterfactual from orders and the amounts taken of them."""
    return tuple(RankedFill(order.order_id, order.price_ppm, amount) for order, amount in taken)


def first_part(fills: Iterable[RankedFill], amount: int) -> tuple[RankedFill, ...]:
    """The fills up to a total amount, so that both sides of a comparison sell the same."""
    part: list[RankedFill] = []
    for fill in fills:
        if amount <= 0:
            break
        taken = min(amount, fill.amount)
        part.append(RankedFill(fill.order_id, fill.price_ppm, taken))
        amount -= taken
    return tuple(part)


def value(fills: Iterable[RankedFill | Filled]) -> int:
    """Sum of price times amount, in parts per million times minor units."""
    return sum(fill.price_ppm * fill.amount for fill in fills)


def priority_cost(price_first: Sequence[RankedFill], actual: Sequence[RankedFill | Filled]) -> int:
    """Value under `price_first` minus value obtained; positive means that the priority cost the seller."""
    return value(price_first) - value(actual)


def money_cost(cost: int, nav_minor: int, amount: int) -> int:
    """The cost in money, minor units, half away from zero; `nav_minor` is the pinned NAV of `amount` of capital."""
    scale = amount * PPM
    magnitude = (2 * abs(cost) * nav_minor + scale) // (2 * scale)
    return magnitude if cost >= 0 else -magnitude
