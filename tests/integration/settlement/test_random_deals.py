"""Many deals at once, taken on, back and down in any order for thousands of steps: nothing is lost, held or made.

Money sums to zero and the roll keeps its totals all the time; a deal that is over holds nothing. What is refused on
the way (out of order, too little money, a paper, the notice) leaves no trace that an invariant would find.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from exchange.access.actor import SYSTEM, Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.access.tables import ApprovalRow
from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError
from exchange.core.terms import SourceMark
from exchange.diligence.gate import Gate
from exchange.funds import service as funds
from exchange.funds.cash_flow import CashFlow
from exchange.funds.kinds import CashFlowKind
from exchange.infra.clock import business_now
from exchange.infra.database import Tx, transaction
from exchange.listings.payment_plan import LaterPart, PaymentPlan, Security
from exchange.oversight.service import invariant_findings
from exchange.settlement.approval import ApprovalEvent
from exchange.settlement.backup import BackupStatus
from exchange.settlement.bust import BustReason
from exchange.settlement.deal import FALLEN, FINAL, DealEvent, DealStatus
from exchange.settlement.obligation import ObligationStatus
from exchange.settlement.pre_emption import ServiceMethod
from exchange.settlement.service import (
    backups,
    busting,
    consents,
    falling,
    funding,
    holds,
    notices,
    obligations,
    plans,
    statements,
    transfer,
)
from exchange.settlement.service.progress import advance_deal, lock_deal
from exchange.settlement.statement import StatementAnswer
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.withdrawal import ConsentRefusal
from tests.evidence import all_accepted
from tests.integration.matching.exchange_world import MILLION, Market, a_listing, bid, proposals, settle, wait
from tests.integration.matching.test_negotiated import confirm_all
from tests.integration.settlement.deal_world import actor_of, holding
from tests.integration.settlement.test_after_transfer import evidence

DEALS, STEPS, LOOK_EVERY, WAIT_EVERY = 24, 1000, 250, 40
PLAN = PaymentPlan((LaterPart(300_000, 20),), 40_000, Security.ESCROW)
_S = DealStatus

Move = Callable[["Run", Tx, DealRow], object]


@dataclass
class Run:
    """A random course over the deals of one market, and what it met."""

    market: Market
    chance: random.Random
    document_id: str
    deals: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    notices: int = 0

    def step(self) -> None:
        """One thing to one random deal: mostly one that fits its status, sometimes any. A refusal is as good."""
        try:
            with transaction() as tx:
                row = tx.get(DealRow, self.chance.choice(self.deals))
                assert row is not None
                fitting = FITTING.get(row.status, REPLACING)
                move = self.chance.choice(EVERYTHING if self.chance.random() < 0.15 else fitting)
                move(self, tx, row)
        except ExchangeError as refusal:
            self.refused[refusal.code] += 1
        else:
            self.done[move.__name__] += 1

    def of(self, organisation_id: str) -> Actor:
        """The person of a party."""
        return actor_of(self.market, organisation_id)

    def side(self, row: DealRow) -> Actor:
        """The buyer or the seller."""
        return self.of(self.chance.choice([row.buyer_organisation_id, row.seller_organisation_id]))


def serve(run: Run, tx: Tx, row: DealRow) -> None:
    """The manager serves the notice; for most it counts as served long ago, so that they need not wait."""
    served = notices.serve(
        tx, run.market.seller, business_now(tx), deal_id=row.id, method=ServiceMethod.EXCHANGE_INBOX, proof="P"
    )
    if run.chance.random() < 0.8 and served.notice_served_at is not None:
        served.notice_served_at -= timedelta(days=40)


def record_lapse(run: Run, tx: Tx, row: DealRow) -> None:
    """An operator records that nobody exercised."""
    notices.record_lapse(tx, run.market.operator, business_now(tx), deal_id=row.id)


def consent(run: Run, tx: Tx, row: DealRow) -> None:
    """The manager admits the buyer, or rarely refuses it."""
    manager, now = run.market.seller, business_now(tx)
    if run.chance.random() < 0.1:
        consents.refuse(tx, manager, now, deal_id=row.id, reason=run.chance.choice(list(ConsentRefusal)), note="no")
    else:
        consents.consent(tx, manager, now, deal_id=row.id)


def approve(run: Run, tx: Tx, row: DealRow) -> None:
    """The bodies that are asked say yes."""
    for asked in consents.approvals_of(tx, run.market.operator, deal_id=row.id):
        consents.decide_approval(
            tx, run.market.operator, business_now(tx), approval_id=asked.id, event=ApprovalEvent.GRANT, body="body",
            document_number="A",
        )  # fmt: skip


def sign(_: Run, tx: Tx, row: DealRow) -> None:
    """All three have signed."""
    advance_deal(tx, SYSTEM, business_now(tx), lock_deal(tx, row.id), DealEvent.SIGN)


def state_plan(run: Run, tx: Tx, row: DealRow) -> None:
    """Both sides state that a part is paid later."""
    for organisation_id in (row.buyer_organisation_id, row.seller_organisation_id):
        plans.state_plan(tx, run.of(organisation_id), business_now(tx), deal_id=row.id, plan=PLAN)


def hold(run: Run, tx: Tx, row: DealRow) -> None:
    """The deal is made read-only."""
    holds.hold(tx, run.market.operator, business_now(tx), deal_id=row.id, reason="looked at")


def resume(run: Run, tx: Tx, row: DealRow) -> None:
    """A held deal goes on."""
    holds.resume(tx, run.market.seller, business_now(tx), deal_id=row.id)


def withdraw(run: Run, tx: Tx, row: DealRow) -> None:
    """A side leaves."""
    holds.withdraw(tx, run.side(row), business_now(tx), deal_id=row.id, reason="changed its mind")


def default(_: Run, tx: Tx, row: DealRow) -> None:
    """The buyer is in default and its deposit is the seller's."""
    if row.status in (_S.SIGNED, _S.FUNDED):
        held = lock_deal(tx, row.id)
        falling.fall(tx, SYSTEM, business_now(tx), held, DealEvent.DEFAULT, reason="not_funded", forfeits_deposit=True)


