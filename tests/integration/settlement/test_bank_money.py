"""Money at the bank that names a deal pays it when it covers what the deal asks; short money stays the buyer's."""

from sqlmodel import select

from exchange.access.actor import SYSTEM, Actor
from exchange.bank.payment import MoneyIn, PaymentStatus
from exchange.bank.service import money_in, money_out
from exchange.bank.service.money_in import Received
from exchange.bank.service.money_out import Payee
from exchange.bank.tables import PaymentRow
from exchange.core.clock import market_date
from exchange.core.ids import new_id
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.tables import EventRow
from exchange.ledger import service as ledger
from exchange.settlement.deal import DealStatus
from exchange.settlement.tables.deals import DealRow
from tests.integration.matching.exchange_world import Market, settle
from tests.integration.settlement.deal_world import a_signed_deal, actor_of, deal


def arrives(reference: str, minor: int, currency: str = "CNY") -> PaymentRow:
    """Money reaches the bank, and the workers have looked at it."""
    name = new_id("request")
    with transaction() as tx:
        now = business_now(tx)
        money = [MoneyIn(name, minor, currency, market_date(now), remittance=reference)]
        money_in.take_message(tx, SYSTEM, now, Received(name, "camt.054", "0" * 64, money))
    settle()
    with transaction() as tx:
        return tx.exec(select(PaymentRow).where(PaymentRow.bank_reference == name)).one()


def told(deal_id: str) -> str:
    """What the last event about money said stood in the way."""
    with transaction() as tx:
        query = select(EventRow).where(EventRow.subject_id == deal_id, EventRow.type == "deal.payment_received")
        return str(tx.exec(query).one().data["code"])


def take_out_everything(buyer: Actor, row: DealRow) -> None:
    """The buyer asks for all the free money it has."""
    with transaction() as tx:
        account_id = ledger.cash_account(tx, row.buyer_organisation_id, row.currency)
        account, _ = ledger.entries_of(tx, buyer, account_id=account_id, limit=1)
        free = account.posted_minor - account.held_minor
        payee = Payee("甲公司", "6222020200112233")
        money_out.request(tx, buyer, business_now(tx), account_id=account_id, amount_minor=free, payee=payee)


def test_money_that_names_a_signed_deal_pays_it(market: Market) -> None:
    row = a_signed_deal(market)
    payment = arrives(f"price of {row.id}", 50_000_000_00)
    assert payment.status is PaymentStatus.ASSIGNED
    assert deal(row.id).status is DealStatus.CLOSING
    assert told(row.id) == ""


def test_short_money_stays_the_buyers_and_the_parties_are_told(market: Market) -> None:
    row = a_signed_deal(market)
    take_out_everything(actor_of(market, row.buyer_organisation_id), row)
    payment = arrives(row.id, 1_00)
    assert (payment.status, deal(row.id).status) == (PaymentStatus.ASSIGNED, DealStatus.SIGNED)
    assert told(row.id) == "MONEY_NOT_COVERED"


def test_another_currency_or_an_unknown_deal_waits_for_an_operator(market: Market) -> None:
    row = a_signed_deal(market)
    assert arrives(row.id, 1_00, "USD").status is PaymentStatus.QUEUED
    assert arrives(new_id("deal"), 1_00).status is PaymentStatus.QUEUED
    assert deal(row.id).status is DealStatus.SIGNED
