"""Consent, approvals, hold, withdrawal and order: who may, what it costs, and that nothing is forgotten."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.access.approval import ApprovalStatus as Decision
from exchange.core.errors import Forbidden, IllegalTransition
from exchange.diligence.errors import GateBlocked
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.parties.tables import StandingRow
from exchange.settlement.approval import ApprovalEvent, ApprovalKind
from exchange.settlement.deal import DealStatus
from exchange.settlement.service import consents, funding, holds, offers
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.withdrawal import ConsentRefusal
from tests.integration.matching.exchange_world import MILLION, Market, a_listing, bid, proposals, settle, wait
from tests.integration.matching.test_negotiated import confirm_all
from tests.integration.settlement.deal_world import (
    a_deal,
    a_signed_deal,
    a_transferred_deal,
    cash,
    deal,
    deal_of_listing,
    holding,
    second_operator_decides,
    status_of,
)
from tests.integration.settlement.test_first_refusal import serve


def a_cleared_deal(market: Market) -> DealRow:
    """A deal that waits for the manager."""
    row = a_deal(market)
    serve(market, row)
    return deal(row.id)


def grant(market: Market, row: DealRow) -> None:
    """The manager consents."""
    with transaction() as tx:
        consents.consent(tx, market.seller, business_now(tx), deal_id=row.id)
    settle()


def frozen(market: Market) -> int:
    """What is frozen of the seller's holding."""
    held = holding(market, market.seller.organisation_id)
    return held.frozen_minor if held else 0


def test_consent_asks_for_the_approvals_and_the_last_grant_approves(market: Market) -> None:
    row = a_cleared_deal(market)
    grant(market, row)
    with transaction() as tx:
        (asked,) = consents.approvals_of(tx, market.operator, deal_id=row.id)
        assert asked.kind is ApprovalKind.MONEY_LAUNDERING_CHECK
        consents.decide_approval(
            tx,
            market.operator,
            business_now(tx),
            approval_id=asked.id,
            event=ApprovalEvent.GRANT,
            body="exchange",
            document_number="1",
        )
    assert status_of(row.id) is DealStatus.APPROVED


def test_a_buyer_who_became_related_to_the_manager_needs_the_partners_resolution(market: Market) -> None:
    row = a_cleared_deal(market)
    with transaction() as tx:
        manager = tx.exec(select(StandingRow).where(StandingRow.organisation_id == row.manager_organisation_id)).one()
        buyer = tx.exec(select(StandingRow).where(StandingRow.organisation_id == row.buyer_organisation_id)).one()
        buyer.group_keys = [*buyer.group_keys, manager.organisation_id]
    grant(market, row)
    with transaction() as tx:
        asked = {item.kind: item.id for item in consents.approvals_of(tx, market.operator, deal_id=row.id)}
        assert set(asked) == {ApprovalKind.MONEY_LAUNDERING_CHECK, ApprovalKind.RELATED_PARTY_RESOLUTION}
    for kind, left in ((ApprovalKind.MONEY_LAUNDERING_CHECK, False), (ApprovalKind.RELATED_PARTY_RESOLUTION, True)):
        with transaction() as tx:
            consents.decide_approval(
                tx,
                market.operator,
                business_now(tx),
                approval_id=asked[kind],
                event=ApprovalEvent.GRANT,
                body="partners",
                document_number="2",
            )
        assert (status_of(row.id) is DealStatus.APPROVED) is left


def test_a_refusal_names_its_reason_and_frees_money_and_interest(market: Market) -> None:
    row = a_cleared_deal(market)
    with transaction() as tx, pytest.raises(Forbidden):
        consents.refuse(
            tx,
            market.buyers["social"],
            business_now(tx),
            deal_id=row.id,
            reason=ConsentRefusal.SANCTIONS,
            note="",
        )
    with transaction() as tx:
        consents.refuse(
            tx,
            market.seller,
            business_now(tx),
            deal_id=row.id,
            reason=ConsentRefusal.BUYER_NOT_QUALIFIED,
            note="no evidence",
        )
    fallen = deal(row.id)
    assert (fallen.status, fallen.status_reason) == (DealStatus.GP_REFUSED, "buyer_not_qualified")
    assert (cash(row.buyer_organisation_id), frozen(market)) == ((100 * MILLION, 0), 0)


