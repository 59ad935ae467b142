"""What the registers say about a listing, gathered for the pure rules."""

from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach
from exchange.core.terms import BuyerClass
from exchange.custody import service as custody
from exchange.custody.roll import Holding
from exchange.funds import service as funds
from exchange.funds.fund import is_simulated_filing, region_of_credit_code
from exchange.funds.service import FundRow, NavStatementRow
from exchange.infra.database import Tx
from exchange.listings import store
from exchange.listings.approval import Approval, approved_floor_ppm, exit_since, has_court_order
from exchange.listings.errors import NotHolder, NotListingParty
from exchange.listings.offer import Facts, Rules, Terms
from exchange.listings.payment_plan import plan_from_document
from exchange.listings.tables import ListingApprovalRow, ListingRow
from exchange.listings.terms import check_listing
from exchange.parties import service as parties
from exchange.rulebook import service as rulebook
from exchange.valuation import service as valuation


def terms_of(row: ListingRow) -> Terms:
    """The terms of a listing as values."""
    return Terms(
        mode=row.mode,
        policy=row.policy,
        amount_minor=row.amount_minor,
        minimum_fill_minor=row.minimum_fill_minor,
        all_or_none=row.all_or_none,
        price_ppm=row.price_ppm,
        floor_price_ppm=row.floor_price_ppm,
        time_in_force=row.time_in_force,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        plan=plan_from_document(row.plan),
        plan_discount_ppm=row.plan_discount_ppm,
        cause=row.cause,
        first_refusal=row.first_refusal,
        is_favourable_exit=row.is_favourable_exit,
    )


def facts_of(tx: Tx, row: ListingRow, now: datetime) -> Facts:
    """What custody, the fund's reports and the seller's admission say of a listing."""
    held = custody.holding_facts(tx, row.holding_id)
    fund = funds.fund_facts(tx, row.fund_id)
    nav = funds.nav_statement_facts(tx, row.nav_statement_id)
    first = store.first_of_chain(tx, row)
    approvals, today = [approval_of(item) for item in store.approvals(tx, row.id)], market_date(now)
    manager = fund.manager_organisation_id
    _, credit_code = parties.names_and_codes_of(tx, [manager])[manager]
    return Facts(
        currency=fund.currency,
        nav_minor=nav.nav_minor,
        nav_as_of=nav.as_of,
        nav_is_current=nav.is_current,
        subscribed_minor=held.subscribed_minor,
        free_minor=held.free_minor + custody.frozen_for(tx, row.holding_id, row.id),
        seller_is_admitted=parties.is_admitted(tx, row.seller_organisation_id),
        seller_is_state_owned=row.seller_is_state_owned,
        pinned_subscribed_minor=nav.subscribed_minor,
        filed_value_minor=filed_value(tx, row, now),
        is_listed_again=row.seller_is_state_owned and store.found_no_buyer(tx, row.holding_id, row.id),
        regions=frozenset({region_of_credit_code(credit_code), fund.registered_region} - {""}),
        filing_code="" if is_simulated_filing(fund.filing_code) and not row.is_simulated else fund.filing_code,
        bought_at=custody.last_bought_at(tx, row.holding_id),
        first_published_at=first.reviewed_at,
        first_price_ppm=first.price_ppm if first.reviewed_at else None,
        approved_floor_ppm=approved_floor_ppm(approvals, today),
        court_order_is_verified=has_court_order(approvals, today),
        has_first_refusal=funds.transfer_terms(tx, row.fund_id).has_first_refusal,
        seller_is_guidance_fund=_is_guidance_fund(tx, row, today),
        exit_since=exit_since(approvals, today),
        cost_minor=held.paid_in_minor,
        said="\n".join((fund.name, fund.strategy, fund.warning)),
    )


def _is_guidance_fund(tx: Tx, row: ListingRow, today: date) -> bool:
    seller = parties.standings_of(tx, [row.seller_organisation_id]).get(row.seller_organisation_id)
    return seller is not None and seller.class_on(today) is BuyerClass.GUIDANCE_FUND


def approval_of(row: ListingApprovalRow) -> Approval:
    """A filed approval as a value."""
    return Approval(row.kind, row.status, row.lowest_price_ppm, row.valid_until, row.invested_on)


def filed_value(tx: Tx, row: ListingRow, now: datetime) -> int | None:
    """What the filed appraisal in force says of a state-owned seller's amount; None for others and without one."""
    if not row.seller_is_state_owned:
        return None
    return valuation.filed_floor_minor(tx, row.fund_id, market_date(now), row.amount_minor)


def rules_of(tx: Tx, row: ListingRow, now: datetime) -> Rules:
    """The profile in force today, and the calendar."""
    return Rules(rulebook.profile(row.profile, market_date(now)), rulebook.calendar(tx), now)


def breaches_of(tx: Tx, row: ListingRow, now: datetime) -> tuple[Breach, ...]:
    """Every rule the listing breaks at this moment."""
    return check_listing(terms_of(row), facts_of(tx, row, now), rules_of(tx, row, now))


def is_party(actor: Actor, row: ListingRow) -> bool:
    """True for the seller and for the organisation that entered the listing."""
    return actor.organisation_id in {row.seller_organisation_id, row.entered_by_organisation_id}


def require_party(actor: Actor, row: ListingRow) -> None:
    """NOT_LISTING_PARTY for everyone else, operators included: they review, they do not sell."""
    if not is_party(actor, row):
        raise NotListingParty


def offered_interest(tx: Tx, actor: Actor, holding_id: str) -> tuple[Holding, FundRow]:
    """A holding the caller may offer: its own, or one in a fund it manages. NOT_HOLDER otherwise."""
    held = custody.holding_of(tx, actor, holding_id)
    fund = funds.fund_facts(tx, held.fund_id)
    if actor.organisation_id not in {held.holder_organisation_id, fund.manager_organisation_id}:
        raise NotHolder
    return held, fund


def latest_nav(tx: Tx, fund_id: str) -> NavStatementRow | None:
    """The statement a new price refers to."""
    return funds.latest_nav_statements(tx, [fund_id]).get(fund_id)
