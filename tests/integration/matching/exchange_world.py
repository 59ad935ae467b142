"""A small market in a real database: a fund, a seller, buyers of every class with money, and the outer loops drained.

Rows stand where other packages' services would have put them; everything of matching goes through its own services,
the relay and the worker's functions, in this process.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlmodel import select

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.roles import Role, permissions_of
from exchange.access.service import approvals
from exchange.access.tables import UserRow
from exchange.core.clock import market_date
from exchange.core.ids import new_id
from exchange.core.money import Money
from exchange.core.quantity import NavBasis
from exchange.core.terms import (
    BuyerClass,
    FirstRefusalMode,
    MatchingMode,
    PriorityPolicy,
    Side,
    SourceMark,
    TimeInForce,
)
from exchange.custody.tables import CustodyEntryKind, CustodyEntryRow, HoldingRow
from exchange.funds.tables import FundRow, NavStatementRow
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import Tx, transaction
from exchange.ledger import service as ledger
from exchange.listings import service as listings
from exchange.listings.approval import ApprovalEvent, ApprovalKind, Filing
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.sale import SaleCause
from exchange.listings.service import approvals as listing_approvals
from exchange.listings.service import diligence
from exchange.listings.tables import ListingRow
from exchange.matching import jobs
from exchange.matching.holds import deposit_minor
from exchange.matching.journal import Command
from exchange.matching.lifecycle import CommandKind
from exchange.matching.service import mending
from exchange.matching.store import journal
from exchange.matching.tables import BookRow, OrderRow, ProposalRow, TradeRow
from exchange.parties.lifecycle import OrganisationKind, OrganisationStatus
from exchange.parties.tables import OrganisationRow, StandingRow
from exchange.reactions import react_due
from exchange.relay import publish_all
from tests.evidence import all_accepted

FEN = 100
MILLION = 1_000_000 * FEN


@dataclass
class Market:
    """Who and what is there. Amounts given in million units of currency."""

    fund_id: str = ""
    nav_id: str = ""
    holding_id: str = ""
    operator: Actor = field(default_factory=lambda: _actor("operator", Role.OPERATOR))
    second_operator: Actor = field(default_factory=lambda: _actor("second operator", Role.OPERATOR))
    seller: Actor = field(default_factory=lambda: _actor("seller", Role.GP))
    buyers: dict[str, Actor] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    listings: list[str] = field(default_factory=list)


def _actor(name: str, role: Role) -> Actor:
    return Actor(new_id("user"), new_id("organisation"), frozenset({role}), permissions_of(frozenset({role})))


def a_market() -> Market:
    """A fund of 100 million subscribed with a NAV of 88 million, all of it held by one seller."""
    market = Market()
    now = datetime.now(UTC)
    with transaction() as tx:
        set_business_now(tx, now)
        for actor, kind in (
            (market.operator, OrganisationKind.OPERATOR),
            (market.second_operator, OrganisationKind.OPERATOR),
            (market.seller, OrganisationKind.GP),
        ):
            _admit(tx, actor, kind, BuyerClass.OTHER, now)
        _fund_and_holding(tx, market, now)
    for name, buyer_class in (
        ("social", BuyerClass.OTHER), ("second", BuyerClass.OTHER), ("guidance", BuyerClass.GUIDANCE_FUND),
        ("guidance2", BuyerClass.GUIDANCE_FUND),
    ):  # fmt: skip
        a_buyer(market, name, buyer_class)
    return market


def _fund_and_holding(tx: Tx, market: Market, now: datetime) -> None:
    market.fund_id, market.nav_id, market.holding_id = new_id("fund"), new_id("nav_statement"), new_id("holding")
    tx.add(
        FundRow(
            id=market.fund_id,
            code=market.fund_id,
            name="Fund I",
            currency="CNY",
            vintage=2018,
            created_at=now,
            manager_organisation_id=market.seller.organisation_id,
            source_mark=SourceMark.SIMULATED,
            source="test",
            registered_region="11",
            filing_code="S" + market.fund_id[-5:].upper(),
        )
    )
    tx.flush()
    tx.add(
        NavStatementRow(
            id=market.nav_id,
            fund_id=market.fund_id,
            as_of=date(2026, 6, 30),
            nav_minor=88 * MILLION,
            subscribed_minor=100 * MILLION,
            paid_in_minor=100 * MILLION,
            distributed_minor=0,
            unfunded_minor=0,
            source_mark=SourceMark.SIMULATED,
            source="test",
            recorded_at=now,
        )
    )
    tx.add(
        HoldingRow(
            id=market.holding_id,
            fund_id=market.fund_id,
            subscribed_minor=100 * MILLION,
            holder_organisation_id=market.seller.organisation_id,
            paid_in_minor=100 * MILLION,
            unfunded_minor=0,
        )
    )
    tx.flush()
    tx.add(
        CustodyEntryRow(
            id=new_id("transfer"),
            holding_id=market.holding_id,
            kind=CustodyEntryKind.RECORDED,
            subscribed_delta_minor=100 * MILLION,
            paid_in_delta_minor=100 * MILLION,
            reference_id="test",
            actor_id="test",
            at=now,
        )
    )


def a_buyer(
    market: Market,
    name: str,
    buyer_class: BuyerClass = BuyerClass.OTHER,
    groups: tuple[str, ...] = (),
    *,
    with_papers: bool = True,
) -> None:
    """An admitted, suitable buyer with a hundred million in cash and its papers on every listing accepted."""
    actor = market.buyers[name] = _actor(name, Role.INVESTOR)
    with transaction() as tx:
        now = business_now(tx)
        _admit(tx, actor, OrganisationKind.INVESTOR, buyer_class, now, groups)
        account = ledger.open_cash_account(tx, market.operator, organisation_id=actor.organisation_id, currency="CNY")
        market.accounts[name] = account.id
        amount = Money(100 * MILLION, "CNY")
        ledger.deposit(tx, market.operator, now, account_id=account.id, amount=amount, reference_id=new_id("transfer"))
        for listing_id in market.listings if with_papers else ():
            all_accepted(tx, now, listing_id, [actor.organisation_id])


def _admit(
    tx: Tx,
    actor: Actor,
    kind: OrganisationKind,
    buyer_class: BuyerClass,
    now: datetime,
    groups: tuple[str, ...] = (),
) -> None:
    tx.add(
        OrganisationRow(
            id=actor.organisation_id,
            kind=kind,
            name_zh="机构",
            name_en="Organisation",
            credit_code=actor.organisation_id,
            status=OrganisationStatus.APPROVED,
            created_at=now,
        )
    )
    tx.flush()
    tx.add(
        UserRow(
            id=actor.user_id,
            organisation_id=actor.organisation_id,
            login=actor.user_id,
            name="Person",
            password_hash="-",
            roles=[role.value for role in actor.roles],
            created_at=now,
        )
    )
    tx.add(
        StandingRow(
            organisation_id=actor.organisation_id, is_approved=True, buyer_class=buyer_class,
            class_valid_to=date(2036, 1, 1), suitable_until=date(2036, 1, 1), suitability_currency="CNY",
            net_assets_minor=900 * MILLION, financial_assets_minor=900 * MILLION, risk_rating=5,
            risk_statement_signed=True, no_nominee_declared=True,
            group_keys=[actor.organisation_id, *groups],
        )
    )  # fmt: skip
    tx.flush()


def a_listing(
    market: Market,
    *,
    amount: int = 100,
    price_ppm: int = 850_000,
    mode: MatchingMode = MatchingMode.NEGOTIATED,
    policy: PriorityPolicy = PriorityPolicy.GUIDANCE_FIRST,
    profile: str = "CN_BJ",
    days: int = 30,
    opens_in: timedelta = timedelta(seconds=0),
    state_owned: bool = False,
    first_refusal: FirstRefusalMode = FirstRefusalMode.AFTER_BIDDING,
    cause: SaleCause = SaleCause.VOLUNTARY,
) -> str:
    """An approved listing with its interest frozen; its events are published and its window opens when due."""
    listing_id = new_id("listing")
    with transaction() as tx:
        now = business_now(tx)
        row = ListingRow(
            id=listing_id, fund_id=market.fund_id, holding_id=market.holding_id, profile=profile, mode=mode,
            seller_organisation_id=market.seller.organisation_id, entered_by=market.seller.user_id,
            entered_by_organisation_id=market.seller.organisation_id, policy=policy,
            seller_is_state_owned=state_owned, nav_statement_id=market.nav_id, amount_minor=amount * MILLION,
            price_ppm=price_ppm, floor_price_ppm=price_ppm, time_in_force=TimeInForce.GOOD_TILL_CANCELLED,
            opens_at=now + opens_in, closes_at=now + timedelta(days=days), status=ListingStatus.DRAFT,
            created_at=now, first_refusal=first_refusal, cause=cause,
        )  # fmt: skip
        tx.add(row)
        tx.flush()
        diligence.begin(tx, now, row)
        bidders = [buyer.organisation_id for buyer in market.buyers.values()]
        all_accepted(tx, now, listing_id, bidders)
        if cause is SaleCause.COURT_ORDER:
            a_court_order(tx, market, listing_id)
        listings.submit(tx, market.seller, now, listing_id=listing_id)
        listings.publish(tx, market.operator, now, listing_id=listing_id)
    market.listings.append(listing_id)
    settle()
    return listing_id


def a_court_order(tx: Tx, market: Market, listing_id: str) -> None:
    """The order of a court, filed for a listing and verified by an operator."""
    now = business_now(tx)
    today = market_date(now)
    filing = Filing(ApprovalKind.COURT_ORDER, "Court of Beijing", "(2026) 17", today, today + timedelta(days=200))
    filed = listing_approvals.file_approval(tx, market.seller, now, listing_id=listing_id, filing=filing)
    listing_approvals.decide(tx, market.operator, now, approval_id=filed.id, event=ApprovalEvent.VERIFY)


def book_of(listing_id: str) -> BookRow:
    """The listing's book."""
    with transaction() as tx:
        book_id = tx.exec(select(ListingRow.book_id).where(ListingRow.id == listing_id)).one()
        return tx.exec(select(BookRow).where(BookRow.id == book_id)).one()


