"""How a price is paid: both parties state the same plan before they sign, and the later parts are paid when due.

A state-owned seller takes what its listing announced (R-47): nothing is agreed afterwards. Interest runs from the
closing to the day a part is paid.
"""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import Forbidden, RulesBroken
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.ledger import service as ledger
from exchange.ledger.kinds import EntryKind
from exchange.ledger.transfer import Leg
from exchange.listings.payment_plan import (
    ALL_AT_CLOSING,
    PaymentPlan,
    bid_plan_verdict,
    interest_minor,
    plan_document,
    plan_from_document,
    plan_verdict,
    schedule,
)
from exchange.rulebook import service as rulebook
from exchange.settlement.deal import UP_TO_APPROVED, DealStatus
from exchange.settlement.duty_errors import InstalmentNotFound, InstalmentsOutOfOrder, PlanFixed
from exchange.settlement.instalment import INSTALMENT_LIFECYCLE, InstalmentEvent, InstalmentStatus
from exchange.settlement.lateness import Lateness, later
from exchange.settlement.service.late_payment import next_day_of
from exchange.settlement.service.progress import lock_deal, tell
from exchange.settlement.service.reads import deal_of, locked_deal_of, may_follow
from exchange.settlement.service.settling import settle_if_done
from exchange.settlement.store import deals as deal_store
from exchange.settlement.store import duties as store
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.duties import InstalmentRow as InstalmentRow
from exchange.settlement.tables.duties import PlanStatementRow as PlanStatementRow

ACT = "deals:act"
OWED = frozenset({DealStatus.TRANSFERRED, DealStatus.FILED})
_EVENTS = {
    Lateness.OVERDUE: "instalment.overdue",
    Lateness.NOTICE: "instalment.noticed",
    Lateness.DEFAULT: "instalment.defaulted",
}


def state_plan(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, plan: PaymentPlan) -> PlanStatementRow:
    """Buyer or seller states the payment plan; it is the deal's once both have stated the same.

    PLAN_FIXED after signing; RULES_BROKEN with every rule of R-47 the plan breaks.
    """
    actor.require(ACT)
    deal = locked_deal_of(tx, actor, deal_id)
    sides = (deal.buyer_organisation_id, deal.seller_organisation_id)
    if actor.organisation_id not in sides:
        raise Forbidden(permission=ACT)
    if deal.status not in UP_TO_APPROVED:
        raise PlanFixed(status=deal.status.value)
    _require_lawful(deal, plan, now)
    row = PlanStatementRow(
        id=new_id("plan_statement"),
        deal_id=deal_id,
        organisation_id=actor.organisation_id,
        plan=plan_document(plan),
        stated_by=actor.user_id,
        at=now,
    )
    store.add(tx, [row])
    tell(tx, actor, now, deal, "deal.plan_stated", {"statement_id": row.id})
    other = store.latest_plan(tx, deal_id, sides[actor.organisation_id == sides[0]])
    if other is not None and other.plan == row.plan and deal.plan != row.plan:
        deal.plan = row.plan
        deal_store.save(tx, deal)
        tell(tx, actor, now, deal, "deal.plan_agreed", {"statement_id": row.id})
    return row


def plan_statements(tx: Tx, actor: Actor, deal_id: str) -> list[PlanStatementRow]:
    """Every plan stated for a deal the caller follows, oldest first."""
    deal_of(tx, actor, deal_id)
    return store.plan_statements(tx, deal_id)


def instalments_of(tx: Tx, actor: Actor, deal_id: str) -> Sequence[InstalmentRow]:
    """The later parts of a deal the caller follows; none before its transfer."""
    deal_of(tx, actor, deal_id)
    return store.instalments_of_deal(tx, deal_id)


def open_instalments(tx: Tx, now: datetime, deal_id: str) -> None:
    """A transferred deal's later parts, dated from its closing; repeating it changes nothing."""
    deal = lock_deal(tx, deal_id)
    if deal.status not in OWED or deal.transferred_at is None or store.instalments_of_deal(tx, deal_id):
        return
    closing_on, plan = market_date(deal.transferred_at), plan_from_document(deal.plan)
    parts = schedule(plan, deal.base_minor, deal.base_minor, closing_on).later
    rows = [
        InstalmentRow(
            id=new_id("instalment"),
            deal_id=deal_id,
            number=number,
            closing_on=closing_on,
            due_on=part.due_on,
            days=part.days,
            principal_minor=part.principal_minor,
            interest_minor=part.interest_minor,
            interest_ppm=plan.interest_ppm,
            currency=deal.currency,
            due_at=end_of_market_day(part.due_on),
            created_at=now,
        )
        for number, part in enumerate(parts, start=1)
    ]
    store.add(tx, rows)
    for row in rows:
        _look_again(tx, now, deal, row)
        _tell(tx, SYSTEM, now, deal, row, "instalment.opened")


