"""Money and interests move as groups of legs: all or nothing, once, and back again exactly."""

import threading

import pytest

from exchange.access.actor import SYSTEM
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.custody.errors import InterestNotFree, InterestNotMoved, ReleaseTooLarge
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.ledger.kinds import AccountKind, EntryKind
from exchange.ledger.transfer import Leg
from tests.builders import (
    Exchange,
    a_fund,
    a_gp,
    a_holding,
    a_nav_statement,
    an_account,
    an_investor,
    at_work,
)

MILLION = 1_000_000_00


def _free(account_id: str, exchange: Exchange) -> int:
    with transaction() as tx:
        row, _ = ledger.entries_of(tx, exchange.maker, account_id=account_id)
        return row.posted_minor - row.held_minor


def test_money_goes_to_the_settlement_account_and_on_and_back(exchange: Exchange) -> None:
    buyer, seller = an_investor(exchange), an_investor(exchange)
    paying, receiving = an_account(exchange, buyer, "1000.00"), an_account(exchange, seller)
    deal = new_id("deal")
    with at_work() as (tx, now):
        settlement = ledger.house_account(tx, AccountKind.SETTLEMENT, "CNY")
        fees = ledger.house_account(tx, AccountKind.FEES, "CNY")
        first = ledger.post_transfer(
            tx, now, legs=[Leg(paying, -900_00), Leg(settlement, 900_00)], kind=EntryKind.TO_SETTLEMENT,
            reference_id=deal, once="fund",
        )  # fmt: skip
        again = ledger.post_transfer(
            tx, now, legs=[Leg(paying, -900_00), Leg(settlement, 900_00)], kind=EntryKind.TO_SETTLEMENT,
            reference_id=deal, once="fund",
        )  # fmt: skip
        assert (again, ledger.settlement_balance(tx, deal, "CNY")) == (first, 900_00)
        out = ledger.post_transfer(
            tx, now, legs=[Leg(settlement, -900_00), Leg(receiving, 880_00), Leg(fees, 20_00)],
            kind=EntryKind.PROCEEDS, reference_id=deal,
        )  # fmt: skip
        assert ledger.settlement_balance(tx, deal, "CNY") == 0
    assert (_free(paying, exchange), _free(receiving, exchange)) == (100_00, 880_00)
    with at_work() as (tx, now):
        back = [ledger.reverse_transfer(tx, now, transfer_id=out, reference_id=deal) for _ in range(2)]
        ledger.reverse_transfer(tx, now, transfer_id=first, reference_id=deal)
        assert back[0] == back[1]
        assert ledger.transfers_of(tx, deal) == []
    assert (_free(paying, exchange), _free(receiving, exchange)) == (1000_00, 0)


def test_a_transfer_without_cover_changes_nothing(exchange: Exchange) -> None:
    buyer = an_investor(exchange)
    paying = an_account(exchange, buyer, "100.00")
    with at_work() as (tx, now):
        settlement = ledger.house_account(tx, AccountKind.SETTLEMENT, "CNY")
        ledger.hold(tx, now, account_id=paying, amount_minor=60_00, reference_id=new_id("deal"))
    with at_work() as (tx, now), pytest.raises(FundsNotCovered):
        ledger.post_transfer(
            tx, now, legs=[Leg(paying, -41_00), Leg(settlement, 41_00)], kind=EntryKind.TO_SETTLEMENT,
            reference_id="deal",
        )  # fmt: skip
    with at_work() as (tx, now), pytest.raises(ValueError, match="sum to zero"):
        ledger.post_transfer(tx, now, legs=[Leg(paying, -1)], kind=EntryKind.FEE, reference_id="deal")
    assert _free(paying, exchange) == 40_00
    with at_work() as (tx, now):
        ledger.apply_holds(tx, [], now)
        ledger.release(tx, now, account_id=paying, amount_minor=60_00, reference_id="deal")


