"""Quotes sealed until their deadline; conflicts found at the declaration, at the quote and again at the award."""

from typing import Any

import pytest

from exchange.access.actor import Actor
from exchange.core.errors import IllegalTransition
from exchange.diligence.advice_errors import (
    AdviserNotAdmitted,
    AlreadyDeclared,
    AlreadyQuoted,
    ConflictOfInterest,
    ConsentNotAsked,
    ConsentsMissing,
    EngagementNotFound,
    NotCleared,
    QuoteInvalid,
    QuoteNotFound,
    QuoteOverBudget,
    QuotesClosed,
)
from exchange.diligence.engagement import AdviserKind, EngagementState, FeeBasis, RelationKind
from exchange.diligence.service import advisers, engagements
from exchange.diligence.store.engagement_sights import Stand
from exchange.diligence.tables.checklists import ChecklistRow
from tests.builders import Exchange, at_work
from tests.integration.diligence.advice_world import (
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
    today_and_now,
)


def an_appraiser(exchange: Exchange) -> Actor:
    return an_adviser(exchange, AdviserKind.APPRAISAL)


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
