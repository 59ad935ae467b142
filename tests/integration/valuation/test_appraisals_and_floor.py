"""An appraisal is entered by one, filed by another, speaks in the panel and holds a state-owned seller to its value."""

from datetime import timedelta

import pytest

from exchange.access.actor import Actor
from exchange.access.errors import SamePerson
from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.core.errors import Forbidden, RulesBroken
from exchange.core.terms import PriorityPolicy
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import transaction
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingEvent, ListingStatus
from exchange.valuation.appraisal import Appraisal
from exchange.valuation.errors import AppraisalExpired, AppraisalFiled, AppraisalInvalid, AppraisalNotFound
from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.service import appraisals, filed_floor_minor
from tests.builders import Exchange, a_draft, a_holding, a_user, an_investor, at_work
from tests.integration.valuation.valued_world import (
    MILLION,
    a_filed_appraisal,
    a_reported_fund,
    a_valuation,
    an_appraisal,
    opinion_of,
    panel_of,
    work_through,
)


def file(by: Actor, appraisal_id: str, *, days_ago: int = 0) -> None:
    with at_work() as (tx, now):
        appraisals.file_appraisal(
            tx,
            by,
            now,
            appraisal_id=appraisal_id,
            filing_number="备-7",
            filed_on=market_date(now) - timedelta(days=days_ago),
        )


def move_on(days: int) -> None:
    with transaction() as tx:
        set_business_now(tx, business_now(tx) + timedelta(days=days))


def a_state_draft(exchange: Exchange, fund_id: str, gp: Actor, price: str) -> tuple[str, Actor]:
    """A draft of a state-owned seller of 20 of its 100 million, and the seller."""
    seller = an_investor(exchange, state_owned=True)
    held = a_holding(fund_id, gp, seller)
    return a_draft(held, gp, price=price, policy=PriorityPolicy.PRICE_FIRST, days=40), seller


def refused(listing_id: str, by: Actor) -> list[tuple[str, str, str]]:
    with pytest.raises(RulesBroken) as caught, at_work() as (tx, now):
        listings.submit(tx, by, now, listing_id=listing_id)
    return [(each.rule, each.code, each.parameters.get("lowest", "")) for each in caught.value.breaches]


def test_whoever_entered_an_appraisal_does_not_file_it(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    appraisal_id = an_appraisal(fund_id, exchange.maker)
    with pytest.raises(SamePerson):
        file(exchange.maker, appraisal_id)
    with pytest.raises(Forbidden):
        file(gp, appraisal_id)
    file(exchange.checker, appraisal_id)
    with pytest.raises(AppraisalFiled):
        file(exchange.checker, appraisal_id)
    with at_work() as (tx, _):
        found = appraisals.appraisal_of(tx, gp, appraisal_id)
    assert found.filing is not None
    assert (found.filing.filing_number, found.filing.filed_by) == ("备-7", exchange.checker.user_id)


def test_an_unfiled_appraisal_is_known_to_its_own_side_only(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    adviser = a_user(exchange, gp.organisation_id, Role.ADVISER)
    stranger = an_investor(exchange)
    appraisal_id = an_appraisal(fund_id, adviser)
    with at_work() as (tx, _):
        assert appraisals.appraisal_of(tx, gp, appraisal_id).filing is None
        assert appraisals.appraisal_of(tx, exchange.checker, appraisal_id).filing is None
        with pytest.raises(AppraisalNotFound):
            appraisals.appraisal_of(tx, stranger, appraisal_id)
        assert appraisals.appraisals_of(tx, stranger, fund_id=fund_id) == []
    file(exchange.maker, appraisal_id)
    with at_work() as (tx, _):
        assert [each.row.id for each in appraisals.appraisals_of(tx, stranger, fund_id=fund_id)] == [appraisal_id]


def test_a_filed_appraisal_speaks_in_the_panel_until_it_expires(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    an_appraisal(fund_id, exchange.maker, point=70 * MILLION)
    unfiled = opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.APPRAISAL)
    assert unfiled.point_minor is None
    a_filed_appraisal(fund_id, exchange, point=90 * MILLION)
    filed = opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.APPRAISAL)
    assert (filed.low_minor, filed.point_minor, filed.high_minor) == (81 * MILLION, 90 * MILLION, 99 * MILLION)
    move_on(336)
    expired = opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.APPRAISAL)
    assert (expired.point_minor, [note.code for note in expired.notes]) == (None, ["APPRAISAL_EXPIRED"])


def test_an_appraisal_of_a_part_speaks_for_the_whole_account_pro_rata(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange)
    appraisal_id = an_appraisal(fund_id, exchange.maker, point=20 * MILLION, amount=25 * MILLION)
    file(exchange.checker, appraisal_id)
    filed = opinion_of(panel_of(gp, a_valuation(gp, fund_id)), ModelName.APPRAISAL)
    assert filed.point_minor == 80 * MILLION
    with at_work() as (tx, now):
        assert filed_floor_minor(tx, fund_id, market_date(now), 10 * MILLION) == 8 * MILLION


