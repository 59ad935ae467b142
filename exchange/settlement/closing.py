"""The closing statement of a deal: what the buyer pays at closing, line by line and to the fen.

adjusted price = base + contributions the seller paid - distributions the seller received (gross), both after the
reference date and up to and including the closing (`closing_flows`). It may be negative: then the seller pays, and
nothing is clipped. The discount never touches those flows. Unfunded follows the register whatever the policy. A new
NAV published before the closing changes nothing; its change is shown.

A sale to several buyers is split once for every line by the largest remainder, so the buyers' lines add up to the
sale's; totals are sums of published lines. Where only a part of the subscribed capital is sold, each line is scaled
and rounded half-up once before it is split.

Example: NAV 88,000,000.00 at 82.5 %, unfunded 30,000,000.00, a call of 5,000,000.00 and a distribution of 3,200,000.00
of which 1,000,000.00 recallable: base 72,600,000.00, adjusted 74,400,000.00, unfunded 26,000,000.00, exposure
100,400,000.00, rolled NAV 89,800,000.00 (82.85 %). Source: rulebook 5.1, 5.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exchange.core.money import Money, divide_half_up
from exchange.core.quantity import NavBasis
from exchange.core.terms import AdjustmentPolicy
from exchange.settlement.closing_flows import SaleFlow, Treatment, in_window, treatment
from exchange.valuation.pricing.closing import payment_of_base, ppm_of


@dataclass(frozen=True, slots=True)
class ClosingTerms:
    """The frozen terms of a sale and which of its buyers is asked about; amounts in minor units.

    ``nav_minor`` and ``unfunded_minor`` belong to ``subscribed_minor`` on the reference date. ``amounts_minor`` is the
    subscribed capital each buyer of the sale takes, in a fixed order; ``place`` is this deal's in it. ``base_minor`` is
    the base price the agreement names; without it the base is this buyer's share of the sale's.
    """

    currency: str
    nav_minor: int
    subscribed_minor: int
    unfunded_minor: int
    price_ppm: int
    reference_on: date
    amounts_minor: tuple[int, ...]
    place: int = 0
    base_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """What else moves or will be owed, in minor units; stamp duty is an estimate, ``deferred_minor`` is paid later."""

    deposit_minor: int = 0
    deferred_minor: int = 0
    seller_fee_minor: int = 0
    buyer_fee_minor: int = 0
    seller_stamp_duty_minor: int = 0
    buyer_stamp_duty_minor: int = 0


@dataclass(frozen=True, slots=True)
class FlowLine:
    """This buyer's share of a flow, how it is treated, and by how much it moves the price (zero when it does not)."""

    reference: str
    is_distribution: bool
    cash_on: date
    amount_minor: int
    effect_on_unfunded_minor: int
    treatment: Treatment
    price_effect_minor: int


@dataclass(frozen=True, slots=True)
class ClosingStatement:
    """The published lines in minor units; rolled figures, the change of a later NAV and duty are for display only.

    ``to_pay_minor`` is due at closing (negative: the seller pays it), ``to_fund_minor`` what the buyer still has to
    bring besides its deposit and its fee. ``effect_minor`` is adjusted - base: zero under the policy NONE, for which
    ``shown_effect_minor`` tells what the flows would have done.
    """

    currency: str
    policy: AdjustmentPolicy
    reference_on: date
    closing_on: date
    flows: tuple[FlowLine, ...]
    nav_minor: int
    base_minor: int
    contributions_minor: int
    distributions_minor: int
    recallable_minor: int
    effect_minor: int
    shown_effect_minor: int
    adjusted_minor: int
    unfunded_reference_minor: int
    unfunded_closing_minor: int
    rolled_nav_minor: int
    rolled_ppm: int | None
    exposure_minor: int
    deferred_minor: int
    to_pay_minor: int
    deposit_converted_minor: int
    deposit_returned_minor: int
    to_fund_minor: int
    seller_fee_minor: int
    buyer_fee_minor: int
    seller_stamp_duty_minor: int
    buyer_stamp_duty_minor: int
    seller_proceeds_minor: int
    buyer_outlay_minor: int
    later_nav_change_ppm: int | None

    @property
    def is_paid_by_seller(self) -> bool:
        """More came back to the seller than the base price: the seller pays at closing."""
        return self.to_pay_minor < 0


def share_of(terms: ClosingTerms, whole_minor: int) -> int:
    """This buyer's share of an amount that belongs to all the subscribed capital: scaled to the sale, then split."""
    sold = divide_half_up(whole_minor * sum(terms.amounts_minor), terms.subscribed_minor)
    return Money(sold, terms.currency).split(terms.amounts_minor)[terms.place].minor


