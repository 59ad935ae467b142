"""Events on the wire."""

from typing import Any

from exchange.rest.model import ViewModel


class EventView(ViewModel):
    """One event: its position, type, time and data."""

    position: int
    type: str
    timestamp: str
    data: dict[str, Any]


class EventsView(ViewModel):
    """Events in order, and the position to continue after."""

    items: list[EventView]
    position: int
