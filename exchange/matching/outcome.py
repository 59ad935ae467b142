"""What a run of commands means for the stored rows: fills, the new state of each touched order, passes, awards.

Pure: it reads the events of a `JournalBook` and the book after them. Amounts in minor units, prices in ppm.
The status of an order follows from how it left: by a fill it is filled, by its owner or its book cancelled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exchange.core.terms import Side
from exchange.matching import engine_events as ev
from exchange.matching.counterfactual import value
from exchange.matching.engine_events import RankedFill
from exchange.matching.journal import (
    Awarded,
    Command,
    Dropped,
    Forfeited,
    JournalBook,
    JournalEvent,
    Reclassed,
)
from exchange.matching.lifecycle import CommandKind, OrderReason, OrderStatus
from exchange.matching.order_book import Order

BACKUP_COMMANDS = frozenset({CommandKind.REINSTATE, CommandKind.REALLOCATE})


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one order met at once beside what it would have met under ``price_first``.

    ``cost`` in ppm times minor units; positive: the priority cost the seller this much.
    """

    ask_id: str
    price_first: tuple[RankedFill, ...]
    actual: tuple[RankedFill, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class FillRecord:
    """One match, with the command that caused it and the sweep it belongs to (an index into ``sweeps``)."""

    number: int
    sequence: int
    buy_order_id: str
    sell_order_id: str
    buyer: str
    seller: str
    price_ppm: int
    amount: int
    is_backup: bool
    sweep: int


@dataclass(frozen=True, slots=True)
class SkipRecord:
    """Two orders that could not trade with each other."""

    sequence: int
    order_id: str
    resting_order_id: str
    reason: str


@dataclass(slots=True)
class OrderChange:
    """The state of a touched order after the run; ``told`` are the event types its owner hears."""

    order_id: str
    side: Side
    owner: str
    price_ppm: int
    amount: int
    leaves: int
    filled: int
    cancelled: int
    place: int
    class_rank: int
    status: OrderStatus
    reason: str = ""
    told: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class BookOutcome:
    """All consequences of a run of commands on one book."""

    fills: list[FillRecord] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)
    skips: dict[tuple[int, str, str], SkipRecord] = field(default_factory=dict)
    changes: dict[str, OrderChange] = field(default_factory=dict)
    awards: list[tuple[int, Awarded]] = field(default_factory=list)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Order id -> (sequence, code) of the last refused cancel or amendment."""
    phase_changed: bool = False
    closed: bool = False


_STATUS_OF_REASON = {ev.CancelReason.EXPIRED: OrderStatus.EXPIRED}


class Recorder:
    """Collects the outcome while a book takes its commands."""

    def __init__(self, book: JournalBook) -> None:
        self.book = book
        self.outcome = BookOutcome()
        self._orders: dict[str, Order] = {}

    def run(self, commands: Iterable[Command]) -> BookOutcome:
        """Apply the commands in order; the book is changed, the outcome returned."""
        for command, events in self.book.apply_all(commands):
            self._record(command, events)
        self._finish()
        return self.outcome

    def _order(self, order_id: str) -> Order | None:
        return self.book.touched.get(order_id) or self.book.known(order_id)

    def _record(self, command: Command, events: Sequence[JournalEvent]) -> None:
        start = len(self.outcome.fills)
        sweep = len(self.outcome.sweeps)
        compared = None
        for event in events:
            if isinstance(event, ev.Filled):
                self._fill(command, event, sweep)
            elif isinstance(event, ev.PriorityCompared):
                compared = event
            else:
                self._other(command, event)
        fills = self.outcome.fills[start:]
        if fills:
            self.outcome.sweeps.append(_sweep(fills, compared))

    def _fill(self, command: Command, event: ev.Filled, sweep: int) -> None:
        resting, incoming = self._order(event.resting_id), self._order(event.incoming_id)
        if resting is None or incoming is None:
            raise LookupError("a fill names an order that is not known")
        buy, sell = (resting, incoming) if resting.side is Side.BUY else (incoming, resting)
        self.outcome.fills.append(
            FillRecord(
                event.number,
                command.sequence,
                buy.order_id,
                sell.order_id,
                buy.party.owner,
                sell.party.owner,
                event.price_ppm,
                event.amount,
                command.kind in BACKUP_COMMANDS and "loser" in command.detail,
                sweep,
            )
        )
        for order, leaves in ((resting, event.resting_leaves), (incoming, event.incoming_leaves)):
            change = self._change(order)
            change.told["order.filled"] = None
            if not leaves:
                change.status, change.reason = OrderStatus.FILLED, ""

    def _other(self, command: Command, event: JournalEvent) -> None:
        if isinstance(event, ev.Skipped):
            key = (command.sequence, event.incoming_id, event.resting_id)
            self.outcome.skips[key] = SkipRecord(*key, str(event.reason))
        elif isinstance(event, Awarded):
            self.outcome.awards.append((command.sequence, event))
        elif isinstance(event, ev.PhaseChanged):
            self.outcome.phase_changed = True
        elif isinstance(event, ev.Rejected):
            self._refuse(command, event)
        elif isinstance(event, ev.Rested | ev.Cancelled | ev.Amended | ev.Reinstated | Dropped | Forfeited | Reclassed):
            order = self._order(event.order_id)
            if order is not None:
                _note(self._change(order), event)

    def _refuse(self, command: Command, event: ev.Rejected) -> None:
        if event.order_id is None:
            return
        if command.kind in {CommandKind.AMEND, CommandKind.CANCEL}:
            self.outcome.refused[event.order_id] = (command.sequence, event.code)
            return
        if command.kind is not CommandKind.SUBMIT or command.side is None:
            return
        if command.price_ppm is None or command.amount_minor is None:
            return
        self.outcome.changes[event.order_id] = OrderChange(
            event.order_id,
            command.side,
            command.organisation_id or "",
            command.price_ppm,
            command.amount_minor,
            0,
            0,
            command.amount_minor,
            command.sequence,
            command.class_rank or 0,
            OrderStatus.REJECTED,
            event.code,
            {"order.rejected": None},
        )

    def _change(self, order: Order) -> OrderChange:
        change = self.outcome.changes.get(order.order_id)
        if change is None:
            change = self.outcome.changes[order.order_id] = OrderChange(
                order.order_id,
                order.side,
                order.party.owner,
                order.price_ppm,
                order.amount,
                order.leaves,
                order.filled,
                order.cancelled,
                order.sequence,
                order.party.class_rank,
                OrderStatus.RESTING,
            )
        self._orders[order.order_id] = order
        return change

    def _finish(self) -> None:
        self.outcome.closed = self.book.closed
        for order_id, change in self.outcome.changes.items():
            order = self._orders.get(order_id)
            if order is None or change.status is OrderStatus.REJECTED:
                continue
            change.price_ppm, change.amount = order.price_ppm, order.amount
            change.leaves, change.filled, change.cancelled = order.leaves, order.filled, order.cancelled
            change.place, change.class_rank = order.sequence, order.party.class_rank


def _note(change: OrderChange, event: JournalEvent) -> None:
    if isinstance(event, ev.Cancelled):
        change.status = _STATUS_OF_REASON.get(event.reason, OrderStatus.CANCELLED)
        change.reason = str(event.reason)
        change.told["order.expired" if change.status is OrderStatus.EXPIRED else "order.cancelled"] = None
    elif isinstance(event, Dropped):
        change.status, change.reason = OrderStatus.CANCELLED, event.reason
        change.told["order.cancelled"] = None
    elif isinstance(event, Forfeited):
        change.status, change.reason = OrderStatus.CANCELLED, change.reason or OrderReason.MATCH_FELL_AWAY.value
        change.told["order.cancelled"] = None
    elif isinstance(event, ev.Amended):
        change.told["order.amended"] = None
        change.status = OrderStatus.RESTING if event.leaves else OrderStatus.FILLED
    elif isinstance(event, Reclassed):
        change.told["order.reclassed"] = None
    elif isinstance(event, ev.Reinstated):
        change.status, change.reason = OrderStatus.RESTING, ""
        change.told["order.reinstated"] = None
    else:
        change.status, change.reason = OrderStatus.RESTING, ""


def _sweep(fills: Sequence[FillRecord], compared: ev.PriorityCompared | None) -> Sweep:
    actual = tuple(RankedFill(fill.buy_order_id, fill.price_ppm, fill.amount) for fill in fills)
    ask_id = fills[0].sell_order_id
    if compared is None:
        return Sweep(ask_id, actual, actual, 0)
    return Sweep(ask_id, compared.price_first, actual, value(compared.price_first) - value(actual))
