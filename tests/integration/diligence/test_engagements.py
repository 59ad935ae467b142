"""From a request to a rating: anonymous until the check, sealed until the deadline, checked again at the award."""

from datetime import timedelta
from typing import Any

import pytest

from exchange.access.actor import Actor
from exchange.core.errors import Forbidden, IllegalTransition, RulesBroken
from exchange.diligence.advice_errors import (
    AdviserNotAdmitted,
    AlreadyDeclared,
    AlreadyQuoted,
    ConflictOfInterest,
    ConsentNotAsked,
    ConsentsMissing,
    DeliverableInvalid,
    EngagementInvalid,
    EngagementNotFound,
    NotAClientOfTheListing,
    NotCleared,
    NotYetRateable,
    QuoteInvalid,
    QuoteNotFound,
    QuoteOverBudget,
    QuotesClosed,
)
from exchange.diligence.engagement import AdviserKind, EngagementState, FeeBasis, RelationKind
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
    a_quote_of,
    a_relation,
    a_request,
    a_valuation_report,
    an_advised_deal,
    an_adviser,
    award,
    declare,
    declare_relations,
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


def test_quotes_stay_sealed_until_their_deadline_and_for_good_when_the_request_ends_before(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal = advised.deal
    first, second = an_appraiser(exchange), an_appraiser(exchange)
    engagement_id = a_request(advised, [first, second])
    for adviser, fee in ((first, 111_111_00), (second, 222_222_00)):
        assert declare(advised, adviser)
        give_quote(advised, adviser, fee)
    for reader in (deal.seller, exchange.maker):
        assert seen(reader, engagement_id).quotes == ()
    for adviser, fee in ((first, 111_111_00), (second, 222_222_00)):
        assert [each.fee_minor for each in seen(adviser, engagement_id).quotes] == [fee]
    with at_work() as (tx, now):
        engagements.unseal(tx, now, engagement_id=engagement_id)  # a job that comes early does nothing
        engagements.cancel(tx, deal.seller, now, engagement_id=engagement_id, reason="not needed")
    let_quotes_end()
    found = seen(deal.seller, engagement_id)
    assert (found.row.state, found.quotes) == (EngagementState.CANCELLED, ())


def test_without_quotes_the_request_is_declined_at_the_deadline(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    engagement_id = a_request(advised, [appraiser])
    let_quotes_end()
    assert seen(advised.deal.seller, engagement_id).row.state is EngagementState.DECLINED
    with pytest.raises(QuotesClosed):
        declare(advised, appraiser)


def test_who_is_related_to_a_party_is_blocked_for_good_and_may_not_quote(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    manager = advised.deal.gp.organisation_id
    declare_relations(appraiser, a_relation(RelationKind.AFFILIATE, organisation_id=manager))
    engagement_id = a_request(advised, [appraiser])
    assert not declare(advised, appraiser)
    assert seen(appraiser, engagement_id).stand is Stand.BLOCKED
    declare_relations(appraiser)
    with pytest.raises(AlreadyDeclared):
        declare(advised, appraiser)
    with pytest.raises(NotCleared):
        give_quote(advised, appraiser)


def test_who_says_itself_that_it_is_not_free_is_blocked(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    a_request(advised, [appraiser])
    assert not declare(advised, appraiser, has_conflict=True)


def test_an_appraiser_quotes_no_success_fee(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    a_request(advised, [appraiser])
    assert declare(advised, appraiser)
    with pytest.raises(ConflictOfInterest):
        give_quote(advised, appraiser, basis=FeeBasis.SUCCESS)
    give_quote(advised, appraiser)
    with pytest.raises(AlreadyQuoted):
        give_quote(advised, appraiser)


def test_a_conflict_that_appears_after_the_quote_is_found_at_the_award(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    a_request(advised, [appraiser])
    declare(advised, appraiser)
    quote_id = give_quote(advised, appraiser)
    declare_relations(appraiser, a_relation(RelationKind.AUDITOR, organisation_id=advised.deal.gp.organisation_id))
    let_quotes_end()
    with pytest.raises(ConflictOfInterest):
        award(advised, quote_id)


def test_the_same_firm_does_not_act_for_both_sides(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal, lawyer = advised.deal, an_adviser(exchange, AdviserKind.LAW)
    of_the_bidder: dict[str, Any] = {"client": deal.bidder, "kind": AdviserKind.LAW}
    of_the_bidder |= {"item_codes": ("F04",), "room_codes": ()}
    first = a_request(advised, [lawyer], **of_the_bidder)
    assert declare(advised, lawyer)
    quote_id = give_quote(advised, lawyer)
    a_request(advised, [lawyer], kind=AdviserKind.LAW, item_codes=("H01",))
    assert declare(advised, lawyer)
    other_quote_id = give_quote(advised, lawyer)
    let_quotes_end()
    award(advised, other_quote_id)
    advised.engagement_ids.append(first)
    with pytest.raises(ConflictOfInterest):
        award(advised, quote_id, client=deal.bidder)


def test_a_disclosed_conflict_needs_the_consent_of_both_sides(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    deal, lawyer = advised.deal, an_adviser(exchange, AdviserKind.LAW)
    manager = deal.gp.organisation_id
    declare_relations(lawyer, a_relation(RelationKind.COUNSEL, organisation_id=manager))
    engagement_id = a_request(advised, [lawyer], kind=AdviserKind.LAW, item_codes=("H01",))
    assert declare(advised, lawyer)
    quote_id = give_quote(advised, lawyer)
    with pytest.raises(EngagementNotFound):
        seen(deal.gp, engagement_id)
    let_quotes_end()
    with pytest.raises(ConsentsMissing):
        award(advised, quote_id)
    asked = seen(deal.gp, engagement_id)
    assert (asked.stand, [each.row.organisation_id for each in asked.asked]) == (
        Stand.CONSENT,
        [lawyer.organisation_id],
    )
    consents = {"engagement_id": engagement_id, "adviser_organisation_id": lawyer.organisation_id}
    with at_work() as (tx, now):
        engagements.consent(tx, deal.seller, now, **consents)
    with pytest.raises(ConsentsMissing):
        award(advised, quote_id)
    with pytest.raises(EngagementNotFound), at_work() as (tx, now):
        engagements.consent(tx, deal.bidder, now, **consents)
    with at_work() as (tx, now):
        engagements.consent(tx, deal.gp, now, **consents)
    award(advised, quote_id)


def test_without_a_disclosure_nobody_is_asked_to_consent(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    engagement_id = a_request(advised, [appraiser])
    declare(advised, appraiser)
    with pytest.raises(ConsentNotAsked), at_work() as (tx, now):
        engagements.consent(
            tx,
            advised.deal.seller,
            now,
            engagement_id=engagement_id,
            adviser_organisation_id=appraiser.organisation_id,
        )


def test_an_appraiser_that_valued_the_fund_for_somebody_else_discloses_it(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    a_request(advised, [appraiser])
    engage(advised, appraiser)
    today, _ = today_and_now()
    deliver(advised, appraiser, a_valuation_report(today))
    other = an_advised_deal(exchange)
    with at_work() as (tx, _):
        row = tx.get(ChecklistRow, other.deal.listing_id)
        assert row is not None
        row.fund_id = advised.deal.fund_id
    engagement_id = a_request(other, [appraiser])
    assert declare(other, appraiser)
    (asked,) = seen(exchange.maker, engagement_id).asked
    assert [(each.rule.value, each.with_id) for each in asked.conflicts] == [
        ("valued_for_other", advised.deal.seller.organisation_id)
    ]
    (asked,) = seen(other.deal.seller, engagement_id).asked
    assert [(each.rule.value, each.with_id, each.with_name) for each in asked.conflicts] == [
        ("valued_for_other", None, "")
    ]


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


def test_a_quote_keeps_to_the_dates_and_an_award_to_the_budget(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    cheap, dear = an_appraiser(exchange), an_appraiser(exchange)
    a_request(advised, [cheap, dear], budget_minor=100_000_00)
    declare(advised, cheap)
    declare(advised, dear)
    with pytest.raises(QuoteInvalid), at_work() as (tx, now):
        engagements.quote(tx, cheap, now, engagement_id=advised.engagement_id, offered=a_quote_of(days=41))
    give_quote(advised, cheap, 100_000_00)
    quote_id = give_quote(advised, dear, 100_000_01)
    with pytest.raises(IllegalTransition):
        award(advised, quote_id)
    let_quotes_end()
    with pytest.raises(QuoteOverBudget):
        award(advised, quote_id)
    with pytest.raises(QuoteNotFound):
        award(advised, "quo_" + "0" * 26)


def test_a_suspended_adviser_is_not_engaged(exchange: Exchange) -> None:
    advised = an_advised_deal(exchange)
    appraiser = an_appraiser(exchange)
    a_request(advised, [appraiser])
    declare(advised, appraiser)
    quote_id = give_quote(advised, appraiser)
    with at_work() as (tx, now):
        advisers.suspend(tx, exchange.maker, now, organisation_id=appraiser.organisation_id, reason="complaint")
    let_quotes_end()
    with pytest.raises(AdviserNotAdmitted):
        award(advised, quote_id)


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
