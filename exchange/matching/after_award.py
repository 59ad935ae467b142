"""What may follow an award: a match right is exercised, or a winner lapses and the next in rank is called.

**Match right.** After the bidding those who may take can take what they still ask for at the best price of the
award, in time order: guidance funds under `match_right`, the fund's partners where they match the best price (R-38).
At that price no seller loses: a taker displaces only fills of others, lowest rank first, and what those who may take
have won stays with them at their own price. Each taking re-runs the allocation beside what stands; one that would
bring the seller less, or break a limit, is passed over and recorded.

**Backup.** When winners lapse, the same allocation runs over the standing bids for what they gave back, beside
what stands and under the same limits. A bid that was cut at the margin is in rank for its rest.

Worked example (award by price: 30 and 60 at 88, 10 at 87): a guidance fund that bid 86 for 50 takes 50 at 88.
The award becomes 30, 50 and 20, all at 88.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from exchange.core.terms import FirstRefusalMode
from exchange.matching.allocation import Standing, settle
from exchange.matching.award import CODE, EXCLUDING, GUIDANCE_RANK, Award, Fill, Outcome, Reason, Step
from exchange.matching.bid_columns import Bools
from exchange.matching.priority import PriorityPolicy


@dataclass(frozen=True, slots=True)
class MatchRightOffer:
    """What one who may take is offered: between two amounts (minor units), at a price and its bid's other terms."""

    bid_id: str
    holder: str
    sequence: int
    at_least_minor: int
    up_to_minor: int
    price_ppm: int
    terms_of_bid_id: str


def match_right_offers(award: Award) -> tuple[MatchRightOffer, ...]:
    """Who may take what at which price, in time order; empty unless the policy gives the right, once.

    The price is that of the winner with the best all-cash equivalent; its payment plan goes with it.
    """
    outcome, columns = award.outcome, award.columns
    may_take = _entitled(award)
    if award.taken or not len(outcome.rows) or not may_take.any():
        return ()
    best = int(np.argmax(columns.rank_price_ppm[outcome.rows]))
    best_row, price = int(outcome.rows[best]), int(outcome.prices[best])
    won = _amounts_by_row(outcome)
    displaceable = award.supply_minor - sum(_kept_amounts(award).values())
    entitled = ~np.isin(outcome.reasons, [CODE[reason] for reason in EXCLUDING])
    entitled &= may_take
    offers = []
    for row in np.flatnonzero(entitled).tolist():
        asked = int(columns.amount_minor[row])
        at_least = asked if columns.all_or_none[row] else int(columns.minimum_fill_minor[row])
        if not award.limits.divisible:
            at_least = max(at_least, award.supply_minor)
        at_least = max(1, at_least - won.get(row, 0))
        up_to = min(asked - won.get(row, 0), displaceable)
        if at_least <= up_to:
            holder = columns.holders[int(columns.holder[row])]
            offers.append(
                MatchRightOffer(
                    columns.bid_ids[row],
                    holder,
                    int(columns.sequence[row]),
                    at_least,
                    up_to,
                    price,
                    columns.bid_ids[best_row],
                )
            )
    return tuple(offers)


def apply_match_right(award: Award, taken: Mapping[str, int]) -> Award:
    """The award after those who may take took amounts (minor units, by bid id) they were offered.

    Takings count in time order, whatever the order they are given in; a later one gets what earlier ones left,
    if that is enough for it. ValueError for a taking that was not offered. Nothing taken gives the same award.
    """
    offers = {offer.bid_id: offer for offer in match_right_offers(award)}
    for bid_id, amount in taken.items():
        if bid_id not in offers or not offers[bid_id].at_least_minor <= amount <= offers[bid_id].up_to_minor:
            raise ValueError(f"{bid_id} was not offered this amount")
    if not taken:
        return award
    exercised = _Exercise(award, next(iter(offers.values())).price_ppm)
    for offer in offers.values():
        if offer.bid_id in taken:
            exercised.take(offer, taken[offer.bid_id])
    in_time = tuple((bid_id, taken[bid_id]) for bid_id in offers if bid_id in taken)
    return replace(award, outcome=exercised.outcome(), taken=in_time)


def next_backup(award: Award, lapsed: Collection[str], standing: Mapping[str, int] | None = None) -> tuple[Fill, ...]:
    """The fills offered next after winners lapsed, best rank first, each at its own price.

    `standing` is what still stands by bid id (minor units), backups called earlier included; by default the
    fills of the award that did not lapse, less those of a holder that without its lapsed bids falls below the
    minimum holding (they lapse with them). The result depends on nothing else. ValueError for an unknown bid,
    one that both stands and lapsed, or more standing than the supply or the bid.
    """
    row_of = {bid_id: row for row, bid_id in enumerate(award.columns.bid_ids)}
    if standing is None:
        standing = still_standing(award, lapsed)
        lapsed = {*lapsed, *(fill.bid_id for fill in award.fills if fill.bid_id not in standing)}
    unknown = [bid_id for bid_id in (*lapsed, *standing) if bid_id not in row_of]
    if unknown or set(lapsed) & standing.keys():
        raise ValueError("a bid of this award stands or lapsed, not both")
    amounts = {row_of[bid_id]: amount for bid_id, amount in standing.items()}
    if sum(amounts.values()) > award.supply_minor or any(
        not 0 < amount <= award.columns.amount_minor[row] for row, amount in amounts.items()
    ):
        raise ValueError("more stands than was bid for or supplied")
    out = [row_of[bid_id] for bid_id in lapsed]
    outcome = settle(award.columns, award.supply_minor, award.limits, award.policy, Standing(amounts, out))
    return tuple(outcome.fills(award.columns))


