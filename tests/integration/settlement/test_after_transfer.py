"""After the transfer: filings with their days, later parts of the price, settling; and payments that are late."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlmodel import col, select

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.core.errors import Forbidden, IllegalTransition, RulesBroken
from exchange.diligence.service import documents
from exchange.diligence.service.receiving import receive
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.infra.tables import EventRow
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.listings.payment_plan import LaterPart, PaymentPlan, Security, interest_minor
from exchange.settlement.bust import BustReason
from exchange.settlement.deal import DealStatus
from exchange.settlement.duty_errors import (
    EvidenceNotYours,
    InstalmentNotFound,
    InstalmentsOutOfOrder,
    ObligationNotFound,
    PlanFixed,
)
from exchange.settlement.instalment import InstalmentStatus
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import ObligationKind, ObligationStatus
from exchange.settlement.service import busting, obligations, plans
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.duties import InstalmentRow, ObligationRow
from tests.files import a_pdf
from tests.integration.matching.exchange_world import MILLION, Market, settle, wait
from tests.integration.settlement.deal_world import (
    a_deal,
    a_signed_deal,
    a_transferred_deal,
    actor_of,
    cash,
    deal,
    second_operator_decides,
    sign,
    status_of,
    transferred,
)

PLAN = PaymentPlan((LaterPart(200_000, 180), LaterPart(200_000, 365)), 31_000, Security.BANK_GUARANTEE)
BASE = 14_960_000_00
FEE = 64_880_00
PART = 2_992_000_00


def told(kind: str) -> int:
    """How often something was told."""
    with transaction() as tx:
        return len(list(tx.exec(select(EventRow.id).where(EventRow.type == kind))))


def evidence(actor: Actor) -> str:
    """A clean document of somebody's organisation."""
    received = receive(BytesIO(a_pdf(words=actor.organisation_id)), "evidence.pdf")
    with transaction() as tx:
        made = documents.add_document(
            tx, actor, business_now(tx), received=received, file_name="evidence.pdf", title="evidence"
        )
        return made.document_id


def obligations_of(row: DealRow) -> list[ObligationRow]:
    with transaction() as tx:
        query = select(ObligationRow).where(ObligationRow.deal_id == row.id)
        return list(tx.exec(query.order_by(col(ObligationRow.due_on))))


def instalments_of(row: DealRow) -> list[InstalmentRow]:
    with transaction() as tx:
        query = select(InstalmentRow).where(InstalmentRow.deal_id == row.id)
        return list(tx.exec(query.order_by(col(InstalmentRow.number))))


def fulfil(actor: Actor, obligation_id: str, document_id: str) -> None:
    with transaction() as tx:
        obligations.fulfil(tx, actor, business_now(tx), obligation_id=obligation_id, document_id=document_id)
    settle()


def fulfil_all(market: Market, row: DealRow) -> None:
    document_id = evidence(market.seller)
    for due in obligations_of(row):
        if due.status is ObligationStatus.OPEN and due.kind is not ObligationKind.RESULT_NOTICE:
            fulfil(market.seller, due.id, document_id)


def pay(actor: Actor, instalment_id: str) -> None:
    with transaction() as tx:
        plans.pay(tx, actor, business_now(tx), instalment_id=instalment_id)
    settle()


def state(actor: Actor, row: DealRow, plan: PaymentPlan = PLAN) -> None:
    with transaction() as tx:
        plans.state_plan(tx, actor, business_now(tx), deal_id=row.id, plan=plan)
    settle()


def test_filings_are_due_by_the_law_and_the_last_one_settles(market: Market) -> None:
    row = a_transferred_deal(market)
    due = {item.kind: item for item in obligations_of(row)}
    assert set(due) == {ObligationKind.CHANGE_REGISTRATION, ObligationKind.ASSOCIATION_REPORT}
    assert row.transferred_at is not None
    registration = due[ObligationKind.CHANGE_REGISTRATION]
    assert (registration.breach_on - registration.due_on, registration.rule) == (timedelta(days=15), "R-41")
    buyer = actor_of(market, row.buyer_organisation_id)
    mine = evidence(market.seller)
    with pytest.raises(Forbidden):
        fulfil(buyer, registration.id, evidence(buyer))
    with pytest.raises(EvidenceNotYours):
        fulfil(market.seller, registration.id, evidence(buyer))
    with pytest.raises(ObligationNotFound):
        fulfil(market.buyers["second"], registration.id, mine)
    assert obligations_of(row)[0].status is ObligationStatus.OPEN
    fulfil_all(market, row)
    assert status_of(row.id) is DealStatus.TRANSFERRED  # its transfer may still be busted
    with pytest.raises(IllegalTransition):
        fulfil(market.seller, registration.id, mine)
    wait(timedelta(days=5))
    assert status_of(row.id) is DealStatus.SETTLED


def test_late_filings_are_told_twice(market: Market) -> None:
    row = a_transferred_deal(market)
    wait(timedelta(days=60))
    assert (told("obligation.overdue"), told("obligation.broken")) == (2, 2)
    assert {item.lateness for item in obligations_of(row)} == {Lateness.DEFAULT}
    fulfil_all(market, row)
    assert status_of(row.id) is DealStatus.SETTLED


