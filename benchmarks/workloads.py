"""Seeded order flow for the engine benchmarks, the same for every engine.

A workload is a list of rows `(book, action, order_id, side, price, amount, class_rank, owner)` of integers: action 0
enters, 1 cancels; side 0 buys, 1 sells. Prices are ticks. Rows are made against a live book, so that an order meant to
rest rests, one meant to cross crosses, and every cancel hits an order that is open.

Peers know no classes. They get the price folded with the class (`folded`), which gives them the very same order of
levels and the same crossings; shifting their fill prices back gives the price of ours.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exchange.core.terms import PriorityPolicy, Side
from exchange.matching.engine import Book
from exchange.matching.order_book import Order, Party
from exchange.matching.priority import CLASS_BITS, LAST_CLASS_RANK, ask_key, bid_key

Row = tuple[int, int, int, int, int, int, int, int]
ENTER, CANCEL = 0, 1
SIDES = (Side.BUY, Side.SELL)
MIDDLE = 850_000
OWNERS = 2_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """Shares of resting, crossing and cancelling rows; how far from the middle orders rest; how big takers are."""

    rest: float
    cross: float
    levels: int
    taker: int
    books: int = 1
    preload: float = 0.0


RECIPES = {
    "mixed": Recipe(rest=0.55, cross=0.20, levels=100, taker=150),
    "crossing": Recipe(rest=0.45, cross=0.45, levels=100, taker=300),
    "cancel-heavy": Recipe(rest=0.52, cross=0.02, levels=100, taker=150),
    "wide": Recipe(rest=0.55, cross=0.20, levels=5_000, taker=150, preload=0.55),
    "200 books": Recipe(rest=0.55, cross=0.20, levels=100, taker=150, books=200),
}


class _Maker:
    """Draws rows for one book and keeps a live copy of it, to know what crosses and what is still open."""

    def __init__(self, recipe: Recipe, book: int, draw: random.Random, next_id: Callable[[], int]) -> None:
        self.recipe, self.book, self.draw, self.next_id = recipe, book, draw, next_id
        self.live = Book(PriorityPolicy.PRICE_FIRST)
        self.open: list[int] = []

    def row(self, *, preload: bool) -> Row:
        roll = 0.0 if preload else self.draw.random()
        if roll >= self.recipe.rest + self.recipe.cross:
            victim = self.victim()
            if victim is not None:
                self.live.cancel(str(victim))
                return (self.book, CANCEL, victim, 0, 0, 0, 0, 0)
        return self.enter(crosses=self.recipe.rest <= roll < self.recipe.rest + self.recipe.cross)

    def victim(self) -> int | None:
        while self.open:
            index = self.draw.randrange(len(self.open))
            self.open[index], self.open[-1] = self.open[-1], self.open[index]
            order_id = self.open.pop()
            if str(order_id) in self.live.orders:
                return order_id
        return None

    def enter(self, *, crosses: bool) -> Row:
        side = self.draw.randrange(2)
        offset = 1 + self.draw.randrange(self.recipe.levels)
        best = self.live.best(SIDES[1 - side])
        if crosses and best is not None:
            reach = self.draw.randrange(5)
            price = best + reach if side == 0 else best - reach
            amount = 1 + self.draw.randrange(self.recipe.taker)
        else:
            price = MIDDLE - offset if side == 0 else MIDDLE + offset
            amount = 1 + self.draw.randrange(100)
        rank = self.draw.randrange(4) if side == 0 else 3
        owner = self.draw.randrange(OWNERS) + side * OWNERS
        order_id = self.next_id()
        self.live.submit(Order(str(order_id), SIDES[side], price, amount, Party(str(owner), rank)))
        self.open.append(order_id)
        return (self.book, ENTER, order_id, side, price, amount, rank, owner)


def make(name: str, events: int, seed: int = 1) -> list[Row]:
    """Rows of a workload; the same name, size and seed give the same rows.

    For `wide`, the first 55% of the rows only fill the book (about 110,000 resting orders on 10,000 levels).
    """
    recipe = RECIPES[name]
    draw = random.Random(f"{name}-{seed}")
    ids = iter(range(1, events + 1))
    makers = [_Maker(recipe, book, draw, lambda: next(ids)) for book in range(recipe.books)]
    preload = int(events * recipe.preload)
    return [makers[draw.randrange(recipe.books)].row(preload=number < preload) for number in range(events)]


def folded(side: int, price: int, rank: int) -> int:
    """Price for a peer without classes: greater is better for bids, class breaks the tie; `unfolded` gives it back."""
    return bid_key(price, rank) if side == 0 else -ask_key(price)


def unfolded(price: int) -> int:
    """Our price from the price of a peer's fill."""
    return price >> CLASS_BITS


def write(rows: list[Row], path: Path) -> None:
    """One row a line, numbers separated by spaces, the price folded for peers as a ninth number."""
    lines = (" ".join(map(str, (*row, folded(row[3], row[4], row[6])))) for row in rows)
    path.write_text("\n".join(lines) + "\n")


__all__ = ["LAST_CLASS_RANK", "RECIPES", "Row", "folded", "make", "unfolded", "write"]
