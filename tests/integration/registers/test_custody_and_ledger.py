import threading
from collections.abc import Callable

import pytest

from exchange.core.errors import ExchangeError
from exchange.core.ids import new_id
from exchange.core.money import Money
from exchange.custody import service as custody
from exchange.custody.errors import HoldingBelowEncumbrance, HoldingNotFound, InterestNotFree, ReleaseTooLarge
from exchange.custody.roll import Holding, HoldingRecord
from exchange.funds.errors import FundNotFound, NotFundManager
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger import store
from exchange.ledger.cover import HoldChange
from exchange.ledger.errors import AccountNotFound, BankAccountNotOpen, FundsNotCovered
from exchange.ledger.kinds import AccountKind
from tests.builders import Exchange, a_fund, a_gp, a_holding, an_account, an_investor, at_work

MILLION = 1_000_000_00


def a_held_interest(exchange: Exchange) -> Holding:
    gp = a_gp(exchange)
    return a_holding(a_fund(gp), gp, an_investor(exchange))


def now_of(holding_id: str) -> Holding:
    with transaction() as tx:
        return custody.holding_facts(tx, holding_id)


def test_frozen_interest_comes_back_as_far_as_its_reference_froze_it(exchange: Exchange) -> None:
    held = a_held_interest(exchange)
    with at_work() as (tx, now):
        maker = exchange.maker
        custody.freeze(tx, maker, now, holding_id=held.id, amount_minor=60 * MILLION, reference_id="one")
        with pytest.raises(InterestNotFree) as refused:
            custody.freeze(tx, maker, now, holding_id=held.id, amount_minor=41 * MILLION, reference_id="two")
        assert refused.value.parameters["free"] == "40000000.00"
        custody.freeze(tx, maker, now, holding_id=held.id, amount_minor=40 * MILLION, reference_id="two")
        with pytest.raises(ReleaseTooLarge):
            custody.release(tx, maker, now, holding_id=held.id, amount_minor=41 * MILLION, reference_id="two")
        custody.release(tx, maker, now, holding_id=held.id, amount_minor=10 * MILLION, reference_id="two")
        assert custody.frozen_for(tx, held.id, "two") == 30 * MILLION
    after = now_of(held.id)
    assert (after.frozen_minor, after.free_minor, after.version) == (90 * MILLION, 10 * MILLION, held.version + 3)


def test_two_at_once_never_freeze_more_than_there_is(exchange: Exchange) -> None:
    held = a_held_interest(exchange)
    codes: list[str] = []

    def freeze(reference: str) -> None:
        try:
            with at_work() as (tx, now):
                custody.freeze(
                    tx, exchange.maker, now, holding_id=held.id, amount_minor=30 * MILLION, reference_id=reference
                )
            codes.append("OK")
        except ExchangeError as refusal:
            codes.append(refusal.code)

    _at_once([lambda number=number: freeze(f"r{number}") for number in range(6)])  # type: ignore[misc]
    assert sorted(codes) == ["INTEREST_NOT_FREE"] * 3 + ["OK"] * 3
    assert now_of(held.id).frozen_minor == 90 * MILLION


def test_a_correction_is_explained_by_an_entry_and_never_cuts_into_what_is_frozen(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund, holder = a_fund(gp), an_investor(exchange)
    held = a_holding(fund, gp, holder)
    with at_work() as (tx, now):
        custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=80 * MILLION, reference_id="listing")
    low = HoldingRecord(fund, holder.organisation_id, 79 * MILLION, 70 * MILLION, 9 * MILLION)
    with pytest.raises(HoldingBelowEncumbrance), at_work() as (tx, now):
        custody.record_holding(tx, gp, now, record=low, reference_id="correction")
    assert now_of(held.id).subscribed_minor == 100 * MILLION
    fine = HoldingRecord(fund, holder.organisation_id, 80 * MILLION, 70 * MILLION, 10 * MILLION)
    with at_work() as (tx, now):
        again = [custody.record_holding(tx, gp, now, record=fine, reference_id="correction") for _ in range(2)]
    assert [row.version for row in again] == [held.version + 2] * 2


def test_only_the_manager_records_and_only_the_two_sides_see(exchange: Exchange) -> None:
    gp, stranger = a_gp(exchange), a_gp(exchange)
    fund, holder = a_fund(gp), an_investor(exchange)
    held = a_holding(fund, gp, holder)
    record = HoldingRecord(fund, holder.organisation_id, MILLION, 0, MILLION)
    with at_work() as (tx, now):
        with pytest.raises(NotFundManager):
            custody.record_holding(tx, stranger, now, record=record, reference_id="x")
        with pytest.raises(HoldingNotFound):
            custody.holding_of(tx, stranger, held.id)
        with pytest.raises(FundNotFound):
            custody.roll_of(tx, holder, fund)
        assert [row.id for row in custody.holdings_of(tx, holder)] == [held.id]
        assert custody.holdings_of(tx, stranger) == []
        rows, sums = custody.roll_of(tx, gp, fund)
        assert ([row.id for row in rows], sums.unfunded_minor) == ([held.id], 10 * MILLION)