def test_what_cannot_be_in_an_appraisal_is_named(exchange: Exchange) -> None:
    fund_id, _ = a_reported_fund(exchange)
    with pytest.raises(AppraisalInvalid) as caught:
        an_appraisal(fund_id, exchange.maker, amount=101 * MILLION)
    assert [(each.pointer, each.code) for each in caught.value.fields] == [("/amount", "APPRAISED_AMOUNT_TOO_LARGE")]
    with at_work() as (_, now):
        today = market_date(now)
    wrong = Appraisal(
        fund_id,
        None,
        None,
        "CN_BJ",
        today,
        today + timedelta(days=366),
        "sale",
        ("income",),
        "A",
        None,
        "1",
        30,
        20,
        10,
    )
    with pytest.raises(AppraisalInvalid) as caught, at_work() as (tx, now):
        appraisals.record_appraisal(tx, exchange.maker, now, appraisal=wrong)
    assert [(each.pointer, each.code) for each in caught.value.fields] == [
        ("/valid_until", "APPRAISAL_VALIDITY"),
        ("/point", "RANGE_OUT_OF_ORDER"),
    ]
    with pytest.raises(AppraisalInvalid) as caught:
        an_appraisal(fund_id, exchange.maker, days_ago=900)
    assert [each.code for each in caught.value.fields] == ["STATEMENT_MISSING"]


def test_an_appraisal_is_filed_between_its_base_date_and_today_and_while_it_is_valid(exchange: Exchange) -> None:
    fund_id, _ = a_reported_fund(exchange)
    appraisal_id = an_appraisal(fund_id, exchange.maker, days_ago=30)
    for days_ago in (31, -1):
        with pytest.raises(AppraisalInvalid):
            file(exchange.checker, appraisal_id, days_ago=days_ago)
    move_on(336)
    with pytest.raises(AppraisalExpired):
        file(exchange.checker, appraisal_id)


def test_a_state_owned_seller_is_held_to_the_filed_value(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange, currency="CNY")
    a_filed_appraisal(fund_id, exchange, point=80 * MILLION)
    # 20 of 100 million at NAV 88 million: 90.90 % makes 15,998,400.00, 90.95 % makes 16,007,200.00.
    below, _ = a_state_draft(exchange, fund_id, gp, "0.9090")
    assert refused(below, gp) == [("R-44", "PRICE_BELOW_APPRAISAL", "16000000.00 CNY")]
    above, _ = a_state_draft(exchange, fund_id, gp, "0.9095")
    with at_work() as (tx, now):
        assert listings.submit(tx, gp, now, listing_id=above).status is ListingStatus.SUBMITTED


def test_a_listing_that_found_no_buyer_may_come_back_at_ninety_percent(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange, currency="CNY")
    a_filed_appraisal(fund_id, exchange, point=80 * MILLION)
    seller = an_investor(exchange, state_owned=True)
    held = a_holding(fund_id, gp, seller)
    first = a_draft(held, gp, price="0.9095", policy=PriorityPolicy.PRICE_FIRST, days=40)
    with at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=first)
        listings.publish(tx, exchange.maker, now, listing_id=first)
        listings.advance_listing(tx, now, first, ListingEvent.OPEN)
        listings.advance_listing(tx, now, first, ListingEvent.EXPIRE)
    again = a_draft(held, gp, price="0.8200", policy=PriorityPolicy.PRICE_FIRST, days=40)
    with at_work() as (tx, now):
        assert listings.submit(tx, gp, now, listing_id=again).status is ListingStatus.SUBMITTED
    third = a_draft(held, gp, price="0.8150", policy=PriorityPolicy.PRICE_FIRST, days=40)
    assert refused(third, gp) == [("R-44", "PRICE_BELOW_APPRAISAL", "14400000.00 CNY")]


def test_without_a_filed_appraisal_the_gate_warns_and_other_sellers_are_free(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange, currency="CNY")
    listing_id, seller = a_state_draft(exchange, fund_id, gp, "0.5000")
    with at_work() as (tx, now):
        gates = {gate.name: gate for gate in listings.gates_of(tx, seller, now, listing_id=listing_id)}
    assert [(each.rule, each.code) for each in gates["submission"].warnings] == [("R-44", "APPRAISAL_NOT_FILED")]
    with at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=listing_id)
    a_filed_appraisal(fund_id, exchange, point=90 * MILLION)
    other = a_holding(fund_id, gp, an_investor(exchange))
    with at_work() as (tx, now):
        listings.submit(tx, gp, now, listing_id=a_draft(other, gp, price="0.5000"))


def test_a_listing_is_valued_in_money_for_its_amount_beside_ask_and_floor(exchange: Exchange) -> None:
    fund_id, gp = a_reported_fund(exchange, currency="CNY")
    a_filed_appraisal(fund_id, exchange, point=80 * MILLION)
    listing_id, seller = a_state_draft(exchange, fund_id, gp, "0.9100")
    a_valuation(gp, fund_id)
    work_through()
    with at_work() as (tx, now):
        found = listings.valuation_of_listing(tx, seller, now, listing_id=listing_id)
    reported = opinion_of(found.panel, ModelName.REPORTED_NAV)
    assert reported.point_minor is not None
    assert found.share_minor(reported.point_minor) == 17_600_000_00
    assert found.state_floor is not None
    assert found.state_floor.minor == 16 * MILLION