def ask_order(run: Run, tx: Tx, row: DealRow) -> None:
    """An operator asks for the end by order of a court."""
    holds.request_termination(
        tx, run.market.operator, business_now(tx), deal_id=row.id, order_number="1", authority="court"
    )


def fund(run: Run, tx: Tx, row: DealRow) -> None:
    """The buyer pays."""
    funding.fund(tx, run.of(row.buyer_organisation_id), business_now(tx), deal_id=row.id)


def answer(run: Run, tx: Tx, row: DealRow) -> None:
    """Both sides agree to the statement, or one disputes it."""
    now = business_now(tx)
    if run.chance.random() < 0.3:
        said = StatementAnswer.DISPUTED
        statements.answer(tx, run.side(row), now, deal_id=row.id, said=said, note="figures")
        return
    for organisation_id in (row.buyer_organisation_id, row.seller_organisation_id):
        who = run.of(organisation_id)
        statements.answer(tx, who, now, deal_id=row.id, said=StatementAnswer.CONFIRMED)


def rule_on_dispute(run: Run, tx: Tx, row: DealRow) -> None:
    """An operator upholds a disputed statement or has it computed anew."""
    operator, now = run.market.operator, business_now(tx)
    if run.chance.random() < 0.5:
        funding.reissue(tx, operator, now, deal_id=row.id)
    else:
        statements.answer(tx, operator, now, deal_id=row.id, said=StatementAnswer.UPHELD, note="it stands")


def register(run: Run, tx: Tx, row: DealRow) -> None:
    """An operator enters the buyer on the roll."""
    transfer.register(tx, run.market.operator, business_now(tx), deal_id=row.id)


