"""Books, their journals of commands, orders, fills, proposals, awards and trades."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from exchange.core.terms import BuyerClass, MatchingMode, PriorityPolicy, Side, TimeInForce
from exchange.infra.database import check, stored
from exchange.matching.lifecycle import (
    AwardStatus,
    BookPhase,
    CommandKind,
    OrderStatus,
    ProposalStatus,
)


class BookRow(SQLModel, table=True):
    """What the order path must know of a book, and the counter of its journal.

    Locked (FOR NO KEY UPDATE) by whoever appends a command. Negotiated and auction books have one listing;
    a continuous book has one fund and any number of listings.
    """

    __tablename__: ClassVar[str] = "book"
    __table_args__ = (
        check("nav_minor > 0 AND subscribed_minor > 0", "basis_positive"),
        # A listing that opens again gets a new book; the one before is closed then.
        Index("uq_book_running_listing", "listing_id", unique=True, postgresql_where=text("phase <> 'closed'")),
        check("last_sequence >= 0", "sequence_not_negative"),
    )

    id: str = Field(primary_key=True)
    fund_id: str = Field(foreign_key="fund.id", index=True)
    listing_id: str | None = Field(default=None, foreign_key="listing.id", index=True)
    mode: MatchingMode = Field(sa_type=stored(MatchingMode, "book_mode"))
    policy: PriorityPolicy = Field(sa_type=stored(PriorityPolicy, "book_policy"))
    profile: str
    currency: str
    nav_statement_id: str
    nav_minor: int = Field(sa_type=BigInteger)
    subscribed_minor: int = Field(sa_type=BigInteger)
    fund_risk_rating: int
    tick_ppm: int = Field(sa_type=BigInteger)
    minimum_amount_minor: int = Field(sa_type=BigInteger)
    maximum_amount_minor: int = Field(sa_type=BigInteger)
    floor_price_ppm: int = Field(default=0, sa_type=BigInteger)
    deposit_ppm: int = Field(sa_type=BigInteger)
    seller_organisation_id: str | None = None
    seller_group_keys: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    is_simulated: bool = False
    phase: BookPhase = Field(default=BookPhase.COLLECTING, sa_type=stored(BookPhase, "book_phase"))
    opens_at: datetime
    closes_at: datetime | None = None
    last_sequence: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime


class BookProgressRow(SQLModel, table=True):
    """How far the worker has come in a book's journal. Written by the matcher alone."""

    __tablename__: ClassVar[str] = "book_progress"

    book_id: str = Field(primary_key=True, foreign_key="book.id")
    matched_sequence: int = Field(default=0, sa_type=BigInteger)
    fill_count: int = Field(default=0, sa_type=BigInteger)
    state_hash: str = ""
    matched_at: datetime | None = None


class BookCommandRow(SQLModel, table=True):
    """One line of a book's journal; insert-only and sufficient to replay the book."""

    __tablename__: ClassVar[str] = "book_command"

    book_id: str = Field(primary_key=True, foreign_key="book.id")
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    kind: CommandKind = Field(sa_type=stored(CommandKind, "command_kind"))
    order_id: str | None = None
    side: Side | None = Field(default=None, sa_type=stored(Side, "command_side"))
    price_ppm: int | None = Field(default=None, sa_type=BigInteger)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    class_rank: int | None = None
    organisation_id: str | None = None
    group_keys: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    time_in_force: TimeInForce | None = Field(default=None, sa_type=stored(TimeInForce, "command_tif"))
    all_or_none: bool = False
    minimum_fill_minor: int = Field(default=0, sa_type=BigInteger)
    detail: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    at: datetime


class SkippedCommandRow(SQLModel, table=True):
    """A command of a journal that has no effect, by the word of two operators. Insert-only; a replay reads it too."""

    __tablename__: ClassVar[str] = "skipped_command"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "sequence"], ["book_command.book_id", "book_command.sequence"]),
        check("asked_by <> approved_by", "two_persons"),
    )

    book_id: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    reason: str
    error: str
    asked_by: str
    approved_by: str
    at: datetime


