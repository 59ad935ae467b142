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
from exchange.oversight.service import invariant_findings
from exchange.settlement.bust import BustReason
from exchange.settlement.deal import FALLEN, DealEvent, DealStatus
from exchange.settlement.service import busting, falling, funding, statements, transfer
from exchange.settlement.service.progress import advance_deal, lock_deal
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.statements import StatementAnswer
from tests.evidence import all_accepted
from tests.integration.matching.exchange_world import MILLION, Market, a_listing, bid, proposals, settle, wait
from tests.integration.matching.test_negotiated import confirm_all
from tests.integration.settlement.deal_world import actor_of

DEALS, STEPS, LOOK_EVERY = 24, 1500, 250
AHEAD = (
    DealEvent.SERVE_NOTICE,
    DealEvent.CLEAR_ROFR,
    DealEvent.CONSENT,
    DealEvent.APPROVE,
    DealEvent.SIGN,
)
SIDEWAYS = (DealEvent.HOLD, DealEvent.RESUME, DealEvent.SETTLE, DealEvent.FILE)
DOWN = (DealEvent.WITHDRAW, DealEvent.REFUSE, DealEvent.DEFAULT, DealEvent.TERMINATE)
BEFORE_THE_REGISTER = (
    "confirmed", "noticed", "rofr_cleared", "gp_consented", "approved", "signed", "funded", "closing", "on_hold",
)  # fmt: skip


