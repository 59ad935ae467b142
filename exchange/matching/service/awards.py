"""Awards: seen by those who may, accepted or refused by the seller, match rights taken by guidance funds."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import Breach, RulesBroken
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.core.money import Money
from exchange.core.quantity import NavBasis
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.ledger import service as ledger
from exchange.ledger.cover import HoldChange
from exchange.ledger.errors import FundsNotCovered
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingEvent, ListingReason, ListingStatus
from exchange.matching.after_award import MatchRightOffer, match_right_offers
from exchange.matching.holds import deposit_minor
from exchange.matching.journal import Command
from exchange.matching.lifecycle import (
    AWARD_LIFECYCLE,
    AwardEvent,
    AwardStatus,
    CommandKind,
    OrderReason,
    ProposalReason,
)
from exchange.matching.proof import replay
from exchange.matching.refusals import AwardNotFound, NoMatchRight
from exchange.matching.service.books import end_book
from exchange.matching.service.conclusion import conclude_listing
from exchange.matching.service.proposals import DECIDE as DECIDE
from exchange.matching.service.proposals import confirm_for_seller, drop_all, require_turnaround
from exchange.matching.store import awards as store
from exchange.matching.store import books as book_store
from exchange.matching.store import deals, journal
from exchange.matching.tables import AwardRow as AwardRow
from exchange.matching.tables import BookRow


def award_of(tx: Tx, actor: Actor, award_id: str) -> AwardRow:
    """An award for its seller, its bidders, operators and auditors; for others it does not exist."""
    row = store.award(tx, award_id)
    if row is None:
        raise AwardNotFound
    seller = listings.listing_facts(tx, row.listing_id).seller_organisation_id
    if actor.sees_everything or actor.organisation_id == seller:
        return row
    if not store.has_bid(tx, row.book_id, actor.organisation_id):
        raise AwardNotFound
    return row


def is_seller(tx: Tx, row: AwardRow, actor: Actor) -> bool:
    """Whether the caller's organisation sells what was awarded."""
    return listings.listing_facts(tx, row.listing_id).seller_organisation_id == actor.organisation_id


def find_award_of_listing(tx: Tx, actor: Actor, listing_id: str) -> AwardRow | None:
    """The award of a listing, None before there is one or for whom it does not exist."""
    row = store.award_of_listing(tx, listing_id)
    try:
        return award_of(tx, actor, row.id) if row else None
    except AwardNotFound:
        return None


def award_of_listing(tx: Tx, actor: Actor, listing_id: str) -> AwardRow:
    """The award of a listing, under the same rights."""
    row = store.award_of_listing(tx, listing_id)
    if row is None:
        raise AwardNotFound
    return award_of(tx, actor, row.id)


def accept(tx: Tx, actor: Actor, now: datetime, *, award_id: str) -> AwardRow:
    """The seller accepts the award: its yes to every proposal of it, those of backups called later included."""
    actor.require(DECIDE)
    row = _locked_for_seller(tx, actor, award_id)
    if row.status is AwardStatus.ACCEPTED:
        return row
    row.status = advance(AWARD_LIFECYCLE, row.status, AwardEvent.ACCEPT)
    require_turnaround(tx, now, row.listing_id)
    row.version += 1
    for proposal in deals.open_proposals(tx, row.listing_id):
        confirm_for_seller(tx, now, proposal, actor.user_id)
    _tell(tx, now, row, "award.accepted", actor.user_id)
    return row


def refuse(tx: Tx, actor: Actor, now: datetime, *, award_id: str, reason: str) -> AwardRow:
    """A private seller refuses the award: the listing ends, every bid is released. R-42 forbids it to others."""
    actor.require(DECIDE)
    row = _locked_for_seller(tx, actor, award_id)
    if listings.listing_facts(tx, row.listing_id).seller_is_state_owned:
        raise RulesBroken(breaches=(Breach("R-42", "STATE_OWNED_MAY_NOT_REFUSE"),), count=1)
    row.status = advance(AWARD_LIFECYCLE, row.status, AwardEvent.REFUSE)
    row.version += 1
    book = _book(tx, row)
    # Nothing is free yet: the matcher first takes back what bids had won, then the listing is concluded.
    whole = listings.listing_facts(tx, row.listing_id).amount_minor
    listings.advance_listing(
        tx, now, row.listing_id, ListingEvent.REFUSE_AWARD, reason=ListingReason.AWARD_REFUSED, note=reason,
        sold_minor=whole,
    )  # fmt: skip
    end_book(tx, now, book, OrderReason.AWARD_REFUSED)
    drop_all(tx, now, row.listing_id, ProposalReason.AWARD_REFUSED, actor.user_id)
    _tell(tx, now, row, "award.refused", actor.user_id)
    return row


