"""Advisers in the directory, a deal they are asked about, and the way from a request to a report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.diligence.advice_request import AdviceRequest, Delivery, Quote
from exchange.diligence.adviser_entry import AdviserEntry, LiabilityCover, Licence
from exchange.diligence.conflicts import Relation
from exchange.diligence.deliverable import (
    KeyInput,
    LegalReport,
    ReportedFinding,
    Result,
    ValuationReport,
)
from exchange.diligence.engagement import AdviserKind, FeeBasis, RelationKind
from exchange.diligence.finding import Severity
from exchange.diligence.service import adviser_relations, advisers, engagements
from exchange.diligence.store.engagement_sights import EngagementSeen
from exchange.diligence.tables.advice import EngagementQuoteRow
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import transaction
from exchange.parties.lifecycle import OrganisationKind
from exchange.reactions import react_due
from exchange.relay import publish_all
from tests.builders import Exchange, a_nav_statement, a_user, an_organisation, at_work
from tests.integration.diligence.deal_world import Deal, a_deal, a_document

STATE_DEAL = "lp_transfer_state_owned"
"""A listing whose item S06 an appraiser feeds, and S05 an auditor."""

DAYS_TO_QUOTE = 5
DAYS_TO_DELIVER = 40
MILLION = 1_000_000_00


def work_through() -> None:
    """Relay and workers until nothing is due."""
    while publish_all() or react_due():
        pass


def move_to(moment: datetime) -> None:
    """The market's clock stands at an instant, and everything due by then has happened."""
    with transaction() as tx:
        set_business_now(tx, moment)
    work_through()


def today_and_now() -> tuple[date, datetime]:
    """The market's day and time."""
    with transaction() as tx:
        now = business_now(tx)
    return market_date(now), now


def an_entry(*kinds: AdviserKind, today: date, **fields: Any) -> AdviserEntry:
    """A complete entry for these kinds of work."""
    values: dict[str, Any] = {
        "kinds": kinds,
        "licences": tuple(Licence(kind, "bureau", "7", today + timedelta(days=900)) for kind in kinds),
        "cover": LiabilityCover("insurer", "P-1", 5_000 * MILLION, "CNY", today + timedelta(days=900)),
        "confidentiality_signed_on": today,
        "regions": ("北京",),
        "strategies": ("growth",),
        "deal_types": ("lp_transfer",),
        "languages": ("zh", "en"),
        "team_leads": ("Lead",),
        "fee_basis": FeeBasis.FIXED,
        "fee_currency": "CNY",
        "fee_low_minor": 1_000_00,
        "fee_high_minor": 900_000_00,
        "capacity": "two at a time",
        "discipline": "",
    }
    return AdviserEntry(**{**values, **fields})


def an_applicant(exchange: Exchange, *kinds: AdviserKind, **fields: Any) -> Actor:
    """An adviser's user whose organisation has applied for the directory."""
    adviser = a_user(exchange, an_organisation(exchange, OrganisationKind.ADVISER), Role.ADVISER)
    with at_work() as (tx, now):
        advisers.apply(tx, adviser, now, entry=an_entry(*kinds, today=market_date(now), **fields))
    return adviser


def an_adviser(exchange: Exchange, *kinds: AdviserKind, **fields: Any) -> Actor:
    """An admitted adviser's user."""
    adviser = an_applicant(exchange, *kinds, **fields)
    with at_work() as (tx, now):
        advisers.admit(tx, exchange.maker, now, organisation_id=adviser.organisation_id)
    return adviser


def a_relation(
    kind: RelationKind, *, organisation_id: str | None = None, name: str = "Somebody", subject: str = ""
) -> Relation:
    """A relation that began a hundred days ago and lasts."""
    today, _ = today_and_now()
    return Relation(kind, organisation_id, name, subject, today - timedelta(days=100), None)


def declare_relations(adviser: Actor, *relations: Relation) -> None:
    """The adviser puts this list in the place of its former one."""
    with at_work() as (tx, now):
        adviser_relations.declare_relations(
            tx,
            adviser,
            now,
            organisation_id=adviser.organisation_id,
            relations=relations,
            check_version=lambda version: None,
        )


@dataclass
class Advised:
    """A deal about which advisers are asked."""

    exchange: Exchange
    deal: Deal
    engagement_ids: list[str] = field(default_factory=list)

    @property
    def engagement_id(self) -> str:
        """The newest request."""
        return self.engagement_ids[-1]


def an_advised_deal(exchange: Exchange, *, transaction_type: str = STATE_DEAL) -> Advised:
    """A listing with its checklist, a bidder, and a fund that has reported."""
    deal = a_deal(exchange, transaction_type=transaction_type)
    a_nav_statement(deal.fund_id, deal.gp, days_ago=60)
    return Advised(exchange, deal)


