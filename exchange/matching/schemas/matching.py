"""Requests and responses of books, proposals, awards, trades and halts: shape only."""

from typing import Annotated, Any

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.matching.lifecycle import AwardStatus, BookPhase, ProposalStatus
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView, PositiveAmountText, Whole


class BookView(ViewModel):
    """A book: how it matches, what a price in it refers to, and how far the matcher has come."""

    id: str
    listing_id: str | None
    fund_id: str
    mode: MatchingMode
    policy: PriorityPolicy
    profile: str
    phase: BookPhase
    currency: str
    nav: MoneyView
    subscribed: MoneyView
    nav_statement_id: str
    tick: str
    minimum_amount: MoneyView
    maximum_amount: MoneyView
    floor_price: str | None
    deposit_rate: str
    opens_at: Instant
    closes_at: Instant | None
    last_sequence: int
    matched_sequence: int
    is_simulated: bool


class LevelView(ViewModel):
    """All open orders of one side at one price; ``own`` is the caller's part, ``guidance`` that of guidance funds."""

    price: str
    amount: MoneyView
    count: int
    guidance: MoneyView
    own: MoneyView


class DepthView(ViewModel):
    """Best prices first on both sides. ``sealed``: an auction before its award, only own bids are shown."""

    book_id: str
    phase: BookPhase
    matched_sequence: int
    sealed: bool
    bids: list[LevelView]
    asks: list[LevelView]


class FillLine(ViewModel):
    """One line of a match or of its counterfactual."""

    order_id: str
    price: str
    amount: MoneyView
    value: MoneyView


class ComparisonView(ViewModel):
    """What was matched at once beside what ``price_first`` would have given. Positive cost: the seller got less."""

    priority: PriorityPolicy
    fills: list[FillLine]
    actual: list[FillLine]
    cost: MoneyView


class ProposalView(ViewModel):
    """A match put to two parties. The seller also sees the ranking and what the priority cost or gave."""

    id: str
    listing_id: str
    book_id: str
    fund_id: str
    award_id: str | None
    buy_order_id: str | None
    buyer_organisation_id: str
    seller_organisation_id: str
    rank: int
    is_backup: bool
    price: str
    amount: MoneyView
    value: MoneyView
    policy: PriorityPolicy
    priority_cost: MoneyView | None
    comparison: ComparisonView | None
    status: ProposalStatus
    status_reason: str = Field(description="A stable code, or empty.")
    status_note: str = Field(description="What a person wrote with it.")
    seller_confirmed_at: Instant | None
    buyer_confirmed_at: Instant | None
    lapses_at: Instant
    lapse_rule: str
    lapses_at_is_provisional: bool = Field(
        default=False, description="The holidays of that year are not published; the deadline may move."
    )
    is_simulated: bool
    created_at: Instant
    version: int


class Reason(StrictModel):
    """Why."""

    reason: ShortText


class TradeView(ViewModel):
    """A trade; its parties are known to themselves, operators and auditors only."""

    id: str
    fund_id: str
    listing_id: str | None
    book_id: str
    proposal_id: str | None
    price: str
    amount: MoneyView
    value: MoneyView
    buyer_organisation_id: str | None
    seller_organisation_id: str | None
    is_simulated: bool
    at: Instant


class AwardLine(ViewModel):
    """What one bid got; ``own`` marks the caller's."""

    order_id: str
    price: str
    amount: MoneyView
    by_match_right: bool
    own: bool


class OfferView(ViewModel):
    """What the caller may take under the match right."""

    order_id: str
    price: str
    at_least: MoneyView
    up_to: MoneyView


class AwardView(ViewModel):
    """The outcome of an auction. Its proof is for the seller, operators and auditors."""

    id: str
    listing_id: str
    book_id: str
    status: AwardStatus
    policy: PriorityPolicy
    supply: MoneyView
    sold: MoneyView
    clearing_price: str | None
    priority_cost: MoneyView
    fills: list[AwardLine]
    counterfactual: list[AwardLine]
    offers: list[OfferView]
    proof_hash: str
    proof: dict[str, Any] | None = Field(default=None, description="Bids, limits and steps the award is made of.")
    created_at: Instant
    version: int


class TakeMatchRight(StrictModel):
    """Take an amount at the clearing price with one's own bid."""

    order_id: str = Field(pattern=f"^{id_pattern('order')}$")
    amount: PositiveAmountText


class StartHalt(StrictModel):
    """Halt one book."""

    book_id: str = Field(pattern=f"^{id_pattern('book')}$")
    reason: ShortText


class SkipCommand(StrictModel):
    """Ask that a book steps over the command it stands at."""

    sequence: Annotated[Whole, Field(ge=1)]
    reason: ShortText


class SetAsideView(ViewModel):
    """A book whose next command cannot be applied: which, why, since when, and how much waits behind it."""

    book_id: str
    listing_id: str | None
    fund_id: str
    sequence: int
    kind: str
    order_id: str | None
    error: str
    since: Instant
    waiting: int
    approval_id: str | None = Field(description="The question whether to skip it, when one waits.")


class HaltView(ViewModel):
    """A halt of a book, or of the market (no book)."""

    id: str
    book_id: str | None
    reason: str
    halted_at: Instant
    lifted_at: Instant | None
