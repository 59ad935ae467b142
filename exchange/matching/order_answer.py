"""What an order looks like from outside, as plain values that any JSON writer renders the same way.

The answer to a placed order is written once, kept under its idempotency key and given again word for word, so it is
built where the order is made and not by the route. Prices are echoed in all three forms.
"""

from datetime import UTC, datetime

from exchange.core.errors import Breach, ExchangeError
from exchange.core.money import MINOR_DIGITS, unscale_decimal
from exchange.core.quantity import price_text
from exchange.matching.order_terms import OrderState


def order_answer(order: OrderState) -> dict[str, object]:
    """The fields of an order; money as decimal text with its currency, instants in UTC with milliseconds."""
    digits, currency, basis = MINOR_DIGITS[order.currency], order.currency, order.basis

    def money(minor: int) -> dict[str, str]:
        return {"amount": unscale_decimal(minor, digits), "currency": currency}

    amount, nothing = money(order.amount_minor), money(0)
    untouched = order.leaves_minor == order.amount_minor
    return {
        "id": order.id,
        "book_id": order.book_id,
        "listing_id": order.listing_id,
        "fund_id": order.fund_id,
        "organisation_id": order.organisation_id,
        "side": order.side,
        "status": order.status,
        "reason": order.reason,
        "buyer_class": order.buyer_class,
        "amount": amount,
        "leaves": amount if untouched else money(order.leaves_minor),
        "filled": money(order.filled_minor) if order.filled_minor else nothing,
        "cancelled": money(order.cancelled_minor) if order.cancelled_minor else nothing,
        "price": price_text(order.price_ppm),
        "unit_price": basis.unit_price(order.price_ppm),
        "total": money(basis.value_minor(order.amount_minor, order.price_ppm)),
        "hold": money(order.hold_minor),
        "time_in_force": order.time_in_force,
        "expires_at": instant(order.expires_at) if order.expires_at else None,
        "all_or_none": order.all_or_none,
        "minimum_fill": money(order.minimum_fill_minor) if order.minimum_fill_minor else nothing,
        "sequence": order.sequence,
        "version": order.last_sequence,
        "is_simulated": order.is_simulated,
        "accepted_at": instant(order.accepted_at),
    }


def accepted_item(order: OrderState) -> dict[str, object]:
    """An accepted order of a bulk: what a system needs to follow it."""
    return {
        "status_code": 201,
        "order_id": order.id,
        "book_id": order.book_id,
        "sequence": order.sequence,
        "hold": {
            "amount": unscale_decimal(order.hold_minor, MINOR_DIGITS[order.currency]),
            "currency": order.currency,
        },
    }


def refused_item(error: ExchangeError) -> dict[str, object]:
    """A refused order of a bulk, without words: the edge adds them in the reader's language."""
    return {
        "status_code": error.status,
        "code": error.code,
        "retryable": error.retryable,
        "parameters": error.parameters,
        "breaches": [breach_values(breach) for breach in error.breaches],
    }


def breach_values(breach: Breach) -> dict[str, object]:
    """A breach as plain values."""
    return {
        "rule": breach.rule,
        "code": breach.code,
        "parameters": breach.parameters,
        "passes_on": breach.passes_on.isoformat() if breach.passes_on else None,
        "is_provisional": breach.is_provisional,
    }


def instant(moment: datetime) -> str:
    """An instant as RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
