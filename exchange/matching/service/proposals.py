"""Proposals: both parties confirm, or one declines, or the time runs out and the next in rank is called.

Order of locks: listing, proposal, book. The matcher calls the next in rank: this file only appends the command.
"""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, RulesBroken
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.core.terms import MatchingMode
from exchange.custody import service as custody
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.listings.offer import Rules
from exchange.listings.terms import turnaround_breaches
from exchange.matching.journal import Command
from exchange.matching.lifecycle import (
    PROPOSAL_LIFECYCLE,
    CommandKind,
    ProposalEvent,
    ProposalReason,
    ProposalStatus,
)
from exchange.matching.refusals import ProposalLapsed, ProposalNotFound
from exchange.matching.service.conclusion import conclude_listing
from exchange.matching.service.judgement import Bench, unknown_buyer
from exchange.matching.service.papers import is_award_gate_open, require_award_gate
from exchange.matching.store import books as book_store
from exchange.matching.store import deals as store
from exchange.matching.store import intake, journal
from exchange.matching.tables import ProposalRow as ProposalRow
from exchange.matching.tables import TradeRow
from exchange.rulebook import service as rulebook

DECIDE = "proposals:decide"


def proposal_of(tx: Tx, actor: Actor, proposal_id: str) -> ProposalRow:
    """A proposal of the caller's organisation; operators and auditors see all, for others it does not exist."""
    row = store.proposal(tx, proposal_id)
    if row is None or not (actor.sees_everything or actor.organisation_id in _sides(row)):
        raise ProposalNotFound
    return row