def offers_for(row: AwardRow, organisation_id: str) -> list[MatchRightOffer]:
    """What an organisation may take under the match right of an award that waits for it."""
    if row.status is not AwardStatus.MATCH_RIGHT_OFFERED:
        return []
    return [offer for offer in match_right_offers(replay(row.proof)) if offer.holder == organisation_id]


def take(tx: Tx, actor: Actor, now: datetime, *, award_id: str, order_id: str, amount_minor: int) -> AwardRow:
    """Who may take an amount does so at the best price; its bid is raised to it and the deposit follows."""
    actor.require("orders:write")
    seen = award_of(tx, actor, award_id)
    listings.lock_listing(tx, seen.listing_id)
    row = store.lock_award(tx, award_id)
    if row is None:
        raise AwardNotFound
    offers = {offer.bid_id: offer for offer in offers_for(row, actor.organisation_id)}
    offer = offers.get(order_id)
    if offer is None or not offer.at_least_minor <= amount_minor <= offer.up_to_minor:
        raise NoMatchRight
    book = _book(tx, row)
    order = book_store.lock_order(tx, order_id)
    ask = book_store.ask_of(tx, book.id, row.listing_id)
    if order is None or ask is None:
        raise NoMatchRight
    price = max(order.price_ppm, offer.price_ppm)
    basis = NavBasis(book.nav_minor, book.subscribed_minor)
    needed = deposit_minor(
        basis, book.deposit_ppm, order.leaves_minor + order.filled_minor - order.settled_minor, price
    )
    more = max(0, needed - order.hold_minor)
    if more and order.account_id is not None:
        change = HoldChange(order.account_id, more, order.id, new_id("transfer"))
        if ledger.apply_holds(tx, [change], now).uncovered:
            raise FundsNotCovered(amount=Money(more, book.currency).text(), free="-")
    order.hold_minor += more
    detail: dict[str, object] = {"take": {order_id: amount_minor}}
    order.last_sequence = journal.append(
        tx,
        now,
        book.id,
        [
            Command(0, CommandKind.REALLOCATE, ask.id, detail=detail),
            Command(0, CommandKind.AMEND, order_id, price_ppm=price),
        ],
    )
    data: dict[str, object] = {"order_id": order_id, "amount_minor": amount_minor, "price_ppm": price}
    event = Event("award.match_right_taken", row.id, (actor.organisation_id,), data, book.id, row.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
    return row


def end_match_right(tx: Tx, now: datetime, award_id: str) -> None:
    """The time to take is over: the matcher settles the award with what was taken."""
    seen = store.award(tx, award_id)
    if seen is None:
        return
    listings.lock_listing(tx, seen.listing_id)
    row = store.lock_award(tx, award_id)
    if row is None or row.status is not AwardStatus.MATCH_RIGHT_OFFERED:
        return
    book = _book(tx, row)
    ask = book_store.ask_of(tx, book.id, row.listing_id)
    if ask is not None:
        journal.append(tx, now, book.id, [Command(0, CommandKind.REALLOCATE, ask.id, detail={"settle": True})])


def award_made(tx: Tx, now: datetime, award_id: str) -> None:
    """The listing follows its award: put to the seller, or without a bid."""
    row = store.award(tx, award_id)
    if row is None:
        return
    listing = listings.lock_listing(tx, row.listing_id)
    if listing.status is not ListingStatus.MATCHING:
        return
    if row.status is AwardStatus.NO_BID:
        listings.advance_listing(tx, now, row.listing_id, ListingEvent.FIND_NO_BID)
        end_book(tx, now, _book(tx, row), OrderReason.NO_BID)
        return
    listings.advance_listing(tx, now, row.listing_id, ListingEvent.PROPOSE_AWARD)
    conclude_listing(tx, now, row.listing_id)


def _locked_for_seller(tx: Tx, actor: Actor, award_id: str) -> AwardRow:
    seen = award_of(tx, actor, award_id)
    listing = listings.lock_listing(tx, seen.listing_id)
    if listing.seller_organisation_id != actor.organisation_id:
        raise AwardNotFound
    row = store.lock_award(tx, award_id)
    if row is None:
        raise AwardNotFound
    return row


def _book(tx: Tx, row: AwardRow) -> BookRow:
    book = book_store.lock_book(tx, row.book_id)
    if book is None:
        raise AwardNotFound
    return book


def _tell(tx: Tx, now: datetime, row: AwardRow, kind: str, user_id: str) -> None:
    seller = listings.listing_facts(tx, row.listing_id).seller_organisation_id
    data: dict[str, object] = {"status": row.status.value, "version": row.version}
    emit(tx, now, Event(kind, row.id, (seller,), data, row.book_id, row.listing_id), actor_id=user_id)