class OrderRow(SQLModel, table=True):
    """An order (a bid, or a listing's ask). Amounts move only by the matcher, in the journal's order.

    ``filled`` counts what is proposed, confirmed or traded; ``settled`` is the part of it that deals have taken over
    with its deposit. ``hold`` is the deposit held for the rest: deposit_ppm of the value of leaves + filled - settled
    at the order's own limit.
    """

    __tablename__: ClassVar[str] = "market_order"
    __table_args__ = (
        check("amount_minor > 0 AND price_ppm > 0", "terms_positive"),
        check("leaves_minor >= 0 AND filled_minor >= 0 AND cancelled_minor >= 0", "not_negative"),
        check("leaves_minor + filled_minor + cancelled_minor = amount_minor", "amounts_add_up"),
        check("hold_minor >= 0", "hold_not_negative"),
        check("settled_minor >= 0 AND settled_minor <= filled_minor", "settled_within_filled"),
        Index("ix_market_order_book_id", "book_id", "sequence"),
        Index("ix_market_order_organisation_id", "organisation_id", "id"),
    )

    id: str = Field(primary_key=True)
    book_id: str = Field(foreign_key="book.id")
    listing_id: str | None = None
    fund_id: str
    sequence: int = Field(sa_type=BigInteger)
    place: int = Field(sa_type=BigInteger)
    side: Side = Field(sa_type=stored(Side, "order_side"))
    organisation_id: str
    user_id: str
    buyer_class: BuyerClass | None = Field(default=None, sa_type=stored(BuyerClass, "order_buyer_class"))
    price_ppm: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    leaves_minor: int = Field(sa_type=BigInteger)
    filled_minor: int = Field(default=0, sa_type=BigInteger)
    cancelled_minor: int = Field(default=0, sa_type=BigInteger)
    settled_minor: int = Field(default=0, sa_type=BigInteger)
    hold_minor: int = Field(default=0, sa_type=BigInteger)
    account_id: str | None = None
    time_in_force: TimeInForce = Field(sa_type=stored(TimeInForce, "order_time_in_force"))
    expires_at: datetime | None = None
    all_or_none: bool = False
    minimum_fill_minor: int = Field(default=0, sa_type=BigInteger)
    status: OrderStatus = Field(default=OrderStatus.ACCEPTED, sa_type=stored(OrderStatus, "order_status"))
    reason: str = ""
    last_sequence: int = Field(sa_type=BigInteger)
    accepted_at: datetime


class FillRow(SQLModel, table=True):
    """One match of two orders. Insert-only."""

    __tablename__: ClassVar[str] = "fill"
    __table_args__ = (
        UniqueConstraint("book_id", "fill_number"),
        check("amount_minor > 0 AND price_ppm > 0", "terms_positive"),
        check("buy_organisation_id <> sell_organisation_id", "two_owners"),
    )

    id: str = Field(primary_key=True)
    book_id: str = Field(foreign_key="book.id")
    fill_number: int = Field(sa_type=BigInteger)
    sequence: int = Field(sa_type=BigInteger)
    buy_order_id: str = Field(foreign_key="market_order.id", index=True)
    sell_order_id: str = Field(foreign_key="market_order.id", index=True)
    buy_organisation_id: str
    sell_organisation_id: str
    price_ppm: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    money_minor: int = Field(sa_type=BigInteger)
    at: datetime


class SkipRow(SQLModel, table=True):
    """Two orders that crossed but may not trade with each other, and why. Insert-only."""

    __tablename__: ClassVar[str] = "skip"

    book_id: str = Field(primary_key=True, foreign_key="book.id")
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    order_id: str = Field(primary_key=True)
    resting_order_id: str = Field(primary_key=True)
    reason: str
    at: datetime


class AwardRow(SQLModel, table=True):
    """The worker's allocation of an auction, with the proof anyone can recompute."""

    __tablename__: ClassVar[str] = "award"

    id: str = Field(primary_key=True)
    book_id: str = Field(foreign_key="book.id", index=True)
    listing_id: str = Field(foreign_key="listing.id", index=True)
    sequence: int = Field(sa_type=BigInteger)
    policy: PriorityPolicy = Field(sa_type=stored(PriorityPolicy, "award_policy"))
    status: AwardStatus = Field(default=AwardStatus.PROPOSED, sa_type=stored(AwardStatus, "award_status"))
    proof: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    proof_hash: str
    counterfactual: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    priority_cost_minor: int = Field(sa_type=BigInteger)
    currency: str
    created_at: datetime
    version: int = 1


