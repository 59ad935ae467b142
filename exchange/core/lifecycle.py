"""A lifecycle is one table ``{(status, event): status}``. Out-of-order events are refused with what is allowed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from exchange.core.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def allowed_events(lifecycle: Mapping[tuple[S, E], S], status: S) -> list[str]:
    """The events a status accepts, in the order of the table."""
    return [event.value for (source, event) in lifecycle if source == status]


def advance(lifecycle: Mapping[tuple[S, E], S], status: S, event: E) -> S:
    """The status after an event. IllegalTransition (409) names the current status and the allowed events."""
    target = lifecycle.get((status, event))
    if target is None:
        allowed = allowed_events(lifecycle, status)
        raise IllegalTransition(status=status.value, event=event.value, allowed=", ".join(allowed) or "-")
    return target
