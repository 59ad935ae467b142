"""From a request to a rating: anonymous until the check, sealed until the deadline, checked again at the award."""

from datetime import timedelta
from typing import Any

import pytest

from exchange.access.actor import Actor
from exchange.core.errors import Forbidden, IllegalTransition, RulesBroken
from exchange.diligence.advice_errors import (
    DeliverableInvalid,
    EngagementInvalid,
    EngagementNotFound,
    NotAClientOfTheListing,
    NotCleared,
    NotYetRateable,
)
from exchange.diligence.engagement import AdviserKind
from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.item import ItemState, PartyRole
from exchange.diligence.service import advisers, engagements, findings
from exchange.diligence.service.engaged import role_holders
from exchange.diligence.store.engagement_sights import Stand
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.funds import service as funds
from exchange.valuation.service import appraisals
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.advice_world import (
    MILLION,
    Advised,
    a_legal_report,
    a_request,
    a_valuation_report,
    an_advised_deal,
    an_adviser,
    award,
    declare,
    deliver,
    engage,
    give_quote,
    let_quotes_end,
    seen,
    start,
    today_and_now,
    work_through,
)


def an_appraiser(exchange: Exchange) -> Actor:
    return an_adviser(exchange, AdviserKind.APPRAISAL)


def test_from_a_request_to_a_rating(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal, appraiser = advised.deal, an_appraiser(exchange)
    engagement_id = a_request(advised, [appraiser])
    assert seen(appraiser, engagement_id).stand is Stand.ASKED
    assert declare(advised, appraiser)
    assert seen(appraiser, engagement_id).stand is Stand.CLEARED
    quote_id = give_quote(advised, appraiser)
    assert seen(deal.seller, engagement_id).quotes == ()
    let_quotes_end()
    assert [each.id for each in seen(deal.seller, engagement_id).quotes] == [quote_id]
    award(advised, quote_id)
    with at_work() as (tx, _):
        assert role_holders(tx, deal.listing_id) == {}
    start(advised)
    with at_work() as (tx, _):
        assert role_holders(tx, deal.listing_id) == {PartyRole.APPRAISAL: [appraiser.organisation_id]}
    today, _ = today_and_now()
    deliver(advised, appraiser, a_valuation_report(today))
    item = deal.item("S06")
    assert (item.state, item.provider_organisation_id) == (ItemState.SUBMITTED, appraiser.organisation_id)
    assert item.structured["point_minor"] == 90 * MILLION
    with at_work() as (tx, now):
        engagements.accept(tx, deal.seller, now, engagement_id=engagement_id)
        with pytest.raises(NotYetRateable):
            engagements.rate(tx, deal.seller, now, engagement_id=engagement_id, stars=5, comment="good")
        engagements.close(tx, deal.seller, now, engagement_id=engagement_id)
        engagements.rate(tx, deal.seller, now, engagement_id=engagement_id, stars=4, comment="good")
        engagements.reply(tx, appraiser, now, engagement_id=engagement_id, words="thank you")
    with at_work() as (tx, _):
        rating = advisers.adviser_of(tx, deal.bidder, appraiser.organisation_id).rating
        assert (rating.stars, rating.count) == (4, 1)
        assert role_holders(tx, deal.listing_id) == {}


def test_an_accepted_valuation_report_becomes_an_appraisal_once(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal, appraiser = advised.deal, an_appraiser(exchange)
    a_request(advised, [appraiser])
    engage(advised, appraiser)
    today, _ = today_and_now()
    deliver(advised, appraiser, a_valuation_report(today))
    work_through()
    with at_work() as (tx, _):
        assert appraisals.appraisals_of(tx, exchange.maker, fund_id=deal.fund_id) == []
    with at_work() as (tx, now):
        engagements.accept(tx, deal.seller, now, engagement_id=advised.engagement_id)
    work_through()
    with at_work() as (tx, _):
        (found,) = appraisals.appraisals_of(tx, exchange.maker, fund_id=deal.fund_id)
    row = found.row
    assert (row.low_minor, row.point_minor, row.high_minor) == (81 * MILLION, 90 * MILLION, 99 * MILLION)
    assert (row.entered_by, row.appraiser_organisation_id) == (appraiser.user_id, appraiser.organisation_id)
    assert found.filing is None
    with at_work() as (tx, now):
        report = {
            "fund_id": deal.fund_id,
            "delivered_by": appraiser.user_id,
            "adviser_organisation_id": appraiser.organisation_id,
            "result": seen(deal.seller, advised.engagement_id).deliverables[0].result,
        }
        assert appraisals.record_report(tx, now, engagement_id=advised.engagement_id, report=report) is None


def test_a_disputed_report_is_delivered_anew_and_its_findings_stand_in_place_of_the_old(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal, lawyer = advised.deal, an_adviser(exchange, AdviserKind.LAW)
    engagement_id = a_request(advised, [lawyer], kind=AdviserKind.LAW, item_codes=("H01",))
    engage(advised, lawyer)
    deliver(advised, lawyer, a_legal_report(Severity.BLOCK, Severity.WARN, item_code="H01"))
    with at_work() as (tx, now):
        engagements.dispute(tx, deal.seller, now, engagement_id=engagement_id, reason="art. 7 was amended")
        assert len(findings.findings_of(tx, deal.seller, now, listing_id=deal.listing_id, state=FindingState.OPEN)) == 2
    deliver(advised, lawyer, a_legal_report(Severity.INFO, item_code="H01", text="the agreement is amended"))
    with at_work() as (tx, now):
        found = findings.findings_of(tx, deal.seller, now, listing_id=deal.listing_id)
    stated = [(each.severity, each.state, each.note) for each in found if each.code == "ADVISER_FINDING"]
    assert sorted(stated) == [
        (Severity.BLOCK, FindingState.RESOLVED, "title is not clear"),
        (Severity.INFO, FindingState.OPEN, "the agreement is amended"),
        (Severity.WARN, FindingState.RESOLVED, "title is not clear"),
    ]
    assert {each.item_id for each in found} == {deal.item("H01").id}
    with at_work() as (tx, now):
        engagements.accept(tx, deal.seller, now, engagement_id=engagement_id)


def test_what_a_bidders_lawyer_finds_is_that_bidders_alone(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal, lawyer = advised.deal, an_adviser(exchange, AdviserKind.LAW)
    a_request(advised, [lawyer], client=deal.bidder, kind=AdviserKind.LAW, item_codes=("F04",), room_codes=())
    engage(advised, lawyer, client=deal.bidder)
    deliver(advised, lawyer, a_legal_report(Severity.BLOCK, item_code="C02"))
    assert deal.item("F04").state is ItemState.SUBMITTED
    with at_work() as (tx, now):
        wanted: dict[str, Any] = {"listing_id": deal.listing_id, "state": FindingState.OPEN}
        assert [each.code for each in findings.findings_of(tx, deal.bidder, now, **wanted)] == ["ADVISER_FINDING"]
        assert findings.findings_of(tx, deal.seller, now, **wanted) == []
        assert role_holders(tx, deal.listing_id) == {}
        held = role_holders(tx, deal.listing_id, deal.bidder.organisation_id)
        assert held == {PartyRole.LAW: [lawyer.organisation_id]}


def test_what_cannot_be_asked_for_is_named(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    lawyer, appraiser = an_adviser(exchange, AdviserKind.LAW), an_appraiser(exchange)
    today, now = today_and_now()
    with pytest.raises(EngagementInvalid) as caught:
        a_request(
            advised,
            [lawyer],
            item_codes=("S06", "Z99", "H01"),
            room_codes=("S01", "G04"),
            quotes_until_at=now,
            deliver_until=today - timedelta(days=1),
            scope="appraise the interest in Fund 1, that is " + _fund_name(advised),
        )
    assert sorted((each.pointer, each.code) for each in caught.value.fields) == [
        ("/deliver_until", "DATES_OUT_OF_ORDER"),
        ("/invited/0", "ADVISER_NOT_INVITABLE"),
        ("/item_codes/1", "ITEM_CODE_UNKNOWN"),
        ("/item_codes/2", "ITEM_CODE_NOT_FED"),
        ("/quotes_until", "INSTANT_PASSED"),
        ("/room_codes/0", "ROOM_CODE_NOT_YOURS"),
        ("/room_codes/1", "ROOM_CODE_NOT_YOURS"),
        ("/scope", "SCOPE_NAMES_PARTY"),
    ]
    with pytest.raises(NotAClientOfTheListing):
        a_request(advised, [appraiser], client=an_investor(exchange))
    with pytest.raises(EngagementInvalid):
        a_request(advised, [])


def test_a_bidder_opens_to_its_adviser_only_what_it_may_see_itself(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    lawyer = an_adviser(exchange, AdviserKind.LAW)
    wanted: dict[str, Any] = {"client": advised.deal.bidder, "kind": AdviserKind.LAW, "item_codes": ("F04",)}
    with pytest.raises(EngagementInvalid) as caught:
        a_request(advised, [lawyer], room_codes=("C12", "C07"), **wanted)
    assert [(each.pointer, each.code) for each in caught.value.fields] == [("/room_codes/0", "ROOM_CODE_NOT_YOURS")]
    with pytest.raises(EngagementInvalid):
        a_request(advised, [lawyer], room_codes=(), **{**wanted, "item_codes": ("H01",)})


def test_a_state_owned_client_invites_enough_or_makes_an_open_call(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    advised.deal.seller = _state_owned_seller(exchange, advised)
    with pytest.raises(RulesBroken) as caught:
        a_request(advised, [appraiser])
    assert [(each.rule, each.code) for each in caught.value.breaches] == [("D-INVITEES", "INVITEES_TOO_FEW")]
    engagement_id = a_request(advised, [], is_open_call=True)
    assert seen(appraiser, engagement_id).stand is Stand.ASKED
    with pytest.raises(EngagementNotFound):
        seen(an_adviser(exchange, AdviserKind.LAW), engagement_id)
    assert declare(advised, appraiser)


def test_nobody_else_knows_of_a_request(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser, stranger = an_appraiser(exchange), an_appraiser(exchange)
    draft = a_request(advised, [appraiser], opened=False)
    for reader in (appraiser, stranger, advised.deal.gp, advised.deal.bidder):
        with pytest.raises(EngagementNotFound):
            seen(reader, draft)
    with pytest.raises(EngagementNotFound), at_work() as (tx, now):
        engagements.open_request(tx, advised.deal.bidder, now, engagement_id=draft)
    with at_work() as (tx, now):
        engagements.open_request(tx, advised.deal.seller, now, engagement_id=draft)
    with pytest.raises(EngagementNotFound):
        seen(stranger, draft)
    with pytest.raises(EngagementNotFound):
        declare(advised, stranger)
    with at_work() as (tx, _):
        found = {
            reader.organisation_id: [each.row.id for each in engagements.engagements_of(tx, reader)]
            for reader in (advised.deal.seller, appraiser, stranger, advised.deal.bidder)
        }
        of_the_listing = engagements.engagements_of(tx, appraiser, listing_id=advised.deal.listing_id)
    assert list(found.values()) == [[draft], [draft], [], []]
    assert of_the_listing == []  # it may not find out by asking for one listing after the other


def test_only_who_is_engaged_delivers_and_only_what_is_sound(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser, other = an_appraiser(exchange), an_appraiser(exchange)
    a_request(advised, [appraiser, other])
    declare(advised, other)
    engage(advised, appraiser)
    today, _ = today_and_now()
    with pytest.raises(NotCleared):
        deliver(advised, other, a_valuation_report(today))
    wrong = a_valuation_report(
        today, point_minor=70 * MILLION, currency="USD", amount_minor=101 * MILLION, profile="CN_SH",
        valid_until=today + timedelta(days=400), nav_statement_id=None, methods=(),
    )  # fmt: skip
    with pytest.raises(DeliverableInvalid) as caught:
        deliver(advised, appraiser, wrong)
    assert sorted((each.pointer, each.code) for each in caught.value.fields) == [
        ("/result/amount", "APPRAISED_AMOUNT_TOO_LARGE"),
        ("/result/currency", "CURRENCY_OF_OTHER_FUND"),
        ("/result/methods", "FIELD_REQUIRED"),
        ("/result/point", "RANGE_OUT_OF_ORDER"),
        ("/result/profile", "PROFILE_OF_OTHER_MARKET"),
        ("/result/valid_until", "APPRAISAL_VALIDITY"),
    ]
    with pytest.raises(DeliverableInvalid) as caught:
        deliver(advised, appraiser, a_legal_report(Severity.INFO))
    assert [each.code for each in caught.value.fields] == ["DELIVERABLE_OF_OTHER_KIND"]
    with pytest.raises(IllegalTransition), at_work() as (tx, now):
        engagements.accept(tx, advised.deal.seller, now, engagement_id=advised.engagement_id)


def test_an_adviser_asks_for_no_advice_and_a_client_quotes_nothing(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    with pytest.raises(Forbidden):
        a_request(advised, [appraiser], client=appraiser)
    a_request(advised, [appraiser])
    with pytest.raises(Forbidden):
        give_quote(advised, advised.deal.seller)


def _fund_name(advised: Advised) -> str:
    with at_work() as (tx, _):
        return funds.fund_facts(tx, advised.deal.fund_id).name


def _state_owned_seller(exchange: Exchange, advised: Advised) -> Actor:
    seller = an_investor(exchange, state_owned=True)
    with at_work() as (tx, _):
        row = tx.get(ChecklistRow, advised.deal.listing_id)
        assert row is not None
        row.seller_organisation_id = seller.organisation_id
    return seller
