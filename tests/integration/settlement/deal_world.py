"""Deals in a real database, brought quickly to where a test begins; papers a test is not about are accepted."""

from datetime import timedelta

from sqlmodel import select

from exchange.access.actor import SYSTEM, Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.custody import service as custody
from exchange.custody.roll import Holding
from exchange.diligence.gate import Gate
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger.tables import AccountRow
from exchange.settlement.deal import DealEvent, DealStatus
from exchange.settlement.service import funding, statements, transfer
from exchange.settlement.service.progress import advance_deal, lock_deal
from exchange.settlement.statement import StatementAnswer
from exchange.settlement.tables.deals import DealRow
from tests.evidence import all_accepted
from tests.integration.matching.exchange_world import Market, a_listing, bid, proposals, settle, wait
from tests.integration.matching.test_negotiated import confirm_all

STEPS = (
    DealEvent.SERVE_NOTICE,
    DealEvent.CLEAR_ROFR,
    DealEvent.CONSENT,
    DealEvent.APPROVE,
    DealEvent.SIGN,
)
NOTICE_DAYS = timedelta(days=31)


def a_deal(market: Market, *, amount: int = 20, price_ppm: int = 850_000, buyer: str = "social") -> DealRow:
    """A confirmed deal of so many million with every later paper accepted."""
    listing_id = a_listing(market, amount=amount, price_ppm=price_ppm)
    bid(market, listing_id, buyer, amount, price_ppm)
    settle()
    confirm_all(market, proposals(listing_id))
    with transaction() as tx:
        all_accepted(tx, business_now(tx), listing_id, [market.buyers[buyer].organisation_id], up_to=Gate.RELEASE)
    return deal_of_listing(listing_id)


def a_signed_deal(market: Market, **terms: object) -> DealRow:
    """A deal whose notice has run and that everybody has signed."""
    return sign(a_deal(market, **terms))  # type: ignore[arg-type]


def sign(row: DealRow) -> DealRow:
    """A confirmed deal whose notice was served and that everybody has signed."""
    with transaction() as tx:
        now = business_now(tx)
        held = lock_deal(tx, row.id)
        held.notice_served_at = now
        for event in STEPS:
            advance_deal(tx, SYSTEM, now, held, event)
    settle()
    return deal(row.id)


def a_funded_deal(market: Market, **terms: object) -> DealRow:
    """A signed deal whose money is in and whose statement both sides confirmed, with the notice run out."""
    return funded(market, a_signed_deal(market, **terms))


def transferred(market: Market, row: DealRow) -> DealRow:
    """A signed deal that went on to the register."""
    row = funded(market, row)
    register(market, row)
    return deal(row.id)


def funded(market: Market, row: DealRow) -> DealRow:
    """A signed deal whose money is in and whose statement both sides confirmed, with the notice run out."""
    fund(market, row)
    for organisation in (row.buyer_organisation_id, row.seller_organisation_id):
        answer(market, row, organisation, StatementAnswer.CONFIRMED)
    wait(NOTICE_DAYS)
    return deal(row.id)


def a_transferred_deal(market: Market, **terms: object) -> DealRow:
    """A deal on the register."""
    row = a_funded_deal(market, **terms)
    register(market, row)
    return deal(row.id)


def fund(market: Market, row: DealRow) -> None:
    """The buyer pays."""
    with transaction() as tx:
        funding.fund(tx, actor_of(market, row.buyer_organisation_id), business_now(tx), deal_id=row.id)
    settle()


def answer(market: Market, row: DealRow, organisation_id: str, said: StatementAnswer) -> None:
    """A side says what it thinks of the statement."""
    with transaction() as tx:
        statements.answer(
            tx, actor_of(market, organisation_id), business_now(tx), deal_id=row.id, said=said, note="figures"
        )
    settle()


def register(market: Market, row: DealRow) -> None:
    """An operator enters the buyer on the roll."""
    with transaction() as tx:
        transfer.register(tx, market.operator, business_now(tx), deal_id=row.id)
    settle()


def second_operator_decides(market: Market, approval_id: str, status: ApprovalStatus) -> None:
    """The second person says yes or no."""
    with transaction() as tx:
        approvals.decide(tx, market.second_operator, business_now(tx), approval_id, status, reason="checked")
    settle()


def actor_of(market: Market, organisation_id: str) -> Actor:
    """The person of an organisation."""
    people = [market.seller, market.operator, *market.buyers.values()]
    return next(person for person in people if person.organisation_id == organisation_id)


def deal(deal_id: str) -> DealRow:
    """The deal as it is stored."""
    with transaction() as tx:
        return tx.exec(select(DealRow).where(DealRow.id == deal_id)).one()


def deal_of_listing(listing_id: str) -> DealRow:
    """The newest deal of a listing."""
    with transaction() as tx:
        return tx.exec(select(DealRow).where(DealRow.listing_id == listing_id).order_by(DealRow.id.desc())).first()  # type: ignore[attr-defined,return-value]


def status_of(deal_id: str) -> DealStatus:
    """Where the deal stands."""
    return deal(deal_id).status


def cash(organisation_id: str) -> tuple[int, int]:
    """Posted and held of an organisation's cash, in fen."""
    with transaction() as tx:
        account_id = ledger.cash_account(tx, organisation_id, "CNY")
        row = tx.get(AccountRow, account_id)
        assert row is not None
        return row.posted_minor, row.held_minor


def holding(market: Market, organisation_id: str) -> Holding | None:
    """An organisation's line on the roll."""
    with transaction() as tx:
        return custody.current_holdings(tx, [(market.fund_id, organisation_id)]).get((market.fund_id, organisation_id))