def ask_bust(run: Run, tx: Tx, row: DealRow) -> None:
    """An operator asks for a transfer to be undone."""
    busting.request_bust(
        tx, run.market.operator, business_now(tx), deal_id=row.id, reason=BustReason.MATERIAL_ERROR,
        statement="heard", document_number="B",
    )  # fmt: skip


def decide(run: Run, tx: Tx, row: DealRow) -> None:
    """A second operator decides what was asked of a deal."""
    waits = (ApprovalRow.subject_id == row.id, ApprovalRow.status == ApprovalStatus.PENDING)
    status = run.chance.choice([ApprovalStatus.APPROVED, ApprovalStatus.REJECTED])
    for approval_id in tx.exec(select(ApprovalRow.id).where(*waits)).all():
        approvals.decide(tx, run.market.second_operator, business_now(tx), approval_id, status, reason="checked")


def fulfil(run: Run, tx: Tx, row: DealRow) -> None:
    """The manager hands in the next thing to file."""
    manager, now = run.market.seller, business_now(tx)
    for due in obligations.obligations_of(tx, manager, deal_id=row.id, status=ObligationStatus.OPEN):
        if due.responsible_organisation_id is not None:
            obligations.fulfil(tx, manager, now, obligation_id=due.id, document_id=run.document_id)


def pay_later_part(run: Run, tx: Tx, row: DealRow) -> None:
    """The buyer pays a later part of the price."""
    buyer = run.of(row.buyer_organisation_id)
    for part in plans.instalments_of(tx, buyer, row.id)[:1]:
        plans.pay(tx, buyer, business_now(tx), instalment_id=part.id)


def answer_backup(run: Run, tx: Tx, row: DealRow) -> None:
    """A backup takes what a fallen deal left, or does not."""
    now = business_now(tx)
    for offer in backups.offers_of(
        tx, run.market.operator, listing_id=row.listing_id, status=BackupStatus.OFFERED, limit=1
    ):
        who = run.of(offer.organisation_id)
        if run.chance.random() < 0.7:
            backups.accept(tx, who, now, offer_id=offer.id)
        else:
            backups.decline(tx, who, now, offer_id=offer.id, note="no")


def flow(run: Run, tx: Tx, row: DealRow) -> None:
    """The manager calls or pays out, or corrects what it said."""
    now, kind = business_now(tx), run.chance.choice([CashFlowKind.CONTRIBUTION, CashFlowKind.DISTRIBUTION])
    run.notices += run.chance.random() < 0.8
    amount = run.chance.randrange(1, 3 * MILLION)
    notice = CashFlow(row.fund_id, f"N{run.notices}", market_date(now), kind, amount, 0, SourceMark.SIMULATED, "random")
    funds.record_cash_flow(tx, run.market.seller, now, flow=notice)


AHEAD: tuple[Move, ...] = (withdraw, hold, state_plan, ask_order, decide)
REPLACING: tuple[Move, ...] = (answer_backup, decide, flow)
FITTING: dict[DealStatus, tuple[Move, ...]] = {
    _S.CONFIRMED: (*AHEAD, *[serve] * 15),
    _S.NOTICED: (*AHEAD, *[record_lapse] * 15),
    _S.ROFR_CLEARED: (*AHEAD, *[consent] * 15),
    _S.GP_CONSENTED: (*AHEAD, *[approve] * 15),
    _S.APPROVED: (*AHEAD, *[sign] * 15),
    _S.SIGNED: (hold, default, *[fund] * 12),
    _S.CLOSING: (ask_order, decide, *[answer] * 5, rule_on_dispute, flow, *[register] * 6),
    _S.TRANSFERRED: (ask_bust, decide, *[fulfil] * 4, pay_later_part, ask_order),
    _S.FILED: (*[pay_later_part] * 8, ask_order, decide),
    _S.ON_HOLD: (*[resume] * 8, ask_order, decide),
}
EVERYTHING: tuple[Move, ...] = tuple({move: 1 for moves in (*FITTING.values(), REPLACING) for move in moves})


