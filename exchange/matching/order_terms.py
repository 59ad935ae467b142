"""What a caller asks for, and the order terms it means in a given book.

A limit may be given in one of three forms: ratio of the NAV, money for one unit of subscribed capital, or total money
for the amount. The ratio is what is stored; the other two follow from it and are shown beside it.
Example: NAV 88,000,000.00 of 100,000,000.00 subscribed; a total of 72,600,000.00 for all of it is a ratio of 0.8250.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from exchange.core.clock import end_of_market_day
from exchange.core.quantity import NavBasis
from exchange.core.terms import BuyerClass, Side, TimeInForce
from exchange.matching.lifecycle import OrderStatus
from exchange.matching.order_rules import OrderTerms


class PriceForm(StrEnum):
    """In which form a limit was given."""

    RATIO = "price"
    UNIT = "unit_price"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as given: ``ratio`` in ppm, ``unit_price`` as decimal text, ``total`` in minor units of money."""

    form: PriceForm
    number: int = 0
    text: str = ""

    def price_ppm(self, basis: NavBasis, amount_minor: int) -> int:
        """The ratio in ppm (nearest integer) that this limit means for the amount."""
        if self.form is PriceForm.RATIO:
            return self.number
        if self.form is PriceForm.UNIT:
            return basis.price_of_unit(self.text)
        return basis.price_of_total(amount_minor, self.number)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A bid as asked for, of a shape already checked. The book is named by its own id or by its listing's."""

    amount_minor: int
    limit: Limit
    book_id: str | None = None
    listing_id: str | None = None
    currency: str | None = None
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED
    expires_on: date | None = None
    all_or_none: bool = False
    minimum_fill_minor: int = 0

    def terms_in(self, basis: NavBasis, currency: str) -> OrderTerms:
        """The terms of this bid in a book of this basis and currency."""
        return OrderTerms(
            price_ppm=self.limit.price_ppm(basis, self.amount_minor),
            amount_minor=self.amount_minor,
            currency=self.currency or currency,
            time_in_force=self.time_in_force,
            expires_on=self.expires_on,
            all_or_none=self.all_or_none,
            minimum_fill_minor=self.minimum_fill_minor,
        )


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What an order shall become; None leaves a part as it is. The amount is the whole amount, not the rest."""

    amount_minor: int | None = None
    limit: Limit | None = None


def expiry(terms: OrderTerms, today: date) -> datetime | None:
    """When the order ends by itself: the end of its last day in the market's zone, None when it has none."""
    if terms.time_in_force is TimeInForce.DAY:
        return end_of_market_day(today)
    if terms.time_in_force is TimeInForce.GOOD_TILL_DATE and terms.expires_on is not None:
        return end_of_market_day(terms.expires_on)
    return None


@dataclass(frozen=True, slots=True)
class OrderState:
    """Everything an order shows. Amounts in minor units, price in ppm of the basis its book pins."""

    id: str
    book_id: str
    listing_id: str | None
    fund_id: str
    side: Side
    status: OrderStatus
    reason: str
    organisation_id: str
    buyer_class: BuyerClass | None
    price_ppm: int
    amount_minor: int
    leaves_minor: int
    filled_minor: int
    cancelled_minor: int
    hold_minor: int
    settled_minor: int
    time_in_force: TimeInForce
    expires_at: datetime | None
    all_or_none: bool
    minimum_fill_minor: int
    sequence: int
    last_sequence: int
    accepted_at: datetime
    currency: str
    basis: NavBasis
    is_simulated: bool