def pay(tx: Tx, actor: Actor, now: datetime, *, instalment_id: str) -> InstalmentRow:
    """The buyer pays a later part with the interest up to today from its cash; the parts in their order.

    MONEY_NOT_COVERED and nothing moves when it has too little; ILLEGAL_TRANSITION when it is paid or void.
    """
    actor.require(ACT)
    deal, row = _locked(tx, actor, instalment_id)
    if actor.organisation_id != deal.buyer_organisation_id:
        raise Forbidden(permission=ACT)
    status = advance(INSTALMENT_LIFECYCLE, row.status, InstalmentEvent.PAY)
    due = [other for other in store.instalments_of_deal(tx, deal.id) if other.status is InstalmentStatus.DUE]
    if due[0].id != row.id:
        raise InstalmentsOutOfOrder(number=due[0].number)
    interest = interest_minor(row.principal_minor, row.interest_ppm, (market_date(now) - row.closing_on).days)
    amount = row.principal_minor + interest
    legs = [
        Leg(ledger.cash_account(tx, deal.buyer_organisation_id, deal.currency), -amount),
        Leg(ledger.cash_account(tx, deal.seller_organisation_id, deal.currency), amount),
    ]
    row.transfer_id = ledger.post_transfer(
        tx, now, legs=legs, kind=EntryKind.INSTALMENT, reference_id=deal.id, once=row.id
    )
    row.status, row.paid_interest_minor, row.due_at = status, interest, None
    row.paid_by, row.paid_at = actor.user_id, now
    store.save(tx, row)
    _tell(tx, actor, now, deal, row, "instalment.paid")
    settle_if_done(tx, now, deal)
    return row


def instalment_due(tx: Tx, now: datetime, instalment_id: str) -> None:
    """A part was not paid by its day: overdue, then a first notice, then default, each told once."""
    seen = store.instalment(tx, instalment_id)
    if seen is None:
        return
    deal = lock_deal(tx, seen.deal_id)
    row = store.instalment(tx, instalment_id)
    if row is None or row.status is not InstalmentStatus.DUE or row.due_at is None or now < row.due_at:
        return
    stage = later(row.lateness)
    if stage is None:
        return
    row.lateness = stage
    day = next_day_of(tx, deal, now, stage, row.due_at)
    row.due_at = None if day is None else end_of_market_day(day)
    store.save(tx, row)
    _tell(tx, SYSTEM, now, deal, row, _EVENTS[stage])
    if row.due_at is not None:
        _look_again(tx, now, deal, row)


def void_instalments(tx: Tx, now: datetime, deal: DealRow) -> None:
    """Nothing is owed any more for a locked deal whose transfer was undone."""
    for row in store.instalments_of_deal(tx, deal.id):
        if row.status is not InstalmentStatus.VOID:
            row.status = advance(INSTALMENT_LIFECYCLE, row.status, InstalmentEvent.VOID)
            row.due_at = None
            store.save(tx, row)
            _tell(tx, SYSTEM, now, deal, row, "instalment.void")


def _require_lawful(deal: DealRow, plan: PaymentPlan, now: datetime) -> None:
    profile = rulebook.profile(deal.profile, market_date(now))
    announced = plan_from_document(deal.plan) if deal.plan else ALL_AT_CLOSING
    parts = schedule(plan, deal.base_minor, deal.base_minor, market_date(now))
    breaches = (
        *bid_plan_verdict(plan, announced, state_owned=deal.seller_is_state_owned, plans_allowed=True).breaches,
        *plan_verdict(plan, profile, parts.at_closing_minor, deal.base_minor).breaches,
    )
    if breaches:
        raise RulesBroken(breaches=breaches, count=len(breaches))


def _locked(tx: Tx, actor: Actor, instalment_id: str) -> tuple[DealRow, InstalmentRow]:
    seen = store.instalment(tx, instalment_id)
    deal = deal_store.deal(tx, seen.deal_id) if seen else None
    if seen is None or deal is None or not may_follow(actor, deal):
        raise InstalmentNotFound
    deal = lock_deal(tx, seen.deal_id)
    row = store.instalment(tx, instalment_id)
    if row is None:
        raise InstalmentNotFound
    return deal, row


def _tell(tx: Tx, actor: Actor, now: datetime, deal: DealRow, row: InstalmentRow, kind: str) -> None:
    data = {"instalment_id": row.id, "number": row.number, "due_on": row.due_on.isoformat()}
    tell(tx, actor, now, deal, kind, data)


def _look_again(tx: Tx, now: datetime, deal: DealRow, row: InstalmentRow) -> None:
    event = Event("instalment.due", row.id, (), {"number": row.number}, deal.book_id, deal.listing_id)
    emit(tx, now, event, due_at=row.due_at)