def a_request(
    advised: Advised,
    invited: Sequence[Actor] = (),
    *,
    client: Actor | None = None,
    opened: bool = True,
    **fields: Any,
) -> str:
    """A request of the seller for an appraisal that feeds S06, opened unless told otherwise; its id."""
    client = client or advised.deal.seller
    with at_work() as (tx, now):
        values: dict[str, Any] = {
            "listing_id": advised.deal.listing_id,
            "kind": AdviserKind.APPRAISAL,
            "scope": "appraise the interest for its transfer",
            "item_codes": ("S06",),
            "room_codes": ("C07", "E01"),
            "currency": "CNY",
            "budget_minor": 1 * MILLION,
            "is_open_call": False,
            "invited": tuple(each.organisation_id for each in invited),
            "quotes_until_at": now + timedelta(days=DAYS_TO_QUOTE),
            "deliver_until": market_date(now) + timedelta(days=DAYS_TO_DELIVER),
        }
        row = engagements.request(tx, client, now, wanted=AdviceRequest(**{**values, **fields}))
    advised.engagement_ids.append(row.id)
    if opened:
        with at_work() as (tx, now):
            engagements.open_request(tx, client, now, engagement_id=row.id)
    return row.id


def declare(advised: Advised, adviser: Actor, *, has_conflict: bool = False) -> bool:
    """The adviser declares; whether it is cleared."""
    with at_work() as (tx, now):
        row = engagements.declare(
            tx,
            adviser,
            now,
            engagement_id=advised.engagement_id,
            has_conflict=has_conflict,
            declaration="as far as we know",
        )
        return row.has_conflict is False and not row.is_blocked


def a_quote_of(fee: int = 200_000_00, *, basis: FeeBasis = FeeBasis.FIXED, days: int = 30) -> Quote:
    """An offer to deliver in so many days."""
    today, _ = today_and_now()
    return Quote(fee, basis, today + timedelta(days=days), "two people", "the data room is complete", "none known")


def give_quote(advised: Advised, adviser: Actor, fee: int = 200_000_00, *, basis: FeeBasis = FeeBasis.FIXED) -> str:
    """A sealed quote; its id."""
    offered = a_quote_of(fee, basis=basis)
    with at_work() as (tx, now):
        given: EngagementQuoteRow = engagements.quote(
            tx, adviser, now, engagement_id=advised.engagement_id, offered=offered
        )
        return given.id


def let_quotes_end() -> None:
    """The deadline of the quotes passes."""
    _, now = today_and_now()
    move_to(now + timedelta(days=DAYS_TO_QUOTE, minutes=1))


def award(advised: Advised, quote_id: str, *, client: Actor | None = None) -> None:
    """The client takes a quote."""
    with at_work() as (tx, now):
        engagements.award(
            tx, client or advised.deal.seller, now, engagement_id=advised.engagement_id, quote_id=quote_id
        )


def start(advised: Advised, *, client: Actor | None = None) -> None:
    """The work begins."""
    with at_work() as (tx, now):
        engagements.start(tx, client or advised.deal.seller, now, engagement_id=advised.engagement_id)


def engage(advised: Advised, adviser: Actor, *, client: Actor | None = None, started: bool = True) -> None:
    """From the open request to the work: declared, quoted, unsealed, awarded, started."""
    assert declare(advised, adviser)
    quote_id = give_quote(advised, adviser)
    let_quotes_end()
    award(advised, quote_id, client=client)
    if started:
        start(advised, client=client)


def a_valuation_report(today: date, **fields: Any) -> ValuationReport:
    """90 million for the whole capital account, of thirty days ago."""
    values: dict[str, Any] = {
        "base_on": today - timedelta(days=30),
        "purpose": "transfer of a state-owned interest",
        "methods": ("market", "income"),
        "amount_minor": None,
        "currency": "CNY",
        "low_minor": 81 * MILLION,
        "point_minor": 90 * MILLION,
        "high_minor": 99 * MILLION,
        "key_inputs": (KeyInput("discount", "0.15"),),
        "nav_statement_id": None,
        "valid_until": today + timedelta(days=300),
        "profile": "CN_BJ",
        "report_number": "PG-2026-001",
    }
    return ValuationReport(**{**values, **fields})


def a_legal_report(*severities: Severity, item_code: str = "", text: str = "title is not clear") -> LegalReport:
    """A report with so many findings."""
    found = tuple(ReportedFinding(each, "art. 7", item_code, text, "amend the agreement") for each in severities)
    return LegalReport("the transfer can be completed", found)


def deliver(advised: Advised, adviser: Actor, result: Result) -> str:
    """Deliver a document of the adviser with this result; the id of the delivery."""
    with at_work() as (tx, now):
        document_id = a_document(tx, now, adviser, advised.deal.listing_id)
        row = engagements.deliver(
            tx,
            adviser,
            now,
            engagement_id=advised.engagement_id,
            delivered=Delivery(document_id, 1, market_date(now), result),
        )
        return row.id


def seen(by: Actor, engagement_id: str) -> EngagementSeen:
    """An engagement as somebody sees it."""
    with at_work() as (tx, _):
        return engagements.engagement_of(tx, by, engagement_id)
