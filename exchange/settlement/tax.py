"""Taxes of a transfer as estimates: each is contested or depends on who the seller is, so none is ever withheld.

Stamp duty (R-60) falls on each side for the amount written. Value added tax (R-61) takes a filed fund's share for
another financial product: gain / (1 + rate) x rate, individuals exempt. Income tax (R-62) is shown for every reading:
a company, a person's property, a person's business income from the lowest to the highest bracket. A loss bears no tax
on a gain. Each tax has a switch; switched off it is shown as zero.

Example: a price of 74,400,000.00 over a cost of 71,800,000.00: stamp duty 37,200.00 a side, value added tax
147,169.81, company income tax 650,000.00, a person's 520,000.00. Source: rulebook 3.6, 5.4; rates of the profile.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.core.money import PPM, divide_half_up
from exchange.rulebook.profile import MarketProfile, Rule


class TaxItem(StrEnum):
    """Which estimate a figure is."""

    STAMP_DUTY_SELLER = "stamp_duty_seller"
    STAMP_DUTY_BUYER = "stamp_duty_buyer"
    VALUE_ADDED_TAX = "value_added_tax"
    COMPANY_INCOME_TAX = "company_income_tax"
    PERSON_INCOME_TAX = "person_income_tax"
    BUSINESS_INCOME_TAX_LOWEST = "business_income_tax_lowest"
    BUSINESS_INCOME_TAX_HIGHEST = "business_income_tax_highest"


@dataclass(frozen=True, slots=True)
class TaxSwitches:
    """Which taxes the parties take for due."""

    stamp_duty: bool = True
    value_added_tax: bool = True
    income_tax: bool = True


@dataclass(frozen=True, slots=True)
class TaxEstimate:
    """One figure in minor units of what it is taken from, with the rule behind it. It is always an estimate."""

    item: TaxItem
    taxed_minor: int
    rate_ppm: int
    amount_minor: int
    rule_id: str
    is_switched_on: bool
    is_estimate: bool = True


@dataclass(frozen=True, slots=True)
class DealTaxes:
    """Estimates of a deal with what they are taken from: the adjusted price and the seller's cost, in minor units.

    ``cost_minor`` is None for a reader whose estimates do not rest on it.
    """

    currency: str
    price_minor: int
    cost_minor: int | None
    estimates: tuple[TaxEstimate, ...]


def tax_cost_minor(paid_in_minor: int, contributions_minor: int, distributions_minor: int) -> int:
    """What the seller's interest cost it: paid in at the reference date, plus paid since, less received since."""
    return paid_in_minor + contributions_minor - distributions_minor


def tax_estimates(
    profile: MarketProfile,
    price_minor: int,
    cost_minor: int,
    *,
    is_person: bool,
    switches: TaxSwitches = TaxSwitches(),
    expenses_minor: int = 0,
) -> tuple[TaxEstimate, ...]:
    """Every estimate of one transfer. ``expenses_minor`` (fee and duty) lowers the gain that income tax is taken of."""
    written, gain = max(price_minor, 0), max(price_minor - cost_minor, 0)
    income = max(price_minor - cost_minor - expenses_minor, 0)
    vat = profile.value_added_tax_ppm
    vat_minor = 0 if is_person else divide_half_up(gain * vat.value, PPM + vat.value)

    def of(item: TaxItem, taxed: int, rule: Rule[int], *, is_on: bool) -> TaxEstimate:
        due = divide_half_up(taxed * rule.value, PPM) if is_on else 0
        return TaxEstimate(item, taxed, rule.value, due, rule.rule_id, is_on)

    value_added = TaxEstimate(
        TaxItem.VALUE_ADDED_TAX,
        gain,
        vat.value,
        vat_minor if switches.value_added_tax else 0,
        vat.rule_id,
        switches.value_added_tax,
    )
    on = switches.income_tax
    return (
        of(TaxItem.STAMP_DUTY_SELLER, written, profile.stamp_duty_ppm, is_on=switches.stamp_duty),
        of(TaxItem.STAMP_DUTY_BUYER, written, profile.stamp_duty_ppm, is_on=switches.stamp_duty),
        value_added,
        of(TaxItem.COMPANY_INCOME_TAX, income, profile.company_income_tax_ppm, is_on=on),
        of(TaxItem.PERSON_INCOME_TAX, income, profile.person_income_tax_ppm, is_on=on),
        of(TaxItem.BUSINESS_INCOME_TAX_LOWEST, income, profile.business_income_tax_lowest_ppm, is_on=on),
        of(TaxItem.BUSINESS_INCOME_TAX_HIGHEST, income, profile.business_income_tax_highest_ppm, is_on=on),
    )
