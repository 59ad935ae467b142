from dataclasses import dataclass
from datetime import timedelta

import pytest

from exchange.access.actor import Actor
from exchange.access.roles import Role, permissions_of
from exchange.core.errors import Forbidden, IllegalTransition, RulesBroken, Stale
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.custody import service as custody
from exchange.custody.errors import HoldingNotFound
from exchange.custody.roll import Holding
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import cursor, transaction
from exchange.listings import service as listings
from exchange.listings.draft import DraftChanges
from exchange.listings.errors import (
    ListingNotEditable,
    ListingNotFound,
    NavNotUsable,
    NotHolder,
    ReviewedByOwnSide,
    StepInvalid,
)
from exchange.listings.lifecycle import ListingEvent, ListingStatus
from exchange.listings.pricing import PriceInput
from exchange.listings.service import ListingFilter
from tests.builders import (
    Exchange,
    a_draft,
    a_fund,
    a_gp,
    a_holding,
    a_listing,
    a_nav_statement,
    an_investor,
    at_work,
)

MILLION = 1_000_000_00


@dataclass
class Offer:
    gp: Actor
    holder: Actor
    held: Holding
    fund_id: str


def an_offer(exchange: Exchange, *, state_owned: bool = False, nav_days_ago: int = 60) -> Offer:
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp, days_ago=nav_days_ago)
    holder = an_investor(exchange, state_owned=state_owned)
    return Offer(gp, holder, a_holding(fund_id, gp, holder), fund_id)


def status_of(listing_id: str) -> ListingStatus:
    with transaction() as tx:
        return listings.listing_facts(tx, listing_id).status


def frozen_of(offer: Offer) -> int:
    with transaction() as tx:
        return custody.holding_facts(tx, offer.held.id).frozen_minor


def submit(offer: Offer, listing_id: str) -> None:
    with at_work() as (tx, now):
        listings.submit(tx, offer.gp, now, listing_id=listing_id)


