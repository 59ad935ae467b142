"""Who may see an event, and what a topic holds."""

import pytest

from exchange.core.events import MARKET, Event
from exchange.notices.topics import is_in, is_topic, may_see

BOOK = "bok_01KAR3Z5V9W3M8Q4T6X2Y7B1C0"


@pytest.mark.parametrize(
    ("audience", "organisation", "watches", "seen"),
    [
        ((MARKET,), "org_a", False, True),
        (("org_a", "org_b"), "org_a", False, True),
        (("org_b",), "org_a", False, False),
        ((), "org_a", False, False),
        ((), "org_a", True, True),
    ],
)
def test_event_is_for_its_audience_and_for_those_who_watch(
    audience: tuple[str, ...], organisation: str, watches: bool, seen: bool
) -> None:
    assert may_see(Event("order.filled", "x", audience), organisation, sees_everything=watches) is seen


@pytest.mark.parametrize(
    ("topics", "event", "inside"),
    [
        ((), Event("user.created", "x"), True),
        (("market",), Event("trade.made", "x", (MARKET,)), True),
        (("market",), Event("order.filled", "x", ("org_a",)), False),
        (("proposals",), Event("proposal.made", "x"), True),
        (("proposals",), Event("award.made", "x"), True),
        (("orders",), Event("order.filled", "x"), True),
        (("orders",), Event("proposal.made", "x"), False),
        ((f"book:{BOOK}",), Event("book.changed", BOOK, book_id=BOOK), True),
        ((f"book:{BOOK}",), Event("book.changed", "bok_other", book_id="bok_other"), False),
        (("orders", f"book:{BOOK}"), Event("book.changed", BOOK, book_id=BOOK), True),
    ],
)
def test_topics_narrow_what_is_seen(topics: tuple[str, ...], event: Event, inside: bool) -> None:
    assert is_in(event, topics) is inside


@pytest.mark.parametrize(
    ("text", "known"),
    [("market", True), ("orders", True), (f"book:{BOOK}", True), ("book:x", False), ("book:", False), ("all", False)],
)
def test_only_known_topics_can_be_asked_for(text: str, known: bool) -> None:
    assert is_topic(text) is known
