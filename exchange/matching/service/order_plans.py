"""How a bidder of an auction would pay: later parts, interest, security. The bid then ranks by its all-cash equivalent.

The plan belongs to a standing bid and may be said anew until the window locks, then improved only. What the close of
the auction carries of it stands in the journal, so the award is proved from there. Source: rulebook 5.2.
"""

from datetime import datetime
from typing import Any

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.terms import Side
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.listings.listing import ListingFacts
from exchange.listings.payment_plan import (
    ALL_AT_CLOSING,
    PaymentPlan,
    announced_verdict,
    bid_plan_verdict,
    equivalent_price_ppm,
    plan_document,
    plan_from_document,
)
from exchange.matching.errors import OrderNotFound, OrderNotLive
from exchange.matching.lifecycle import LIVE_ORDER, BookPhase
from exchange.matching.proof import matched_bid
from exchange.matching.service.orders import WRITE, read_order
from exchange.matching.store import awards, deals
from exchange.matching.store import books as book_store
from exchange.matching.store import order_plans as store
from exchange.matching.tables import BookRow, OrderPlanRow, OrderRow, TradeRow
from exchange.rulebook import service as rulebook


def state_order_plan(tx: Tx, actor: Actor, now: datetime, *, order_id: str, plan: PaymentPlan) -> OrderPlanRow:
    """The bidder says how it would pay; an empty plan takes an earlier one back to what the listing announced.

    ORDER_NOT_LIVE for a bid that stands no more; RULES_BROKEN with every rule: no plans taken here (D-EQUIVALENT),
    another than the announced one of a state-owned seller and the limits of R-47, the window closed or locked.
    """
    actor.require(WRITE)
    if read_order(tx, actor, order_id=order_id).organisation_id != actor.organisation_id:
        raise OrderNotFound
    book, order = _locked(tx, order_id)
    if order.side is not Side.BUY or order.status not in LIVE_ORDER or book.listing_id is None:
        raise OrderNotLive(status=order.status.value)
    facts = listings.listing_facts(tx, book.listing_id)
    known = store.latest(tx, order_id)
    equivalent = _equivalent(order.price_ppm, plan, facts)
    before = _equivalent(order.price_ppm, plan_of(known, facts), facts)
    breaches = (*_window_breaches(book, now, improves=equivalent >= before), *_plan_breaches(plan, facts, now))
    if breaches:
        raise RulesBroken(breaches=breaches, count=len(breaches))
    row = OrderPlanRow(
        id=new_id("order_plan"),
        order_id=order_id,
        book_id=book.id,
        organisation_id=order.organisation_id,
        plan=plan_document(plan),
        equivalent_price_ppm=equivalent,
        stated_by=actor.user_id,
        at=now,
    )
    store.add(tx, row)
    data: dict[str, object] = {"plan": row.plan, "equivalent_price_ppm": equivalent}
    audience = (order.organisation_id,)
    event = Event("order.plan_stated", order_id, audience, data, book.id, book.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
    return row


def order_plan_of(tx: Tx, actor: Actor, *, order_id: str) -> tuple[PaymentPlan, int]:
    """The plan that counts for a bid the caller may read, and its all-cash equivalent in ppm of the NAV."""
    order = read_order(tx, actor, order_id=order_id)
    if order.listing_id is None:
        return ALL_AT_CLOSING, order.price_ppm
    facts = listings.listing_facts(tx, order.listing_id)
    plan = plan_of(store.latest(tx, order_id), facts)
    return plan, _equivalent(order.price_ppm, plan, facts)


def plan_of_order(tx: Tx, order_id: str, facts: ListingFacts) -> dict[str, Any]:
    """The plan a bid was matched with, as it is kept with its deal: its own, else what the listing announced."""
    return plan_document(plan_of(store.latest(tx, order_id), facts))


def plan_of_trade(tx: Tx, trade: TradeRow, facts: ListingFacts) -> dict[str, Any]:
    """The plan of a trade: its bid's, or, taken under the match right, that of the winner whose price it took."""
    proposal = deals.proposal(tx, trade.proposal_id) if trade.proposal_id else None
    award = awards.award(tx, proposal.award_id) if proposal and proposal.award_id else None
    order_id = trade.buy_order_id
    if award is not None and facts.plan_discount_ppm is not None:
        order_id = matched_bid(award.proof, order_id, trade.price_ppm)
    return plan_of_order(tx, order_id, facts)


def plans_at_close(tx: Tx, book_id: str, facts: ListingFacts) -> dict[str, Any]:
    """What the close of an auction carries: the rate, the announced plan, and the plans of single bids."""
    if facts.plan_discount_ppm is None:
        return {}
    bids = {row.order_id: row.plan for row in store.of_book(tx, book_id)}
    return {"discount_ppm": facts.plan_discount_ppm, "announced": dict(facts.plan), "bids": bids}


def plan_of(row: OrderPlanRow | None, facts: ListingFacts) -> PaymentPlan:
    """The plan that counts: the bidder's own, else the listing's."""
    return plan_from_document(row.plan if row is not None else facts.plan)


def _locked(tx: Tx, order_id: str) -> tuple[BookRow, OrderRow]:
    seen = book_store.order(tx, order_id)
    book = book_store.lock_book(tx, seen.book_id) if seen else None
    order = book_store.lock_order(tx, order_id) if book else None
    if book is None or order is None:
        raise OrderNotFound
    return book, order


def _window_breaches(book: BookRow, now: datetime, *, improves: bool) -> tuple[Breach, ...]:
    if book.phase is BookPhase.HALTED:
        return (Breach("R-55", "HALTED", {"scope": book.id, "reason": "-"}),)
    if book.phase is BookPhase.CLOSED or (book.closes_at is not None and book.closes_at <= now):
        closed = book.closes_at.isoformat() if book.closes_at is not None else "-"
        return (Breach("X-WINDOW", "WINDOW_CLOSED", {"time": closed}),)
    return (Breach("X-LOCK", "IMPROVE_ONLY"),) if book.phase is BookPhase.LOCKED and not improves else ()


def _plan_breaches(plan: PaymentPlan, facts: ListingFacts, now: datetime) -> tuple[Breach, ...]:
    announced = plan_from_document(facts.plan)
    takes = facts.plan_discount_ppm is not None
    allowed = bid_plan_verdict(plan, announced, state_owned=facts.seller_is_state_owned, plans_allowed=takes)
    profile = rulebook.profile(facts.profile, market_date(now))
    return (*allowed.breaches, *announced_verdict(plan, profile).breaches)


def _equivalent(price_ppm: int, plan: PaymentPlan, facts: ListingFacts) -> int:
    return equivalent_price_ppm(price_ppm, plan, facts.plan_discount_ppm or 0)
