"""The book as its journal tells it: numbered commands in, events out, and a digest of the whole state.

Everything that changes a book is a command, and the commands of a book applied in order to an empty one give the
same fills and the same digest. Beside what the engine does, a journal knows how a match is taken back (the loser's
order ends, the ask takes from the next in rank), how a bid changes its class, and how a book ends. A command that two
operators let the book skip is numbered and refused: the book's state stays as it was.

The digest adds one hash for every order that counts, so it follows a change at the cost of the orders it touched and
never at the cost of the book. Orders that left with something filled are remembered (``gone``), since a proposal may
give the amount back; a book of binding trades forgets them.

Worked example: an ask for 100 met bids of 60 and 40, and the second bid declines. ``REINSTATE ask 40`` ends that bid
and lets the ask take 40 from the next in rank.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import NamedTuple

from exchange.core.terms import PriorityPolicy, Side, TimeInForce
from exchange.matching import engine_events as ev
from exchange.matching.award import Award
from exchange.matching.engine import Book
from exchange.matching.lifecycle import CommandKind, OrderReason
from exchange.matching.order_book import Order, Party, Terms
from exchange.matching.priority import LAST_CLASS_RANK

_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a journal. Amounts in minor units of subscribed capital, price in ppm of the pinned NAV."""

    sequence: int
    kind: CommandKind
    order_id: str | None = None
    side: Side | None = None
    price_ppm: int | None = None
    amount_minor: int | None = None
    class_rank: int | None = None
    organisation_id: str | None = None
    group_keys: tuple[str, ...] = ()
    time_in_force: TimeInForce | None = None
    all_or_none: bool = False
    minimum_fill_minor: int = 0
    detail: Mapping[str, object] = field(default_factory=dict)
    skipped: bool = False


class Dropped(NamedTuple):
    """The open rest of an order left because its book ended, its listing went or its counterparty fell away."""

    order_id: str
    reason: str
    amount: int


class Forfeited(NamedTuple):
    """An amount filled earlier is lost to the order: the match was declined, lapsed or came back to nothing."""

    order_id: str
    amount: int


class Reclassed(NamedTuple):
    """The bid ranks with another class from now on."""

    order_id: str
    class_rank: int


class Awarded(NamedTuple):
    """The allocation of an auction; not ``final`` while guidance funds may still take at the clearing price."""

    award: Award
    ask_id: str
    final: bool


JournalEvent = ev.Event | Dropped | Forfeited | Reclassed | Awarded


class JournalError(ValueError):
    """A command that cannot stand in a journal: malformed, or out of order."""


def order_of(command: Command) -> Order:
    """The order that a SUBMIT enters. JournalError when a term is missing."""
    if (
        command.order_id is None
        or command.side is None
        or command.price_ppm is None
        or command.amount_minor is None
        or command.organisation_id is None
    ):
        raise JournalError(f"submit {command.sequence} lacks a term")
    rank = LAST_CLASS_RANK if command.class_rank is None else command.class_rank
    return Order(
        command.order_id,
        command.side,
        command.price_ppm,
        command.amount_minor,
        Party(command.organisation_id, rank, command.group_keys),
        Terms(
            command.time_in_force or TimeInForce.GOOD_TILL_CANCELLED,
            command.all_or_none,
            command.minimum_fill_minor,
        ),
        command.sequence,
    )