def listing_status(listing_id: str) -> ListingStatus:
    """Where the listing stands."""
    with transaction() as tx:
        return tx.exec(select(ListingRow).where(ListingRow.id == listing_id)).one().status


def bid(
    market: Market,
    listing_id: str,
    name: str,
    amount: int,
    price_ppm: int,
    tif: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED,
    expires_at: datetime | None = None,
) -> str:
    """An accepted bid of so many million with its deposit held, as the intake writes it."""
    book, actor, order_id = book_of(listing_id), market.buyers[name], new_id("order")
    with transaction() as tx:
        now = business_now(tx)
        known = tx.get(StandingRow, actor.organisation_id)
        assert known is not None
        basis = NavBasis(book.nav_minor, book.subscribed_minor)
        hold = deposit_minor(basis, book.deposit_ppm, amount * MILLION, price_ppm)
        sequence = journal.append(
            tx, now, book.id,
            [
                Command(
                    0, CommandKind.SUBMIT, order_id, side=Side.BUY, price_ppm=price_ppm,
                    amount_minor=amount * MILLION, class_rank=known.buyer_class.rank,
                    organisation_id=actor.organisation_id, group_keys=tuple(known.group_keys), time_in_force=tif,
                )
            ],
        )  # fmt: skip
        tx.add(
            OrderRow(
                id=order_id, book_id=book.id, listing_id=listing_id, fund_id=market.fund_id, sequence=sequence,
                place=sequence, side=Side.BUY, organisation_id=actor.organisation_id, user_id=actor.user_id,
                buyer_class=known.buyer_class, price_ppm=price_ppm, amount_minor=amount * MILLION,
                leaves_minor=amount * MILLION, hold_minor=hold, account_id=market.accounts[name],
                time_in_force=tif, expires_at=expires_at, last_sequence=sequence, accepted_at=now,
            )
        )  # fmt: skip
        ledger.hold(tx, now, account_id=market.accounts[name], amount_minor=hold, reference_id=order_id)
    return order_id


