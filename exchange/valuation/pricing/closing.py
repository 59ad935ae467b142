"""The payment at closing that a headline percentage of the reference NAV leads to, in integers.

payment = NAV_ref x percentage, rounded half-up once, + contributions paid by the seller - distributions received by the
seller, both after the reference date and up to and including the closing, by the day cash moved. The percentage never
applies to those flows. The payment may be negative (more came back than the base price): then the seller pays, and
nothing is clipped. For display it is restated as a percentage of the rolled NAV, NAV_ref + contributions -
distributions. A part of a holding scales NAV and flows first; its payment is not a part of the rounded whole.

Units: minor units, ppm of NAV (82.5 % = 825_000). Source: market convention of fund-share transfers (ILPA, secondary
market practice: dollar for dollar after the cut-off date).
Example: NAV 88,000,000.00 at 82.5 %: base 72,600,000.00; a call of 5,000,000.00 and a distribution of 3,200,000.00
since: 74,400,000.00 at closing, 82.85 % of the rolled NAV of 89,800,000.00.
"""

from dataclasses import dataclass

from exchange.core.money import PPM, divide_half_up


@dataclass(frozen=True, slots=True)
class ClosingPayment:
    """A payment with its parts in minor units; `rolled_ppm` is None when the rolled NAV is not positive."""

    base_minor: int
    contributions_minor: int
    distributions_minor: int
    payment_minor: int
    rolled_nav_minor: int
    rolled_ppm: int | None


def closing_payment(
    reference_nav_minor: int, headline_ppm: int, contributions_minor: int = 0, distributions_minor: int = 0
) -> ClosingPayment:
    """The payment for a headline, given the seller's flows since the reference date (sums; a restatement counts less).

    The base may be of an NAV of any sign; a percentage of a negative one is a negative base.
    """
    base = divide_half_up(reference_nav_minor * headline_ppm, PPM)
    return payment_of_base(base, reference_nav_minor, contributions_minor, distributions_minor)


def payment_of_base(
    base_minor: int, reference_nav_minor: int, contributions_minor: int = 0, distributions_minor: int = 0
) -> ClosingPayment:
    """The payment for a base price that is already fixed, such as one winner's share of a sale."""
    payment = base_minor + contributions_minor - distributions_minor
    rolled = reference_nav_minor + contributions_minor - distributions_minor
    shown = ppm_of(payment, rolled)
    return ClosingPayment(base_minor, contributions_minor, distributions_minor, payment, rolled, shown)


def headline_of(
    payment_minor: int, reference_nav_minor: int, contributions_minor: int = 0, distributions_minor: int = 0
) -> int | None:
    """The headline, in ppm of the reference NAV, that amounts to a payment at closing; None when that NAV <= 0.

    It is the inverse of `closing_payment` up to the rounding to a ppm.
    """
    return ppm_of(payment_minor - contributions_minor + distributions_minor, reference_nav_minor)


def unfunded_at_closing(unfunded_minor: int, contributions_minor: int, recallable_minor: int = 0) -> int:
    """Unfunded that passes to the buyer: less contributions within the commitment, plus recallable distributions."""
    return unfunded_minor - contributions_minor + recallable_minor


def ppm_of(part_minor: int, whole_minor: int) -> int | None:
    """A part in ppm of a whole, half-up; None when the whole is not positive."""
    return divide_half_up(part_minor * PPM, whole_minor) if whole_minor > 0 else None
