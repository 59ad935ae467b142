"""A deal fell away before its transfer: the next in rank are asked, each at its own price, until nobody is left.

What is offered is frozen for the listing again, so that a backup who accepts finds it. With no deal and no offer left
the sale has fallen through, and the seller may list anew.
"""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import RulesBroken
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.custody import service as custody
from exchange.custody.errors import InterestNotFree
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingEvent, ListingReason, ListingStatus
from exchange.matching.service.after_trade import sold_minor, trade_facts
from exchange.matching.service.backups import Backup, backups_of, buyer_breaches
from exchange.matching.service.order_plans import plan_of_order
from exchange.matching.service.papers import BackupTerms, file_confirmation_of_backup, require_buyer_papers
from exchange.rulebook import service as rulebook
from exchange.rulebook.calendars import Recounting
from exchange.settlement.backup import BACKUP_LIFECYCLE, BackupEvent, BackupStatus, calls_backups
from exchange.settlement.deal import FALLEN, DealOrigin, DealStatus
from exchange.settlement.duty_errors import BackupOfferLapsed, BackupOfferNotFound
from exchange.settlement.service.opening import open_replacement
from exchange.settlement.service.progress import lock_deal
from exchange.settlement.store import backups as store
from exchange.settlement.store import deals as deal_store
from exchange.settlement.tables.backups import BackupOfferRow as BackupOfferRow
from exchange.settlement.tables.deals import DealRow

READ, ACT = "deals:read", "deals:act"
HOLDS = frozenset({BackupStatus.OFFERED, BackupStatus.ACCEPTED})


def call_next(tx: Tx, now: datetime, deal_id: str) -> list[BackupOfferRow]:
    """Offer what a fallen deal left to the next in rank; with nobody left, end the sale. Repeating it adds nothing."""
    fallen = lock_deal(tx, deal_id)
    return _call_next(tx, now, fallen)


def listing_ended(tx: Tx, now: datetime, listing_id: str) -> None:
    """The listing's book is over: what deals left that fell before it is offered now."""
    listings.lock_listing(tx, listing_id)
    for deal in store.deals_of_listing(tx, listing_id):
        if calls_backups(deal.status, deal.status_reason):
            _call_next(tx, now, lock_deal(tx, deal.id))


def accept(tx: Tx, actor: Actor, now: datetime, *, offer_id: str) -> DealRow:
    """The backup takes its offer: its deposit is held, and a deal of its own opens in place of the fallen one.

    RULES_BROKEN when it may not buy any more, GATE_BLOCKED with the papers it owes, MONEY_NOT_COVERED for the deposit,
    BACKUP_OFFER_LAPSED after its time; nothing changes then. Accepting twice is refused (ILLEGAL_TRANSITION).
    """
    actor.require(ACT)
    fallen, row = _locked(tx, actor, offer_id)
    status = advance(BACKUP_LIFECYCLE, row.status, BackupEvent.ACCEPT)
    if now >= row.lapses_at:
        raise BackupOfferLapsed(time=row.lapses_at.isoformat())
    breaches = buyer_breaches(tx, now, book_id=fallen.book_id, organisation_id=row.organisation_id)
    if breaches:
        raise RulesBroken(breaches=breaches, count=len(breaches), date=market_date(now).isoformat())
    require_buyer_papers(tx, now, listing_id=row.listing_id, buyer_organisation_id=row.organisation_id)
    deal = open_replacement(
        tx,
        now,
        fallen,
        origin=DealOrigin.BACKUP,
        buyer_organisation_id=row.organisation_id,
        price_ppm=row.price_ppm,
        amount_minor=row.amount_minor,
        base_minor=row.money_minor,
        deposit_minor=row.deposit_minor,
        plan=plan_of_order(tx, row.order_id, listings.listing_facts(tx, row.listing_id)),
    )
    row.status, row.deal_id = status, deal.id
    row.decided_by, row.decided_at = actor.user_id, now
    store.save(tx, row)
    more: dict[str, object] = {"deal_id": deal.id, "buyer_organisation_id": row.organisation_id}
    _tell(tx, actor, now, fallen, row, "backup.accepted", more)
    return deal


def decline(tx: Tx, actor: Actor, now: datetime, *, offer_id: str, note: str) -> BackupOfferRow:
    """The backup does not want it: the next in rank is asked. BACKUP_OFFER_LAPSED after its time."""
    actor.require(ACT)
    fallen, row = _locked(tx, actor, offer_id)
    advance(BACKUP_LIFECYCLE, row.status, BackupEvent.DECLINE)
    if now >= row.lapses_at:
        raise BackupOfferLapsed(time=row.lapses_at.isoformat())
    _end(tx, actor, now, fallen, row, BackupEvent.DECLINE, "backup.declined", note)
    return row


