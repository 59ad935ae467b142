"""The fast book against the obvious one, and what must hold for every sequence of commands."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.core.terms import PriorityPolicy, Side, TimeInForce
from exchange.matching.counterfactual import price_first_fills, priority_cost, value
from exchange.matching.engine import Book
from exchange.matching.engine_events import (
    Amended,
    Cancelled,
    Considered,
    Event,
    Filled,
    PhaseChanged,
    PriorityCompared,
    Reinstated,
    Rejected,
    Skipped,
    made_of,
)
from exchange.matching.naive_engine import NaiveBook
from exchange.matching.order_book import Order, Party, Terms, obstacle

Command = tuple[Any, ...]
GROUPS: tuple[tuple[str, ...], ...] = ((), ("ubo_a",), ("ubo_b",), ("ubo_a", "ubo_b"))
ONLY_FAST = (Amended, Considered, PhaseChanged, PriorityCompared, Reinstated)

sides = st.sampled_from(Side)
prices = st.integers(84, 90).map(lambda percent: percent * 10_000)
amounts = st.integers(1, 60)
parties = st.builds(
    Party,
    st.sampled_from([f"org_{n}" for n in range(9)]),
    st.integers(0, 3),
    st.sampled_from((*GROUPS[:1] * 5, *GROUPS)),
)
terms = st.one_of(
    st.just(Terms()),
    st.just(Terms(TimeInForce.DAY)),
    st.builds(Terms, st.sampled_from(TimeInForce), st.booleans(), st.sampled_from((0, 0, 10, 30))),
)
which = st.integers(0, 200)
submits = st.tuples(st.just("submit"), sides, prices, amounts, parties, terms)
commands = st.one_of(
    submits,
    submits,
    submits,
    st.tuples(st.just("amend"), which, st.none() | prices, st.none() | amounts),
    st.tuples(st.just("cancel"), which),
    st.tuples(st.just("expire"), which),
    st.tuples(st.just("reinstate"), which, amounts),
    st.tuples(st.just("consider"), st.none() | st.integers(0, 3)),
    st.tuples(st.sampled_from(("open_book", "halt", "resume"))),
)
openings = st.tuples(st.sampled_from(PriorityPolicy), st.integers(0, 3) | st.none(), st.booleans())
journals = st.tuples(openings, st.lists(commands, max_size=40))
long_journals = st.tuples(openings, st.lists(commands, min_size=40, max_size=90))
thorough = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Line:
    """What an outsider knows of one order, from the events alone."""

    first: Order
    amount: int
    price_ppm: int
    sequence: int = 0
    filled: int = 0
    cancelled: int = 0
    leaves: int = 0

    def rebuilt(self) -> Order:
        first = self.first
        return Order(
            first.order_id,
            first.side,
            self.price_ppm,
            self.amount,
            first.party,
            first.terms,
            self.sequence,
            leaves=self.leaves,
            cancelled=self.cancelled,
        )


@dataclass
class Market:
    """A book fed from a journal, with the lines of a clerk beside it."""

    book: Book
    lines: dict[str, Line] = field(default_factory=dict)

    def apply(self, command: Command) -> list[Event]:
        events = self.send(command)
        for event in events:
            self.note(event)
        return events

    def send(self, command: Command) -> list[Event]:
        name, *rest = command
        if name == "submit":
            order = Order(f"bid_{len(self.lines)}", *rest)
            first = order.copy()
            events = self.book.submit(order)
            if not isinstance(events[0], Rejected):
                entered = Line(first, order.amount, order.price_ppm, order.sequence, leaves=order.amount)
                self.lines[order.order_id] = entered
            return events
        if name in ("amend", "cancel", "expire", "reinstate"):
            order_id = f"bid_{rest[0] % max(1, len(self.lines))}"
            if name == "amend":
                return self.book.amend(order_id, price_ppm=rest[1], amount=rest[2])
            if name == "reinstate":
                line = self.lines.get(order_id)
                return self.book.reinstate(order_id, rest[1], line.rebuilt() if line else None)
            return self.book.cancel(order_id) if name == "cancel" else self.book.expire(order_id)
        return getattr(self.book, name)(*rest)  # type: ignore[no-any-return]

    def note(self, event: Event) -> None:
        match event:
            case Filled():
                for order_id in (event.resting_id, event.incoming_id):
                    self.lines[order_id].filled += event.amount
                    self.lines[order_id].leaves -= event.amount
                assert self.lines[event.resting_id].leaves == event.resting_leaves
                assert self.lines[event.incoming_id].leaves == event.incoming_leaves
            case Cancelled():
                self.lines[event.order_id].cancelled += event.amount
                self.lines[event.order_id].leaves -= event.amount
            case Amended():
                line = self.lines[event.order_id]
                line.leaves += event.amount - line.amount
                line.amount, line.price_ppm, line.sequence = event.amount, event.price_ppm, event.sequence
            case Reinstated():
                self.lines[event.order_id].filled -= event.amount
                self.lines[event.order_id].leaves += event.amount


def a_market(opening: tuple[PriorityPolicy, int | None, bool]) -> Market:
    policy, considered, opened = opening
    return Market(Book(policy, considered=considered, opened=opened))


class Twin:
    """The naive book, given the commands that the fast one accepted."""

    def __init__(self, opening: tuple[PriorityPolicy, int | None, bool]) -> None:
        policy, considered, self.opened = opening
        self.halted = False
        self.book = NaiveBook(policy, considered=3 if considered is None else considered, matching=self.opened)

    def follow(self, command: Command, events: list[Event], market: Market) -> list[Event]:
        name, *rest = command
        if name == "submit":
            last = list(market.lines.values())[-1].first
            return self.book.enter(last.copy(), new_place=True)
        if name == "consider":
            self.book.considered = 3 if rest[0] is None else rest[0]
            return self.book.uncross()
        if name in ("open_book", "halt", "resume"):
            self.opened = self.opened or name == "open_book"
            self.halted = name == "halt"
            self.book.matching = self.opened and not self.halted
            return self.book.uncross() if name != "halt" else []
        return self.change(name, rest, events)

    def change(self, name: str, rest: list[Any], events: list[Event]) -> list[Event]:
        first = events[0]
        assert isinstance(first, Amended | Cancelled | Reinstated)
        order = next((o for o in self.book.bag if o.order_id == first.order_id), None)
        if isinstance(first, Reinstated):
            if order is None:
                order = self.gone[first.order_id]
            else:
                self.book.bag.remove(order)
            order.leaves += first.amount
            return self.book.enter(order, new_place=False)
        assert order is not None
        self.book.bag.remove(order)
        if isinstance(first, Cancelled):
            return [Cancelled(order.order_id, first.reason, order.leaves)]
        kept = first.price_ppm == order.price_ppm and first.amount <= order.amount
        order.leaves += first.amount - order.amount
        order.amount, order.price_ppm = first.amount, first.price_ppm
        if not kept:
            return self.book.enter(order, new_place=True)
        self.book.bag += [order] if order.leaves else []
        return self.book.retry(order) + self.book.settle() if order.leaves and order.terms.conditional else []

    gone: dict[str, Order]


@settings(thorough, max_examples=150)
@given(journals | long_journals)
def test_fast_book_gives_the_events_of_the_obvious_one(journal: tuple[Any, list[Command]]) -> None:
    opening, steps = journal
    market, twin = a_market(opening), Twin(opening)
    for command in steps:
        twin.gone = {order_id: line.rebuilt() for order_id, line in market.lines.items()}
        before = market.book.state_hash()
        events = market.apply(command)
        if isinstance(events[0], Rejected):
            assert len(events) == 1
            assert market.book.state_hash() == before
            continue
        expected = twin.follow(command, events, market)
        assert [event for event in events if not isinstance(event, ONLY_FAST)] == expected
        assert sorted(market.book.orders) == sorted(order.order_id for order in twin.book.bag)


@thorough
@given(journals)
def test_amounts_are_conserved_and_limits_kept(journal: tuple[Any, list[Command]]) -> None:
    opening, steps = journal
    market = a_market(opening)
    numbers = []
    for command in steps:
        for event in market.apply(command):
            if isinstance(event, Filled):
                numbers.append(event.number)
                resting, incoming = market.lines[event.resting_id], market.lines[event.incoming_id]
                assert event.amount > 0
                assert event.price_ppm == resting.price_ppm
                bid, ask = (resting, incoming) if resting.first.side is Side.BUY else (incoming, resting)
                assert ask.price_ppm <= event.price_ppm <= bid.price_ppm
                assert bid.first.side is not ask.first.side
                assert bid.first.party.keys.isdisjoint(ask.first.party.keys)
        for order_id, line in market.lines.items():
            resting_order = market.book.orders.get(order_id)
            assert line.filled + line.leaves + line.cancelled == line.amount
            assert min(line.filled, line.leaves, line.cancelled) >= 0
            assert line.leaves == (resting_order.leaves if resting_order else 0)
        for side in Side:
            shown = market.book.depth(side, 99)
            ranked = list(market.book.ranked(side))
            assert sum(level.amount for level in shown) == sum(order.leaves for order in ranked)
            assert sum(level.count for level in shown) == len(ranked)
    assert numbers == list(range(1, len(numbers) + 1))


@thorough
@given(journals)
def test_quiet_open_book_holds_no_two_unconditional_orders_that_may_trade(journal: tuple[Any, list[Command]]) -> None:
    opening, steps = journal
    market = a_market(opening)
    for command in steps:
        market.apply(command)
        if market.book.phase != "open":
            continue
        asks = list(market.book.ranked(Side.SELL))
        for bid in market.book.ranked(Side.BUY):
            for ask in (ask for ask in asks if ask.price_ppm <= bid.price_ppm):
                conditional = bid.smallest_fill() or ask.smallest_fill()
                assert conditional or obstacle(ask.party, bid, ask.leaves)


@thorough
@given(journals)
def test_priority_is_never_inverted(journal: tuple[Any, list[Command]]) -> None:
    opening, steps = journal
    market = a_market(opening)
    leads = opening[0] is PriorityPolicy.GUIDANCE_FIRST

    def rank(order: Order) -> tuple[int, ...]:
        if order.side is Side.SELL:
            return (order.price_ppm, order.sequence)
        key = (-order.price_ppm, order.party.class_rank, order.sequence)
        return (order.party.class_rank, *key) if leads else key

    for command in steps:
        ranks = {order_id: rank(order) for order_id, order in market.book.orders.items()}
        met: dict[str, list[tuple[int, ...]]] = {}
        for event in market.apply(command):
            if isinstance(event, Filled | Skipped) and event.resting_id in ranks:
                met.setdefault(event.incoming_id, []).append(ranks[event.resting_id])
        if command[0] in ("submit", "amend"):
            last = met.get(f"bid_{len(market.lines) - 1}", []) if command[0] == "submit" else []
            assert last == sorted(last)


@thorough
@given(journals)
def test_replay_and_restored_book_have_the_same_hash_and_future(journal: tuple[Any, list[Command]]) -> None:
    opening, steps = journal
    lived, again = a_market(opening), a_market(opening)
    for command in steps:
        restored = Market(Book.restore(lived.book.snapshot()), {k: Line(**vars(v)) for k, v in lived.lines.items()})
        assert restored.book.state_hash() == lived.book.state_hash()
        events = lived.apply(command)
        assert restored.apply(command) == events
        assert again.apply(command) == events
        assert restored.book.state_hash() == lived.book.state_hash() == again.book.state_hash()


@thorough
@given(st.lists(submits.filter(lambda c: c[1] is Side.BUY), max_size=12), submits)
def test_proof_beside_an_ask_is_what_a_price_first_book_would_do(bids: list[Command], ask: Command) -> None:
    guided, plain = (
        a_market((policy, None, True)) for policy in (PriorityPolicy.GUIDANCE_FIRST, PriorityPolicy.PRICE_FIRST)
    )
    for bid in bids:
        guided.apply(bid)
        plain.apply(bid)
    resting = list(guided.book.ranked(Side.BUY))
    command = ("submit", Side.SELL, *ask[2:5], Terms())
    whole = price_first_fills(ask[4], ask[3], ask[2], [order.copy() for order in resting])
    proofs = [event for event in guided.apply(command) if isinstance(event, PriorityCompared)]
    fills = [event for event in plain.apply(command) if isinstance(event, Filled)]
    assert [(line.order_id, line.price_ppm, line.amount) for line in whole] == [
        (fill.resting_id, fill.price_ppm, fill.amount) for fill in fills
    ]
    taken = sum(line.filled for line in guided.lines.values() if line.first.side is Side.SELL)
    assert len(proofs) == (taken > 0)
    for proof in proofs:
        sold = [line for line in guided.lines.values() if line.filled and line.first.side is Side.BUY]
        actual = sum(line.filled * line.price_ppm for line in sold)
        assert proof.cost == value(proof.price_first) - actual
        if taken == sum(line.amount for line in whole):
            assert proof.price_first == whole
            assert priority_cost(whole, []) == value(whole)


@thorough
@given(openings, st.lists(submits | st.tuples(st.just("cancel"), which), max_size=40))
def test_batch_gives_the_answers_of_its_commands_one_by_one(opening: Any, steps: list[Command]) -> None:
    policy, considered, opened = opening
    single, whole = (Book(policy, considered=considered, opened=opened) for _ in range(2))
    batch: list[Order | str] = []
    answers: list[list[Event]] = []
    for number, (name, *rest) in enumerate(steps):
        if name == "cancel":
            batch.append(f"order_{rest[0] % (number + 1)}")
            answers.append(single.cancel(f"order_{rest[0] % (number + 1)}"))
        else:
            batch.append(Order(f"order_{number}", *rest))
            answers.append(single.submit(Order(f"order_{number}", *rest)))
    assert repr([made_of(answer) for answer in whole.run(batch)]) == repr(answers)
    assert whole.state_hash() == single.state_hash()
