"""The payment at closing for a headline percentage of the reference NAV, exact in minor units.

Counted are the seller's flows after the reference date up to and including the closing, by the day cash moved; the
percentage never applies to them (`pricing.closing`). A part of a holding scales NAV and flows first, each rounded once.
A negative payment is paid by the seller and never clipped. The unfunded that passes falls by calls within the
commitment and rises by recallable distributions.

Worked example (rule book 5.1 A): NAV 88,000,000.00 at 82.5 %, call 5,000,000.00, distribution 3,200,000.00 of which
1,000,000.00 recallable, unfunded 30,000,000.00: payment 74,400,000.00, 82.85 % of the rolled NAV 89,800,000.00,
unfunded 26,000,000.00.
"""

from dataclasses import dataclass
from datetime import date

from exchange.core.money import MAX_MINOR, PPM, divide_half_up
from exchange.valuation.calculators.figures import (
    Amount,
    Flow,
    between,
    currencies_of,
    first_reason,
    no_amount,
    parts_hold,
)
from exchange.valuation.panel.opinion import Note
from exchange.valuation.pricing.closing import closing_payment, unfunded_at_closing
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class ClosingQuestion:
    """A headline in ppm of the NAV of `nav_on`, the flows since, and the part of the holding that is sold, in ppm."""

    currency: str
    nav_minor: int
    nav_on: date
    closing_on: date
    headline_ppm: int
    flows: tuple[Flow, ...] = ()
    unfunded_minor: int | None = None
    part_ppm: int = PPM


@dataclass(frozen=True, slots=True)
class ClosingAnswer:
    """The payment with its parts; `rolled_ppm` is it as a part of the rolled NAV, None where that is not positive.

    `exposure` is the payment and the unfunded taken on. No amounts unless the status is OK.
    """

    status: Status
    base: Amount
    contributions: Amount
    distributions: Amount
    payment: Amount
    rolled_nav: Amount
    rolled_ppm: int | None
    unfunded: Amount
    exposure: Amount
    notes: tuple[Note, ...]


def closing(question: ClosingQuestion) -> ClosingAnswer:
    """The closing of one sale. Statuses: CURRENCIES_MIXED, DATES_OUT_OF_ORDER (closing before the reference date),
    NAV_NOT_POSITIVE (a percentage of it has no meaning), OUT_OF_RANGE (a part outside (0, 1]), TOO_LARGE; of the
    unfunded PARAMETERS_MISSING where it was not given, DATA_INCONSISTENT where it would be negative."""
    flows = between(question.flows, question.nav_on, question.closing_on)
    sums = [sum(flow.called_minor for flow in flows), sum(flow.distributed_minor for flow in flows)]
    status = first_reason(
        [
            (currencies_of(question.currency, question.flows) is not Status.OK, Status.CURRENCIES_MIXED),
            (question.closing_on < question.nav_on, Status.DATES_OUT_OF_ORDER),
            (question.nav_minor <= 0, Status.NAV_NOT_POSITIVE),
            (not 0 < question.part_ppm <= PPM, Status.OUT_OF_RANGE),
            (max(question.nav_minor, *map(abs, sums)) >= MAX_MINOR, Status.TOO_LARGE),
        ]
    )
    notes = _notes(question, len(flows))
    if status is not Status.OK:
        none = no_amount(status)
        return ClosingAnswer(status, none, none, none, none, none, None, none, none, notes)
    nav, paid, received = (_part(minor, question.part_ppm) for minor in (question.nav_minor, *sums))
    found = closing_payment(nav, question.headline_ppm, paid, received)
    unfunded = _unfunded(question, flows)
    exposure = unfunded if unfunded.minor is None else _exact(found.payment_minor + unfunded.minor)
    payment = _exact(found.payment_minor)
    if found.payment_minor < 0:
        notes = (*notes, Note("SELLER_PAYS"))
    return ClosingAnswer(
        payment.status,
        _exact(found.base_minor),
        _exact(found.contributions_minor),
        _exact(found.distributions_minor),
        payment,
        _exact(found.rolled_nav_minor),
        found.rolled_ppm,
        unfunded,
        exposure,
        notes,
    )


def _part(minor: int, part_ppm: int) -> int:
    return divide_half_up(minor * part_ppm, PPM)


def _exact(minor: int) -> Amount:
    """Integers are exact at any size; what no account can hold is refused all the same."""
    return Amount(Status.OK, minor) if abs(minor) < MAX_MINOR else no_amount(Status.TOO_LARGE)


def _unfunded(question: ClosingQuestion, flows: tuple[Flow, ...]) -> Amount:
    if question.unfunded_minor is None:
        return no_amount(Status.PARAMETERS_MISSING)
    within = sum(flow.called_minor - flow.outside_minor for flow in flows)
    recallable = sum(flow.recallable_minor for flow in flows)
    parts = (_part(minor, question.part_ppm) for minor in (question.unfunded_minor, within, recallable))
    left = unfunded_at_closing(*parts)
    return _exact(left) if left >= 0 and parts_hold(flows) else no_amount(Status.DATA_INCONSISTENT)


def _notes(question: ClosingQuestion, counted: int) -> tuple[Note, ...]:
    left_out = len(question.flows) - counted
    if not left_out:
        return ()
    values = (("flows", str(left_out)), ("nav_on", question.nav_on.isoformat()))
    return (Note("FLOWS_NOT_OF_THE_SALE", (*values, ("closing_on", question.closing_on.isoformat()))),)