def lapse(tx: Tx, now: datetime, offer_id: str) -> None:
    """The time of an offer is over: the next in rank is asked; nothing when it was answered, or when it is early."""
    seen = store.offer(tx, offer_id)
    if seen is None:
        return
    fallen = lock_deal(tx, seen.fallen_deal_id)
    row = store.offer(tx, offer_id)
    if row is not None and row.status is BackupStatus.OFFERED and now >= row.lapses_at:
        _end(tx, SYSTEM, now, fallen, row, BackupEvent.LAPSE, "backup.lapsed", "")


def file_confirmation(tx: Tx, now: datetime, offer_id: str) -> None:
    """Make the trade confirmation of an accepted offer and let its buyer through the award gate. May run twice."""
    row = store.offer(tx, offer_id)
    fallen = deal_store.deal(tx, row.fallen_deal_id) if row else None
    if row is None or fallen is None or row.decided_by is None or row.decided_at is None:
        return
    terms = BackupTerms(
        row.organisation_id, row.price_ppm, row.amount_minor, row.money_minor, row.decided_by, row.decided_at
    )
    file_confirmation_of_backup(tx, now, trade_id=fallen.trade_id, terms=terms)


def offer_of(tx: Tx, actor: Actor, offer_id: str) -> BackupOfferRow:
    """An offer for its backup, the seller and those who watch; for others it does not exist."""
    actor.require(READ)
    row = store.offer(tx, offer_id)
    fallen = deal_store.deal(tx, row.fallen_deal_id) if row else None
    if row is None or fallen is None:
        raise BackupOfferNotFound
    if not (actor.sees_everything or actor.organisation_id in (row.organisation_id, fallen.seller_organisation_id)):
        raise BackupOfferNotFound
    return row