def test_a_draft_takes_the_profiles_defaults_and_freezes_nothing(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    listing_id = a_draft(offer.held, offer.gp)
    with transaction() as tx:
        facts = listings.listing_facts(tx, listing_id)
    assert (facts.mode, facts.policy) == (MatchingMode.NEGOTIATED, PriorityPolicy.GUIDANCE_FIRST)
    assert (facts.price_ppm, facts.floor_price_ppm, facts.currency) == (825_000, 825_000, "CNY")
    assert facts.basis.value_minor(100 * MILLION, facts.price_ppm) == 72_600_000_00
    assert (facts.seller_organisation_id, facts.entered_by) == (offer.holder.organisation_id, offer.gp.user_id)
    assert frozen_of(offer) == 0


def test_submitting_freezes_and_the_same_interest_is_not_listed_twice(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    first, second = (a_draft(offer.held, offer.gp, amount="60000000.00") for _ in range(2))
    submit(offer, first)
    assert frozen_of(offer) == 60 * MILLION
    with pytest.raises(RulesBroken) as refused:
        submit(offer, second)
    assert [breach.code for breach in refused.value.breaches] == ["INTEREST_NOT_FREE"]
    assert status_of(second) is ListingStatus.DRAFT
    assert frozen_of(offer) == 60 * MILLION
    with pytest.raises(IllegalTransition):
        submit(offer, first)


def test_every_broken_rule_is_named_at_once_and_nothing_changes(exchange: Exchange) -> None:
    offer = an_offer(exchange, nav_days_ago=366)
    listing_id = a_draft(
        offer.held, offer.gp, amount="99500000.00", mode=MatchingMode.CONTINUOUS, floor="0.9000", days=200
    )
    with pytest.raises(RulesBroken) as refused:
        submit(offer, listing_id)
    rules = {(breach.rule, breach.code) for breach in refused.value.breaches}
    assert rules == {
        ("R-50", "NAV_STALE"), ("R-26", "REMAINDER_BELOW_MINIMUM"), ("R-02", "MODE_NOT_ALLOWED"),
        ("R-43", "FLOOR_ABOVE_PRICE"), ("R-03", "WINDOW_TOO_LONG"),
    }  # fmt: skip
    assert status_of(listing_id) is ListingStatus.DRAFT
    assert frozen_of(offer) == 0
    with at_work() as (tx, now):
        checked, papers = listings.check_submission(tx, offer.gp, now, listing_id=listing_id)
        assert {(breach.rule, breach.code) for breach in checked} == rules
        assert papers
        with pytest.raises(ListingNotFound):
            listings.check_submission(tx, an_investor(exchange), now, listing_id=listing_id)


def test_a_state_owned_seller_ranks_by_price(exchange: Exchange) -> None:
    offer = an_offer(exchange, state_owned=True)
    by_default = a_draft(offer.held, offer.gp)
    submit(offer, by_default)
    with transaction() as tx:
        assert listings.listing_facts(tx, by_default).policy is PriorityPolicy.PRICE_FIRST
    by_class = a_draft(offer.held, offer.gp, policy=PriorityPolicy.GUIDANCE_FIRST)
    with pytest.raises(RulesBroken) as refused:
        submit(offer, by_class)
    assert [(breach.rule, breach.code) for breach in refused.value.breaches] == [("R-42", "POLICY_NOT_ALLOWED")]


def test_only_the_holder_or_the_funds_manager_offers(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    assert a_draft(offer.held, offer.holder)
    with pytest.raises(HoldingNotFound):
        a_draft(offer.held, a_gp(exchange))
    with pytest.raises(Forbidden):
        a_draft(offer.held, exchange.maker)
    sees_all = Actor("usr", "org", frozenset({Role.AUDITOR}), permissions_of(frozenset({Role.AUDITOR, Role.GP})))
    with pytest.raises(NotHolder):
        a_draft(offer.held, sees_all)


def test_a_price_off_the_tick_and_a_fund_without_nav_are_refused_at_once(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    with pytest.raises(StepInvalid):
        a_draft(offer.held, offer.gp, price="0.82510")
    gp = a_gp(exchange)
    bare = a_holding(a_fund(gp), gp, an_investor(exchange))
    with pytest.raises(NavNotUsable):
        a_draft(bare, gp)


def test_an_operator_publishes_and_the_clocks_start(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    listing_id = a_draft(offer.held, offer.gp)
    submit(offer, listing_id)
    with at_work() as (tx, now):
        with pytest.raises(Forbidden):
            listings.publish(tx, offer.gp, now, listing_id=listing_id)
        row = listings.publish(tx, exchange.checker, now, listing_id=listing_id)
        assert (row.status, row.reviewed_by) == (ListingStatus.APPROVED, exchange.checker.user_id)
    events = _events(listing_id)
    assert {kind for kind, _ in events if kind.startswith("listing.")} == {
        "listing.drafted", "listing.draft_expires", "listing.submitted", "listing.review_due", "listing.approved",
        "listing.window_opens",
        "listing.window_closes",
    }  # fmt: skip
    assert dict(events)["listing.approved"] == ["market"]
    assert set(dict(events)["listing.submitted"]) == {offer.holder.organisation_id, offer.gp.organisation_id}


def test_nobody_reviews_what_his_own_side_entered(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    listing_id = a_draft(offer.held, offer.gp)
    submit(offer, listing_id)
    insider = Actor(exchange.maker.user_id, offer.gp.organisation_id, exchange.maker.roles, exchange.maker.permissions)
    with pytest.raises(ReviewedByOwnSide), at_work() as (tx, now):
        listings.publish(tx, insider, now, listing_id=listing_id)
    assert status_of(listing_id) is ListingStatus.SUBMITTED


def test_a_returned_listing_keeps_its_freeze_and_follows_its_new_amount(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    listing_id = a_draft(offer.held, offer.gp, amount="20000000.00")
    submit(offer, listing_id)
    with at_work() as (tx, now):
        listings.return_listing(tx, exchange.maker, now, listing_id=listing_id, reason="amount")
    for amount in (70 * MILLION, 30 * MILLION):
        with at_work() as (tx, now):
            row = listings.edit_draft(
                tx, offer.gp, now, listing_id=listing_id, check_version=lambda _: None,
                changes=DraftChanges(amount_minor=amount, price=PriceInput(ratio="0.8000")),
            )  # fmt: skip
            assert row.price_ppm == 800_000
        assert frozen_of(offer) == amount
    submit(offer, listing_id)
    assert frozen_of(offer) == 30 * MILLION
    with pytest.raises(ListingNotEditable), at_work() as (tx, now):
        listings.edit_draft(
            tx, offer.gp, now, listing_id=listing_id, check_version=lambda _: None, changes=DraftChanges()
        )


def test_a_change_on_an_old_version_is_refused(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    listing_id = a_draft(offer.held, offer.gp)

    def refuse(_: int) -> None:
        raise Stale

    changes = DraftChanges(amount_minor=50 * MILLION)
    with pytest.raises(Stale), at_work() as (tx, now):
        listings.edit_draft(tx, offer.gp, now, listing_id=listing_id, check_version=refuse, changes=changes)
    with transaction() as tx:
        assert listings.listing_facts(tx, listing_id).amount_minor == 20 * MILLION


@pytest.mark.parametrize("ending", ["withdraw", "reject"])
def test_the_end_of_a_listing_releases_its_interest(exchange: Exchange, ending: str) -> None:
    offer = an_offer(exchange)
    listing_id = a_draft(offer.held, offer.gp)
    submit(offer, listing_id)
    with at_work() as (tx, now):
        if ending == "withdraw":
            listings.withdraw(tx, offer.holder, now, listing_id=listing_id, reason="kept")
        else:
            listings.reject(tx, exchange.maker, now, listing_id=listing_id, reason="no")
    assert frozen_of(offer) == 0


def test_what_is_sold_stays_frozen_when_the_rest_expires(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    listing_id = a_listing(offer.held, offer.gp, exchange)
    with at_work() as (tx, now):
        listings.advance_listing(tx, now, listing_id, ListingEvent.OPEN)
        listings.advance_listing(tx, now, listing_id, ListingEvent.EXPIRE, sold_minor=5 * MILLION)
        assert custody.frozen_for(tx, offer.held.id, listing_id) == 5 * MILLION
        assert listings.release_interest(tx, now, listing_id, sold_minor=5 * MILLION) == 0
        assert listings.release_interest(tx, now, listing_id) == 5 * MILLION


def test_unpublished_listings_do_not_exist_for_strangers(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    draft, published = a_draft(offer.held, offer.gp), a_listing(offer.held, offer.gp, exchange)
    stranger = an_investor(exchange)
    with at_work() as (tx, now):
        assert [row.id for row in listings.listings_of(tx, stranger, ListingFilter())] == [published]
        assert {row.id for row in listings.listings_of(tx, offer.holder, ListingFilter())} == {draft, published}
        assert {row.id for row in listings.listings_of(tx, exchange.maker, ListingFilter())} == {draft, published}
        with pytest.raises(ListingNotFound):
            listings.listing_of(tx, stranger, draft)
        with pytest.raises(ListingNotFound):
            listings.gates_of(tx, stranger, now, listing_id=published)
        shown = listings.described(tx, stranger, listings.listings_of(tx, stranger, ListingFilter()))
        assert not shown[0].shows_seller


def test_gates_say_why_they_are_shut_and_warn_of_an_ageing_nav(exchange: Exchange) -> None:
    offer = an_offer(exchange, nav_days_ago=130)
    listing_id = a_draft(offer.held, offer.gp, amount="500000.00")
    with at_work() as (tx, now):
        gates = {gate.name: gate for gate in listings.gates_of(tx, offer.holder, now, listing_id=listing_id)}
    assert [breach.code for breach in gates["submission"].breaches] == ["AMOUNT_BELOW_MINIMUM"]
    assert [breach.code for breach in gates["submission"].warnings] == ["NAV_AGEING"]
    assert not gates["publication"].is_open


def test_a_draft_dies_after_the_profiles_days_and_a_submitted_one_does_not(exchange: Exchange) -> None:
    offer = an_offer(exchange)
    draft, submitted = a_draft(offer.held, offer.gp), a_draft(offer.held, offer.gp)
    submit(offer, submitted)
    for days, expected in ((89, ListingStatus.DRAFT), (2, ListingStatus.EXPIRED)):
        with transaction() as tx:
            set_business_now(tx, business_now(tx) + timedelta(days=days))
        for listing_id in (draft, submitted):
            with at_work() as (tx, now):
                listings.expire_draft(tx, now, listing_id=listing_id)
        assert status_of(draft) is expected
    assert status_of(submitted) is ListingStatus.SUBMITTED


def _events(listing_id: str) -> list[tuple[str, list[str]]]:
    with transaction() as tx, cursor(tx) as sql:
        sql.execute("SELECT type, audience FROM event WHERE listing_id = %s ORDER BY id", (listing_id,))
        return [(str(kind), list(audience)) for kind, audience in sql.fetchall()]  # type: ignore[call-overload]
