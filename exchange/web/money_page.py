"""What the pages of money show: accounts with what stands free, money in, money out, and the operators' queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from starlette.responses import Response

from exchange.bank.payment import PaymentStatus, PayoutStatus
from exchange.bank.service import money_in, money_out
from exchange.bank.service.money_out import PayoutRow
from exchange.core.money import MINOR_DIGITS, Money
from exchange.ledger import service as ledger
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

SHOWN_MAX = 50
ENTRIES_SHOWN = 20
ACCOUNTS_MAX = 500


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A cash account; its id is the payment reference a payer writes."""

    account_id: str
    owner: str
    posted: Money
    held: Money
    free: Money


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A change of an account: of what it holds, or of what is set aside in it."""

    at: datetime
    kind: str
    posted: Money
    held: Money
    reference_id: str


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """Money in."""

    payment_id: str
    amount: Money
    booked_on: date
    debtor: str
    said: str
    status: str
    deal_id: str
    owner: str
    note: str
    is_simulated: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """Money out."""

    payout_id: str
    owner: str
    amount: Money
    creditor: str
    number: str
    status: str
    note: str
    batch_id: str | None
    requested_at: datetime
    is_own: bool


def own_page(visit: Visit, refused: tuple[str, ...], key: str) -> Response:
    """The accounts of the viewer's organisation, their last entries, its payments and its payouts."""
    accounts = _accounts(visit)
    entries = [(account, _entries(visit, account)) for account in accounts]
    return visit.page(
        "money.html",
        status_code=409 if refused else 200,
        accounts=accounts,
        entries=entries,
        payments=_payments(visit, None, accounts),
        payouts=_payouts(visit),
        refused=refused,
        message=visit.message(),
        idempotency_key=key,
    )


def desk_page(visit: Visit, refused: tuple[str, ...], key: str) -> Response:
    """The bank desk: what waits for a person, messages of the bank, money in and out; auditors see it without forms."""
    may_run = visit.viewer.may("payments:run")
    accounts = _accounts(visit)
    payouts = _payouts(visit)
    waiting = [line for line in payouts if line.status in {PayoutStatus.REQUESTED, PayoutStatus.SENT}]
    approved = sorted({line.amount.currency for line in payouts if line.status == PayoutStatus.APPROVED})
    return visit.page(
        "bank_desk.html",
        status_code=409 if refused else 200,
        may_run=may_run,
        accounts=accounts,
        queue=_payments(visit, PaymentStatus.QUEUED, accounts),
        payments=_payments(visit, None, accounts),
        payouts=payouts,
        waiting=waiting,
        to_send=approved,
        messages=money_in.messages_of(visit.tx, visit.actor, limit=SHOWN_MAX) if may_run else [],
        batches=[(row, Money(row.total_minor, row.currency)) for row in money_out.batches_of(visit.tx, visit.actor)]
        if may_run
        else [],
        currencies=tuple(MINOR_DIGITS),
        refused=refused,
        message=visit.message(),
        idempotency_key=key,
    )


def _accounts(visit: Visit) -> list[AccountLine]:
    rows = ledger.accounts_of(visit.tx, visit.actor, limit=ACCOUNTS_MAX)
    names = _names(visit, [row.organisation_id for row in rows])
    lines = [
        AccountLine(
            account_id=row.id,
            owner=names.get(row.organisation_id or "", ""),
            posted=Money(row.posted_minor, row.currency),
            held=Money(row.held_minor, row.currency),
            free=Money(row.posted_minor - row.held_minor, row.currency),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.owner, line.posted.currency))


def _entries(visit: Visit, account: AccountLine) -> list[EntryLine]:
    _, rows = ledger.entries_of(visit.tx, visit.actor, account_id=account.account_id, limit=ENTRIES_SHOWN)
    currency = account.posted.currency
    return [
        EntryLine(
            row.at,
            row.kind.value,
            Money(row.posted_delta_minor, currency),
            Money(row.held_delta_minor, currency),
            row.reference_id,
        )
        for row in rows
    ]


def _payments(visit: Visit, status: PaymentStatus | None, accounts: Sequence[AccountLine]) -> list[PaymentLine]:
    owners = {line.account_id: line.owner for line in accounts}
    return [
        PaymentLine(
            payment_id=row.id,
            amount=Money(row.amount_minor, row.currency),
            booked_on=row.booked_on,
            debtor=row.debtor,
            said=" ".join(text for text in (row.end_to_end_id, row.remittance) if text),
            status=row.status.value,
            deal_id=row.deal_id,
            owner=owners.get(row.account_id or "", ""),
            note=row.note,
            is_simulated=row.is_simulated,
            received_at=row.received_at,
        )
        for row in money_in.payments_of(visit.tx, visit.actor, status=status, limit=SHOWN_MAX)
    ]


def _payouts(visit: Visit) -> list[PayoutLine]:
    rows = money_out.payouts_of(visit.tx, visit.actor, limit=SHOWN_MAX)
    names = _names(visit, [row.organisation_id for row in rows])
    return [_payout(visit, row, names.get(row.organisation_id, "")) for row in rows]


def _payout(visit: Visit, row: PayoutRow, owner: str) -> PayoutLine:
    return PayoutLine(
        payout_id=row.id,
        owner=owner,
        amount=Money(row.amount_minor, row.currency),
        creditor=row.creditor,
        number=row.number_masked,
        status=row.status.value,
        note=row.note,
        batch_id=row.batch_id,
        requested_at=row.requested_at,
        is_own=row.requested_by == visit.actor.user_id,
    )


def _names(visit: Visit, organisation_ids: Sequence[str | None]) -> dict[str, str]:
    return organisation_names(visit.tx, [each for each in organisation_ids if each], visit.language)