def test_a_plan_holds_once_both_state_it_and_is_paid_in_order(market: Market) -> None:
    row = a_deal(market)
    buyer = actor_of(market, row.buyer_organisation_id)
    state(buyer, row)
    assert deal(row.id).plan == {}
    state(market.seller, row, PaymentPlan((LaterPart(100_000, 90),), 0, Security.PLEDGE))
    assert deal(row.id).plan == {}
    state(market.seller, row)
    assert deal(row.id).plan["interest_ppm"] == 31_000
    row = transferred(market, sign(row))
    with pytest.raises(PlanFixed):
        state(buyer, row)
    first, second = instalments_of(row)
    assert (first.principal_minor, second.principal_minor) == (PART, PART)
    assert cash(row.seller_organisation_id)[0] == BASE - 2 * PART - FEE
    with pytest.raises(InstalmentsOutOfOrder):
        pay(buyer, second.id)
    with pytest.raises(Forbidden):
        pay(market.seller, first.id)
    with pytest.raises(InstalmentNotFound):
        pay(market.buyers["second"], first.id)
    wait(timedelta(days=180))
    fulfil_all(market, row)
    assert status_of(row.id) is DealStatus.FILED
    before = cash(row.seller_organisation_id)[0]
    pay(buyer, first.id)
    assert cash(row.seller_organisation_id)[0] - before == PART + interest_minor(PART, 31_000, 180)
    with pytest.raises(IllegalTransition):
        pay(buyer, first.id)
    pay(buyer, second.id)
    assert status_of(row.id) is DealStatus.SETTLED


def test_a_late_part_is_told_and_short_cash_pays_nothing(market: Market) -> None:
    row = a_deal(market)
    buyer = actor_of(market, row.buyer_organisation_id)
    for actor in (buyer, market.seller):
        state(actor, row)
    row = transferred(market, sign(row))
    wait(timedelta(days=215))
    assert [told(f"instalment.{kind}") for kind in ("overdue", "noticed", "defaulted")] == [1, 1, 1]
    free = cash(row.buyer_organisation_id)[0]
    with transaction() as tx:
        now, account = business_now(tx), market.accounts["social"]
        ledger.hold(tx, now, account_id=account, amount_minor=free, reference_id="elsewhere")
    with pytest.raises(FundsNotCovered):
        pay(buyer, instalments_of(row)[0].id)
    assert instalments_of(row)[0].status is InstalmentStatus.DUE
    with transaction() as tx:
        ledger.release(tx, business_now(tx), account_id=account, amount_minor=free, reference_id="elsewhere")
    pay(buyer, instalments_of(row)[0].id)
    assert instalments_of(row)[0].paid_interest_minor == interest_minor(PART, 31_000, 215)


def test_an_unlawful_plan_is_refused_with_every_rule(market: Market) -> None:
    row = a_deal(market)
    with pytest.raises(RulesBroken) as refused:
        state(market.seller, row, PaymentPlan((LaterPart(800_000, 500),)))
    assert [breach.code for breach in refused.value.breaches] == [
        "FIRST_PART_TOO_SMALL",
        "LAST_PART_TOO_LATE",
        "LATER_PARTS_UNSECURED",
    ]
    assert deal(row.id).plan == {}


def test_a_bust_voids_what_was_due_and_waits_for_nobody(market: Market) -> None:
    row = a_transferred_deal(market)
    fulfil_all(market, row)
    with transaction() as tx:
        asked = busting.request_bust(
            tx, market.operator, business_now(tx), deal_id=row.id, reason=BustReason.SYSTEM_FAULT,
            statement="both parties were heard", document_number="B-1",
        )  # fmt: skip
    wait(timedelta(days=5))
    assert status_of(row.id) is DealStatus.TRANSFERRED  # final only once the request is answered
    assert cash(row.seller_organisation_id)[1] > 0
    second_operator_decides(market, asked.id, ApprovalStatus.REJECTED)
    assert status_of(row.id) is DealStatus.SETTLED
    assert cash(row.seller_organisation_id)[1] == 0
    busted = a_transferred_deal(market, buyer="second")
    with transaction() as tx:
        asked = busting.request_bust(
            tx, market.operator, business_now(tx), deal_id=busted.id, reason=BustReason.SYSTEM_FAULT,
            statement="both parties were heard", document_number="B-2",
        )  # fmt: skip
    second_operator_decides(market, asked.id, ApprovalStatus.APPROVED)
    assert {item.status for item in obligations_of(busted)} == {ObligationStatus.VOID}


def test_a_buyer_who_does_not_pay_defaults_and_forfeits(market: Market) -> None:
    row = a_signed_deal(market)
    wait(timedelta(days=9))
    assert (told("deal.overdue"), status_of(row.id)) == (1, DealStatus.SIGNED)
    wait(timedelta(days=6))
    assert (told("deal.funding_noticed"), deal(row.id).status_reason) == (1, "funding_noticed")
    wait(timedelta(days=25))
    assert status_of(row.id) is DealStatus.DEFAULTED
    assert cash(row.buyer_organisation_id) == (100 * MILLION - row.deposit_minor, 0)
    assert cash(row.seller_organisation_id) == (row.deposit_minor, 0)