def test_an_interest_goes_over_with_what_belongs_to_it_and_back(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp)
    holder, buyer = an_investor(exchange), an_investor(exchange)
    held = a_holding(fund_id, gp, holder)
    with at_work() as (tx, now):
        before = custody.holding_facts(tx, held.id)
        custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=30 * MILLION, reference_id="listing")
        with pytest.raises(ReleaseTooLarge):
            custody.transfer_interest(
                tx, SYSTEM, now, from_holding_id=held.id, to_organisation_id=buyer.organisation_id,
                amount_minor=31 * MILLION, frozen_reference_id="listing", reference_id="deal",
            )  # fmt: skip
        moved = [
            custody.transfer_interest(
                tx, SYSTEM, now, from_holding_id=held.id, to_organisation_id=buyer.organisation_id,
                amount_minor=30 * MILLION, frozen_reference_id="listing", reference_id="deal",
            )
            for _ in range(2)
        ]  # fmt: skip
        assert moved[0] == moved[1]
        left, got = custody.holding_facts(tx, held.id), custody.holding_facts(tx, moved[0].to_holding_id)
    assert (left.frozen_minor, got.frozen_minor) == (0, 0)
    assert got.subscribed_minor == 30 * MILLION
    for name in ("subscribed_minor", "paid_in_minor", "unfunded_minor"):
        assert getattr(left, name) + getattr(got, name) == getattr(before, name)
    with at_work() as (tx, now):
        with pytest.raises(InterestNotMoved):
            custody.reverse_interest(
                tx, SYSTEM, now, reference_id="other", reversal_reference_id="bust", freeze_again=True
            )
        for _ in range(2):
            custody.reverse_interest(
                tx, SYSTEM, now, reference_id="deal", reversal_reference_id="bust", freeze_again=False
            )
        again = custody.holding_facts(tx, held.id)
    assert (again.subscribed_minor, again.paid_in_minor, again.unfunded_minor, again.frozen_minor) == (
        before.subscribed_minor,
        before.paid_in_minor,
        before.unfunded_minor,
        0,
    )


def test_an_interest_that_was_passed_on_does_not_come_back(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp)
    holder, buyer = an_investor(exchange), an_investor(exchange)
    held = a_holding(fund_id, gp, holder)
    with at_work() as (tx, now):
        custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=30 * MILLION, reference_id="listing")
        moved = custody.transfer_interest(
            tx, SYSTEM, now, from_holding_id=held.id, to_organisation_id=buyer.organisation_id,
            amount_minor=30 * MILLION, frozen_reference_id="listing", reference_id="deal",
        )  # fmt: skip
        custody.freeze(tx, gp, now, holding_id=moved.to_holding_id, amount_minor=MILLION, reference_id="resale")
    with at_work() as (tx, now), pytest.raises(InterestNotFree):
        custody.reverse_interest(tx, SYSTEM, now, reference_id="deal", reversal_reference_id="bust", freeze_again=True)
    with at_work() as (tx, now):
        assert custody.holding_facts(tx, held.id).frozen_minor == 0
        custody.release(tx, gp, now, holding_id=moved.to_holding_id, amount_minor=MILLION, reference_id="resale")


def test_two_who_move_the_same_frozen_amount_have_one_winner(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_fund(gp)
    a_nav_statement(fund_id, gp)
    holder = an_investor(exchange)
    buyers = [an_investor(exchange), an_investor(exchange)]
    held = a_holding(fund_id, gp, holder)
    with at_work() as (tx, now):
        custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=30 * MILLION, reference_id="listing")
    results: list[str] = []
    start = threading.Barrier(2)

    def move(number: int) -> None:
        start.wait()
        try:
            with at_work() as (tx, now):
                custody.transfer_interest(
                    tx, SYSTEM, now, from_holding_id=held.id,
                    to_organisation_id=buyers[number].organisation_id, amount_minor=30 * MILLION,
                    frozen_reference_id="listing", reference_id=f"deal{number}",
                )  # fmt: skip
            results.append("moved")
        except ReleaseTooLarge:
            results.append("refused")

    threads = [threading.Thread(target=move, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["moved", "refused"]
