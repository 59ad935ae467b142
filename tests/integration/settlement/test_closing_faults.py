"""Whoever dies at any statement of funding, transfer or bust, and whoever races: all of it moves, or nothing does."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.core.errors import ExchangeError, RulesBroken
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.settlement.bust import BustReason
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import DealNotFound, NothingToAppeal
from exchange.settlement.service import appeals, busting, funding, transfer
from exchange.settlement.tables.deals import DealRow
from tests.integration.matching.exchange_world import MILLION, Market, settle, wait
from tests.integration.matching.test_worker_safety import Killed, kill_at
from tests.integration.settlement.deal_world import (
    a_funded_deal,
    a_signed_deal,
    a_transferred_deal,
    actor_of,
    cash,
    holding,
    second_operator_decides,
    status_of,
)
from tests.integration.settlement.test_after_transfer import told

BASE = 14_960_000_00
FEE = 64_880_00
START = 100 * MILLION

REGISTERS = ("ledger_entry", "ledger_transfer", "custody_entry", "interest_transfer", "closing_statement", "event")
MOVED = (
    "SELECT json_agg(d ORDER BY id)::text FROM deal d",
    "SELECT json_agg(a ORDER BY id)::text FROM account a",
    "SELECT json_agg(h ORDER BY id)::text FROM holding h",
    "SELECT json_agg(l ORDER BY id)::text FROM listing l",
    *(f"SELECT count(*)::text FROM {table}" for table in REGISTERS),
)


def everything() -> list[Any]:
    """Deals, balances, the roll and how much the registers hold."""
    with transaction() as tx:
        return [tx.execute(text(query)).scalar_one() for query in MOVED]


def kills_at_each_statement(work: Callable[[], object]) -> int:
    """Let the process die at the first statement, the second and so on, until the work gets through; how many deaths.

    After each death all is as it was before the work began.
    """
    before = everything()
    for deaths in range(1000):
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, deaths + 1)
            try:
                work()
            except Killed:
                died = True
            else:
                died = False
        if not died:
            return deaths
        assert everything() == before, f"statement {deaths + 1} left something behind"
    raise AssertionError("the work never gets through")


def dies_before_commit(work: Callable[[Any], object]) -> None:
    """All statements ran and the commit never came."""
    before = everything()

    def die() -> None:
        with transaction() as tx:
            work(tx)
            raise Killed

    with pytest.raises(Killed):
        die()
    assert everything() == before


def a_bust_asked(market: Market, row: DealRow) -> str:
    """The first operator asks for the transfer to be undone."""
    with transaction() as tx:
        asked = busting.request_bust(
            tx,
            market.operator,
            business_now(tx),
            deal_id=row.id,
            reason=BustReason.MATERIAL_ERROR,
            statement="both parties were heard",
            document_number="B-1",
        )
    return asked.id


def test_a_kill_at_any_statement_of_funding_transfer_and_bust_leaves_both_legs_or_neither(market: Market) -> None:
    row = a_funded_deal(market)

    def register(tx: Any) -> None:
        transfer.register(tx, market.operator, business_now(tx), deal_id=row.id)

    dies_before_commit(register)
    deaths = kills_at_each_statement(lambda: in_one(register))
    assert deaths > 20
    assert status_of(row.id) is DealStatus.TRANSFERRED
    settle()
    assert cash(row.seller_organisation_id) == (BASE - FEE, BASE - FEE)
    bought = holding(market, row.buyer_organisation_id)
    assert bought is not None
    assert bought.subscribed_minor == row.amount_minor

    approval_id = a_bust_asked(market, row)

    def approve(tx: Any) -> None:
        approvals.decide(
            tx, market.second_operator, business_now(tx), approval_id, ApprovalStatus.APPROVED, reason="checked"
        )

    dies_before_commit(approve)
    deaths = kills_at_each_statement(lambda: in_one(approve))
    assert deaths > 20
    assert status_of(row.id) is DealStatus.BUSTED
    assert cash(row.buyer_organisation_id) == (START, 0)
    assert cash(row.seller_organisation_id) == (0, 0)
    given_back = holding(market, row.buyer_organisation_id)
    assert given_back is not None
    assert given_back.subscribed_minor == 0


def test_a_kill_at_any_statement_of_funding_moves_no_money(market: Market) -> None:
    row = a_signed_deal(market)
    buyer = actor_of(market, row.buyer_organisation_id)

    def pay(tx: Any) -> None:
        funding.fund(tx, buyer, business_now(tx), deal_id=row.id)

    dies_before_commit(pay)
    assert kills_at_each_statement(lambda: in_one(pay)) > 15
    assert status_of(row.id) is DealStatus.CLOSING
    assert cash(row.buyer_organisation_id) == (START - BASE - FEE, 0)


def test_two_who_pay_at_once_pay_once(market: Market) -> None:
    row = a_signed_deal(market)
    buyer = actor_of(market, row.buyer_organisation_id)
    wins, refusals = race(lambda tx, _: funding.fund(tx, buyer, business_now(tx), deal_id=row.id), [buyer] * 3)
    assert (wins, refusals) == (1, ["ILLEGAL_TRANSITION"] * 2)
    assert cash(row.buyer_organisation_id) == (START - BASE - FEE, 0)


def test_two_operators_who_register_at_once_register_once(market: Market) -> None:
    row = a_funded_deal(market)
    operators = [market.operator, market.second_operator] * 2
    wins, refusals = race(lambda tx, who: transfer.register(tx, who, business_now(tx), deal_id=row.id), operators)
    assert (wins, refusals) == (1, ["ILLEGAL_TRANSITION"] * 3)
    assert cash(row.seller_organisation_id) == (BASE - FEE, BASE - FEE)
    bought = holding(market, row.buyer_organisation_id)
    assert bought is not None
    assert bought.subscribed_minor == row.amount_minor


def test_a_bust_approved_and_rejected_at_once_is_decided_once(market: Market) -> None:
    row = a_transferred_deal(market)
    approval_id = a_bust_asked(market, row)
    answers = {0: ApprovalStatus.APPROVED, 1: ApprovalStatus.REJECTED, 2: ApprovalStatus.APPROVED}
    turns = iter(answers.values())
    lock = threading.Lock()

    def decide(tx: Any, who: Actor) -> None:
        with lock:
            status = next(turns)
        approvals.decide(tx, who, business_now(tx), approval_id, status, reason="checked")

    wins, refusals = race(decide, [market.second_operator] * 3)
    assert (wins, len(refusals)) == (1, 2)
    money = {DealStatus.BUSTED: (0, 0), DealStatus.TRANSFERRED: (BASE - FEE, BASE - FEE)}
    assert cash(row.seller_organisation_id) == money[status_of(row.id)]


def test_a_side_appeals_in_time_and_nothing_moves(market: Market) -> None:
    row = a_transferred_deal(market)
    seller = actor_of(market, row.seller_organisation_id)

    def appeal(who: Actor) -> None:
        with transaction() as tx:
            appeals.appeal(tx, who, business_now(tx), deal_id=row.id, grounds="the figures were right")

    with pytest.raises(NothingToAppeal):
        appeal(seller)
    second_operator_decides(market, a_bust_asked(market, row), ApprovalStatus.APPROVED)
    before = [cash(side) for side in (row.buyer_organisation_id, row.seller_organisation_id)]
    appeal(seller)
    with pytest.raises(DealNotFound):
        appeal(market.buyers["guidance"])
    wait(timedelta(days=14))
    with pytest.raises(RulesBroken):
        appeal(seller)
    assert told("deal.bust_appealed") == 1
    assert [cash(side) for side in (row.buyer_organisation_id, row.seller_organisation_id)] == before


def in_one(work: Callable[[Any], object]) -> None:
    """The work in one transaction."""
    with transaction() as tx:
        work(tx)


def race(work: Callable[[Any, Actor], object], people: list[Actor]) -> tuple[int, list[str]]:
    """Several people do the same at once; how many got through, and the codes the others were refused with."""
    start = threading.Barrier(len(people))
    wins: list[Actor] = []
    refusals: list[str] = []

    def one(who: Actor) -> None:
        start.wait()
        try:
            with transaction() as tx:
                work(tx, who)
        except ExchangeError as refused:
            refusals.append(refused.code)
        else:
            wins.append(who)

    threads = [threading.Thread(target=one, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    return len(wins), refusals