class ProposalRow(SQLModel, table=True):
    """A match put to buyer and seller. Both confirm in time, or the next in rank is called."""

    __tablename__: ClassVar[str] = "proposal"
    __table_args__ = (
        check("amount_minor > 0", "amount_positive"),
        Index("ix_proposal_buyer", "buyer_organisation_id", "id"),
        Index("ix_proposal_seller", "seller_organisation_id", "id"),
    )

    id: str = Field(primary_key=True)
    book_id: str = Field(foreign_key="book.id", index=True)
    listing_id: str = Field(foreign_key="listing.id", index=True)
    fund_id: str
    fill_id: str = Field(foreign_key="fill.id", unique=True)
    award_id: str | None = Field(default=None, foreign_key="award.id")
    buy_order_id: str = Field(foreign_key="market_order.id")
    sell_order_id: str = Field(foreign_key="market_order.id")
    buyer_organisation_id: str
    seller_organisation_id: str
    rank: int
    is_backup: bool = False
    price_ppm: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    money_minor: int = Field(sa_type=BigInteger)
    currency: str
    policy: PriorityPolicy = Field(sa_type=stored(PriorityPolicy, "proposal_policy"))
    counterfactual: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    priority_cost_minor: int = Field(default=0, sa_type=BigInteger)
    status: ProposalStatus = Field(default=ProposalStatus.PROPOSED, sa_type=stored(ProposalStatus, "proposal_status"))
    status_reason: str = ""
    status_note: str = ""
    seller_confirmed_by: str | None = None
    seller_confirmed_at: datetime | None = None
    buyer_confirmed_by: str | None = None
    buyer_confirmed_at: datetime | None = None
    lapses_at: datetime
    lapse_rule: str
    is_simulated: bool = False
    created_at: datetime
    version: int = 1


class OrderPlanRow(SQLModel, table=True):
    """How the bidder of an order would pay, as it said last; empty: all at closing. Insert-only, the newest counts."""

    __tablename__: ClassVar[str] = "order_plan"

    id: str = Field(primary_key=True)
    order_id: str = Field(foreign_key="market_order.id", index=True)
    book_id: str = Field(foreign_key="book.id", index=True)
    organisation_id: str
    plan: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    equivalent_price_ppm: int = Field(sa_type=BigInteger)
    stated_by: str
    at: datetime


class TradeRow(SQLModel, table=True):
    """A confirmed proposal, or a fill of a continuous book. Insert-only."""

    __tablename__: ClassVar[str] = "trade"
    __table_args__ = (
        Index("ix_trade_at", "at", "id"),
        Index("ix_trade_last_sale", "seller_organisation_id", "fund_id", "at"),
    )

    id: str = Field(primary_key=True)
    book_id: str = Field(foreign_key="book.id")
    fund_id: str = Field(foreign_key="fund.id", index=True)
    listing_id: str | None = None
    fill_id: str = Field(foreign_key="fill.id", unique=True)
    proposal_id: str | None = Field(default=None, unique=True)
    buy_order_id: str
    sell_order_id: str
    buyer_organisation_id: str = Field(index=True)
    seller_organisation_id: str
    price_ppm: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    money_minor: int = Field(sa_type=BigInteger)
    currency: str
    is_simulated: bool = False
    at: datetime


class HaltRow(SQLModel, table=True):
    """A halt of one book or of the whole market, and its lifting."""

    __tablename__: ClassVar[str] = "halt"

    id: str = Field(primary_key=True)
    book_id: str | None = Field(default=None, foreign_key="book.id")
    reason: str
    halted_by: str
    halted_at: datetime
    phase_before: BookPhase | None = Field(default=None, sa_type=stored(BookPhase, "halt_phase_before"))
    lifted_by: str | None = None
    lifted_at: datetime | None = None
