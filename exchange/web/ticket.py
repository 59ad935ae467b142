"""A bid ticket: what was typed, what the server understands of it, and which rules it would break now.

The price is given in one of three forms; the server derives the other two and shows all three. Nothing is computed
by the page.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Form

from exchange.core.money import Money
from exchange.core.quantity import NavBasis, nearest_ticks
from exchange.core.terms import TimeInForce
from exchange.matching.errors import BookNotFound
from exchange.matching.order_terms import Limit, NewOrder, PriceForm
from exchange.matching.service.orders import check_order
from exchange.web.amounts import parse_amount, parse_decimal, parse_percent
from exchange.web.explain import failing
from exchange.web.models import FieldProblem, ListingPage, Quote, TicketForm
from exchange.web.visit import Visit

PRICE_KINDS = ("percent", "unit", "total")


def _form(
    amount: Annotated[str, Form(max_length=60)] = "",
    price: Annotated[str, Form(max_length=60)] = "",
    price_kind: Annotated[str, Form(max_length=10)] = "percent",
    time_in_force: Annotated[str, Form(max_length=30)] = "good_till_cancelled",
    expires_on: Annotated[str, Form(max_length=10)] = "",
    minimum_fill: Annotated[str, Form(max_length=60)] = "",
    all_or_none: Annotated[str, Form(max_length=3)] = "",
) -> TicketForm:
    known = time_in_force in {name.value for name in TimeInForce}
    return TicketForm(
        amount=amount.strip(),
        price=price.strip(),
        price_kind=price_kind if price_kind in PRICE_KINDS else "percent",
        time_in_force=time_in_force if known else TimeInForce.GOOD_TILL_CANCELLED.value,
        expires_on=expires_on.strip(),
        minimum_fill=minimum_fill.strip(),
        all_or_none=all_or_none == "yes",
    )


Ticket = Annotated[TicketForm, Depends(_form)]


@dataclass(frozen=True, slots=True)
class Read:
    """A ticket that was read: the order, when every field could be, and what could not."""

    new: NewOrder | None
    amount_minor: int | None
    problems: tuple[FieldProblem, ...]


class Reader:
    """Reads the fields of a ticket and gathers what is wrong with them."""

    def __init__(self, visit: Visit, form: TicketForm) -> None:
        self.words = visit.t
        self.form = form
        self.problems: list[FieldProblem] = []

    def read(self, book_id: str | None) -> Read:
        """The order behind the ticket."""
        form = self.form
        amount = self.amount("amount", form.amount) if form.amount else None
        limit = self.limit() if form.price else None
        minimum = self.amount("minimum_fill", form.minimum_fill) if form.minimum_fill else 0
        expires = self.expiry()
        if amount is None or limit is None or minimum is None or self.problems:
            return Read(None, amount, tuple(self.problems))
        new = NewOrder(
            amount_minor=amount,
            limit=limit,
            book_id=book_id,
            time_in_force=TimeInForce(form.time_in_force),
            expires_on=expires,
            all_or_none=form.all_or_none,
            minimum_fill_minor=minimum,
        )
        return Read(new, amount, ())

    def amount(self, name: str, text: str) -> int | None:
        """An amount in minor units, or a problem of the field."""
        try:
            return parse_amount(text)
        except ValueError:
            self._problem(name, "bad_amount")
            return None

    def limit(self) -> Limit | None:
        """The price in the form it was given, or a problem."""
        kind, text = self.form.price_kind, self.form.price
        try:
            if kind == "total":
                return Limit(PriceForm.TOTAL, number=parse_amount(text))
            if kind == "unit":
                return Limit(PriceForm.UNIT, text=parse_decimal(text))
            return Limit(PriceForm.RATIO, number=parse_percent(text))
        except ValueError:
            self._problem("price", f"bad_{kind}")
            return None

    def expiry(self) -> date | None:
        """The last day of a good-till-date order, or a problem."""
        if self.form.time_in_force != TimeInForce.GOOD_TILL_DATE.value:
            return None
        try:
            return date.fromisoformat(self.form.expires_on)
        except ValueError:
            self._problem("expires_on", "bad_date")
            return None

    def _problem(self, name: str, key: str) -> None:
        self.problems.append(FieldProblem(name, self.words(f"ticket.{key}")))


def quote_of(visit: Visit, listing: ListingPage, form: TicketForm) -> tuple[Quote, NewOrder | None]:
    """The ticket as the server understands it, with every rule it would break now; and the order to place."""
    read = Reader(visit, form).read(listing.line.book_id)
    currency = listing.line.amount.currency
    amount = Money(read.amount_minor, currency) if read.amount_minor else None
    if read.new is None:
        return Quote(amount=amount, fields=read.problems), None
    try:
        checked = check_order(visit.tx, visit.actor, new=read.new)
    except BookNotFound:
        return Quote(amount=amount), None
    book, terms = checked.book, checked.terms
    unfunded = listing.line.unfunded
    quote = Quote(
        amount=amount,
        price_ppm=terms.price_ppm,
        unit_price=book.basis.unit_price(terms.price_ppm),
        total=Money(checked.value_minor, currency),
        nav_share=Money(book.basis.nav_share_minor(terms.amount_minor), currency),
        unfunded_share=_share(unfunded, listing.line.amount, terms.amount_minor),
        deposit=Money(checked.deposit_minor, currency),
        available=Money(checked.free_minor, currency),
        nearest_ppm=tuple(dict.fromkeys(nearest_ticks(terms.price_ppm, book.tick_ppm))),
        failing=failing(checked.breaches, visit.f),
        checked=True,
    )
    return quote, read.new


def _share(whole: Money | None, of_amount: Money, amount_minor: int) -> Money | None:
    if whole is None or not whole.minor:
        return whole
    return Money(NavBasis(whole.minor, of_amount.minor).nav_share_minor(amount_minor), whole.currency)
