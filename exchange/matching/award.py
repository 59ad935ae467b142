"""What an auction decides over, and what it decides: bids, limits, fills, reasons and the award.

An award is a value: the bids, the limits and the policy it was made under, and what each bid got. Fills are
ranked and each winner pays its own price (pay-as-bid). Every bid that is not filled carries a reason, and the
rule id of that reason as the caller named it. Proceeds are counted in price (ppm) times amount (minor units of
subscribed capital), an exact integer; they become money by one function with one rounding.

Worked example: 30 at 88 %, 60 at 88 % and 10 at 87 % of an interest of 100 bring 8790 against 8700 under
`guidance_first`: the priority cost 90, which on a NAV of 88,000,000 for the 100 is 792,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from operator import mul
from typing import TypeAlias

import numpy as np

from exchange.core.quantity import NavBasis
from exchange.core.terms import FirstRefusalMode
from exchange.matching.bid_columns import BidColumns, Bools, Codes, Integers
from exchange.matching.priority import BuyerClass, PriorityPolicy, class_leads, class_rank

GUIDANCE_RANK = class_rank(BuyerClass.GUIDANCE_FUND)


class Margin(StrEnum):
    """How the last amount is split between bids of the same class and price."""

    PRO_RATA = "pro_rata"
    TIME = "time"


class Reason(StrEnum):
    """Why a bid got what it got; the order of the members is their code in an award's columns."""

    FILLED = "filled"
    OUTRANKED = "outranked"
    BELOW_RESERVE = "below_reserve"
    NOT_CONSIDERED = "not_considered"
    INDIVISIBLE = "indivisible"
    LAPSED = "lapsed"
    MINIMUM_HOLDING = "minimum_holding"
    NO_NEW_HOLDER_SLOT = "no_new_holder_slot"
    ALL_OR_NONE = "all_or_none"
    MINIMUM_FILL = "minimum_fill"
    FULL_SALE_REQUIRED = "full_sale_required"


REASONS = tuple(Reason)
CODE = {reason: code for code, reason in enumerate(REASONS)}
EXCLUDING = (Reason.BELOW_RESERVE, Reason.NOT_CONSIDERED, Reason.INDIVISIBLE, Reason.LAPSED)


@dataclass(frozen=True, slots=True)
class AuctionPolicy:
    """How bids rank, how bids of equal rank share what does not suffice for all of them, and what partners may do."""

    priority: PriorityPolicy
    margin: Margin = Margin.PRO_RATA
    first_refusal: FirstRefusalMode = FirstRefusalMode.AFTER_BIDDING

    @property
    def class_first(self) -> bool:
        """Whether the class of a bid ranks before its price."""
        return class_leads(self.priority)

    @property
    def partners_first(self) -> bool:
        """Whether a partner's bid goes before others at the same price (R-38)."""
        return self.first_refusal is FirstRefusalMode.BIDS_ALONG


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Rule ids of the limits, as the market profile names them; they are carried, never interpreted."""

    reserve: str
    window: str
    indivisible: str
    minimum_holding: str
    new_holder_slots: str
    seller_remainder: str
    full_sale: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of an allocation; every value comes from the listing and its market profile.

    Prices in ppm, amounts in minor units of subscribed capital. `new_holder_slots` None means no cap.
    `seller_holding_minor` is what the seller holds before the sale, at least the supply: what is left of it
    afterwards is nothing or at least `minimum_remainder_minor`.
    """

    floor_price_ppm: int
    divisible: bool
    minimum_holding_minor: int
    new_holder_slots: int | None
    seller_holding_minor: int
    minimum_remainder_minor: int
    full_sale_required: bool
    guidance_only: bool
    rules: LimitRules

    def __post_init__(self) -> None:
        numbers = (self.floor_price_ppm, self.minimum_holding_minor, self.seller_holding_minor)
        if min(*numbers, self.minimum_remainder_minor, self.new_holder_slots or 0) < 0:
            raise ValueError("limits are not negative")

    def rule_of(self, reason: Reason) -> str | None:
        """The rule id behind a reason; None where the cause is the bid's own term or its rank."""
        return {
            Reason.BELOW_RESERVE: self.rules.reserve,
            Reason.NOT_CONSIDERED: self.rules.window,
            Reason.INDIVISIBLE: self.rules.indivisible,
            Reason.MINIMUM_HOLDING: self.rules.minimum_holding,
            Reason.NO_NEW_HOLDER_SLOT: self.rules.new_holder_slots,
            Reason.FULL_SALE_REQUIRED: self.rules.full_sale,
        }.get(reason)


@dataclass(frozen=True, slots=True)
class Fill:
    """What one bid gets: an amount at the price its holder pays."""

    bid_id: str
    holder: str
    class_rank: int
    sequence: int
    price_ppm: int
    amount_minor: int
    by_match_right: bool = False


