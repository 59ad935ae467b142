"""Two matchers at once, a matcher that dies at any statement, a book that cannot be matched, late reactions."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlmodel import select

from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import transaction
from exchange.infra.tables import AuditChainRow, EventRow, OutboxRow, ReactionRow
from exchange.matching import jobs
from exchange.matching.journal import Command
from exchange.matching.lifecycle import CommandKind, OrderStatus
from exchange.matching.service.drain import Matcher, rebuild
from exchange.matching.service.replay import replay_books
from exchange.matching.store import journal
from exchange.matching.tables import FillRow, OrderRow, ProposalRow
from exchange.oversight.command import replay_main
from exchange.oversight.service import invariant_findings
from exchange.reactions import react_once
from exchange.relay import publish_all, publish_once
from tests.integration.matching.exchange_world import (
    MILLION,
    Market,
    a_listing,
    bid,
    book_of,
    order_row,
    proposals,
    settle,
    two_operators_skip,
    wait,
)


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


def crowd(market: Market, listing_id: str, count: int) -> list[str]:
    """Bids of two buyers at several prices, some of which cross."""
    names = ["social", "second", "guidance"]
    return [bid(market, listing_id, names[number % 3], 1, 845_000 + 5_000 * (number % 5)) for number in range(count)]


def test_two_matchers_at_once_match_every_order_once(market: Market) -> None:
    listing_id = a_listing(market, amount=20)
    orders = crowd(market, listing_id, 60)
    matchers = [Matcher() for _ in range(4)]
    threads = [threading.Thread(target=matcher.drain) for matcher in matchers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Matcher().drain()
    with transaction() as tx:
        fills = list(tx.exec(select(FillRow)))
        states = {row.status for row in tx.exec(select(OrderRow)) if row.id in orders}
    assert sum(fill.amount_minor for fill in fills) == 20 * MILLION
    assert sorted(fill.fill_number for fill in fills) == list(range(1, len(fills) + 1))
    assert states == {OrderStatus.FILLED, OrderStatus.RESTING}


def test_matcher_that_dies_at_any_statement_leaves_the_book_as_it_was(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing_id = a_listing(market, amount=20)
    crowd(market, listing_id, 12)
    statements = count_statements(monkeypatch, lambda: dying_drain(None))
    assert statements > 8
    for fatal in range(1, statements + 1):
        crowd(market, listing_id, 3)
        kill_at(monkeypatch, fatal)
        with pytest.raises(Killed):
            dying_drain(fatal)
        monkeypatch.undo()
        monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    jobs.matcher.cache_clear()
    settle()
    with transaction() as tx:
        assert [finding.id for finding in invariant_findings(tx) if not finding.holds] == []
        assert all(found.agrees for found in replay_books(tx))


def dying_drain(_: int | None) -> None:
    """One pass of a new matcher."""
    Matcher().drain_once()


def count_statements(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> int:
    """How many statements of the matcher's cursor the work runs."""
    seen = kill_at(monkeypatch, None)
    work()
    monkeypatch.undo()
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    return len(seen)


def kill_at(monkeypatch: pytest.MonkeyPatch, fatal: int | None) -> list[int]:
    """Let the process end at its n-th statement; returns the statements seen so far."""
    seen: list[int] = []
    execute, copy = psycopg.Cursor.execute, psycopg.Cursor.copy

    def count() -> None:
        seen.append(1)
        if len(seen) == fatal:
            raise Killed

    def counted_execute(self: Any, *arguments: Any, **named: Any) -> Any:
        count()
        return execute(self, *arguments, **named)

    def counted_copy(self: Any, *arguments: Any, **named: Any) -> Any:
        count()
        return copy(self, *arguments, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted_execute)
    monkeypatch.setattr(psycopg.Cursor, "copy", counted_copy)
    return seen


def test_book_is_rebuilt_from_rows_and_from_its_journal_to_the_same_digest(market: Market) -> None:
    listing_id = a_listing(market, amount=20)
    crowd(market, listing_id, 40)
    settle()
    with transaction() as tx:
        (book,) = journal.matching_books(tx, [book_of(listing_id).id])
        restored = rebuild(tx, book)
        assert restored.digest() == book.state_hash
        (found,) = list(replay_books(tx))
        assert found.agrees
        assert found.fills == found.stored_fills > 0
    assert replay_main() == 0