class JournalBook(Book):
    """A book driven by its journal. Starts empty and unopened; ``applied`` is the last command it has seen."""

    def __init__(
        self,
        policy: PriorityPolicy,
        *,
        considered: int | None = None,
        opened: bool = False,
        remembers: bool = True,
    ) -> None:
        super().__init__(policy, considered=considered, opened=opened)
        self.applied = 0
        self.closed = False
        self.remembers = remembers
        self.gone: dict[str, Order] = {}
        self._known: dict[str, Order] = {}
        self._marks: dict[str, int] = {}
        self._sum = 0
        self.touched: dict[str, Order] = {}

    def apply(self, command: Command) -> list[JournalEvent]:
        """The events of the next command. JournalError when it is not the next one or is malformed."""
        if command.sequence != self.applied + 1:
            raise JournalError(f"command {command.sequence} after {self.applied}")
        if command.skipped:
            events: list[JournalEvent] = [ev.Rejected(ev.RejectCode.SKIPPED_BY_OPERATORS, command.order_id)]
        else:
            events = list(_HANDLERS[command.kind](self, command))
        self.applied = command.sequence
        self._settle_marks(events)
        return events

    def apply_all(self, commands: Iterable[Command]) -> Iterator[tuple[Command, list[JournalEvent]]]:
        """Each command with its events, in order; orders and withdrawals that follow each other run as one batch.

        Same events and same digest as `apply` one by one. While a batch is read the book stands after its last
        command, and ``touched`` holds all the orders that it touched. Errors as for `apply`.
        """
        for is_batch, following in groupby(commands, self._is_batched):
            if is_batch:
                yield from self._apply_batch(list(following))
            else:
                for command in following:
                    yield command, self.apply(command)

    def digest(self) -> str:
        """SHA-256 over policy, phase, counters and every order that rests or may come back, each in its place."""
        head = (
            f"{self.policy}|{self.phase}|{int(self.opened)}|{int(self.closed)}|{self.considered}|{self.applied}|"
            f"{self.fill_count}|{self._sum:064x}"
        )
        return hashlib.sha256(head.encode()).hexdigest()

    def known(self, order_id: str) -> Order | None:
        """An order that rests or may come back."""
        return self.orders.get(order_id) or self.gone.get(order_id)

    def adopt(self, orders: Iterable[Order]) -> None:
        """Put stored orders back: those with something open rest, the others may come back."""
        for order in sorted(orders, key=lambda order: order.sequence):
            self._known[order.order_id] = order
            if order.leaves:
                self._rest(order)
            elif self.remembers:
                self.gone[order.order_id] = order
            self._mark(order.order_id)

    def drop(self, order_id: str, reason: str) -> list[JournalEvent]:
        """Let the open rest of an order leave; nothing when it has none."""
        order = self.orders.get(order_id)
        if order is None:
            return []
        leaves = order.leaves
        self._remove(order)
        order.leaves = 0
        order.cancelled += leaves
        return [Dropped(order_id, reason, leaves)]

    def forfeit(self, order_id: str, amount: int) -> list[JournalEvent]:
        """Take a filled amount from an order that does not rest any more."""
        order = self.gone.get(order_id)
        if order is None or not 0 < amount <= order.filled:
            raise JournalError(f"order {order_id} has no {amount} to forfeit")
        order.cancelled += amount
        return [Forfeited(order_id, amount)]

    def fill(self, ask: Order, bid: Order, amount: int, price_ppm: int) -> ev.Filled:
        """Record a fill that an allocation decided; both orders rest."""
        self.fill_count += 1
        for order in (ask, bid):
            self._remove(order)
            order.leaves -= amount
            if order.leaves:
                self._rest(order)
            elif self.remembers:
                self.gone[order.order_id] = order
        return ev.Filled(bid.order_id, ask.order_id, price_ppm, amount, self.fill_count, bid.leaves, ask.leaves)

    # -- commands of the journal ---------------------------------------------------------------------------------

    def journal_submit(self, command: Command) -> list[JournalEvent]:
        order = order_of(command)
        if self.closed:
            return [ev.Rejected(ev.RejectCode.NOT_OPEN, order.order_id)]
        events: list[JournalEvent] = [*self.submit(order)]
        if not (events and isinstance(events[0], ev.Rejected)):
            self._known[order.order_id] = order
        return events

    def journal_amend(self, command: Command) -> list[JournalEvent]:
        return [
            *self.amend(
                _order_id(command),
                price_ppm=command.price_ppm,
                amount=command.amount_minor,
                sequence=command.sequence,
            )
        ]

    def journal_cancel(self, command: Command) -> list[JournalEvent]:
        reason = command.detail.get("reason")
        if reason is not None and _order_id(command) in self.orders:
            return self.drop(_order_id(command), str(reason))
        return [*self.cancel(_order_id(command))]

    def journal_expire(self, command: Command) -> list[JournalEvent]:
        return [*self.expire(_order_id(command))]

    def journal_reclass(self, command: Command) -> list[JournalEvent]:
        order = self.orders.get(_order_id(command))
        rank = command.class_rank
        if order is None or rank is None or order.party.class_rank == rank:
            return []
        self._remove(order)
        order.party = Party(order.party.owner, rank, order.party.groups)
        lines: list[ev.Line] = []
        self._enter(order, lines)
        self._wake(lines)
        return [Reclassed(order.order_id, rank), *ev.made(lines)]

    def journal_consider(self, command: Command) -> list[JournalEvent]:
        return [*self.consider(command.class_rank)]

    def journal_open(self, _: Command) -> list[JournalEvent]:
        return [*self.open_book()]

    def journal_lock(self, _: Command) -> list[JournalEvent]:
        return []

    def journal_halt(self, _: Command) -> list[JournalEvent]:
        return [*self.halt()]

    def journal_lift(self, _: Command) -> list[JournalEvent]:
        return [*self.resume()]

    def journal_close(self, command: Command) -> list[JournalEvent]:
        reason = str(command.detail.get("reason", OrderReason.BOOK_CLOSED.value))
        self.closed = True
        return [event for order_id in sorted(self.orders) for event in self.drop(order_id, reason)]

    def journal_reinstate(self, command: Command) -> list[JournalEvent]:
        """End the loser's order, then give the ask its amount back and let it match again."""
        ask_id, amount = _order_id(command), command.amount_minor or 0
        events = self.end_loser(str(command.detail["loser"]), amount)
        gone = self.gone.get(ask_id)
        if self.closed:
            return [*events, *self.forfeit(ask_id, amount)]
        return [*events, *self.reinstate(ask_id, amount, gone)]

    def end_loser(self, order_id: str, amount: int) -> list[JournalEvent]:
        order = self.orders.get(order_id)
        events = self.drop(order_id, "match_fell_away")
        if order is not None:
            self.gone[order_id] = order
        return [*events, *self.forfeit(order_id, amount)]

    def journal_reallocate(self, command: Command) -> list[JournalEvent]:
        raise JournalError(f"command {command.sequence}: only an auction allocates")

    # -- batches -------------------------------------------------------------------------------------------------

    def _is_batched(self, command: Command) -> bool:
        if command.kind is CommandKind.SUBMIT:
            return not self.closed
        return command.kind is CommandKind.CANCEL and "reason" not in command.detail

    def _apply_batch(self, commands: Sequence[Command]) -> Iterator[tuple[Command, list[JournalEvent]]]:
        entries: list[Order | str] = []
        for number, command in enumerate(commands, self.applied + 1):
            if command.sequence != number:
                raise JournalError(f"command {command.sequence} after {number - 1}")
            entries.append(order_of(command) if command.kind is CommandKind.SUBMIT else _order_id(command))
        answers: list[list[JournalEvent]] = [[*ev.made_of(answer)] for answer in self.run(entries)]
        for entry, events in zip(entries, answers, strict=True):
            if isinstance(entry, Order) and not isinstance(events[0], ev.Rejected):
                self._known[entry.order_id] = entry
        self.applied = commands[-1].sequence
        self._settle_marks(chain.from_iterable(answers))
        yield from zip(commands, answers, strict=True)

    # -- digest ----------------------------------------------------------------------------------------------------

    def _settle_marks(self, events: Iterable[JournalEvent]) -> None:
        self.touched = {}
        for order_id in touched_by(events):
            if order_id in self._known:
                self.touched[order_id] = self._known[order_id]
            order = self.orders.get(order_id)
            if order is None:
                known = self._known.get(order_id)
                if known is not None and known.filled and self.remembers:
                    self.gone[order_id] = known
                else:
                    self._known.pop(order_id, None)
                    self.gone.pop(order_id, None)
            else:
                self._known[order_id] = order
                self.gone.pop(order_id, None)
            self._mark(order_id)

    def _mark(self, order_id: str) -> None:
        order = self.known(order_id)
        new = 0
        if order is not None:
            new = int.from_bytes(hashlib.sha256(order.text().encode()).digest(), "big")
        old = self._marks.pop(order_id, 0)
        if new:
            self._marks[order_id] = new
        self._sum = (self._sum + new - old) % _MODULUS


