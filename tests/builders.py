"""One builder a noun: what a test needs to exist, made through the public services, each in its own transaction.

Amounts are given as people write them (``"20000000.00"``); what is not said has a harmless default.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.roles import Role, permissions_of
from exchange.access.service import approvals, users
from exchange.core.clock import market_date
from exchange.core.money import money_from_text, scale_decimal
from exchange.core.terms import BuyerClass, MatchingMode, PriorityPolicy, SourceMark, TimeInForce
from exchange.custody import service as custody
from exchange.custody.roll import Holding, HoldingRecord
from exchange.funds import service as funds
from exchange.funds.fund import Fund
from exchange.funds.kinds import LegalForm
from exchange.funds.nav_statement import NavStatement, implied_unfunded
from exchange.infra.clock import business_now
from exchange.infra.database import Tx, transaction
from exchange.ledger import service as ledger
from exchange.listings import service as listings
from exchange.listings.draft import DraftTerms
from exchange.listings.pricing import PriceInput
from exchange.parties import service as parties
from exchange.parties.lifecycle import OrganisationEvent, OrganisationKind
from tests.evidence import all_accepted

PASSWORD = "a long and quiet sentence"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Exchange:
    """A founded exchange: who asks and who agrees."""

    maker: Actor
    checker: Actor


@contextmanager
def at_work() -> Iterator[tuple[Tx, datetime]]:
    """A transaction and the market's time."""
    with transaction() as tx:
        yield tx, business_now(tx)


def an_actor(user_id: str, organisation_id: str, role: Role) -> Actor:
    """A signed-in user with one role."""
    return Actor(user_id, organisation_id, frozenset({role}), permissions_of(frozenset({role})))


def an_exchange() -> Exchange:
    """An exchange with its two first operators."""
    founders = [parties.Founder(f"operator{number}@example.test", "Operator", PASSWORD) for number in (1, 2)]
    with at_work() as (tx, now):
        founded = parties.found(tx, now, _application(OrganisationKind.OPERATOR), founders)
    one, two = (an_actor(user_id, founded.organisation_id, Role.OPERATOR) for user_id in founded.user_ids)
    return Exchange(one, two)


def an_organisation(
    exchange: Exchange, kind: OrganisationKind, *, state_owned: bool = False, admitted: bool = True
) -> str:
    """A simulated organisation, admitted by both operators; its id."""
    with at_work() as (tx, now):
        row = parties.apply(tx, exchange.maker, now, _application(kind, state_owned=state_owned))
        if admitted:
            asked = parties.ask(tx, exchange.maker, now, row.id, OrganisationEvent.APPROVE)
            approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.APPROVED, reason="seen")
    return row.id


def a_user(exchange: Exchange, organisation_id: str, role: Role) -> Actor:
    """A user of an organisation."""
    login = f"user{next(_NUMBERS)}@example.test"
    with at_work() as (tx, now):
        user = users.create_user(
            tx,
            exchange.maker,
            now,
            organisation_id=organisation_id,
            login=login,
            name="Person",
            password=PASSWORD,
            roles=[role],
        )
    return an_actor(user.id, organisation_id, role)


def a_gp(exchange: Exchange) -> Actor:
    """A manager's user."""
    return a_user(exchange, an_organisation(exchange, OrganisationKind.GP), Role.GP)


def an_investor(
    exchange: Exchange, *, state_owned: bool = False, admitted: bool = True, buyer_class: BuyerClass | None = None
) -> Actor:
    """An investor's user; with a class when one is named."""
    kind = OrganisationKind.INVESTOR
    organisation_id = an_organisation(exchange, kind, state_owned=state_owned, admitted=admitted)
    if buyer_class is not None:
        with at_work() as (tx, now):
            today = market_date(now)
            proof = parties.ClassProof(buyer_class, "document 7", today, today + timedelta(days=300))
            asked = parties.propose_class(tx, exchange.maker, now, organisation_id, proof)
            approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.APPROVED, reason="seen")
    return a_user(exchange, organisation_id, Role.INVESTOR)


def make_suitable(exchange: Exchange, of: Actor) -> None:
    """An approved suitability record of an investor."""
    with at_work() as (tx, now):
        today = market_date(now)
        proof = parties.SuitabilityProof(
            currency="CNY",
            net_assets_minor=scale_decimal("5000000000.00", 2),
            financial_assets_minor=scale_decimal("2000000000.00", 2),
            evidence="audited accounts",
            as_of=today - timedelta(days=100),
            valid_to=today + timedelta(days=300),
            risk_rating=5,
            risk_statement_signed_on=today,
            no_nominee_declared_on=today,
        )
        asked = parties.propose_suitability(tx, exchange.maker, now, of.organisation_id, proof)
        approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.APPROVED, reason="seen")


def a_fund(of: Actor, *, currency: str = "CNY", code: str | None = None) -> str:
    """A fund of a manager; its id."""
    with at_work() as (tx, now):
        return funds.record_fund(tx, of, now, fund=a_fund_as_reported(of, currency=currency, code=code)).id


