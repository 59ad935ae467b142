"""The slow, obvious twin of `allocation.py`: the same rule over plain values, to compare with and to read first."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from exchange.matching.award import GUIDANCE_RANK, AuctionPolicy, Limits, Margin, Reason
from exchange.matching.bid_columns import Bid

Result = tuple[dict[str, int], dict[str, Reason]]


def naive_allocation(bids: Sequence[Bid], supply: int, limits: Limits, policy: AuctionPolicy) -> Result:
    """Amounts by bid id (best rank first, minor units) and the reason of every bid."""
    fills, reasons = _descend(bids, supply, supply, limits, policy)
    held, minimum = limits.seller_holding_minor, limits.minimum_remainder_minor
    if fills and 0 < held - sum(fills.values()) < minimum:
        fills, reasons = _descend(bids, supply, max(0, held - minimum), limits, policy)
    if limits.full_sale_required and sum(fills.values()) < supply:
        return {}, reasons | dict.fromkeys(fills, Reason.FULL_SALE_REQUIRED)
    return fills, reasons


def _screen(bid: Bid, price: int, supply: int, limits: Limits) -> Reason:
    if min(price, bid.price_ppm) < limits.floor_price_ppm:
        return Reason.BELOW_RESERVE
    if limits.guidance_only and bid.class_rank != GUIDANCE_RANK:
        return Reason.NOT_CONSIDERED
    least = bid.amount_minor if bid.all_or_none else bid.minimum_fill_minor
    return Reason.OUTRANKED if limits.divisible or least <= supply <= bid.amount_minor else Reason.INDIVISIBLE


def _descend(bids: Sequence[Bid], whole: int, left: int, limits: Limits, policy: AuctionPolicy) -> Result:
    ranked, reasons = [], {}
    for bid in bids:
        price = bid.price_ppm if bid.rank_price_ppm is None else bid.rank_price_ppm
        reason = reasons[bid.bid_id] = _screen(bid, price, whole, limits)
        if reason is Reason.OUTRANKED:
            outsider = policy.partners_first and not bid.is_existing_holder
            by_price = (-price, outsider)
            rank = (bid.class_rank, *by_price) if policy.class_first else (*by_price, bid.class_rank)
            taken = bid if limits.divisible else replace(bid, amount_minor=whole, minimum_fill_minor=whole)
            ranked.append((*rank, bid.sequence, bid.bid_id, taken))
    ranked.sort()
    equal = 3 if policy.margin is Margin.PRO_RATA else 5
    fills, won = dict[str, int](), dict[str, int]()
    slots = len(bids) if limits.new_holder_slots is None else limits.new_holder_slots
    for _, group in groupby(ranked, key=lambda entry: entry[:equal]):
        if left == 0:
            break
        members = [entry[5] for entry in group]
        shares, why = _share(members, left, slots, limits, won)
        reasons |= why
        for bid in members:
            if amount := shares.get(bid.bid_id, 0):
                slots -= not bid.is_existing_holder and bid.holder not in won
                won[bid.holder] = won.get(bid.holder, 0) + amount
                fills[bid.bid_id], reasons[bid.bid_id] = amount, Reason.FILLED
                left -= amount
    return fills, reasons


def _share(members: list[Bid], left: int, slots: int, limits: Limits, won: dict[str, int]) -> Result:
    least, reasons, able = {}, {}, []
    for bid in members:
        short = limits.minimum_holding_minor - bid.existing_holding_minor - won.get(bid.holder, 0)
        own = bid.amount_minor if bid.all_or_none else bid.minimum_fill_minor
        least[bid.bid_id] = max(1, own, short)
        by_holding = short > (bid.amount_minor if bid.all_or_none else bid.minimum_fill_minor * limits.divisible)
        by_fill = Reason.MINIMUM_FILL if bid.minimum_fill_minor and limits.divisible else Reason.OUTRANKED
        own_reason = Reason.ALL_OR_NONE if bid.all_or_none else by_fill
        reasons[bid.bid_id] = Reason.MINIMUM_HOLDING if by_holding else own_reason
        if least[bid.bid_id] <= min(left, bid.amount_minor):
            able.append(bid)
    dropped = True
    while dropped:
        kept, waiting, newcomers = list[Bid](), list[Bid](), set[str]()
        for bid in able:
            is_new = not bid.is_existing_holder and bid.holder not in won
            has_place = not is_new or bid.holder in newcomers or len(newcomers) < slots
            (kept if has_place else waiting).append(bid)
            if is_new and has_place:
                newcomers.add(bid.holder)
        dropped = False
        while (total := sum(bid.amount_minor for bid in kept)) > left:
            short_of = [bid for bid in reversed(kept) if left * bid.amount_minor < least[bid.bid_id] * total]
            if not short_of:
                break
            kept.remove(min(short_of, key=lambda bid: Fraction(bid.amount_minor, least[bid.bid_id])))
            dropped = True
        able = [bid for bid in able if bid in kept or bid in waiting] if dropped else able
    reasons |= {bid.bid_id: Reason.NO_NEW_HOLDER_SLOT for bid in waiting}
    if total <= left:
        return {bid.bid_id: bid.amount_minor for bid in kept}, reasons
    shares = {bid.bid_id: left * bid.amount_minor // total for bid in kept}
    by_remainder = sorted(kept, key=lambda bid: -(left * bid.amount_minor % total))
    for bid in by_remainder[: left - sum(shares.values())]:
        shares[bid.bid_id] += 1
    return shares, reasons