def still_standing(award: Award, lapsed: Collection[str]) -> dict[str, int]:
    """The amounts (minor units, by bid id) of an award that stand after bids lapsed; see `next_backup`."""
    kept: dict[str, int] = {}
    holdings: dict[str, int] = {}
    columns = award.columns
    existing = dict(zip(columns.holder.tolist(), columns.existing_holding_minor.tolist(), strict=True))
    named = {columns.holders[holder]: amount for holder, amount in existing.items()}
    for fill in award.fills:
        if fill.bid_id not in lapsed:
            kept[fill.bid_id] = kept.get(fill.bid_id, 0) + fill.amount_minor
            holdings[fill.holder] = holdings.get(fill.holder, named[fill.holder]) + fill.amount_minor
    holder_of = {fill.bid_id: fill.holder for fill in award.fills}
    least = award.limits.minimum_holding_minor
    return {bid_id: amount for bid_id, amount in kept.items() if holdings[holder_of[bid_id]] >= least}


class _Exercise:
    """The takings of a match right, one after the other in time order."""

    def __init__(self, award: Award, price_ppm: int) -> None:
        self.award = award
        self.price_ppm = price_ppm
        self.kept = _kept_amounts(award)
        self.takings: dict[int, int] = {}
        self.rest = award.outcome
        self.proceeds = award.outcome.proceeds_ppm_minor
        self.steps: list[Step] = []
        self.row_of = {bid_id: row for row, bid_id in enumerate(award.columns.bid_ids)}

    def take(self, offer: MatchRightOffer, wanted: int) -> None:
        """Count one taking, up to what earlier ones left, or pass it over with the reason in the steps."""
        left = self.award.supply_minor - sum(self.kept.values()) - sum(self.takings.values())
        amount, row = min(wanted, left), self.row_of[offer.bid_id]
        takings = {**self.takings, row: amount}
        refusal = str(Reason.OUTRANKED) if amount < offer.at_least_minor else self._refusal(takings, row)
        self.steps.append(
            {"step": "match_right", "bid": offer.bid_id, "wanted": wanted, "left": left, "passed_over": refusal}
        )
        if refusal is None:
            self.takings = takings

    def _refusal(self, takings: dict[int, int], row: int) -> str | None:
        award, columns, limits = self.award, self.award.columns, self.award.limits
        standing = dict(self.kept)
        for taker, amount in takings.items():
            standing[taker] = standing.get(taker, 0) + amount
        held = int(columns.existing_holding_minor[row]) + sum(
            amount for other, amount in standing.items() if columns.holder[other] == columns.holder[row]
        )
        if held < limits.minimum_holding_minor:
            return str(Reason.MINIMUM_HOLDING)
        entering = {int(columns.holder[r]) for r in standing if not columns.is_existing_holder[r]}
        if limits.new_holder_slots is not None and len(entering) > limits.new_holder_slots:
            return str(Reason.NO_NEW_HOLDER_SLOT)
        rest = settle(columns, award.supply_minor, limits, award.policy, Standing(standing))
        sold = rest.sold_minor + sum(standing.values())
        remainder = limits.seller_holding_minor - sold
        if limits.full_sale_required and sold < award.supply_minor:
            return str(Reason.FULL_SALE_REQUIRED)
        if 0 < remainder < limits.minimum_remainder_minor:
            return "seller_remainder"
        kept = sum(int(columns.price_ppm[r]) * amount for r, amount in self.kept.items())
        proceeds = kept + self.price_ppm * sum(takings.values()) + rest.proceeds_ppm_minor
        if proceeds < self.proceeds:
            return "seller_would_lose"
        self.rest, self.proceeds = rest, proceeds
        return None

    def outcome(self) -> Outcome:
        """The award's new columns: what those who may take had won, what they took, then the rest, ranked."""
        if not self.takings:
            return replace(self.award.outcome, steps=(*self.award.outcome.steps, *self.steps))
        columns = self.award.columns
        rows = np.array([*self.kept, *self.takings, *self.rest.rows.tolist()], np.int64)
        amounts = [*self.kept.values(), *self.takings.values(), *self.rest.amounts.tolist()]
        matched = np.zeros(len(rows), np.bool_)
        matched[len(self.kept) : len(self.kept) + len(self.takings)] = True
        prices = np.where(matched, self.price_ppm, columns.price_ppm[rows])
        order = np.lexsort((rows, matched, columns.class_rank[rows], -prices))
        reasons = self.rest.reasons.copy()
        reasons[rows] = CODE[Reason.FILLED]
        return Outcome(
            rows[order],
            np.array(amounts, np.int64)[order],
            prices[order],
            matched[order],
            reasons,
            (*self.award.outcome.steps, *self.steps, *self.rest.steps),
        )


def _amounts_by_row(outcome: Outcome) -> dict[int, int]:
    return dict(zip(outcome.rows.tolist(), outcome.amounts.tolist(), strict=True))


def _kept_amounts(award: Award) -> dict[int, int]:
    """What those who may take have won already: it stays with them at their own price."""
    entitled = _entitled(award)
    return {row: amount for row, amount in _amounts_by_row(award.outcome).items() if entitled[row]}


def _entitled(award: Award) -> Bools:
    """Whose bids may take at the best price: the fund's partners (R-38), or guidance funds under a match right."""
    if award.policy.first_refusal is FirstRefusalMode.MATCHES_BEST:
        return award.columns.is_existing_holder
    if award.policy.priority is PriorityPolicy.MATCH_RIGHT:
        return np.asarray(award.columns.class_rank == GUIDANCE_RANK, np.bool_)
    return np.zeros(len(award.columns), np.bool_)
