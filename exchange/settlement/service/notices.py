"""The notice to the other partners and their right to buy first on the same four terms.

The notice binds the registration for its whole time, the right only until everybody has answered or the time is over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import Forbidden
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.money import PPM, divide_half_up
from exchange.custody import service as custody
from exchange.custody.roll import Holding
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.ledger import service as ledger
from exchange.rulebook import service as rulebook
from exchange.settlement.deadlines import DealDeadline, last_day
from exchange.settlement.deal import DealEvent, DealStatus, step
from exchange.settlement.errors import AnswerInvalid, AnswerTooLate, DealNotFound, PartnerAnswered
from exchange.settlement.pre_emption import (
    AnswerKind,
    EqualTerms,
    PartnerAnswer,
    RightPosition,
    ServiceMethod,
    agreed_division,
    divide,
    position,
    terms_hash,
)
from exchange.settlement.service.partner_deals import give_back_partner_deposits, open_partner_deals
from exchange.settlement.service.partner_time import called_before_bidding, partners_rule, silence_waives
from exchange.settlement.service.progress import advance_deal, lock_deal, set_deadline, tell
from exchange.settlement.service.reads import locked_deal_of
from exchange.settlement.store import deals as deal_store
from exchange.settlement.store import steps as store
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.steps import DealNoticeRow, PartnerAnswerRow

AGREEING = "partners_agree"


def serve(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, method: ServiceMethod, proof: str) -> DealRow:
    """Serve the notice of the four terms on every other partner; by the fund's manager or an operator.

    A buyer who is a partner already needs none (R-31). Without a right of first refusal, or without another partner,
    the right is cleared at once; the days of the notice still run for the registration.
    """
    row = locked_deal_of(tx, actor, deal_id)
    _require_manager_or_operator(actor, row)
    if row.buyer_is_partner:
        return advance_deal(tx, actor, now, row, DealEvent.SKIP_NOTICE, reason="buyer_is_partner")
    step(row.status, DealEvent.SERVE_NOTICE, row.held_from)
    terms = terms_of(tx, row, now)
    partners = _other_partners(tx, row)
    if (called_at := called_before_bidding(tx, row, partners)) is not None:
        return _exercised_on_the_exchange(tx, actor, now, row, called_at)
    rule = partners_rule(tx, row, now)
    closes_at = end_of_market_day(market_date(now) + timedelta(days=rule.value))
    due = DealDeadline(closes_at, rule.rule_id, is_provisional=False)
    for holding in partners:
        _notify(tx, actor, now, row, holding, terms, closes_at, method, proof)
    row.notice_served_at = now
    told = {"partners": len(partners), "terms_hash": terms_hash(terms)}
    advance_deal(tx, actor, now, row, DealEvent.SERVE_NOTICE, more=told, due=due)
    if not partners or not funds.transfer_terms(tx, row.fund_id).has_first_refusal:
        reason = "no_other_partner" if not partners else "no_right"
        advance_deal(tx, SYSTEM, now, row, DealEvent.CLEAR_ROFR, reason=reason)
    return row


def _exercised_on_the_exchange(tx: Tx, actor: Actor, now: datetime, row: DealRow, called_at: datetime) -> DealRow:
    """R-38: the partners had their time in the auction; its result stands, and the notice counts from their call."""
    row.notice_served_at = called_at
    advance_deal(tx, actor, now, row, DealEvent.SERVE_NOTICE, reason="called_at_listing")
    return advance_deal(tx, SYSTEM, now, row, DealEvent.CLEAR_ROFR, reason="exercised_on_exchange")


def answer(
    tx: Tx, actor: Actor, now: datetime, *, deal_id: str, kind: AnswerKind, asked_minor: int = 0
) -> PartnerAnswerRow:
    """A partner's answer to a notice it was served: it buys on equal terms, its deposit held at once, or it waives.

    A partner answers once (PARTNER_ANSWERED) and in time (ANSWER_TOO_LATE). MONEY_NOT_COVERED when its cash does not
    bear the deposit of what it asks for.
    """
    actor.require("deals:act")
    row = _offered(tx, actor, deal_id)
    notice = _notice_to(tx, row, actor)
    if row.status is not DealStatus.NOTICED or row.status_reason == AGREEING or now > notice.closes_at:
        raise AnswerTooLate(time=notice.closes_at.isoformat())
    if any(item.partner_organisation_id == actor.organisation_id for item in store.answers(tx, row.id)):
        raise PartnerAnswered
    if (kind is AnswerKind.EXERCISE) != (0 < asked_minor <= row.amount_minor):
        raise AnswerInvalid
    written = PartnerAnswerRow(
        id=new_id("rofr_answer"),
        deal_id=row.id,
        partner_organisation_id=actor.organisation_id,
        kind=kind,
        asked_minor=asked_minor if kind is AnswerKind.EXERCISE else 0,
        answered_by=actor.user_id,
        answered_at=now,
    )
    if kind is AnswerKind.EXERCISE:
        _hold_deposit(tx, now, row, written)
    store.add(tx, written)
    tell(tx, actor, now, row, "deal.partner_answered", {"kind": kind.value, "asked_minor": written.asked_minor})
    evaluate(tx, now, row)
    return written


def agree(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, shares: Mapping[str, int]) -> DealRow:
    """The division that the partners who exercise agreed on, recorded by the manager or an operator (R-35)."""
    row = locked_deal_of(tx, actor, deal_id)
    _require_manager_or_operator(actor, row)
    step(row.status, DealEvent.EXERCISE_ROFR, row.held_from)
    if row.status_reason != AGREEING:
        raise AnswerInvalid
    division = agreed_division(terms_of(tx, row, _served_at(row)), _answers(tx, row), shares)
    open_partner_deals(tx, actor, now, row, division, store.answers(tx, row.id))
    return row


def record_lapse(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> DealRow:
    """An operator records that the right lapsed: the time is over, and silence is no waiver by itself (R-35)."""
    actor.require("deals:run")
    row = locked_deal_of(tx, actor, deal_id)
    step(row.status, DealEvent.CLEAR_ROFR, row.held_from)
    if _position(tx, now, row) is not RightPosition.LAPSE_TO_RECORD:
        raise AnswerInvalid
    return advance_deal(tx, actor, now, row, DealEvent.CLEAR_ROFR, reason="lapse_recorded")


def evaluate(tx: Tx, now: datetime, row: DealRow) -> None:
    """Look where the right of a locked, noticed deal stands, and take the step that follows from it."""
    if row.status is not DealStatus.NOTICED:
        return
    if row.status_reason == AGREEING:
        if row.due_at is not None and now >= row.due_at:
            _resolve(tx, now, row)
        return
    found = _position(tx, now, row)
    if found is RightPosition.CLEARED:
        advance_deal(tx, SYSTEM, now, row, DealEvent.CLEAR_ROFR, reason="waived")
    elif found is RightPosition.EXERCISED:
        _exercised(tx, now, row)
    elif found is RightPosition.LAPSE_TO_RECORD:
        tell(tx, SYSTEM, now, row, "deal.lapse_to_record", {"rule": "R-35"})


def terms_of(tx: Tx, row: DealRow, served_at: datetime) -> EqualTerms:
    """The four equal terms of a deal as they are frozen with its notice (R-34)."""
    profile = rulebook.profile(row.profile, market_date(served_at))
    calendar = rulebook.calendar_as_of(tx, served_at)  # frozen: a year loaded later does not move them
    day = market_date(served_at) + timedelta(days=partners_rule(tx, row, served_at).value)
    for name in ("consent_working_days", "signing_working_days", "funding_working_days"):
        day = last_day(calendar, name, int(profile.rules()[name].value), day)
    return EqualTerms(
        fund_id=row.fund_id,
        amount_minor=row.amount_minor,
        price_ppm=row.price_ppm,
        price_minor=row.base_minor,
        currency=row.currency,
        plan=row.plan,
        closing_by=day,
    )


def _exercised(tx: Tx, now: datetime, row: DealRow) -> None:
    claims = [item for item in _answers(tx, row) if item.kind is AnswerKind.EXERCISE]
    if len(claims) == 1 or sum(item.asked_minor for item in claims) <= row.amount_minor:
        _resolve(tx, now, row)
        return
    rule = rulebook.profile(row.profile, market_date(now)).pre_emption_agreement_working_days
    day = last_day(rulebook.calendar(tx), "working_days", rule.value, market_date(now))
    row.status_reason = AGREEING
    due = DealDeadline(end_of_market_day(day), rule.rule_id, rulebook.calendar(tx).is_provisional(day))
    set_deadline(tx, now, row, due)
    tell(tx, SYSTEM, now, row, "deal.partners_to_agree", {"claims": len(claims)})


def _resolve(tx: Tx, now: datetime, row: DealRow) -> None:
    """Share the interest pro rata; who asks for less than the whole together has not exercised on equal terms."""
    found = divide(terms_of(tx, row, _served_at(row)), _answers(tx, row))
    if found.takes_all:
        open_partner_deals(tx, SYSTEM, now, row, found, store.answers(tx, row.id))
        return
    give_back_partner_deposits(tx, now, store.answers(tx, row.id))
    advance_deal(tx, SYSTEM, now, row, DealEvent.CLEAR_ROFR, reason="quantity_not_met")


def _position(tx: Tx, now: datetime, row: DealRow) -> RightPosition:
    notices = store.notices(tx, row.id)
    return position(
        {item.partner_organisation_id for item in notices},
        _answers(tx, row),
        max(item.closes_at for item in notices),
        now,
        silence_waives=silence_waives(tx, row),
    )


def _answers(tx: Tx, row: DealRow) -> Sequence[PartnerAnswer]:
    contributions = {item.partner_organisation_id: item.contribution_minor for item in store.notices(tx, row.id)}
    return [
        PartnerAnswer(
            partner_id=item.partner_organisation_id,
            kind=item.kind,
            answered_at=item.answered_at,
            asked_minor=item.asked_minor,
            contribution_minor=contributions[item.partner_organisation_id],
        )
        for item in store.answers(tx, row.id)
    ]


def _other_partners(tx: Tx, row: DealRow) -> list[Holding]:
    sides = {row.seller_organisation_id, row.buyer_organisation_id}
    roll = custody.partners_of(tx, row.fund_id)
    return [item for item in roll if item.holder_organisation_id not in sides]


def _notify(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: DealRow,
    holding: Holding,
    terms: EqualTerms,
    closes_at: datetime,
    method: ServiceMethod,
    proof: str,
) -> None:
    notice = DealNoticeRow(
        id=new_id("deal_notice"),
        deal_id=row.id,
        partner_organisation_id=holding.holder_organisation_id,
        contribution_minor=holding.paid_in_minor,
        method=method,
        proof=proof,
        terms_hash=terms_hash(terms),
        closing_by_on=terms.closing_by,
        closes_at=closes_at,
        served_by=actor.user_id,
        served_at=now,
    )
    store.add(tx, notice)
    data: dict[str, object] = {"deal_id": row.id, "terms_hash": notice.terms_hash, "method": method.value}
    event = Event("deal.notice_served", notice.id, (holding.holder_organisation_id,), data, row.book_id)
    emit(tx, now, event, actor_id=actor.user_id)


def _hold_deposit(tx: Tx, now: datetime, row: DealRow, written: PartnerAnswerRow) -> None:
    """The deposit that the outside buyer's bid bore, for the part of the price that is asked."""
    profile = rulebook.profile(row.profile, market_date(now))
    price = divide_half_up(row.base_minor * written.asked_minor, row.amount_minor)
    deposit = divide_half_up(price * profile.deposit_ppm.value, PPM)
    account_id = ledger.cash_account(tx, written.partner_organisation_id, row.currency)
    if deposit:
        ledger.hold(tx, now, account_id=account_id, amount_minor=deposit, reference_id=written.id)
    written.deposit_account_id, written.deposit_minor = account_id, deposit


def _offered(tx: Tx, actor: Actor, deal_id: str) -> DealRow:
    """The deal behind an offer that was made to the caller; for others it does not exist."""
    if deal_store.deal(tx, deal_id) is None:
        raise DealNotFound
    if not any(item.partner_organisation_id == actor.organisation_id for item in store.notices(tx, deal_id)):
        raise DealNotFound
    return lock_deal(tx, deal_id)


def _notice_to(tx: Tx, row: DealRow, actor: Actor) -> DealNoticeRow:
    return next(item for item in store.notices(tx, row.id) if item.partner_organisation_id == actor.organisation_id)


def _served_at(row: DealRow) -> datetime:
    return row.notice_served_at or row.created_at


def _require_manager_or_operator(actor: Actor, row: DealRow) -> None:
    if "deals:run" in actor.permissions:
        return
    actor.require("deals:act")
    if actor.organisation_id != row.manager_organisation_id:
        raise Forbidden(permission="deals:run")
