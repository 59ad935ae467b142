"""What the engine says: each command answers with a list of these values, in the order in which they happened.

Amounts are subscribed capital in minor units, prices parts per million of the pinned NAV. For every order
`filled + leaves + cancelled = amount` holds after every command. All values are immutable and hold ids, never orders.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple, cast


class RejectCode(StrEnum):
    """Why a command was refused; a refused command changes nothing."""

    ALREADY_OPEN = "ALREADY_OPEN"
    BAD_AMOUNT = "BAD_AMOUNT"
    BAD_CLASS = "BAD_CLASS"
    BAD_MINIMUM_FILL = "BAD_MINIMUM_FILL"
    BAD_PRICE = "BAD_PRICE"
    BELOW_FILLED = "BELOW_FILLED"
    DOES_NOT_EXPIRE = "DOES_NOT_EXPIRE"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    HALTED = "HALTED"
    NOT_HALTED = "NOT_HALTED"
    NOT_OPEN = "NOT_OPEN"
    SKIPPED_BY_OPERATORS = "SKIPPED_BY_OPERATORS"
    STALE_SEQUENCE = "STALE_SEQUENCE"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"


class CancelReason(StrEnum):
    """Why the rest of an order left the book unfilled."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    IMMEDIATE_OR_CANCEL = "immediate_or_cancel"
    FILL_OR_KILL = "fill_or_kill"


class SkipReason(StrEnum):
    """Why a resting order in reach was passed over."""

    SAME_OWNER = "same_owner"
    RELATED_PARTY = "related_party"
    ALL_OR_NONE = "all_or_none"
    MINIMUM_FILL = "minimum_fill"


class Phase(StrEnum):
    """Whether the book collects, matches or stands still."""

    PRE_OPEN = "pre_open"
    OPEN = "open"
    HALTED = "halted"


class Filled(NamedTuple):
    """Two orders met at the limit of the resting one; `number` counts the fills of the book from 1."""

    resting_id: str
    incoming_id: str
    price_ppm: int
    amount: int
    number: int
    resting_leaves: int
    incoming_leaves: int


class Skipped(NamedTuple):
    """The incoming order could reach the resting one by rank and price but was not allowed to trade with it."""

    incoming_id: str
    resting_id: str
    reason: SkipReason


class Rested(NamedTuple):
    """The order waits in the book at the place given by its sequence number."""

    order_id: str
    leaves: int
    sequence: int


class Cancelled(NamedTuple):
    """The open rest of the order left the book."""

    order_id: str
    reason: CancelReason
    amount: int


class Amended(NamedTuple):
    """The order has a new price or amount; a changed sequence number means a new place."""

    order_id: str
    price_ppm: int
    amount: int
    leaves: int
    sequence: int


class Reinstated(NamedTuple):
    """An amount filled earlier came back to the order, at its old place."""

    order_id: str
    amount: int
    leaves: int
    sequence: int


class Considered(NamedTuple):
    """From now on bids of this class rank or better may match; the others wait."""

    class_rank: int


class PhaseChanged(NamedTuple):
    """The book was opened, halted or resumed."""

    phase: Phase


class Rejected(NamedTuple):
    """The command was refused and nothing changed; no id where the command names no order."""

    code: RejectCode
    order_id: str | None


class RankedFill(NamedTuple):
    """One line of a counterfactual: what a bid would have got, in rank order."""

    order_id: str
    price_ppm: int
    amount: int


class PriorityCompared(NamedTuple):
    """Proof beside the fills of one ask: what it would have met under `price_first`, and the difference.

    Answered where class ranks before price, and while bids wait because their class is not considered yet.
    `cost` is in parts per million times minor units; positive means that the priority cost the seller.
    """

    order_id: str
    price_first: tuple[RankedFill, ...]
    cost: int


Event = (
    Filled
    | Skipped
    | Rested
    | Cancelled
    | Amended
    | Reinstated
    | Considered
    | PhaseChanged
    | Rejected
    | PriorityCompared
)

Line = tuple[Any, ...]
"""An event as the book notes it: its class, then its values in order. Making the event itself costs five times as much,
so a batch leaves it to the reader of the line, who often needs only a class or one value."""

Answer = Line | list[Line]
"""What one command of a batch brought: one line, or the list of its lines."""


def made(lines: Iterable[Line]) -> list[Event]:
    """The events of these lines."""
    return [cast("Event", tuple.__new__(line[0], line[1:])) for line in lines]


def made_of(answer: Answer) -> list[Event]:
    """The events of one answer."""
    return made(answer if isinstance(answer, list) else (answer,))