@dataclass
class Run:
    """A random course over the deals of one market, and what it met."""

    market: Market
    chance: random.Random
    deals: list[str]
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    notices: int = 0

    def step(self) -> None:
        """One random thing to one random deal; a refusal is as good as a success."""
        moves: list[tuple[int, Callable[[Tx, DealRow], object]]] = [
            (24, self.ahead), (12, self.fund), (20, self.answer), (16, self.register), (6, self.ask_bust),
            (10, self.decide), (2, self.fall), (4, self.sideways), (1, self.flow),
        ]  # fmt: skip
        (move,) = self.chance.choices([move for _, move in moves], [weight for weight, _ in moves])
        try:
            with transaction() as tx:
                row = tx.get(DealRow, self.chance.choice(self.deals))
                assert row is not None
                move(tx, row)
        except ExchangeError as refusal:
            self.refused[refusal.code] += 1
        else:
            self.done[move.__name__] += 1

    def ahead(self, tx: Tx, row: DealRow) -> None:
        """A step towards signing; the notice counts as served long ago for half of them."""
        now, held = business_now(tx), lock_deal(tx, row.id)
        fitting = {DealStatus.CONFIRMED: 0, DealStatus.NOTICED: 1, DealStatus.ROFR_CLEARED: 2,
                   DealStatus.GP_CONSENTED: 3, DealStatus.APPROVED: 4}.get(held.status)  # fmt: skip
        event = self.chance.choice(AHEAD) if fitting is None or self.chance.random() < 0.1 else AHEAD[fitting]
        if event is DealEvent.SERVE_NOTICE and held.status is DealStatus.CONFIRMED:
            held.notice_served_at = now - timedelta(days=self.chance.choice([0, 40]))
        advance_deal(tx, SYSTEM, now, held, event)

    def sideways(self, tx: Tx, row: DealRow) -> None:
        """A hold, its end, or a last step."""
        event = self.chance.choice(SIDEWAYS)
        held = lock_deal(tx, row.id)
        if event in {DealEvent.FILE, DealEvent.SETTLE} and held.proceeds_held_minor:
            return
        advance_deal(tx, SYSTEM, business_now(tx), held, event)

    def fall(self, tx: Tx, row: DealRow) -> None:
        """An end before the register, with or without the deposit."""
        held = lock_deal(tx, row.id)
        if held.status.value in BEFORE_THE_REGISTER:
            event, forfeits = self.chance.choice(DOWN), self.chance.random() < 0.5
            falling.fall(tx, SYSTEM, business_now(tx), held, event, reason="random", forfeits_deposit=forfeits)

    def fund(self, tx: Tx, row: DealRow) -> None:
        """The buyer pays."""
        funding.fund(tx, self.of(row.buyer_organisation_id), business_now(tx), deal_id=row.id)

    def answer(self, tx: Tx, row: DealRow) -> None:
        """Somebody says something about the statement, or has it computed anew."""
        said = self.chance.choice([StatementAnswer.CONFIRMED] * 6 + [StatementAnswer.DISPUTED, StatementAnswer.UPHELD])
        who = self.of(self.chance.choice([row.buyer_organisation_id, row.seller_organisation_id]))
        if self.chance.random() < 0.2:
            funding.reissue(tx, self.market.operator, business_now(tx), deal_id=row.id)
            return
        speaker = self.market.operator if said is StatementAnswer.UPHELD else who
        statements.answer(tx, speaker, business_now(tx), deal_id=row.id, said=said, note="figures")

    def register(self, tx: Tx, row: DealRow) -> None:
        """An operator enters the buyer on the roll."""
        transfer.register(tx, self.market.operator, business_now(tx), deal_id=row.id)

    def ask_bust(self, tx: Tx, row: DealRow) -> None:
        """An operator asks for a transfer to be undone."""
        busting.request_bust(
            tx,
            self.market.operator,
            business_now(tx),
            deal_id=row.id,
            reason=BustReason.MATERIAL_ERROR,
            statement="heard",
            document_number="B",
        )

    def decide(self, tx: Tx, row: DealRow) -> None:
        """A second operator decides what was asked of a deal."""
        waits = (ApprovalRow.subject_id == row.id, ApprovalRow.status == ApprovalStatus.PENDING)
        asked = tx.exec(select(ApprovalRow.id).where(*waits)).all()
        status = self.chance.choice([ApprovalStatus.APPROVED, ApprovalStatus.REJECTED])
        for approval_id in asked:
            approvals.decide(tx, self.market.second_operator, business_now(tx), approval_id, status, reason="checked")

    def flow(self, tx: Tx, row: DealRow) -> None:
        """The manager calls or pays out, or corrects what it said."""
        now, kind = business_now(tx), self.chance.choice([CashFlowKind.CONTRIBUTION, CashFlowKind.DISTRIBUTION])
        self.notices += self.chance.random() < 0.8
        amount = self.chance.randrange(1, 2 * MILLION)
        flow = CashFlow(
            row.fund_id, f"N{self.notices}", market_date(now), kind, amount, 0, SourceMark.SIMULATED, "random"
        )
        funds.record_cash_flow(tx, self.market.seller, now, flow=flow)

    def of(self, organisation_id: str) -> Actor:
        """The person of a party."""
        return actor_of(self.market, organisation_id)


def some_deals(market: Market, chance: random.Random) -> list[str]:
    """So many deals of different sizes in one listing, for all of the seller's interest."""
    listing_id = a_listing(market, amount=100)
    for _ in range(DEALS):
        bid(market, listing_id, chance.choice(list(market.buyers)), chance.randint(1, 4), 850_000)
    settle()
    confirm_all(market, proposals(listing_id))
    with transaction() as tx:
        buyers = [buyer.organisation_id for buyer in market.buyers.values()]
        all_accepted(tx, business_now(tx), listing_id, buyers, up_to=Gate.RELEASE)
        return list(tx.exec(select(DealRow.id).where(DealRow.listing_id == listing_id).order_by(DealRow.id)))  # type: ignore[arg-type]


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
    run = Run(market, chance, some_deals(market, chance))
    assert len(run.deals) > DEALS // 2
    before = totals()
    assert before[0] == 0
    for number in range(1, STEPS + 1):
        run.step()
        if number % 50 == 0:
            wait(timedelta(hours=chance.choice([1, 8, 30])))
        if number % LOOK_EVERY == 0:
            assert (totals(), broken()) == (before, [])
    settle()
    wait(timedelta(days=30))
    assert (totals(), broken()) == (before, [])
    nothing_is_held_for_what_is_over()
    assert {"fund", "answer", "register", "fall"} <= run.done.keys()
    assert run.refused


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
