"""The journal of a one-way auction: bids collect, CLOSE allocates, REALLOCATE calls the next in rank.

CLOSE carries what the allocation depends on beside the bids (limits and the partner roll of that moment), so the
journal alone proves the award. It carries the bidders' payment plans too where a listing takes them: each bid then
ranks by its all-cash equivalent. Bids of the seller and its related parties are passed over and leave. Under a match
right the award waits for the takings: REALLOCATE with ``taken`` settles it. REALLOCATE with a ``loser`` ends that
bid and allocates what it gave back beside what still stands.

Worked example: supply 100 at 30, 50 and 20; the bid with 50 lapses; its 50 goes to the next standing bids in rank.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy, Side
from exchange.listings.payment_plan import equivalent_price_ppm, plan_from_document
from exchange.matching import engine_events as ev
from exchange.matching.after_award import apply_match_right, match_right_offers, next_backup
from exchange.matching.allocation import allocate
from exchange.matching.award import AuctionPolicy, Award, Fill, LimitRules, Limits, Margin
from exchange.matching.bid_columns import Bid
from exchange.matching.journal import Awarded, Command, JournalBook, JournalError, JournalEvent
from exchange.matching.order_book import Order


def limits_from(values: Mapping[str, Any]) -> Limits:
    """Limits from their plain JSON values."""
    return Limits(**{**values, "rules": LimitRules(**values["rules"])})


def cash_equivalent(order: Order, plans: Mapping[str, Any]) -> int | None:
    """What a bid ranks by when the close carries plans of payment: its price as cash at closing; None without plans."""
    if not plans:
        return None
    plan = plan_from_document(plans["bids"].get(order.order_id, plans["announced"]))
    return equivalent_price_ppm(order.price_ppm, plan, plans["discount_ppm"])


def new_book(mode: MatchingMode, policy: PriorityPolicy) -> JournalBook:
    """The empty book from which a journal starts; books of binding trades remember no filled order."""
    if mode is MatchingMode.ONE_WAY_AUCTION:
        return AuctionBook(policy)
    return JournalBook(policy, remembers=mode is not MatchingMode.CONTINUOUS)


class AuctionBook(JournalBook):
    """A book that never matches on arrival; its award comes with CLOSE."""

    def __init__(self, policy: PriorityPolicy) -> None:
        super().__init__(policy)
        self.award: Award | None = None
        self.settled = False
        self.lapsed: set[str] = set()
        self.takings: dict[str, int] = {}

    def journal_submit(self, command: Command) -> list[JournalEvent]:
        """As any book, until the award is made."""
        if self.award is not None:
            return [ev.Rejected(ev.RejectCode.NOT_OPEN, command.order_id)]
        return super().journal_submit(command)

    def journal_close(self, command: Command) -> list[JournalEvent]:
        """Allocate when the command carries the limits; otherwise end the book."""
        allocation = command.detail.get("allocate")
        if not isinstance(allocation, Mapping) or self.closed or self.award is not None:
            return super().journal_close(command)
        asks = list(self.ranked(Side.SELL))
        if len(asks) != 1:
            return super().journal_close(command)
        ask = asks[0]
        events, bids = self._admit(ask, allocation["roll"], allocation.get("plans", {}))
        limits = limits_from(allocation["limits"])
        mode = FirstRefusalMode(str(allocation.get("first_refusal", FirstRefusalMode.AFTER_BIDDING)))
        policy = AuctionPolicy(self.policy, Margin(str(allocation["margin"])), mode)
        self.award = allocate(bids, ask.leaves, limits, policy)
        self.settled = not match_right_offers(self.award)
        events.append(Awarded(self.award, ask.order_id, self.settled))
        return [*events, *self._settle(ask)] if self.settled else events

    def journal_reallocate(self, command: Command) -> list[JournalEvent]:
        """Settle the match right, or call the next in rank after a loser."""
        if self.award is None or command.order_id is None:
            raise JournalError(f"command {command.sequence} before the award")
        take = command.detail.get("take")
        if isinstance(take, Mapping):
            self.takings.update({str(bid_id): int(amount) for bid_id, amount in take.items()})
            return []
        if command.detail.get("settle"):
            return self._exercise(command.order_id)
        amount = command.amount_minor or 0
        loser = str(command.detail["loser"])
        self.lapsed.add(loser)
        events = self.end_loser(loser, amount)
        if self.closed:
            return [*events, *self.forfeit(command.order_id, amount)]
        events += self.reinstate(command.order_id, amount, self.gone.get(command.order_id))
        ask = self.orders.get(command.order_id)
        if ask is None:
            raise JournalError(f"ask {command.order_id} did not come back")
        self.gone.pop(ask.order_id, None)
        return [*events, *self._call_next(ask, self.award)]

    def _is_batched(self, command: Command) -> bool:
        """Never: an auction refuses orders after its award, and it matches none on arrival."""
        return False

    def _admit(
        self, ask: Order, roll: Mapping[str, int], plans: Mapping[str, Any]
    ) -> tuple[list[JournalEvent], list[Bid]]:
        events: list[JournalEvent] = []
        bids = []
        for order in list(self.ranked(Side.BUY)):
            if not order.party.keys.isdisjoint(ask.party.keys):
                same = order.party.owner == ask.party.owner
                reason = ev.SkipReason.SAME_OWNER if same else ev.SkipReason.RELATED_PARTY
                events.append(ev.Skipped(ask.order_id, order.order_id, reason))
                events += self.drop(order.order_id, reason)
                continue
            holder = order.party.owner
            bids.append(
                Bid(
                    order.order_id,
                    holder,
                    order.price_ppm,
                    order.leaves,
                    order.party.class_rank,
                    order.sequence,
                    is_existing_holder=holder in roll,
                    existing_holding_minor=int(roll.get(holder, 0)),
                    minimum_fill_minor=min(order.terms.minimum_fill, order.leaves),
                    all_or_none=order.terms.all_or_none,
                    rank_price_ppm=cash_equivalent(order, plans),
                )
            )
        return events, bids

    def _exercise(self, ask_id: str) -> list[JournalEvent]:
        ask = self.orders.get(ask_id)
        if self.settled or self.closed or ask is None or self.award is None:
            return []
        offers = {offer.bid_id: offer for offer in match_right_offers(self.award)}
        valid = {
            bid_id: amount
            for bid_id, amount in self.takings.items()
            if bid_id in offers and offers[bid_id].at_least_minor <= amount <= offers[bid_id].up_to_minor
        }
        self.award = apply_match_right(self.award, valid)
        self.settled = True
        return [Awarded(self.award, ask_id, final=True), *self._settle(ask)]

    def _settle(self, ask: Order) -> list[JournalEvent]:
        """Fill the winners in rank order; bids that cannot be called leave, the others wait as backups."""
        if self.award is None:
            return []
        events = self._fill(ask, self.award.fills)
        for bid in self.award.excluded:
            events += self.drop(bid.bid_id, str(bid.reason))
        return events

    def _fill(self, ask: Order, fills: Iterable[Fill]) -> list[JournalEvent]:
        events: list[JournalEvent] = []
        for fill in fills:
            bid = self.orders.get(fill.bid_id)
            if bid is None or bid.leaves < fill.amount_minor:
                self.lapsed.add(fill.bid_id)
                continue
            events.append(self.fill(ask, bid, fill.amount_minor, fill.price_ppm))
        return events

    def _call_next(self, ask: Order, award: Award) -> list[JournalEvent]:
        standing: dict[str, int] = {}
        lapsed = set(self.lapsed)
        for bid_id in award.columns.bid_ids:
            order = self.known(bid_id)
            if order is not None and order.filled and bid_id not in lapsed:
                standing[bid_id] = order.filled
            elif order is None or not order.leaves:
                lapsed.add(bid_id)
        return self._fill(ask, next_backup(award, lapsed, standing))