def touched_by(events: Iterable[JournalEvent]) -> dict[str, None]:
    """Ids of the orders whose amounts, terms or place the events changed, in order of appearance."""
    touched: dict[str, None] = {}
    for event in events:
        if isinstance(event, ev.Filled):
            touched[event.resting_id] = None
            touched[event.incoming_id] = None
        elif isinstance(event, ev.Rested | ev.Cancelled | ev.Amended | ev.Reinstated | Dropped | Forfeited | Reclassed):
            touched[event.order_id] = None
    return touched


def _order_id(command: Command) -> str:
    if command.order_id is None:
        raise JournalError(f"command {command.sequence} names no order")
    return command.order_id


_HANDLERS: Mapping[CommandKind, Callable[[JournalBook, Command], list[JournalEvent]]] = {
    CommandKind.SUBMIT: lambda book, command: book.journal_submit(command),
    CommandKind.AMEND: lambda book, command: book.journal_amend(command),
    CommandKind.CANCEL: lambda book, command: book.journal_cancel(command),
    CommandKind.EXPIRE: lambda book, command: book.journal_expire(command),
    CommandKind.RECLASS: lambda book, command: book.journal_reclass(command),
    CommandKind.CONSIDER: lambda book, command: book.journal_consider(command),
    CommandKind.OPEN: lambda book, command: book.journal_open(command),
    CommandKind.LOCK: lambda book, command: book.journal_lock(command),
    CommandKind.HALT: lambda book, command: book.journal_halt(command),
    CommandKind.LIFT: lambda book, command: book.journal_lift(command),
    CommandKind.CLOSE: lambda book, command: book.journal_close(command),
    CommandKind.REINSTATE: lambda book, command: book.journal_reinstate(command),
    CommandKind.REALLOCATE: lambda book, command: book.journal_reallocate(command),
}