@dataclass(frozen=True, slots=True)
class Standby:
    """A bid without a fill: its reason and, where a rule of the market stands behind it, that rule's id."""

    bid_id: str
    holder: str
    reason: Reason
    rule: str | None


Step: TypeAlias = dict[str, str | int | bool | list[str] | list[int] | None]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Columns of one pass down the ranking: filled rows in rank order, and a reason code for every bid."""

    rows: Integers
    amounts: Integers
    prices: Integers
    by_match_right: Bools
    reasons: Codes
    steps: tuple[Step, ...]

    @cached_property
    def sold_minor(self) -> int:
        """The amount filled."""
        return int(self.amounts.sum())

    @cached_property
    def proceeds_ppm_minor(self) -> int:
        """Price times amount over all fills, in ppm times minor units, exact."""
        return sum(map(mul, self.prices.tolist(), self.amounts.tolist()))

    def fills(self, columns: BidColumns) -> Iterator[Fill]:
        """The fills as values, in rank order."""
        classes, sequences, holders = (
            column[self.rows].tolist() for column in (columns.class_rank, columns.sequence, columns.holder)
        )
        for row, holder, rank, sequence, price, amount, matched in zip(
            self.rows.tolist(),
            holders,
            classes,
            sequences,
            self.prices.tolist(),
            self.amounts.tolist(),
            self.by_match_right.tolist(),
            strict=True,
        ):
            yield Fill(columns.bid_ids[row], columns.holders[holder], rank, sequence, price, amount, matched)


@dataclass(frozen=True, eq=False)
class Award:
    """The result of an auction, with the counterfactual under `price_first` over all filed bids.

    `taken` holds what guidance funds took under a match right, by bid id; empty before the right is exercised.
    """

    columns: BidColumns = field(repr=False)
    supply_minor: int
    limits: Limits
    policy: AuctionPolicy
    outcome: Outcome = field(repr=False)
    counterfactual: Outcome = field(repr=False)
    taken: tuple[tuple[str, int], ...] = ()

    @cached_property
    def fills(self) -> tuple[Fill, ...]:
        """What the winners get, best rank first."""
        return tuple(self.outcome.fills(self.columns))

    @cached_property
    def counterfactual_fills(self) -> tuple[Fill, ...]:
        """What the winners would have got under `price_first`, best rank first."""
        return tuple(self.counterfactual.fills(self.columns))

    @cached_property
    def backups(self) -> tuple[Standby, ...]:
        """All valid bids without a fill, in the order in which they are called if a winner lapses."""
        ranked = self.ranking()
        waiting = self.outcome.reasons[ranked]
        excluding = [CODE[reason] for reason in (Reason.FILLED, *EXCLUDING)]
        return self._standby(ranked[~np.isin(waiting, excluding)])

    @cached_property
    def excluded(self) -> tuple[Standby, ...]:
        """The bids that had no effect, in time order."""
        codes = [CODE[reason] for reason in EXCLUDING]
        return self._standby(np.flatnonzero(np.isin(self.outcome.reasons, codes)))

    def ranking(self) -> Integers:
        """Rows of all bids, excluded ones too, in the order of the policy."""
        policy = self.policy
        keys = self.columns.rank_keys(
            np.arange(len(self.columns)), class_first=policy.class_first, partners_first=policy.partners_first
        )
        return keys.rows

    @property
    def unsold_minor(self) -> int:
        """What no bid could take under the limits."""
        return self.supply_minor - self.outcome.sold_minor

    @cached_property
    def clearing_price_ppm(self) -> int | None:
        """The lowest price of a winner, None if nothing is sold."""
        return int(self.outcome.prices.min()) if len(self.outcome.prices) else None

    @property
    def priority_cost_ppm_minor(self) -> int:
        """Proceeds under `price_first` less the actual ones, in ppm times minor units.

        Positive: the priority cost the seller this much. Negative: it brought the seller this much.
        """
        return self.counterfactual.proceeds_ppm_minor - self.outcome.proceeds_ppm_minor

    def priority_cost_minor(self, basis: NavBasis) -> int:
        """The cost of the priority as money, rounded half-up once; negative if the seller gained."""
        return basis.value_minor(self.priority_cost_ppm_minor, 1)

    def _standby(self, rows: Integers) -> tuple[Standby, ...]:
        columns, limits = self.columns, self.limits
        reasons = [REASONS[code] for code in self.outcome.reasons[rows].tolist()]
        return tuple(
            Standby(columns.bid_ids[row], columns.holders[holder], reason, limits.rule_of(reason))
            for row, holder, reason in zip(rows.tolist(), columns.holder[rows].tolist(), reasons, strict=True)
        )
