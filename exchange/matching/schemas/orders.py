"""Requests and responses of orders: shape only."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from exchange.core.ids import id_pattern
from exchange.core.money import scale_decimal
from exchange.core.terms import BuyerClass, Side, TimeInForce
from exchange.matching.lifecycle import OrderStatus
from exchange.matching.order_terms import Limit, NewOrder, OrderChange, PriceForm
from exchange.rest.model import Instant, StrictModel, ViewModel
from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    DateText,
    Flag,
    MoneyView,
    PositiveAmountText,
    PositiveRatioText,
    ratio_ppm,
)
from exchange.rest.problems import BreachView, Problem

AMOUNT_DIGITS = 2  # what AmountText admits; every currency of the exchange has two
BULK_MAX = 1000

BookIdText = Annotated[str, StringConstraints(strict=True, pattern=f"^{id_pattern('book')}$")]
ListingIdText = Annotated[str, StringConstraints(strict=True, pattern=f"^{id_pattern('listing')}$")]


class _Priced(StrictModel):
    """A limit in one of its three forms."""

    price: PositiveRatioText | None = Field(default=None, description="Ratio of the NAV: `0.8550` is 85.50 %.")
    unit_price: PositiveRatioText | None = Field(default=None, description="Money for one unit of subscribed capital.")
    total: PositiveAmountText | None = Field(default=None, description="Money for the whole amount.")

    def limit(self) -> Limit | None:
        """The limit as given, None when none is."""
        if self.price is not None:
            return Limit(PriceForm.RATIO, number=ratio_ppm(self.price))
        if self.unit_price is not None:
            return Limit(PriceForm.UNIT, text=self.unit_price)
        if self.total is not None:
            return Limit(PriceForm.TOTAL, number=scale_decimal(self.total, AMOUNT_DIGITS))
        return None

    def _forms(self) -> int:
        return sum(form is not None for form in (self.price, self.unit_price, self.total))


class PlaceBid(_Priced):
    """A bid for a listing that the address names."""

    amount: PositiveAmountText = Field(description="Subscribed capital to buy, in currency units.")
    currency: CurrencyText | None = Field(default=None, description="Checked against the book when given.")
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED
    expires_on: DateText | None = Field(
        default=None, description="Last day of a `good_till_date` order, in the market's zone."
    )
    all_or_none: Flag = False
    minimum_fill: AmountText = "0"

    @model_validator(mode="after")
    def _one_price_and_a_date_when_needed(self) -> Self:
        if self._forms() != 1:
            raise PydanticCustomError("ONE_PRICE_FORM", "exactly one of price, unit_price, total")
        if (self.time_in_force is TimeInForce.GOOD_TILL_DATE) != (self.expires_on is not None):
            raise PydanticCustomError("EXPIRY_WITH_DATE_ONLY", "expires_on belongs to good_till_date")
        return self

    def order(self, *, book_id: str | None = None, listing_id: str | None = None) -> NewOrder:
        """What is asked for, in our units, in the book named here."""
        limit = self.limit()
        if limit is None:
            raise ValueError("checked before: one form of price is given")
        return NewOrder(
            amount_minor=scale_decimal(self.amount, AMOUNT_DIGITS),
            limit=limit,
            book_id=book_id,
            listing_id=listing_id,
            currency=self.currency,
            time_in_force=self.time_in_force,
            expires_on=self.expires_on,
            all_or_none=self.all_or_none,
            minimum_fill_minor=scale_decimal(self.minimum_fill, AMOUNT_DIGITS),
        )


class PlaceOrder(PlaceBid):
    """A bid for a listing or, where many listings share one book, for the book."""

    book_id: BookIdText | None = None
    listing_id: ListingIdText | None = None

    @model_validator(mode="after")
    def _one_book(self) -> Self:
        if (self.book_id is None) == (self.listing_id is None):
            raise PydanticCustomError("ONE_BOOK", "exactly one of book_id, listing_id")
        return self

    def new_order(self) -> NewOrder:
        """What is asked for, in our units."""
        return self.order(book_id=self.book_id, listing_id=self.listing_id)


class PlaceOrders(StrictModel):
    """Several bids, judged one by one in their order and committed together."""

    orders: list[PlaceOrder] = Field(min_length=1, max_length=BULK_MAX)


class AmendOrder(_Priced):
    """What an order shall become. The amount is its whole amount, not the rest."""

    amount: PositiveAmountText | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self._forms() > 1:
            raise PydanticCustomError("ONE_PRICE_FORM", "at most one of price, unit_price, total")
        if self.amount is None and not self._forms():
            raise PydanticCustomError("NOTHING_CHANGES", "amount or a price")
        return self

    def change(self) -> OrderChange:
        """What is asked for, in our units."""
        return OrderChange(
            amount_minor=None if self.amount is None else scale_decimal(self.amount, AMOUNT_DIGITS),
            limit=self.limit(),
        )


class OrderView(ViewModel):
    """An order: its terms, what became of its amount, what is held for it. The three prices say the same."""

    id: str
    book_id: str
    listing_id: str | None
    fund_id: str
    organisation_id: str
    side: Side
    status: OrderStatus
    reason: str = Field(description="A stable code, or empty.")
    buyer_class: BuyerClass | None
    amount: MoneyView
    leaves: MoneyView
    filled: MoneyView
    cancelled: MoneyView
    price: str = Field(examples=["0.8550"])
    unit_price: str = Field(examples=["0.752400"])
    total: MoneyView
    hold: MoneyView
    time_in_force: TimeInForce
    expires_at: Instant | None
    all_or_none: bool
    minimum_fill: MoneyView
    sequence: int
    version: int = Field(description="Sequence of the last command given for it; the ETag.")
    is_simulated: bool
    accepted_at: Instant


class CheckView(ViewModel):
    """What a bid would mean and need, and every rule that it would break now."""

    passes: bool
    breaches: list[BreachView]
    price: str
    unit_price: str
    total: MoneyView
    deposit: MoneyView
    free: MoneyView
    buyer_class: BuyerClass


class AcceptedItem(ViewModel):
    """An accepted order of a bulk."""

    status_code: Literal[201]
    order_id: str
    book_id: str
    sequence: int
    hold: MoneyView


class RefusedItem(ViewModel):
    """A refused order of a bulk, with its problem."""

    status_code: int
    problem: Problem


class BulkView(ViewModel):
    """The answers to a bulk, in the order of its orders."""

    accepted: int
    refused: int
    items: list[AcceptedItem | RefusedItem]