def a_sale(market: Market, chance: random.Random, bids: int, most: int) -> None:
    """A listing of what the seller has free, sold to many bidders; some bids lose and wait behind."""
    line = holding(market, market.seller.organisation_id)
    amount = min(most, line.free_minor // MILLION) if line else 0
    if amount < 5:
        return
    listing_id = a_listing(market, amount=amount)
    for _ in range(bids):
        bid(
            market, listing_id, chance.choice(list(market.buyers)), chance.randint(1, 4), 850_000 + chance.randint(0, 9)
        )
    settle()
    confirm_all(market, proposals(listing_id))
    with transaction() as tx:
        buyers = [buyer.organisation_id for buyer in market.buyers.values()]
        all_accepted(tx, business_now(tx), listing_id, buyers, up_to=Gate.RELEASE)


def all_deals() -> list[DealRow]:
    """Every deal there is."""
    with transaction() as tx:
        return list(tx.exec(select(DealRow).order_by(DealRow.id)))


def totals() -> tuple[int, ...]:
    """All money (zero with the bank's side), and the fund's subscribed, paid-in and unfunded capital."""
    with transaction() as tx:
        money = tx.execute(text("SELECT coalesce(sum(posted_minor), 0) FROM account")).scalar_one()
        roll = tx.execute(
            text("SELECT sum(subscribed_minor), sum(paid_in_minor), sum(unfunded_minor) FROM holding")
        ).one()
    return (int(money), *(int(total) for total in roll))


def broken() -> list[str]:
    """Invariants that do not hold, with their examples."""
    with transaction() as tx:
        return [f"{found.id} {found.examples}" for found in invariant_findings(tx) if not found.holds]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_courses_of_many_deals_lose_and_make_nothing(market: Market, seed: int) -> None:
    chance = random.Random(seed)
    run = Run(market, chance, evidence(market.seller))
    a_sale(market, chance, DEALS, 40)
    before = totals()
    assert before[0] == 0
    for number in range(1, STEPS + 1):
        if number % WAIT_EVERY == 1:
            wait(timedelta(hours=chance.choice([1, 8, 30])))
            if len(live := [row.id for row in all_deals() if row.status not in FINAL]) < DEALS // 3:
                a_sale(market, chance, DEALS // 2, 15)
            run.deals = [*live * 3, *(row.id for row in all_deals())]  # those that are over come up now and then
        run.step()
        if number % LOOK_EVERY == 0:
            settle()
            assert (totals(), broken()) == (before, [])
    wait(timedelta(days=60))
    assert (totals(), broken()) == (before, [])
    nothing_is_held_for_what_is_over()
    assert {"fund", "answer", "register", "fulfil", "consent", "answer_backup"} <= run.done.keys()
    assert run.refused
    assert {DealStatus.SETTLED, DealStatus.BUSTED} <= {row.status for row in all_deals()}


def nothing_is_held_for_what_is_over() -> None:
    """No deposit, no proceeds and no settlement money of a deal that fell, was busted or settled."""
    over = [status.value for status in (*FALLEN, DealStatus.SETTLED)]
    with transaction() as tx:
        held = tx.execute(
            text(
                "SELECT d.id FROM deal d WHERE d.status = ANY(:over) AND (d.deposit_minor > 0 "
                "OR d.proceeds_held_minor > 0 OR (SELECT coalesce(sum(e.posted_delta_minor), 0) FROM ledger_entry e "
                "JOIN account a ON a.id = e.account_id WHERE a.kind = 'settlement' AND e.reference_id = d.id) <> 0)"
            ),
            {"over": over},
        ).all()
        assert not held
        assert tx.execute(text("SELECT count(*) FROM deal WHERE status = ANY(:over)"), {"over": over}).scalar_one()
