"""The bids of an auction as columns, one row a bid in time order, and their ranking.

Rows are sorted by sequence, then bid id, so that a row number is a bid's place in time. Books of any size take
this form, so one rule decides over three bids and over a million. A rank is packed into one integer (class and
price in the order of the policy, then the row), which sorts faster than several columns and never ties.

Worked example: prices 88, 87, 86, 88 with classes 3, 3, 0, 0 in time order rank 3, 0, 1, 2 by price and
3, 2, 0, 1 by class.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from exchange.matching.priority import LAST_CLASS_RANK

Integers: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int8]

AMOUNT_MAX_MINOR = 10**15  # ten trillion yuan: products with a price stay exact, sums are checked
PRICE_MAX_PPM = 10**9


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid as it enters an auction. Price in ppm of the pinned NAV, amounts in minor units.

    `rank_price_ppm` is the all-cash equivalent that ranks bids with different payment plans; the price itself
    if absent. `existing_holding_minor` is what the holder already has in the fund.
    """

    bid_id: str
    holder: str
    price_ppm: int
    amount_minor: int
    class_rank: int
    sequence: int
    is_existing_holder: bool = False
    existing_holding_minor: int = 0
    minimum_fill_minor: int = 0
    all_or_none: bool = False
    rank_price_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows in rank order, best first, and for each the number of its class and price, ascending."""

    rows: Integers
    groups: Integers


@dataclass(frozen=True, eq=False)
class BidColumns:
    """The bids of a book as arrays of equal length; `holder` indexes `holders`.

    ValueError if rows are not in time order, a value is out of bounds, or the bids of one holder disagree on
    what the holder already has.
    """

    bid_ids: Sequence[str] = field(repr=False)
    holders: Sequence[str] = field(repr=False)
    price_ppm: Integers
    rank_price_ppm: Integers
    amount_minor: Integers
    class_rank: Integers
    sequence: Integers
    holder: Integers
    is_existing_holder: Bools
    existing_holding_minor: Integers
    minimum_fill_minor: Integers
    all_or_none: Bools

    def __len__(self) -> int:
        return len(self.bid_ids)

    def __post_init__(self) -> None:
        for column in fields(self):
            if column.name != "holders" and len(getattr(self, column.name)) != len(self.bid_ids):
                raise ValueError("columns differ in length")
        if not len(self):
            return
        _within("price", self.price_ppm, 0, PRICE_MAX_PPM)
        _within("rank price", self.rank_price_ppm, -PRICE_MAX_PPM, PRICE_MAX_PPM)
        _within("amount", self.amount_minor, 1, AMOUNT_MAX_MINOR)
        _within("class rank", self.class_rank, 0, LAST_CLASS_RANK)
        _within("holder", self.holder, 0, len(self.holders) - 1)
        _within("existing holding", self.existing_holding_minor, 0, AMOUNT_MAX_MINOR)
        _within("minimum fill", self.minimum_fill_minor, 0, AMOUNT_MAX_MINOR)
        if np.any(self.minimum_fill_minor > self.amount_minor):
            raise ValueError("a minimum fill is at most the amount")
        if np.any(self.sequence[1:] < self.sequence[:-1]):
            raise ValueError("rows are in time order")
        for column_of_holder in (self.is_existing_holder, self.existing_holding_minor):
            stated = np.zeros(len(self.holders), np.int64)
            stated[self.holder] = column_of_holder
            if np.any(stated[self.holder] != column_of_holder):
                raise ValueError("the bids of one holder agree on its holding")

    def rank_keys(self, rows: Integers, *, class_first: bool, partners_first: bool = False) -> Ranked:
        """The rows in rank order: class and price (or price and class), then time.

        With ``partners_first`` who holds something of the fund goes before others at the same price.
        """
        if not len(rows):
            return Ranked(rows, rows)
        price = self.rank_price_ppm[rows]
        worse = price.max() - price
        if partners_first:
            worse = 2 * worse + ~self.is_existing_holder[rows]
        classes = LAST_CLASS_RANK + 1
        if class_first:
            rank = self.class_rank[rows] * (int(worse.max()) + 1) + worse
        else:
            rank = worse * classes + self.class_rank[rows]
        bits = len(self).bit_length()
        # bounded prices and classes need 34 bits, which leaves 29 for the row
        keys = np.sort((rank << bits) | rows)
        return Ranked(keys & ((1 << bits) - 1), keys >> bits)


def columns_of(bids: Sequence[Bid]) -> BidColumns:
    """The columns of bids given in any order. ValueError if two bids have one id or a value is invalid."""
    ordered = sorted(bids, key=lambda bid: (bid.sequence, bid.bid_id))
    if len({bid.bid_id for bid in ordered}) != len(ordered):
        raise ValueError("bid ids are unique")
    holders = sorted({bid.holder for bid in ordered})
    index = {holder: number for number, holder in enumerate(holders)}
    ranks = [bid.price_ppm if bid.rank_price_ppm is None else bid.rank_price_ppm for bid in ordered]
    return BidColumns(
        bid_ids=[bid.bid_id for bid in ordered],
        holders=holders,
        price_ppm=_integers([bid.price_ppm for bid in ordered]),
        rank_price_ppm=_integers(ranks),
        amount_minor=_integers([bid.amount_minor for bid in ordered]),
        class_rank=_integers([bid.class_rank for bid in ordered]),
        sequence=_integers([bid.sequence for bid in ordered]),
        holder=_integers([index[bid.holder] for bid in ordered]),
        is_existing_holder=np.array([bid.is_existing_holder for bid in ordered], np.bool_),
        existing_holding_minor=_integers([bid.existing_holding_minor for bid in ordered]),
        minimum_fill_minor=_integers([bid.minimum_fill_minor for bid in ordered]),
        all_or_none=np.array([bid.all_or_none for bid in ordered], np.bool_),
    )


BID_COLUMNS = tuple(column.name for column in fields(Bid))


def bid_rows(columns: BidColumns) -> list[list[str | int | bool]]:
    """The bids as rows of plain values in time order, in the order of `BID_COLUMNS`."""
    holders = [columns.holders[index] for index in columns.holder.tolist()]
    plain = {"bid_id": columns.bid_ids, "holder": holders}
    values = (plain[name] if name in plain else getattr(columns, name).tolist() for name in BID_COLUMNS)
    return [list(row) for row in zip(*values, strict=True)]


def _integers(values: list[int]) -> Integers:
    return np.array(values, np.int64)


def _within(name: str, column: Integers, least: int, most: int) -> None:
    if column.min() < least or column.max() > most:
        raise ValueError(f"{name} out of bounds")
