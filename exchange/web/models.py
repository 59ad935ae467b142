"""What pages show: plain values that views fill from services and templates read. No page reads a row."""

from dataclasses import dataclass, field
from datetime import date, datetime

from exchange.core.money import Money


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select or a filter: value, label, whether it is chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class MarketLine:
    """One listing in the market list."""

    listing_id: str
    book_id: str | None
    fund_code: str
    fund_name: str
    vintage: int
    strategy: str
    manager: str
    seller_class: str
    nav_on_sale: Money
    unfunded: Money | None
    amount: Money
    ask_ppm: int
    best_bid_ppm: int | None
    best_bid_sealed: bool
    mode: str
    policy: str
    status: str
    opens_at: datetime
    closes_at: datetime
    nav_as_of: date
    nav_is_stale: bool
    source_mark: str
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One NAV statement with what was called and distributed since the one before."""

    as_of: date
    nav: Money
    called: Money
    distributed: Money
    paid_in: Money
    unfunded: Money
    tvpi_ppm: int | None
    irr_ppm: int | None
    source_mark: str


@dataclass(frozen=True, slots=True)
class Level:
    """One price of a book's side: open amount, orders, the part of guidance funds, depth up to here."""

    price_ppm: int
    amount: Money
    value: Money
    orders: int
    guidance: Money
    depth: Money
    share_percent: int
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class LastTrade:
    """The latest match of a book: price, amount, when."""

    price_ppm: int
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Ladder:
    """A book as its market may see it. ``sealed``: an auction, nobody sees bids before the award."""

    book_id: str | None
    sequence: int
    phase: str
    sealed: bool
    asks: tuple[Level, ...] = ()
    bids: tuple[Level, ...] = ()
    last: LastTrade | None = None
    my_orders: int = 0


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Everything of a listing's page but the live book and the ticket. ``nav_minor``: what its prices refer to."""

    line: MarketLine
    fund_id: str
    nav_minor: int
    price_ppm: int
    floor_ppm: int | None
    minimum: Money | None
    deposit_ppm: int | None
    tick_ppm: int | None
    total_at_ask: Money
    unit_price: str
    time_in_force: str
    all_or_none: bool
    status_reason: str
    seller_name: str | None
    profile: str
    warning: str
    source: str
    filing_code: str
    filing_is_simulated: bool
    cause: str
    first_refusal: str
    is_favourable_exit: bool
    version: int
    payment: tuple[str, ...] = ()
    plan_discount_ppm: int | None = None
    history: tuple[Statement, ...] = ()
    can_bid: bool = False
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class Failing:
    """A rule the order would break: id, text, the first date on which it passes."""

    rule: str
    text: str
    passes_on: date | None = None
    is_provisional: bool = False
    is_about_papers: bool = False


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field of a form that cannot be read, and why."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What stands in the fields, as typed."""

    amount: str = ""
    price: str = ""
    price_kind: str = "percent"
    time_in_force: str = "good_till_cancelled"
    expires_on: str = ""
    minimum_fill: str = ""
    all_or_none: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """A ticket as the server understands it: all three prices, the money, the deposit, the rules."""

    amount: Money | None = None
    price_ppm: int | None = None
    unit_price: str | None = None
    total: Money | None = None
    nav_share: Money | None = None
    unfunded_share: Money | None = None
    deposit: Money | None = None
    available: Money | None = None
    nearest_ppm: tuple[int, ...] = ()
    fields: tuple[FieldProblem, ...] = ()
    failing: tuple[Failing, ...] = ()
    checked: bool = False

    @property
    def is_complete(self) -> bool:
        """Amount and price are both readable."""
        return self.amount is not None and self.price_ppm is not None and not self.fields

    def problem(self, name: str) -> str:
        """The text of a field's problem, empty when it has none."""
        return next((problem.text for problem in self.fields if problem.name == name), "")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One of the viewer's orders."""

    order_id: str
    listing_id: str | None
    fund_name: str
    fund_code: str
    side: str
    price_ppm: int
    amount: Money
    leaves: Money
    filled: Money
    hold: Money | None
    status: str
    reason: str
    time_in_force: str
    expires_at: datetime | None
    all_or_none: bool
    accepted_at: datetime
    sequence: int
    can_change: bool
    is_simulated: bool
    mode: str = ""


@dataclass(frozen=True, slots=True)
class CounterLine:
    """One fill of the counterfactual under price first."""

    label: str
    price_ppm: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Blocked:
    """A step that a gate refused: whose papers, in one sentence, and each missing paper with its name and state."""

    listing_id: str
    sentence: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A match put to the viewer: what, until when, and what the priority cost or gave the seller."""

    proposal_id: str
    listing_id: str
    fund_name: str
    fund_code: str
    side: str
    counterparty: str
    rank: int
    is_backup: bool
    price_ppm: int
    amount: Money
    money: Money
    policy: str
    priority_cost: Money
    counterfactual: tuple[CounterLine, ...]
    status: str
    status_reason: str
    buyer_confirmed_at: datetime | None
    seller_confirmed_at: datetime | None
    lapses_at: datetime
    lapse_rule: str
    is_simulated: bool
    created_at: datetime
    version: int
    can_decide: bool
    award_id: str = ""
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class BlotterLine:
    """A match as the operator sees it."""

    proposal_id: str
    listing_id: str | None
    book_id: str
    at: datetime
    state: str
    fund_name: str
    fund_code: str
    price_ppm: int
    amount: Money
    money: Money
    buyer: str
    buyer_class: str
    seller: str
    policy: str
    priority_cost: Money | None
    is_backup: bool
    is_simulated: bool
    award_id: str = ""


@dataclass(frozen=True, slots=True)
class BookLine:
    """A book as the operator watches it, with what may be done to it."""

    book_id: str
    listing_id: str | None
    fund_name: str
    fund_code: str
    mode: str
    policy: str
    phase: str
    last_sequence: int
    matched_sequence: int
    closes_at: datetime | None
    halt_id: str = ""
    halt_reason: str = ""

    @property
    def pending(self) -> int:
        """Commands the worker has still to apply."""
        return self.last_sequence - self.matched_sequence


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A submitted listing waiting for an operator."""

    listing_id: str
    fund_name: str
    fund_code: str
    seller: str
    seller_class: str
    entered_by: str
    amount: Money
    price_ppm: int
    floor_ppm: int
    mode: str
    policy: str
    opens_at: datetime
    closes_at: datetime
    submitted_at: datetime | None
    nav_as_of: date
    nav_is_stale: bool
    status: str
    version: int
    may_decide: bool
    failing: tuple[Failing, ...] = field(default=())
    due_at: datetime | None = None
    is_overdue: bool = False
    is_provisional: bool = False
    missing: tuple[str, ...] = ()
    acceptable: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One of a seller's or GP's listings, whatever its state."""

    listing_id: str
    fund_name: str
    fund_code: str
    amount: Money
    price_ppm: int
    mode: str
    policy: str
    status: str
    status_reason: str
    opens_at: datetime
    closes_at: datetime
    version: int
    can_submit: bool
    can_withdraw: bool
    can_extend: bool = False
    can_relist: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldingChoice:
    """An interest that may be listed."""

    holding_id: str
    label: str
    subscribed: Money
    free: Money
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class StuckLine:
    """A book that is set aside: the command it stands at, the fault, and the question whether to skip it."""

    book_id: str
    fund_name: str
    sequence: int
    kind: str
    error: str
    since: datetime
    waiting: int
    approval_id: str
    asked_by: str
    reason: str