def test_a_refused_approval_ends_the_deal(market: Market) -> None:
    row = a_cleared_deal(market)
    grant(market, row)
    with transaction() as tx:
        (asked,) = consents.approvals_of(tx, market.operator, deal_id=row.id)
        consents.decide_approval(
            tx,
            market.operator,
            business_now(tx),
            approval_id=asked.id,
            event=ApprovalEvent.REFUSE,
            body="exchange",
            document_number="1",
        )
    assert (status_of(row.id), frozen(market)) == (DealStatus.TERMINATED, 0)


def test_a_hold_makes_read_only_and_the_clock_stands_still(market: Market) -> None:
    row = a_cleared_deal(market)
    with transaction() as tx:
        holds.hold(tx, market.seller, business_now(tx), deal_id=row.id, reason="a question of the tax office")
    with pytest.raises(IllegalTransition):
        grant(market, row)
    wait(timedelta(days=30))
    assert status_of(row.id) is DealStatus.ON_HOLD
    with transaction() as tx:
        holds.resume(tx, market.operator, business_now(tx), deal_id=row.id)
    again = deal(row.id)
    assert again.status is DealStatus.ROFR_CLEARED
    assert row.due_at is not None
    assert again.due_at is not None
    assert again.due_at - row.due_at >= timedelta(days=30)


def test_a_buyer_who_leaves_a_private_seller_keeps_its_deposit(market: Market) -> None:
    row = a_cleared_deal(market)
    with transaction() as tx:
        holds.withdraw(tx, market.buyers["social"], business_now(tx), deal_id=row.id, reason="no")
    assert (status_of(row.id), cash(row.buyer_organisation_id)) == (DealStatus.WITHDRAWN, (100 * MILLION, 0))


def test_a_buyer_who_leaves_a_state_owned_seller_forfeits_its_deposit(market: Market) -> None:
    row = a_cleared_deal(market)
    with transaction() as tx:
        found = tx.get(DealRow, row.id)
        assert found is not None
        found.seller_is_state_owned = True
    with transaction() as tx:
        holds.withdraw(tx, market.buyers["social"], business_now(tx), deal_id=row.id, reason="no")
    assert cash(row.buyer_organisation_id) == (100 * MILLION - row.deposit_minor, 0)
    assert cash(row.seller_organisation_id) == (row.deposit_minor, 0)


def test_what_is_signed_is_not_left(market: Market) -> None:
    row = a_signed_deal(market)
    with transaction() as tx, pytest.raises(IllegalTransition):
        holds.withdraw(tx, market.seller, business_now(tx), deal_id=row.id, reason="no")
    assert status_of(row.id) is DealStatus.SIGNED


@pytest.mark.parametrize("make", [a_signed_deal, a_transferred_deal])
def test_an_order_ends_a_deal_by_two_persons_before_and_after_the_transfer(market: Market, make: object) -> None:
    row = make(market)  # type: ignore[operator]
    with transaction() as tx:
        asked = holds.request_termination(
            tx,
            market.operator,
            business_now(tx),
            deal_id=row.id,
            order_number="(2026) 1",
            authority="court",
        )
    second_operator_decides(market, asked.id, Decision.APPROVED)
    assert (status_of(row.id), frozen(market)) == (DealStatus.TERMINATED, 0)
    assert cash(row.buyer_organisation_id) == (100 * MILLION, 0)
    held = holding(market, row.seller_organisation_id)
    assert held is not None
    assert held.subscribed_minor == 100 * MILLION


def test_a_shut_gate_refuses_the_consent_with_what_is_missing(market: Market) -> None:
    listing_id = a_listing(market, amount=20, price_ppm=850_000)
    bid(market, listing_id, "social", 20, 850_000)
    settle()
    confirm_all(market, proposals(listing_id))
    row = deal_of_listing(listing_id)
    serve(market, row)
    with pytest.raises(GateBlocked):
        grant(market, row)
    assert status_of(row.id) is DealStatus.ROFR_CLEARED


def test_two_who_act_on_one_deal_have_one_winner(market: Market) -> None:
    row = a_signed_deal(market)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def pay() -> None:
        start.wait()
        try:
            with transaction() as tx:
                funding.fund(tx, market.buyers["social"], business_now(tx), deal_id=row.id)
            outcomes.append("paid")
        except IllegalTransition:
            outcomes.append("refused")

    threads = [threading.Thread(target=pay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paid", "refused"]


def test_a_deals_course_is_told_from_the_audit_trail(market: Market) -> None:
    row = a_transferred_deal(market)
    with transaction() as tx:
        told = [event.type for event in offers.timeline_of(tx, market.operator, deal_id=row.id)]
    assert told[0] == "deal.opened"
    assert {"deal.noticed", "deal.signed", "deal.funded", "deal.statement_issued", "deal.transferred"} <= set(told)