def test_a_deposit_has_two_legs_that_sum_to_zero(exchange: Exchange) -> None:
    investor = an_investor(exchange)
    account_id = an_account(exchange, investor, "1000.00")
    with at_work() as (tx, now):
        money = Money(50_00, "CNY")
        row = ledger.deposit(tx, exchange.maker, now, account_id=account_id, amount=money, reference_id="B-2")
        assert (row.posted_minor, row.held_minor) == (1_050_00, 0)
        wrong = Money(50_00, "USD")
        with pytest.raises(AccountNotFound):
            ledger.deposit(tx, exchange.maker, now, account_id=account_id, amount=wrong, reference_id="B-3")
        account, entries = ledger.entries_of(tx, investor, account_id=account_id)
        assert [entry.posted_delta_minor for entry in entries] == [50_00, 1_000_00]
        assert [row.id for row in ledger.accounts_of(tx, investor)] == [account.id]
        with pytest.raises(AccountNotFound):
            ledger.entries_of(tx, an_investor(exchange), account_id=account_id)


def test_the_bank_side_takes_no_deposit(exchange: Exchange) -> None:
    account_id = an_account(exchange, an_investor(exchange), "10.00")
    with at_work() as (tx, now):
        assert {row.kind for row in store.accounts(tx, None, after=None, limit=10)} == {AccountKind.CASH}
        row = store.account(tx, account_id)
        assert row is not None
        other = store.open_account(tx, row.organisation_id, "CNY", AccountKind.BANK)
        assert other.posted_minor == -10_00
        money = Money(1, "CNY")
        with pytest.raises(BankAccountNotOpen):
            ledger.deposit(tx, exchange.maker, now, account_id=other.id, amount=money, reference_id="x")


def test_holds_are_applied_set_wise_and_those_without_cover_are_named(exchange: Exchange) -> None:
    rich, poor = an_account(exchange, an_investor(exchange), "100.00"), an_account(exchange, an_investor(exchange))
    changes = [
        HoldChange(account, delta, f"order-{number}", new_id("transfer"))
        for number, (account, delta) in enumerate([(rich, 60_00), (poor, 1), (rich, 50_00), (rich, 40_00)])
    ]
    with at_work() as (tx, now):
        outcome = ledger.apply_holds(tx, changes, now)
        assert outcome.uncovered == {1, 2}
        assert outcome.account_ids == {rich, poor}
        ledger.apply_holds(tx, [HoldChange(rich, -60_00, "order-0", new_id("transfer"))], now)
        row = store.account(tx, rich)
        assert row is not None
        assert row.held_minor == 40_00


def test_a_single_hold_is_refused_with_both_figures(exchange: Exchange) -> None:
    account_id = an_account(exchange, an_investor(exchange), "100.00")
    with at_work() as (tx, now):
        ledger.hold(tx, now, account_id=account_id, amount_minor=70_00, reference_id="order")
        with pytest.raises(FundsNotCovered) as refused:
            ledger.hold(tx, now, account_id=account_id, amount_minor=30_01, reference_id="other")
        assert refused.value.parameters == {"amount": "30.01 CNY", "free": "30.00 CNY"}
        ledger.release(tx, now, account_id=account_id, amount_minor=70_00, reference_id="order")
        ledger.hold(tx, now, account_id=account_id, amount_minor=100_00, reference_id="other")
        ledger.release(tx, now, account_id=account_id, amount_minor=100_00, reference_id="other")


def test_holds_at_once_in_opposite_orders_neither_deadlock_nor_overdraw(exchange: Exchange) -> None:
    accounts = [an_account(exchange, an_investor(exchange), "100.00") for _ in range(2)]
    covered: list[int] = []

    def hold(order: list[str]) -> None:
        with at_work() as (tx, now):
            changes = [HoldChange(account, 30_00, "order", new_id("transfer")) for account in order]
            covered.append(2 - len(ledger.apply_holds(tx, changes, now).uncovered))

    _at_once([lambda number=number: hold(accounts[:: 1 if number % 2 else -1]) for number in range(6)])  # type: ignore[misc]
    assert sum(covered) == 6


def _at_once(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=item) for item in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
