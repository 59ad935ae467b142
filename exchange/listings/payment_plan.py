"""Payment plans: what is paid at closing, what later, with which interest, and what that is worth as cash.

Later parts are shares of the base price; adjustments for cash flows go to the payment at closing. Interest is simple,
ACT/365 on each later part from the closing to its due day. The all-cash equivalent discounts the later parts, with
their interest, at one published yearly rate (simple, ACT/365) and restates the price; it does not depend on flows,
which the payment at closing carries in full. Bids with different plans rank by it; state-owned sellers take identical
plans only.

Example: base 72,600,000.00, 40 % after 365 days, adjusted 74,400,000.00: closing 45,360,000.00 (60.97 %), later
29,040,000.00 with 900,240.00 of interest at 3.10 %; at 12 % worth 78.96 % without that interest, 79.88 % with it.
Source: rulebook 5.2; R-47 (first part >= 30 %, within a year, secured).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from exchange.core.errors import Breach
from exchange.core.money import PPM, allocate, divide_half_up
from exchange.core.quantity import price_text
from exchange.rulebook.profile import MarketProfile
from exchange.rulebook.verdict import Verdict

DAYS_OF_YEAR = 365
PARTS_MAX = 12
DAYS_MAX = 3650


class Security(StrEnum):
    """What secures the later parts."""

    NONE = "none"
    BANK_GUARANTEE = "bank_guarantee"
    GUARANTOR = "guarantor"
    PLEDGE = "pledge"
    ESCROW = "escrow"


@dataclass(frozen=True, slots=True)
class LaterPart:
    """A share of the base price in ppm, due some days after the closing."""

    share_ppm: int
    days: int


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """The later parts in the order of their days, the yearly interest in ppm, the security; no part: all at closing.

    ValueError for shares outside (0, 1) together, days not rising within (0, 3650], a negative rate or over 12 parts.
    """

    later: tuple[LaterPart, ...] = ()
    interest_ppm: int = 0
    security: Security = Security.NONE

    def __post_init__(self) -> None:
        days = [part.days for part in self.later]
        if any(part.share_ppm <= 0 for part in self.later) or self.deferred_ppm >= PPM:
            raise ValueError("later parts are positive and leave something to pay at closing")
        if days != sorted(set(days)) or (days and not 0 < days[0] <= days[-1] <= DAYS_MAX):
            raise ValueError("later parts have different days after the closing, in order")
        if not 0 <= self.interest_ppm <= PPM or len(days) > PARTS_MAX:
            raise ValueError("the interest or the number of parts is out of bounds")

    @property
    def deferred_ppm(self) -> int:
        """The share of the base price that is paid later."""
        return sum(part.share_ppm for part in self.later)


ALL_AT_CLOSING = PaymentPlan()


@dataclass(frozen=True, slots=True)
class Instalment:
    """A later part with its due day; principal and interest in minor units."""

    due_on: date
    days: int
    principal_minor: int
    interest_minor: int

    @property
    def total_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True, slots=True)
class PaymentSchedule:
    """What is paid when; ``at_closing_minor`` may be negative like the adjusted price it comes from."""

    at_closing_minor: int
    later: tuple[Instalment, ...]
    first_share_ppm: int | None

    @property
    def deferred_minor(self) -> int:
        """The principal of all later parts."""
        return sum(part.principal_minor for part in self.later)

    @property
    def interest_minor(self) -> int:
        """The interest of all later parts, should each be paid on its day."""
        return sum(part.interest_minor for part in self.later)


def plan_document(plan: PaymentPlan) -> dict[str, Any]:
    """The plan as it is kept with a deal; empty when all is paid at closing."""
    if not plan.later:
        return {}
    later = [{"share_ppm": part.share_ppm, "days": part.days} for part in plan.later]
    return {"later": later, "interest_ppm": plan.interest_ppm, "security": plan.security.value}


def plan_from_document(document: Mapping[str, Any]) -> PaymentPlan:
    """The plan that `plan_document` wrote."""
    if not document:
        return ALL_AT_CLOSING
    later = tuple(LaterPart(part["share_ppm"], part["days"]) for part in document["later"])
    return PaymentPlan(later, document["interest_ppm"], Security(document["security"]))


def interest_minor(principal_minor: int, interest_ppm: int, days: int) -> int:
    """Simple interest ACT/365 in minor units, rounded half-up once; also of a part that is paid late or early."""
    if days < 0:
        raise ValueError("interest runs forward")
    return divide_half_up(principal_minor * interest_ppm * days, DAYS_OF_YEAR * PPM)


def parts_of_base(plan: PaymentPlan, base_minor: int) -> list[int]:
    """The base price in its parts, the one at closing first; they sum to the base (largest remainder)."""
    return allocate(base_minor, [PPM - plan.deferred_ppm, *(part.share_ppm for part in plan.later)])


def schedule(plan: PaymentPlan, base_minor: int, adjusted_minor: int, closing_on: date) -> PaymentSchedule:
    """Every payment of a plan. Adjustments (adjusted - base) go to the closing payment."""
    _, *principals = parts_of_base(plan, base_minor)
    later = tuple(
        Instalment(
            due_on=closing_on + timedelta(days=part.days),
            days=part.days,
            principal_minor=principal,
            interest_minor=interest_minor(principal, plan.interest_ppm, part.days),
        )
        for part, principal in zip(plan.later, principals, strict=True)
    )
    first = adjusted_minor - sum(principals)
    share = divide_half_up(first * PPM, adjusted_minor) if adjusted_minor > 0 else None
    return PaymentSchedule(first, later, share)


def plan_verdict(plan: PaymentPlan, profile: MarketProfile, first_minor: int, price_minor: int) -> Verdict:
    """R-47: the first part, the term and the security, for a first payment out of a price; cash breaks nothing.

    The minimum is of the price that is payable in all (adjusted, or the base while no flow is known).
    """
    if not plan.later:
        return Verdict()
    least, longest = profile.down_payment_minimum_ppm, profile.deferred_days_maximum
    days = plan.later[-1].days
    shares = {
        "share": price_text(divide_half_up(first_minor * PPM, price_minor)) if price_minor > 0 else "-",
        "minimum": price_text(least.value),
    }
    too_small = price_minor <= 0 or first_minor * PPM < least.value * price_minor
    return Verdict.of(
        (
            Breach(least.rule_id, "FIRST_PART_TOO_SMALL", shares) if too_small else None,
            Breach(longest.rule_id, "LAST_PART_TOO_LATE", {"days": str(days), "maximum": str(longest.value)})
            if days > longest.value
            else None,
            Breach(longest.rule_id, "LATER_PARTS_UNSECURED") if plan.security is Security.NONE else None,
        )
    )


def announced_verdict(plan: PaymentPlan, profile: MarketProfile) -> Verdict:
    """R-47 for a plan that a listing announces, before any price is known: its shares stand for the amounts."""
    return plan_verdict(plan, profile, PPM - plan.deferred_ppm, PPM)


def bid_plan_verdict(plan: PaymentPlan, announced: PaymentPlan, *, state_owned: bool, plans_allowed: bool) -> Verdict:
    """Whether a bid may carry a plan: state-owned sellers take the announced one only, others say if they take any."""
    if plan == announced:
        return Verdict()
    if state_owned:
        return Verdict((Breach("R-47", "PLAN_NOT_AS_ANNOUNCED"),))
    return Verdict() if plans_allowed or not plan.later else Verdict((Breach("D-EQUIVALENT", "PLANS_NOT_TAKEN"),))


def equivalent_price_ppm(price_ppm: int, plan: PaymentPlan, discount_ppm: int) -> int:
    """The all-cash equivalent of a price, in ppm of the NAV, rounded half-up once: what an auction ranks by."""
    share = Fraction(PPM - plan.deferred_ppm, PPM)
    for part in plan.later:
        share += Fraction(part.share_ppm, PPM) * _grown(plan.interest_ppm, part.days) / _grown(discount_ppm, part.days)
    exact = price_ppm * share
    return divide_half_up(exact.numerator, exact.denominator)


def present_value_minor(payments: PaymentSchedule, discount_ppm: int) -> int:
    """All payments of a schedule, with interest, as of the closing; in minor units, rounded half-up once."""
    exact = sum(
        (Fraction(part.total_minor) / _grown(discount_ppm, part.days) for part in payments.later),
        Fraction(payments.at_closing_minor),
    )
    return divide_half_up(exact.numerator, exact.denominator)


def _grown(rate_ppm: int, days: int) -> Fraction:
    return 1 + Fraction(rate_ppm * days, DAYS_OF_YEAR * PPM)
