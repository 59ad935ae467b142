"""Who may see an event, and which events a topic holds.

An event is for its audience: ``market`` means every signed-in participant, an organisation's id means that
organisation; operators, auditors and regulators see all. Topics narrow what one asked for: ``market``, ``proposals``
(with awards), ``orders``, ``book:<id>``.

Worked example: ``order.filled`` for organisation A is in ``orders`` and in ``book:<id>`` of A, and nowhere for B.
"""

from collections.abc import Sequence

from exchange.core.events import MARKET, Event
from exchange.core.ids import is_id

BOOK = "book:"
PLAIN = frozenset({"market", "proposals", "orders"})


def is_topic(text: str) -> bool:
    """True for a topic that can be asked for."""
    return text in PLAIN or (text.startswith(BOOK) and is_id("book", text.removeprefix(BOOK)))


def may_see(event: Event, organisation_id: str, *, sees_everything: bool) -> bool:
    """Whether an event is for this organisation."""
    return sees_everything or MARKET in event.audience or organisation_id in event.audience


def is_in(event: Event, topics: Sequence[str]) -> bool:
    """Whether an event belongs to one of the topics; no topics mean all."""
    return not topics or any(_holds(topic, event) for topic in topics)


def _holds(topic: str, event: Event) -> bool:
    if topic == "market":
        return MARKET in event.audience
    if topic == "proposals":
        return event.type.startswith(("proposal.", "award."))
    if topic == "orders":
        return event.type.startswith("order.")
    return event.book_id == topic.removeprefix(BOOK)