def offers_of(
    tx: Tx,
    actor: Actor,
    *,
    listing_id: str | None = None,
    status: BackupStatus | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Sequence[BackupOfferRow]:
    """Offers the caller got or whose seller it is, newest first; all for those who watch."""
    actor.require(READ)
    own = None if actor.sees_everything else actor.organisation_id
    return store.offers(tx, organisation_id=own, listing_id=listing_id, status=status, before=before, limit=limit)


def funds_of(tx: Tx, actor: Actor, rows: Sequence[BackupOfferRow]) -> dict[str, str]:
    """The names of the funds behind offers the caller was given, by offer."""
    actor.require(READ)
    fallen = deal_store.deals_by_id(tx, sorted({row.fallen_deal_id for row in rows})) if rows else {}
    known = funds.funds_by_id(tx, sorted({deal.fund_id for deal in fallen.values()}))
    return {row.id: known[fallen[row.fallen_deal_id].fund_id].name for row in rows}


def _call_next(tx: Tx, now: datetime, fallen: DealRow) -> list[BackupOfferRow]:
    made: list[BackupOfferRow] = []
    listing = listings.lock_listing(tx, fallen.listing_id)
    if listing.status is not ListingStatus.AWARDED:
        return made
    offers = store.offers_of_listing(tx, fallen.listing_id)
    if calls_backups(fallen.status, fallen.status_reason):
        held = sum(row.amount_minor for row in offers if row.fallen_deal_id == fallen.id and row.status in HOLDS)
        for backup in _candidates(tx, now, fallen, offers, fallen.amount_minor - held):
            row = _offer(tx, now, fallen, backup)
            if row is None:
                break
            made.append(row)
    if not made:
        _end_sale(tx, now, fallen.listing_id)
    return made


def _candidates(
    tx: Tx, now: datetime, fallen: DealRow, offers: Sequence[BackupOfferRow], free_minor: int
) -> Sequence[Backup]:
    if free_minor <= 0:
        return ()
    order_of = {row.deal_id: row.order_id for row in offers if row.deal_id is not None}
    standing: dict[str, int] = {}
    out = {row.order_id for row in offers if row.status not in HOLDS}
    for deal in store.deals_of_listing(tx, fallen.listing_id):
        if deal.origin is DealOrigin.TRADE:
            order_of[deal.id] = trade_facts(tx, deal.trade_id).buy_order_id
        order_id = order_of.get(deal.id)
        if order_id is None:
            continue
        if deal.status not in FALLEN:
            standing[order_id] = standing.get(order_id, 0) + deal.amount_minor
        elif deal.status is not DealStatus.ROFR_EXERCISED:  # whom partners displaced did nothing wrong
            out.add(order_id)
    waiting = {row.order_id for row in offers if row.status is BackupStatus.OFFERED}
    for row in offers:
        if row.status is BackupStatus.OFFERED:
            standing[row.order_id] = standing.get(row.order_id, 0) + row.amount_minor
    found = backups_of(
        tx,
        now,
        book_id=fallen.book_id,
        listing_id=fallen.listing_id,
        free_minor=free_minor,
        standing={order_id: amount for order_id, amount in standing.items() if order_id not in out},
        out=out,
    )
    return [backup for backup in found if backup.order_id not in waiting]


def _offer(tx: Tx, now: datetime, fallen: DealRow, backup: Backup) -> BackupOfferRow | None:
    """Freeze the amount again and offer it; None when the seller has used the interest otherwise meanwhile."""
    try:
        custody.freeze(
            tx,
            SYSTEM,
            now,
            holding_id=fallen.holding_id,
            amount_minor=backup.amount_minor,
            reference_id=fallen.listing_id,
        )
    except InterestNotFree:
        return None
    listings.note_settled(tx, fallen.listing_id, -backup.amount_minor)
    rule = rulebook.profile(fallen.profile, market_date(now)).confirm_window_working_days
    day = rulebook.calendar(tx).add_working_days(market_date(now), rule.value)
    row = BackupOfferRow(
        id=new_id("backup_offer"),
        fallen_deal_id=fallen.id,
        listing_id=fallen.listing_id,
        order_id=backup.order_id,
        organisation_id=backup.organisation_id,
        rank=backup.rank,
        price_ppm=backup.price_ppm,
        amount_minor=backup.amount_minor,
        money_minor=backup.money_minor,
        deposit_minor=backup.deposit_minor,
        currency=fallen.currency,
        lapses_at=end_of_market_day(day),
        lapse_rule=rule.rule_id,
        is_simulated=fallen.is_simulated,
        created_at=now,
    )
    store.add(tx, row)
    _tell(tx, SYSTEM, now, fallen, row, "backup.offered", {"lapses_at": row.lapses_at.isoformat()})
    _date_answer(tx, now, fallen, row)
    return row


def _date_answer(tx: Tx, now: datetime, fallen: DealRow, row: BackupOfferRow) -> None:
    event = Event("backup.answer_due", row.id, (), {"version": row.version}, fallen.book_id, fallen.listing_id)
    emit(tx, now, event, due_at=row.lapses_at)


def recount_offers(tx: Tx, now: datetime, after: datetime, known: Recounting) -> None:
    """A year of the calendar was loaded: open offers that lapse after an instant are counted again."""
    for offer_id in store.open_offers_after(tx, after):
        seen = store.offer(tx, offer_id)
        if seen is None:
            continue
        fallen = lock_deal(tx, seen.fallen_deal_id)
        row = store.offer(tx, offer_id)
        if row is None or row.status is not BackupStatus.OFFERED:
            continue
        day = market_date(row.created_at)
        count = rulebook.profile(fallen.profile, day).confirm_window_working_days.value
        until = known.end(row.lapses_at, [day], count)
        if until is None:
            continue
        row.lapses_at = until
        store.save(tx, row)
        _tell(tx, SYSTEM, now, fallen, row, "backup.deadline_moved", {"lapses_at": until.isoformat()})
        _date_answer(tx, now, fallen, row)


def _end(
    tx: Tx, actor: Actor, now: datetime, fallen: DealRow, row: BackupOfferRow, event: BackupEvent, kind: str, note: str
) -> None:
    row.status, row.status_note = advance(BACKUP_LIFECYCLE, row.status, event), note
    row.decided_by, row.decided_at = actor.user_id, now
    store.save(tx, row)
    custody.release(
        tx, actor, now, holding_id=fallen.holding_id, amount_minor=row.amount_minor, reference_id=row.listing_id
    )
    listings.note_settled(tx, row.listing_id, row.amount_minor)
    _tell(tx, actor, now, fallen, row, kind)
    _call_next(tx, now, fallen)


def _end_sale(tx: Tx, now: datetime, listing_id: str) -> None:
    """A locked, awarded listing with nothing left of it has fallen through; the seller may list it anew."""
    deals, sold = store.deals_of_listing(tx, listing_id), sold_minor(tx, listing_id)
    first = sum(deal.amount_minor for deal in deals if deal.origin is DealOrigin.TRADE)
    if not deals or first < sold or any(deal.status not in FALLEN for deal in deals):
        return
    if any(row.status is BackupStatus.OFFERED for row in store.offers_of_listing(tx, listing_id)):
        return
    reason = ListingReason.FELL_THROUGH
    listings.advance_listing(tx, now, listing_id, ListingEvent.FALL_THROUGH, reason=reason, sold_minor=sold)


def _locked(tx: Tx, actor: Actor, offer_id: str) -> tuple[DealRow, BackupOfferRow]:
    seen = store.offer(tx, offer_id)
    if seen is None or seen.organisation_id != actor.organisation_id:
        raise BackupOfferNotFound
    fallen = lock_deal(tx, seen.fallen_deal_id)
    row = store.offer(tx, offer_id)
    if row is None:
        raise BackupOfferNotFound
    return fallen, row


def _tell(
    tx: Tx,
    actor: Actor,
    now: datetime,
    fallen: DealRow,
    row: BackupOfferRow,
    kind: str,
    more: dict[str, object] | None = None,
) -> None:
    data: dict[str, object] = {
        "status": row.status.value,
        "fallen_deal_id": row.fallen_deal_id,
        "price_ppm": row.price_ppm,
        "amount_minor": row.amount_minor,
        **(more or {}),
    }
    audience = tuple(dict.fromkeys((row.organisation_id, fallen.seller_organisation_id)))
    event = Event(kind, row.id, audience, data, fallen.book_id, fallen.listing_id)
    emit(tx, now, event, actor_id=actor.user_id)
