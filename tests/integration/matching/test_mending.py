"""A book that is set aside is mended by its operators: tried again by one, let past its command by two."""

import pytest
from sqlmodel import select

from exchange.access.approval import ApprovalStatus
from exchange.access.errors import SamePerson
from exchange.access.service import approvals
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.matching.journal import Command
from exchange.matching.lifecycle import CommandKind, OrderStatus
from exchange.matching.refusals import BookNotSetAside
from exchange.matching.service import mending
from exchange.matching.service.drain import Matcher
from exchange.matching.service.replay import replay_books
from exchange.matching.store import journal
from exchange.matching.tables import SkippedCommandRow
from tests.integration.matching.exchange_world import (
    Market,
    a_listing,
    bid,
    book_of,
    order_row,
    proposals,
    settle,
    two_operators_skip,
)


def test_a_skipped_order_is_rejected_with_its_deposit_and_the_book_goes_on(market: Market) -> None:
    listing_id = a_listing(market, amount=20)
    settle()
    with transaction() as tx:
        poison = Command(0, CommandKind.REINSTATE, "ord_x", amount_minor=5, detail={"loser": "nobody"})
        journal.append(tx, business_now(tx), book_of(listing_id).id, [poison])
    waiting = bid(market, listing_id, "social", 5, 860_000)
    Matcher().drain()
    assert order_row(waiting).status is OrderStatus.ACCEPTED
    with transaction() as tx:
        (stuck,) = mending.stuck_books(tx, market.operator)
        assert (stuck.found.kind, stuck.found.error, stuck.found.waiting) == ("reinstate", "JournalError", 1)
    two_operators_skip(market, listing_id)
    assert len(proposals(listing_id)) == 1
    with transaction() as tx:
        assert mending.stuck_books(tx, market.operator) == []
        assert all(replay.agrees for replay in replay_books(tx))
        skipped = tx.exec(select(SkippedCommandRow)).one()
    assert (skipped.asked_by, skipped.approved_by) == (market.operator.user_id, market.second_operator.user_id)


def test_a_command_is_skipped_by_two_persons_and_only_where_the_book_stands(market: Market) -> None:
    listing_id = a_listing(market, amount=20)
    settle()
    book_id = book_of(listing_id).id
    with transaction() as tx, pytest.raises(BookNotSetAside):
        mending.retry(tx, market.operator, business_now(tx), book_id=book_id)
    with transaction() as tx:
        poison = Command(0, CommandKind.REINSTATE, "ord_x", amount_minor=5, detail={"loser": "nobody"})
        last = journal.append(tx, business_now(tx), book_id, [poison])
    Matcher().drain()
    with transaction() as tx, pytest.raises(BookNotSetAside):
        mending.ask_skip(tx, market.operator, business_now(tx), book_id=book_id, sequence=last - 1, reason="wrong")
    with transaction() as tx:
        asked = mending.ask_skip(
            tx, market.operator, business_now(tx), book_id=book_id, sequence=last, reason="poisoned"
        )
    with transaction() as tx, pytest.raises(SamePerson):
        approvals.decide(tx, market.operator, business_now(tx), asked.id, ApprovalStatus.APPROVED, reason="mine")
    with transaction() as tx:
        assert mending.retry(tx, market.operator, business_now(tx), book_id=book_id).sequence == last
        approvals.decide(tx, market.second_operator, business_now(tx), asked.id, ApprovalStatus.REJECTED, reason="no")
        assert tx.exec(select(SkippedCommandRow)).all() == []
    with transaction() as tx:
        again = mending.ask_skip(tx, market.operator, business_now(tx), book_id=book_id, sequence=last, reason="poison")
    with transaction() as tx:
        approvals.decide(tx, market.second_operator, business_now(tx), again.id, ApprovalStatus.APPROVED, reason="yes")
    settle()