def test_changed_row_is_noticed_and_the_journal_wins(market: Market) -> None:
    listing_id = a_listing(market, amount=20)
    orders = crowd(market, listing_id, 10)
    settle()
    resting = next(order_row(order) for order in orders if order_row(order).status is OrderStatus.RESTING)
    with transaction() as tx:
        row = tx.get(OrderRow, resting.id)
        assert row is not None
        row.place += 100
    with transaction() as tx:
        (book,) = journal.matching_books(tx, [book_of(listing_id).id])
        restored = rebuild(tx, book)
    assert restored.orders[resting.id].sequence == resting.sequence
    with transaction() as tx:
        row = tx.get(OrderRow, resting.id)
        assert row is not None
        row.place -= 100


def test_poisoned_book_is_set_aside_and_reported_once_while_others_go_on(market: Market) -> None:
    sick, healthy = a_listing(market, amount=20), a_listing(market, amount=20)
    with transaction() as tx:
        poison = Command(0, CommandKind.REINSTATE, "ord_x", amount_minor=5, detail={"loser": "nobody"})
        journal.append(tx, business_now(tx), book_of(sick).id, [poison])
    bid(market, healthy, "social", 5, 860_000)
    matcher = Matcher()
    matcher.drain()
    assert len(proposals(healthy)) == 1
    Matcher().drain()
    with transaction() as tx:
        events = tx.exec(select(EventRow).where(EventRow.type == "book.matching_failed")).all()
        assert [event.subject_id for event in events] == [book_of(sick).id]
    two_operators_skip(market, sick)


def test_two_relays_number_every_event_once_and_the_chain_holds(market: Market) -> None:
    listing_id = a_listing(market, amount=20)
    crowd(market, listing_id, 30)
    jobs.matcher().drain()
    threads = [threading.Thread(target=publish_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    publish_all()
    with transaction() as tx:
        numbers = tx.exec(select(AuditChainRow.number).order_by(AuditChainRow.number)).all()  # type: ignore[arg-type]
        due = tx.exec(select(OutboxRow).where(OutboxRow.due_at <= business_now(tx))).all()
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert not due


def test_failed_reaction_is_tried_again_later_and_dies_with_a_notice(market: Market) -> None:
    from exchange.core.events import Event
    from exchange.infra.outbox import emit

    with transaction() as tx:
        event_id = emit(tx, business_now(tx), Event("test.happened", "nothing"))
        tx.add(ReactionRow(event_id=event_id, job="exchange.matching.jobs.lock_due_x", subject_id="nothing",
                           run_at=business_now(tx)))  # fmt: skip
    for _ in range(8):
        assert react_once()
        assert not react_once()
        with transaction() as tx:
            set_business_now(tx, business_now(tx) + timedelta(hours=2))
    assert not react_once()
    publish_once()
    with transaction() as tx:
        (reaction,) = tx.exec(select(ReactionRow)).all()
        assert (reaction.dead, reaction.attempts) == (True, 8)
        assert len(tx.exec(select(EventRow).where(EventRow.type == "reaction.died")).all()) == 1


def test_events_and_reactions_may_come_twice(market: Market) -> None:
    listing_id = a_listing(market, amount=20, opens_in=timedelta(hours=1))
    bid(market, listing_id, "social", 20, 860_000)
    wait(timedelta(hours=1, seconds=1))
    before = book_of(listing_id).last_sequence
    with transaction() as tx:
        for event in tx.exec(select(EventRow)).all():
            from exchange.reactions import jobs_of

            for job in jobs_of(event.type):
                tx.add(ReactionRow(event_id=event.id, job=job, subject_id=event.subject_id, run_at=business_now(tx)))
    settle()
    assert book_of(listing_id).last_sequence == before
    with transaction() as tx:
        assert len(tx.exec(select(ProposalRow)).all()) == 1
