"""Money in is taken once and queued when it names nobody; money out takes two persons and comes back when rejected."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from exchange.access.actor import SYSTEM, Actor
from exchange.access.errors import SamePerson
from exchange.bank.errors import AccountDoesNotFit, BankMessageChanged, NothingToSend
from exchange.bank.payment import MoneyIn, MoneyOut, PaymentStatus, PayoutEvent, PayoutStatus
from exchange.bank.service import money_in, money_out, simulated
from exchange.bank.service.money_in import Received
from exchange.bank.service.money_out import Payee
from exchange.bank.tables import PaymentRow
from exchange.core.clock import market_date
from exchange.core.errors import Forbidden, IllegalTransition
from exchange.core.ids import new_id
from exchange.infra.iso20022 import read_payments
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.reactions import react_due
from exchange.relay import publish_all
from tests.builders import Exchange, an_account, an_investor, at_work

NUMBER = "6222020200112233"


def posted(exchange: Exchange, account_id: str) -> int:
    """What stands on an account."""
    with at_work() as (tx, _):
        return ledger.entries_of(tx, exchange.maker, account_id=account_id)[0].posted_minor


def receive(reference: str, minor: int, message: str = "M1", bank_reference: str = "R1") -> str:
    """A message with one credit."""
    with at_work() as (tx, now):
        money = [MoneyIn(bank_reference, minor, "CNY", market_date(now), remittance=reference)]
        return money_in.take_message(tx, SYSTEM, now, Received(message, "camt.054", "0" * 64, money)).id


def only_payment(exchange: Exchange) -> PaymentRow:
    """The one payment there is."""
    with at_work() as (tx, _):
        (row,) = money_in.payments_of(tx, exchange.maker)
        return row


def request(who: Actor, account_id: str, minor: int) -> str:
    """A participant asks for money."""
    with at_work() as (tx, now):
        payee = Payee("甲公司", NUMBER)
        return money_out.request(tx, who, now, account_id=account_id, amount_minor=minor, payee=payee).id


def with_cash(exchange: Exchange) -> tuple[Actor, str]:
    """An investor and its account with 1,000 yuan."""
    buyer = an_investor(exchange)
    return buyer, an_account(exchange, buyer, "1000.00")


def test_money_that_names_an_account_reaches_it_once(exchange: Exchange) -> None:
    account_id = an_account(exchange, an_investor(exchange))
    receive(f"deposit {account_id}", 500_00)
    receive(f"deposit {account_id}", 500_00)  # the same message
    receive(f"deposit {account_id}", 500_00, message="M2")  # another message with the same line
    assert posted(exchange, account_id) == 500_00
    assert only_payment(exchange).status is PaymentStatus.MATCHED


def test_a_message_or_line_that_came_before_with_other_content_is_refused(exchange: Exchange) -> None:
    account_id = an_account(exchange, an_investor(exchange))
    receive(account_id, 500_00)
    with at_work() as (tx, now), pytest.raises(BankMessageChanged):
        money_in.take_message(tx, SYSTEM, now, Received("M1", "camt.054", "1" * 64))
    with pytest.raises(BankMessageChanged):
        receive(account_id, 501_00, message="M2")
    assert posted(exchange, account_id) == 500_00


def test_two_messages_with_one_line_at_once_take_it_once(exchange: Exchange) -> None:
    account_id = an_account(exchange, an_investor(exchange))
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda number: receive(account_id, 500_00, message=f"M{number}"), range(4)))
    assert posted(exchange, account_id) == 500_00


def test_money_that_names_nobody_waits_for_an_operator(exchange: Exchange) -> None:
    buyer = an_investor(exchange)
    account_id = an_account(exchange, buyer)
    receive("no reference", 500_00)
    row = only_payment(exchange)
    assert (row.status, posted(exchange, account_id)) == (PaymentStatus.QUEUED, 0)
    with at_work() as (tx, now), pytest.raises(Forbidden):
        money_in.assign(tx, buyer, now, payment_id=row.id, account_id=account_id, note="mine")
    with at_work() as (tx, now), pytest.raises(AccountDoesNotFit):
        money_in.assign(tx, exchange.maker, now, payment_id=row.id, account_id=new_id("account"), note="-")
    with at_work() as (tx, now):
        money_in.assign(tx, exchange.maker, now, payment_id=row.id, account_id=account_id, note="told by phone")
    assert posted(exchange, account_id) == 500_00
    with at_work() as (tx, now), pytest.raises(IllegalTransition):
        money_in.send_back(tx, exchange.maker, now, payment_id=row.id, note="-")


def test_queued_money_is_sent_back(exchange: Exchange) -> None:
    receive("no reference", 500_00)
    row = only_payment(exchange)
    with at_work() as (tx, now):
        money_in.send_back(tx, exchange.maker, now, payment_id=row.id, note="unknown payer")
    assert only_payment(exchange).status is PaymentStatus.RETURNED


def test_a_payout_takes_two_persons_and_leaves_in_a_file(exchange: Exchange) -> None:
    buyer = an_investor(exchange)
    account_id = an_account(exchange, buyer, "1000.00")
    payout_id = request(buyer, account_id, 400_00)
    assert posted(exchange, account_id) == 600_00
    with at_work() as (tx, now), pytest.raises(NothingToSend):
        money_out.send(tx, exchange.maker, now, currency="CNY")
    with at_work() as (tx, now):
        money_out.decide(tx, exchange.maker, now, payout_id=payout_id, event=PayoutEvent.APPROVE)
        batch = money_out.send(tx, exchange.checker, now, currency="CNY")
        _, orders = read_payments(money_out.batch_file(tx, exchange.maker, batch_id=batch.id))
    assert [(order.end_to_end_id, order.amount_minor, order.account_number) for order in orders] == [
        (payout_id, 400_00, NUMBER)
    ]
    with at_work() as (tx, now):
        done = money_out.answer(tx, exchange.maker, now, payout_id=payout_id, event=PayoutEvent.SETTLE)
        assert (done.status, done.number_masked) == (PayoutStatus.SETTLED, "…2233")
        assert NUMBER not in done.number_sealed
    assert posted(exchange, account_id) == 600_00


def test_a_debit_of_the_statement_settles_the_payout_it_carries_out(exchange: Exchange) -> None:
    payout_id = request(*with_cash(exchange), 400_00)
    with at_work() as (tx, now):
        money_out.decide(tx, exchange.maker, now, payout_id=payout_id, event=PayoutEvent.APPROVE)
        money_out.send(tx, exchange.maker, now, currency="CNY")
    debits = [MoneyOut("D1", 400_00, "CNY", payout_id), MoneyOut("D2", 1_00, "CNY", "bank charge")]
    with at_work() as (tx, now):
        row = money_in.take_message(tx, SYSTEM, now, Received("S1", "camt.053", "0" * 64, money_out=debits))
        assert (row.entries, row.debits_unexplained) == (2, 1)
        (payout,) = money_out.payouts_of(tx, exchange.maker)
        assert payout.status is PayoutStatus.SETTLED


@pytest.mark.parametrize("way", ["refused", "rejected"])
def test_a_payout_that_fails_gives_the_money_back(exchange: Exchange, way: str) -> None:
    buyer = an_investor(exchange)
    account_id = an_account(exchange, buyer, "1000.00")
    payout_id = request(buyer, account_id, 400_00)
    with at_work() as (tx, now):
        if way == "refused":
            money_out.decide(tx, exchange.maker, now, payout_id=payout_id, event=PayoutEvent.REFUSE, note="no")
        else:
            money_out.decide(tx, exchange.maker, now, payout_id=payout_id, event=PayoutEvent.APPROVE)
            money_out.send(tx, exchange.maker, now, currency="CNY")
            money_out.answer(tx, exchange.maker, now, payout_id=payout_id, event=PayoutEvent.REJECT, note="closed")
    assert posted(exchange, account_id) == 1000_00


def test_nobody_takes_more_than_is_free_or_from_others(exchange: Exchange) -> None:
    buyer, other = an_investor(exchange), an_investor(exchange)
    account_id = an_account(exchange, buyer, "1000.00")
    with at_work() as (tx, now):
        ledger.hold(tx, now, account_id=account_id, amount_minor=700_00, reference_id="order")
    with pytest.raises(FundsNotCovered):
        request(buyer, account_id, 301_00)
    with pytest.raises(Exception, match="ACCOUNT_NOT_FOUND"):
        request(other, account_id, 1_00)
    assert posted(exchange, account_id) == 1000_00
    with at_work() as (tx, now):
        ledger.release(tx, now, account_id=account_id, amount_minor=700_00, reference_id="order")


def test_who_asked_does_not_approve(exchange: Exchange) -> None:
    buyer = an_investor(exchange)
    payout_id = request(buyer, an_account(exchange, buyer, "1000.00"), 1_00)
    both = Actor(buyer.user_id, buyer.organisation_id, buyer.roles, exchange.maker.permissions)
    with at_work() as (tx, now), pytest.raises(SamePerson):
        money_out.decide(tx, both, now, payout_id=payout_id, event=PayoutEvent.APPROVE)


def test_the_simulated_bank_pays_short_and_late_through_the_same_intake(exchange: Exchange) -> None:
    account_id = an_account(exchange, an_investor(exchange))
    with at_work() as (tx, now):
        simulated.pay(
            tx, exchange.maker, now, reference=account_id, amount_minor=500_00, currency="CNY", short_minor=20_00
        )
        simulated.pay(tx, exchange.maker, now, reference=account_id, amount_minor=7_00, currency="CNY", late_hours=48)
    while publish_all() + react_due():
        pass
    assert posted(exchange, account_id) == 480_00
    assert only_payment(exchange).is_simulated
