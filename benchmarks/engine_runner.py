"""Runs one engine over one workload file and prints CPU seconds, number of fills and their hash as JSON.

Started by `engine_speed` under the interpreter of the engine; imports nothing of the project unless ours is measured.
Timed is what a caller does: build the command from plain values, hand it over, pick the fills out of the answer.
"""

import gc
import hashlib
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

Row = list[int]
Fill = tuple[Any, Any, int, int]
Prepared = tuple[Callable[[], Any], Callable[[Any], list[Fill]]]
BOOK, ACTION, ORDER, SIDE, PRICE, AMOUNT, RANK, OWNER, FOLDED = range(9)
BATCH = 2_000


def ours(rows: list[Row], policy: str = "price_first") -> Prepared:
    """The engine of the project, nothing switched off, fed as the worker feeds it: batches of one book's commands.

    A pass takes what waits, up to `BATCH` commands a book, as the worker does; sorting it by book is timed too.
    """
    from exchange.core.terms import PriorityPolicy, Side
    from exchange.matching.engine import Book
    from exchange.matching.engine_events import Filled, Line
    from exchange.matching.order_book import PLAIN, Order, Party

    books = [Book(PriorityPolicy(policy)) for _ in range(1 + max(row[BOOK] for row in rows))]
    parties = {(row[OWNER], row[RANK]): Party(f"org_{row[OWNER]}", row[RANK], (f"ubo_{row[OWNER]}",)) for row in rows}
    sides = (Side.BUY, Side.SELL)
    ready = [
        (
            row[BOOK],
            row[ACTION],
            str(row[ORDER]),
            sides[row[SIDE]],
            row[PRICE],
            row[AMOUNT],
            parties[row[OWNER], row[RANK]],
        )
        for row in rows
    ]

    def run() -> list[Line]:
        fills: list[Line] = []
        batches: list[list[Order | str]] = [[] for _ in books]
        together = BATCH * len(books)
        for start in range(0, len(ready), together):
            for book, action, order_id, side, price, amount, party in ready[start : start + together]:
                batches[book].append(order_id if action else Order(order_id, side, price, amount, party, PLAIN))
            for number, batch in enumerate(batches):
                answers = books[number].run(batch)
                batch.clear()
                fills += [line for answer in answers if type(answer) is list for line in answer if line[0] is Filled]
        return fills

    return run, lambda fills: [(int(f[1]), int(f[2]), f[3], f[4]) for f in fills]


def ours_guidance_first(rows: list[Row]) -> Prepared:
    """The same under `guidance_first`, where each ask also gets its proof against `price_first`."""
    return ours(rows, "guidance_first")


def matching_engine(rows: list[Row]) -> Prepared:
    """Peer `matching-engine`: Python, needs 3.12; its command objects, sequenced, self-trade rule on as by default."""
    domain = import_module("matching_engine.domain")
    new_order, cancel_order, sequenced = domain.NewOrder, domain.CancelOrder, domain.SequencedCommand
    trade = import_module("matching_engine.events").Trade
    make = import_module("matching_engine.engine").MatchingEngine
    engines = [make() for _ in range(1 + max(row[BOOK] for row in rows))]
    owners = {row[ORDER]: row[OWNER] for row in rows if not row[ACTION]}
    sides = (domain.Side.BUY, domain.Side.SELL)
    ready = [
        (engines[row[BOOK]], row[ACTION], row[ORDER], sides[row[SIDE]], row[FOLDED], row[AMOUNT], owners[row[ORDER]])
        for row in rows
    ]

    def run() -> list[Any]:
        fills: list[Any] = []
        for sequence, (engine, action, order_id, side, price, amount, owner) in enumerate(ready, start=1):
            if action:
                engine.process(sequenced(sequence, 0, cancel_order(order_id, owner)))
                continue
            command = new_order(order_id, owner, side, price, amount)
            for event in engine.process(sequenced(sequence, 0, command)):
                if type(event) is trade:
                    fills.append(event)
        return fills

    return run, lambda fills: [(f.maker_order_id, f.taker_order_id, f.price >> 2, f.qty) for f in fills]