def settle() -> None:
    """Let relay, reactions and matcher run until nothing is due."""
    for _ in range(50):
        if not (publish_all() + react_due() + jobs.matcher().drain()):
            return
    raise AssertionError("the exchange does not come to rest")


def wait(period: timedelta) -> None:
    """Let business time pass, then settle."""
    with transaction() as tx:
        set_business_now(tx, business_now(tx) + period)
    settle()


def order_row(order_id: str) -> OrderRow:
    """The stored order."""
    with transaction() as tx:
        return tx.exec(select(OrderRow).where(OrderRow.id == order_id)).one()


def proposals(listing_id: str) -> list[ProposalRow]:
    """All proposals of a listing in rank order."""
    with transaction() as tx:
        query = select(ProposalRow).where(ProposalRow.listing_id == listing_id).order_by(ProposalRow.rank)  # type: ignore[arg-type]
        return list(tx.exec(query))


def trades() -> list[TradeRow]:
    """All trades."""
    with transaction() as tx:
        return list(tx.exec(select(TradeRow)))


def two_operators_skip(market: Market, listing_id: str) -> None:
    """Let the book of a listing step over the command it stands at, and match on."""
    with transaction() as tx:
        (stuck,) = mending.stuck_books(tx, market.operator)
        assert stuck.found.book_id == book_of(listing_id).id
        asked = mending.ask_skip(
            tx,
            market.operator,
            business_now(tx),
            book_id=stuck.found.book_id,
            sequence=stuck.found.sequence,
            reason="a match taken back that never was",
        )
    with transaction() as tx:
        approvals.decide(
            tx, market.second_operator, business_now(tx), asked.id, ApprovalStatus.APPROVED, reason="looked at it"
        )
    settle()