def a_fund_as_reported(of: Actor, *, currency: str = "CNY", code: str | None = None) -> Fund:
    """The figures of a fund, as values."""
    number = next(_NUMBERS)
    return Fund(
        code=code or f"SIM-{number:05d}",
        name=f"Fund {number} 【模拟】",
        manager_organisation_id=of.organisation_id,
        legal_form=LegalForm.PARTNERSHIP,
        vintage=2018,
        currency=currency,
        strategy="growth",
        risk_rating=4,
        sci_tech_ppm=600_000,
        source_mark=SourceMark.SIMULATED,
        source="test",
        filing_code=f"SIM-{number:05d}",
    )


def a_nav_statement(
    of: str,
    by: Actor,
    *,
    nav: str = "88000000.00",
    subscribed: str = "100000000.00",
    paid_in: str = "90000000.00",
    days_ago: int = 60,
) -> str:
    """A NAV statement of a fund; its id."""
    with at_work() as (tx, now):
        as_of = market_date(now) - timedelta(days=days_ago)
        statement = a_statement_as_reported(of, as_of, nav=nav, subscribed=subscribed, paid_in=paid_in)
        return funds.record_nav_statement(tx, by, now, statement=statement).id


def a_statement_as_reported(
    fund_id: str,
    as_of: date,
    *,
    nav: str = "88000000.00",
    subscribed: str = "100000000.00",
    paid_in: str = "90000000.00",
) -> NavStatement:
    """The figures of a statement, as values."""
    subscribed_minor, paid_in_minor = scale_decimal(subscribed, 2), scale_decimal(paid_in, 2)
    return NavStatement(
        fund_id=fund_id,
        as_of=as_of,
        nav_minor=scale_decimal(nav, 2),
        subscribed_minor=subscribed_minor,
        paid_in_minor=paid_in_minor,
        distributed_minor=0,
        unfunded_minor=implied_unfunded(subscribed_minor, paid_in_minor),
        tvpi_ppm=None,
        irr_ppm=None,
        source_mark=SourceMark.SIMULATED,
        source="test",
    )


def a_holding(of: str, by: Actor, holder: Actor, *, subscribed: str = "100000000.00") -> Holding:
    """A holder on the roll of a fund, put there by its manager."""
    amount = scale_decimal(subscribed, 2)
    paid_in = amount * 9 // 10
    record = HoldingRecord(of, holder.organisation_id, amount, paid_in, amount - paid_in, is_simulated=True)
    with at_work() as (tx, now):
        return custody.record_holding(tx, by, now, record=record, reference_id="test")


def a_draft(
    of: Holding,
    by: Actor,
    *,
    amount: str = "20000000.00",
    price: str = "0.8250",
    floor: str | None = None,
    profile: str = "CN_BJ",
    mode: MatchingMode = MatchingMode.NEGOTIATED,
    policy: PriorityPolicy | None = None,
    days: int = 30,
    with_papers: bool = True,
) -> str:
    """A listing in draft, its papers accepted; its id."""
    with at_work() as (tx, now):
        terms = DraftTerms(
            holding_id=of.id,
            profile=profile,
            amount_minor=scale_decimal(amount, 2),
            price=PriceInput(ratio=price),
            opens_at=now,
            closes_at=now + timedelta(days=days),
            mode=mode,
            policy=policy,
            floor_price_ppm=None if floor is None else scale_decimal(floor, 6),
            time_in_force=TimeInForce.GOOD_TILL_DATE,
        )
        listing_id = listings.create_draft(tx, by, now, terms=terms).id
        if with_papers:
            all_accepted(tx, now, listing_id)
    return listing_id


def a_listing(of: Holding, by: Actor, exchange: Exchange, *, amount: str = "20000000.00", price: str = "0.8250") -> str:
    """A published listing; its id."""
    listing_id = a_draft(of, by, amount=amount, price=price)
    with at_work() as (tx, now):
        listings.submit(tx, by, now, listing_id=listing_id)
        listings.publish(tx, exchange.maker, now, listing_id=listing_id)
    return listing_id


def an_account(exchange: Exchange, of: Actor, amount: str = "0.00", currency: str = "CNY") -> str:
    """A cash account with money in it; its id."""
    with at_work() as (tx, now):
        row = ledger.open_cash_account(tx, exchange.maker, organisation_id=of.organisation_id, currency=currency)
        money = money_from_text(amount, currency)
        if money.minor:
            ledger.deposit(tx, exchange.maker, now, account_id=row.id, amount=money, reference_id="BANK-1")
        return row.id


def _application(kind: OrganisationKind, *, state_owned: bool = False) -> parties.Application:
    number = next(_NUMBERS)
    return parties.Application(
        kind=kind,
        name_zh=f"模拟机构{number}",
        name_en=f"Simulated organisation {number}",
        credit_code=parties.simulated_credit_code(number),
        is_state_owned=state_owned,
        is_simulated=True,
    )