def liquibook(rows: list[Row]) -> Prepared:
    """Peer `liquibook`: C++ behind SWIG; fills arrive by its listener. It numbers orders itself, in order of making."""
    peer: Any = import_module("liquibook")
    fills: list[tuple[int, int, int, int]] = []

    class Listener(peer.OrderListener):  # type: ignore[misc, unused-ignore]
        def on_accept(self, order: Any) -> None:
            pass

        def on_cancel(self, order: Any) -> None:
            pass

        def on_fill(self, incoming: Any, resting: Any, amount: int, price: int) -> None:
            resting.fill(amount, price, 0)
            incoming.fill(amount, price, 0)
            fills.append((resting.order_id_, incoming.order_id_, price, amount))

    listener = Listener()
    books = []
    for _ in range(1 + max(row[BOOK] for row in rows)):
        book = peer.DepthOrderBook()
        book.set_order_listener(listener)
        books.append(book)
    ready = [(books[r[BOOK]], r[ACTION], r[ORDER], not r[SIDE], r[FOLDED], r[AMOUNT]) for r in rows]

    def run() -> Any:
        orders: dict[int, Any] = {}
        make = peer.SimpleOrder
        for book, action, order_id, buys, price, amount in ready:
            if action:
                book.cancel(orders.pop(order_id))
            else:
                order = orders[order_id] = make(buys, price, amount)
                book.add(order)
        return listener, fills

    def plain(result: Any) -> list[Fill]:
        first = peer.SimpleOrder(True, 1, 1).order_id_ - sum(1 for row in rows if not row[ACTION])
        ids = dict(enumerate((row[ORDER] for row in rows if not row[ACTION]), start=first))
        return [(ids[a], ids[b], price >> 2, amount) for a, b, price, amount in result[1]]

    return run, plain


def order_matching(rows: list[Row]) -> Prepared:
    """Peer `order-matching`: Python; placing and matching are two calls, its log is switched off."""
    logger = import_module("loguru").logger
    logger.remove()
    logger.disable("order_matching")
    limit_order = import_module("order_matching.order").LimitOrder
    bundle = import_module("order_matching.orders").Orders
    make = import_module("order_matching.matching_engine").MatchingEngine
    side_of = import_module("order_matching.enums").Side
    engines = [make(seed=1) for _ in range(1 + max(row[BOOK] for row in rows))]
    sides = (side_of.BUY, side_of.SELL)
    start = datetime(2026, 1, 5)  # noqa: DTZ001 - the peer takes naive instants
    ready = [
        (engines[r[BOOK]], r[ACTION], str(r[ORDER]), sides[r[SIDE]], float(r[FOLDED]), float(r[AMOUNT])) for r in rows
    ]

    def run() -> list[Any]:
        fills: list[Any] = []
        for number, (engine, action, order_id, side, price, amount) in enumerate(ready):
            if action:
                engine.cancel_order(order_id)
                continue
            now = start + timedelta(microseconds=number)
            order = limit_order(side=side, price=price, size=amount, timestamp=now, order_id=order_id, trader_id="t")
            engine.place(bundle([order]))
            fills.extend(engine.match(timestamp=now).trades)
        return fills

    return run, lambda fills: [
        (int(f.book_order_id), int(f.incoming_order_id), int(f.price) >> 2, int(f.size)) for f in fills
    ]


ENGINES: dict[str, Callable[[list[Row]], Prepared]] = {
    "exchange": ours,
    "exchange guidance_first": ours_guidance_first,
    "matching-engine": matching_engine,
    "liquibook": liquibook,
    "order-matching": order_matching,
}


def main(argv: list[str]) -> int:
    """`engine file limit gc|drain`: measure and print one line of JSON."""
    engine, path, limit, mode = argv
    lines = Path(path).read_text().splitlines()[: int(limit)]
    rows = [[int(number) for number in line.split()] for line in lines]
    run, plain = ENGINES[engine](rows)
    gc.collect()
    if mode == "drain":
        gc.freeze()
        gc.disable()
    started = time.process_time()
    result = run()
    seconds = time.process_time() - started
    gc.enable()
    fills = plain(result)
    book_of = {row[ORDER]: row[BOOK] for row in rows}
    fills.sort(key=lambda fill: book_of[fill[1]])  # books are independent: only the order within one must agree
    digest = hashlib.sha256(repr(fills).encode()).hexdigest()
    print(json.dumps({"seconds": seconds, "fills": len(fills), "hash": digest, "events": len(lines)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