def proposals_of(
    tx: Tx,
    actor: Actor,
    *,
    listing_id: str | None = None,
    status: ProposalStatus | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[ProposalRow]:
    """Proposals the caller may see, newest first."""
    own = None if actor.sees_everything else actor.organisation_id
    return store.proposals(tx, organisation_id=own, listing_id=listing_id, status=status, before=before, limit=limit)


def confirm(tx: Tx, actor: Actor, now: datetime, *, proposal_id: str) -> ProposalRow:
    """One party says yes; with both it becomes a trade. Saying it twice changes nothing.

    A buyer is judged again: who no longer qualifies cannot confirm (RULES_BROKEN with every rule), nor who still owes a
    paper of the award gate (GATE_BLOCKED with the list). A seller who confirms after the buyer meets the gate too: a
    paper may have been returned or have ended since.
    """
    actor.require(DECIDE)
    row = _locked(tx, actor, proposal_id)
    if row.status is ProposalStatus.CONFIRMED:
        return row
    advance(PROPOSAL_LIFECYCLE, row.status, ProposalEvent.CONFIRM)
    if now >= row.lapses_at:
        raise ProposalLapsed(time=row.lapses_at.isoformat())
    if actor.organisation_id == row.seller_organisation_id:
        if row.buyer_confirmed_at is not None:
            require_award_gate(tx, now, row)
        require_turnaround(tx, now, row.listing_id)
        _confirm_as_seller(row, actor.user_id, now)
    else:
        _require_qualified(tx, now, row)
        require_award_gate(tx, now, row)
        if row.buyer_confirmed_at is None:
            row.buyer_confirmed_by, row.buyer_confirmed_at = actor.user_id, now
    store.save(tx, row)
    _tell(tx, now, row, "proposal.party_confirmed", actor.user_id)
    finish_if_both(tx, now, row, actor.user_id)
    return row


def require_turnaround(tx: Tx, now: datetime, listing_id: str) -> None:
    """R-04 for the seller's yes: RULES_BROKEN, with the first day, when what it sells was bought too recently."""
    facts = listings.listing_facts(tx, listing_id)
    rules = Rules(rulebook.profile(facts.profile, market_date(now)), rulebook.calendar(tx), now)
    breaches = turnaround_breaches(custody.last_bought_at(tx, facts.holding_id), rules)
    if breaches:
        raise RulesBroken(breaches=breaches, count=len(breaches))


def _confirm_as_seller(row: ProposalRow, user_id: str, now: datetime) -> None:
    if row.seller_confirmed_at is None:
        row.seller_confirmed_by, row.seller_confirmed_at = user_id, now


def confirm_for_seller(tx: Tx, now: datetime, row: ProposalRow, user_id: str) -> None:
    """The seller's yes to one of an award's locked proposals.

    A buyer whose papers have shut the award gate since its own yes has to say it again; the other winners do not wait.
    """
    if row.seller_confirmed_at is not None:
        return
    if row.buyer_confirmed_at is not None and not is_award_gate_open(tx, now, row):
        row.buyer_confirmed_by = row.buyer_confirmed_at = None
    _confirm_as_seller(row, user_id, now)
    store.save(tx, row)
    _tell(tx, now, row, "proposal.party_confirmed", user_id)
    finish_if_both(tx, now, row, user_id)


def finish_if_both(tx: Tx, now: datetime, row: ProposalRow, user_id: str) -> None:
    """Make the trade when buyer and seller have both confirmed a locked proposal."""
    if row.seller_confirmed_at is None or row.buyer_confirmed_at is None:
        return
    row.status = advance(PROPOSAL_LIFECYCLE, row.status, ProposalEvent.CONFIRM)
    store.save(tx, row)
    trade = TradeRow(
        id=new_id("trade"),
        book_id=row.book_id,
        fund_id=row.fund_id,
        listing_id=row.listing_id,
        fill_id=row.fill_id,
        proposal_id=row.id,
        buy_order_id=row.buy_order_id,
        sell_order_id=row.sell_order_id,
        buyer_organisation_id=row.buyer_organisation_id,
        seller_organisation_id=row.seller_organisation_id,
        price_ppm=row.price_ppm,
        amount_minor=row.amount_minor,
        money_minor=row.money_minor,
        currency=row.currency,
        is_simulated=row.is_simulated,
        at=now,
    )
    store.add_trade(tx, trade)
    told: dict[str, object] = {"trade_id": trade.id, "buyer_organisation_id": row.buyer_organisation_id}
    _tell(tx, now, row, "proposal.confirmed", user_id, told)
    data: dict[str, object] = {
        "fund_id": row.fund_id,
        "price_ppm": row.price_ppm,
        "amount_minor": row.amount_minor,
        "money_minor": row.money_minor,
        "currency": row.currency,
    }
    emit(tx, now, Event("trade.made", trade.id, (MARKET,), data, row.book_id, row.listing_id), actor_id=user_id)
    conclude_listing(tx, now, row.listing_id)


def decline(tx: Tx, actor: Actor, now: datetime, *, proposal_id: str, reason: str) -> ProposalRow:
    """One party says no: the match falls away and the next in rank is called.

    A state-owned seller cannot refuse a valid highest bid (R-42).
    """
    actor.require(DECIDE)
    row = _locked(tx, actor, proposal_id)
    advance(PROPOSAL_LIFECYCLE, row.status, ProposalEvent.DECLINE)
    if now >= row.lapses_at:
        raise ProposalLapsed(time=row.lapses_at.isoformat())
    by_seller = actor.organisation_id == row.seller_organisation_id
    if by_seller and listings.listing_facts(tx, row.listing_id).seller_is_state_owned:
        raise RulesBroken(breaches=(Breach("R-42", "STATE_OWNED_MAY_NOT_REFUSE"),), count=1)
    code = ProposalReason.DECLINED_BY_SELLER if by_seller else ProposalReason.DECLINED_BY_BUYER
    fall_away(tx, now, [row], ProposalEvent.DECLINE, code, actor.user_id, note=reason)
    return row


def lapse(tx: Tx, now: datetime, proposal_id: str) -> None:
    """End a proposal that was not confirmed by both in time; does nothing when it was, or when it is early."""
    seen = store.proposal(tx, proposal_id)
    if seen is None:
        return
    listings.lock_listing(tx, seen.listing_id)
    row = store.lock_proposal(tx, proposal_id)
    if row is None or row.status is not ProposalStatus.PROPOSED or now < row.lapses_at:
        return
    if row.seller_confirmed_at is not None:
        code = ProposalReason.NOT_CONFIRMED_BY_BUYER
    elif row.buyer_confirmed_at is not None:
        code = ProposalReason.NOT_CONFIRMED_BY_SELLER
    else:
        code = ProposalReason.NOT_CONFIRMED_BY_EITHER
    fall_away(tx, now, [row], ProposalEvent.LAPSE, code, None)


def drop_all(tx: Tx, now: datetime, listing_id: str, reason: ProposalReason, user_id: str | None = None) -> None:
    """Let every open proposal of a locked listing fall away."""
    rows = store.open_proposals(tx, listing_id)
    if rows:
        fall_away(tx, now, rows, ProposalEvent.DECLINE, reason, user_id)


def fall_away(
    tx: Tx,
    now: datetime,
    rows: Sequence[ProposalRow],
    event: ProposalEvent,
    reason: ProposalReason,
    user_id: str | None,
    *,
    note: str = "",
) -> None:
    """End locked proposals of one book and append what gives their amounts back. ``note``: a person's own words."""
    book = book_store.lock_book(tx, rows[0].book_id)
    if book is None:
        raise ProposalNotFound
    auction = book.mode is MatchingMode.ONE_WAY_AUCTION
    kind = CommandKind.REALLOCATE if auction else CommandKind.REINSTATE
    commands = []
    for row in rows:
        row.status = advance(PROPOSAL_LIFECYCLE, row.status, event)
        row.status_reason, row.status_note = reason.value, note
        store.save(tx, row)
        detail: dict[str, object] = {"loser": row.buy_order_id, "proposal_id": row.id}
        commands.append(Command(0, kind, row.sell_order_id, amount_minor=row.amount_minor, detail=detail))
        name = "proposal.lapsed" if event is ProposalEvent.LAPSE else "proposal.declined"
        _tell(tx, now, row, name, user_id, {"reason": reason.value, "note": note})
    journal.append(tx, now, book.id, commands)


def _locked(tx: Tx, actor: Actor, proposal_id: str) -> ProposalRow:
    """The proposal of one of the caller's sides, its listing locked before it."""
    seen = store.proposal(tx, proposal_id)
    if seen is None or actor.organisation_id not in _sides(seen):
        raise ProposalNotFound
    listings.lock_listing(tx, seen.listing_id)
    row = store.lock_proposal(tx, proposal_id)
    if row is None:
        raise ProposalNotFound
    return row


def _require_qualified(tx: Tx, now: datetime, row: ProposalRow) -> None:
    buyer_id = row.buyer_organisation_id
    reading = intake.read(
        tx, book_ids=[row.book_id], listing_ids=[], organisation_ids=[buyer_id], keys=[], locked=False
    )
    book = reading.books[row.book_id]
    buyer = reading.buyers.get(buyer_id) or unknown_buyer(buyer_id, book)
    breaches = Bench(tx, reading, now).party_breaches(book, buyer)
    if breaches:
        raise RulesBroken(breaches=breaches, count=len(breaches), date=market_date(now).isoformat())


def _sides(row: ProposalRow) -> tuple[str, str]:
    return row.buyer_organisation_id, row.seller_organisation_id


def _tell(
    tx: Tx,
    now: datetime,
    row: ProposalRow,
    kind: str,
    user_id: str | None,
    more: dict[str, object] | None = None,
) -> None:
    data: dict[str, object] = {
        "status": row.status.value,
        "seller_confirmed": row.seller_confirmed_at is not None,
        "buyer_confirmed": row.buyer_confirmed_at is not None,
        "version": row.version,
        **(more or {}),
    }
    event = Event(kind, row.id, _sides(row), data, row.book_id, row.listing_id)
    emit(tx, now, event, actor_id=user_id)