def closing_statement(
    terms: ClosingTerms,
    flows: Sequence[SaleFlow],
    policy: AdjustmentPolicy,
    on: date,
    charges: Charges = Charges(),
    *,
    later_nav_minor: int | None = None,
) -> ClosingStatement:
    """The statement of one deal for a closing on a day.

    ``later_nav_minor``: an NAV of all the subscribed capital published since; shown, never used. ValueError for terms
    that name no sale (nothing sold, more sold than subscribed, a closing before the reference date).
    """
    _check(terms, on)
    lines = tuple(_line(terms, flow, policy, on) for flow in flows)
    sums = _sums(terms, lines, flows, on)
    nav, unfunded = share_of(terms, terms.nav_minor), share_of(terms, terms.unfunded_minor)
    moves = (sums.paid_minor, sums.received_minor) if policy is not AdjustmentPolicy.NONE else (0, 0)
    found = payment_of_base(_base(terms), nav, *moves)
    adjusted = found.payment_minor
    rolled_nav = nav + sums.nav_minor
    unfunded_closing = unfunded + sums.unfunded_minor
    to_pay = adjusted - charges.deferred_minor
    converted = min(charges.deposit_minor, max(to_pay, 0))
    return ClosingStatement(
        currency=terms.currency,
        policy=policy,
        reference_on=terms.reference_on,
        closing_on=on,
        flows=lines,
        nav_minor=nav,
        base_minor=found.base_minor,
        contributions_minor=sums.paid_minor,
        distributions_minor=sums.received_minor,
        recallable_minor=sums.recallable_minor,
        effect_minor=sum(line.price_effect_minor for line in lines),
        shown_effect_minor=sums.paid_minor - sums.received_minor,
        adjusted_minor=adjusted,
        unfunded_reference_minor=unfunded,
        unfunded_closing_minor=unfunded_closing,
        rolled_nav_minor=rolled_nav,
        rolled_ppm=ppm_of(adjusted, rolled_nav),
        exposure_minor=adjusted + unfunded_closing,
        deferred_minor=charges.deferred_minor,
        to_pay_minor=to_pay,
        deposit_converted_minor=converted,
        deposit_returned_minor=charges.deposit_minor - converted,
        to_fund_minor=max(to_pay, 0) - converted,
        seller_fee_minor=charges.seller_fee_minor,
        buyer_fee_minor=charges.buyer_fee_minor,
        seller_stamp_duty_minor=charges.seller_stamp_duty_minor,
        buyer_stamp_duty_minor=charges.buyer_stamp_duty_minor,
        seller_proceeds_minor=adjusted - charges.seller_fee_minor - charges.seller_stamp_duty_minor,
        buyer_outlay_minor=adjusted + charges.buyer_fee_minor + charges.buyer_stamp_duty_minor,
        later_nav_change_ppm=_change(terms.nav_minor, later_nav_minor),
    )


def _check(terms: ClosingTerms, on: date) -> None:
    if not terms.amounts_minor or min(terms.amounts_minor) <= 0 or not 0 <= terms.place < len(terms.amounts_minor):
        raise ValueError("each buyer of a sale takes a positive amount")
    if sum(terms.amounts_minor) > terms.subscribed_minor:
        raise ValueError("no more is sold than was subscribed")
    if on < terms.reference_on:
        raise ValueError("a closing is not before its reference date")


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of published lines: what counts for the price, and what the register says moved in the window."""

    paid_minor: int
    received_minor: int
    recallable_minor: int
    unfunded_minor: int
    nav_minor: int


def _sums(terms: ClosingTerms, lines: Sequence[FlowLine], flows: Sequence[SaleFlow], on: date) -> _Sums:
    counted = [line for line in lines if line.treatment in {Treatment.ADJUSTS, Treatment.POLICY_NONE}]
    moved = [line for line, flow in zip(lines, flows, strict=True) if in_window(flow, terms.reference_on, on)]
    in_fund = [line for line in moved if line.treatment is not Treatment.EXCLUDED_OBLIGATION]
    return _Sums(
        paid_minor=sum(line.amount_minor for line in counted if not line.is_distribution),
        received_minor=sum(line.amount_minor for line in counted if line.is_distribution),
        recallable_minor=sum(line.effect_on_unfunded_minor for line in moved if line.is_distribution),
        unfunded_minor=sum(line.effect_on_unfunded_minor for line in moved),
        nav_minor=sum(-line.amount_minor if line.is_distribution else line.amount_minor for line in in_fund),
    )


def _base(terms: ClosingTerms) -> int:
    if terms.base_minor is not None:
        return terms.base_minor
    sold = NavBasis(terms.nav_minor, terms.subscribed_minor).value_minor(sum(terms.amounts_minor), terms.price_ppm)
    return Money(sold, terms.currency).split(terms.amounts_minor)[terms.place].minor


def _line(terms: ClosingTerms, flow: SaleFlow, policy: AdjustmentPolicy, on: date) -> FlowLine:
    treated = treatment(flow, policy, terms.reference_on, on)
    amount = share_of(terms, flow.amount_minor)
    signed = -amount if flow.is_distribution else amount
    return FlowLine(
        reference=flow.reference,
        is_distribution=flow.is_distribution,
        cash_on=flow.cash_on,
        amount_minor=amount,
        effect_on_unfunded_minor=share_of(terms, flow.effect_on_unfunded_minor),
        treatment=treated,
        price_effect_minor=signed if treated is Treatment.ADJUSTS else 0,
    )


def _change(pinned_minor: int, later_minor: int | None) -> int | None:
    return None if later_minor is None else ppm_of(later_minor - pinned_minor, pinned_minor)
