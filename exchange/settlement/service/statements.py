"""The closing statement: computed from register data, issued with the money, agreed, disputed, decided.

Its closing date is the day the money came in; what moves later is turned over by a true-up.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import Forbidden
from exchange.core.events import canonical_json
from exchange.core.ids import new_id
from exchange.core.money import PPM, divide_half_up
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.listings.payment_plan import parts_of_base, plan_from_document
from exchange.rulebook import service as rulebook
from exchange.rulebook.fee_schedule import fee_minor
from exchange.settlement.closing import Charges, ClosingStatement, ClosingTerms, closing_statement
from exchange.settlement.closing_flows import SaleFlow
from exchange.settlement.deal import DealOrigin, DealStatus
from exchange.settlement.errors import StatementClosed, StatementNotIssued
from exchange.settlement.service.progress import tell
from exchange.settlement.service.reads import deal_of, locked_deal_of
from exchange.settlement.statement import Said, StatementAnswer, StatementState, statement_state
from exchange.settlement.store import deals as deal_store
from exchange.settlement.store import statements as store
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.statements import ClosingStatementRow, StatementAnswerRow


def statement_on(tx: Tx, row: DealRow, day: date) -> ClosingStatement:
    """The statement of a deal for a closing on a day, computed anew from the registers; nothing is written."""
    return closing_statement(terms_of(tx, row), flows_until(tx, row, day), row.adjustment, day, _charges(row, day))


def terms_of(tx: Tx, row: DealRow) -> ClosingTerms:
    """What a deal's statement and true-up are computed from: the NAV of the reference date and the shares sold."""
    nav = funds.nav_statement_facts(tx, row.nav_statement_id)
    amounts, place = _amounts(tx, row)
    return ClosingTerms(
        currency=row.currency,
        nav_minor=row.nav_minor,
        subscribed_minor=row.subscribed_minor,
        unfunded_minor=nav.unfunded_minor,
        price_ppm=row.price_ppm,
        reference_on=row.reference_on,
        amounts_minor=amounts,
        place=place,
        base_minor=row.base_minor,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement as a party reads it: the issued version, what a closing today would give, the latest answers.

    ``answers`` are by organisation; the exchange answers for who kept silent and when it upholds.
    """

    issued: ClosingStatementRow | None
    state: StatementState
    computed: ClosingStatement
    lines: dict[str, Any]
    answers: Mapping[str, StatementAnswer] = field(default_factory=dict)


def statement_seen_by(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> Seen:
    """The newest statement of a deal the caller may follow; before it is issued, a forecast for today."""
    row = deal_of(tx, actor, deal_id)
    computed = statement_on(tx, row, max(market_date(now), row.reference_on))
    if store.newest(tx, row.id) is None:
        return Seen(None, StatementState.OPEN, computed, _lines(computed))
    written, state = newest_of(tx, row)
    answers = {item.organisation_id: item.answer for item in store.answers(tx, written.id)}
    return Seen(written, state, computed, _lines(computed), answers)


def issue(tx: Tx, actor: Actor, now: datetime, row: DealRow) -> ClosingStatementRow:
    """Write the next version of a locked deal's statement, for a closing today."""
    today = market_date(now)
    found = statement_on(tx, row, today)
    before = store.newest(tx, row.id)
    lines = _lines(found)
    written = ClosingStatementRow(
        id=new_id("closing_statement"),
        deal_id=row.id,
        version=1 if before is None else before.version + 1,
        closing_on=today,
        lines=lines,
        lines_hash=hashlib.sha256(canonical_json(lines).encode()).hexdigest(),
        to_pay_minor=found.to_pay_minor,
        seller_fee_minor=found.seller_fee_minor,
        buyer_fee_minor=found.buyer_fee_minor,
        currency=row.currency,
        issued_by=actor.user_id,
        issued_at=now,
    )
    store.add(tx, written)
    tell(tx, actor, now, row, "deal.statement_issued", {"statement_id": written.id, "statement": written.version})
    return written


def answer(
    tx: Tx, actor: Actor, now: datetime, *, deal_id: str, said: StatementAnswer, note: str = ""
) -> tuple[ClosingStatementRow, StatementState]:
    """A party confirms or disputes the newest version; an operator upholds a disputed one.

    Only while the deal is closing (STATEMENT_CLOSED); an agreed statement takes no further answer.
    """
    actor.require("deals:run" if said is StatementAnswer.UPHELD else "deals:act")
    row = locked_deal_of(tx, actor, deal_id)
    sides = {row.buyer_organisation_id, row.seller_organisation_id}
    if said is not StatementAnswer.UPHELD and actor.organisation_id not in sides:
        raise Forbidden(permission="deals:act")
    written, state = newest_of(tx, row)
    open_for = {StatementState.DISPUTED} if said is StatementAnswer.UPHELD else {StatementState.OPEN}
    if said is StatementAnswer.CONFIRMED:
        open_for = {StatementState.OPEN, StatementState.DISPUTED}  # who disputed may come round
    if row.status is not DealStatus.CLOSING or state not in open_for:
        raise StatementClosed(status=row.status.value, state=state.value)
    return written, _say(tx, actor, now, row, written, said, note)


def end_of_silence(tx: Tx, now: datetime, row: DealRow) -> None:
    """Nobody disputed a locked deal's statement in time: it counts as agreed."""
    written, state = newest_of(tx, row)
    if state is StatementState.OPEN:
        _say(tx, SYSTEM, now, row, written, StatementAnswer.SILENT, "")


def newest_of(tx: Tx, row: DealRow) -> tuple[ClosingStatementRow, StatementState]:
    """The newest version of a deal's statement and where it stands. STATEMENT_NOT_ISSUED when there is none."""
    written = store.newest(tx, row.id)
    if written is None:
        raise StatementNotIssued
    said = [Said(item.organisation_id, item.answer.value) for item in store.answers(tx, written.id)]
    return written, statement_state(said, (row.buyer_organisation_id, row.seller_organisation_id))


def _say(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: DealRow,
    written: ClosingStatementRow,
    said: StatementAnswer,
    note: str,
) -> StatementState:
    store.add(
        tx,
        StatementAnswerRow(
            id=new_id("statement_answer"),
            statement_id=written.id,
            organisation_id=actor.organisation_id,
            answer=said,
            note=note,
            answered_by=actor.user_id,
            answered_at=now,
        ),
    )
    _, state = newest_of(tx, row)
    data: dict[str, object] = {"statement": written.version, "answer": said.value, "state": state.value}
    tell(tx, actor, now, row, "deal.statement_answered", data)
    return state


def _amounts(tx: Tx, row: DealRow) -> tuple[tuple[int, ...], int]:
    """What each buyer of the same sale takes, so that their lines add up to the sale's; a replacement stands alone."""
    if row.origin is not DealOrigin.TRADE:
        return (row.amount_minor,), 0
    sold = deal_store.first_deals_of_listing(tx, row.listing_id)
    return tuple(item.amount_minor for item in sold), [item.id for item in sold].index(row.id)


def flows_until(tx: Tx, row: DealRow, day: date) -> list[SaleFlow]:
    """The fund's flows after a deal's reference date and up to a day, as its registers have them now."""
    return [
        SaleFlow(
            reference=flow.notice_no,
            kind=flow.kind,
            amount_minor=flow.amount_minor,
            effect_on_unfunded_minor=flow.effect_on_unfunded_minor,
            cash_on=flow.occurred_on,
        )
        for flow in funds.cash_flows_between(tx, row.fund_id, after=row.reference_on, until=day)
    ]


def _charges(row: DealRow, day: date) -> Charges:
    profile = rulebook.profile(row.profile, day)
    fee = fee_minor(rulebook.fee_schedule(row.profile, row.currency, day), row.base_minor)
    duty = divide_half_up(max(row.base_minor, 0) * profile.stamp_duty_ppm.value, PPM)
    later = parts_of_base(plan_from_document(row.plan), row.base_minor)[1:]
    return Charges(
        deposit_minor=row.deposit_minor,
        deferred_minor=sum(later),
        seller_fee_minor=fee,
        buyer_fee_minor=fee,
        seller_stamp_duty_minor=duty,
        buyer_stamp_duty_minor=duty,
    )


def _lines(found: ClosingStatement) -> dict[str, Any]:
    """Every published line as it is kept: whole minor units, dates and words."""
    kept: dict[str, Any] = {}
    for name, value in asdict(found).items():
        if name == "flows":
            kept[name] = [
                {key: item.isoformat() if isinstance(item, date) else item for key, item in line.items()}
                for line in value
            ]
        else:
            kept[name] = value.isoformat() if isinstance(value, date) else value
    return kept
