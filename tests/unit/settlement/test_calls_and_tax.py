"""A call the seller leaves unpaid, and the estimates of tax."""

from datetime import date

import pytest

from exchange.rulebook import service as rulebook
from exchange.settlement.calls import CallStage, stage_of, unpaid_call
from exchange.settlement.deal import DealStatus
from exchange.settlement.tax import TaxEstimate, TaxItem, TaxSwitches, tax_cost_minor, tax_estimates

YUAN = 100
PROFILE = rulebook.profile("CN_BJ", date(2026, 6, 30))
PRICE = 74_400_000 * YUAN
COST = 71_800_000 * YUAN


def _taxes(price: int = PRICE, *, is_person: bool = False, switches: TaxSwitches | None = None) -> dict[TaxItem, int]:
    found = tax_estimates(PROFILE, price, COST, is_person=is_person, switches=switches or TaxSwitches())
    assert all(estimate.is_estimate for estimate in found)
    return {estimate.item: estimate.amount_minor for estimate in found}


def test_ten_percent_before_signing_and_five_after() -> None:
    before = unpaid_call(PROFILE, CallStage.AWARDED, 72_600_000 * YUAN)
    after = unpaid_call(PROFILE, CallStage.SIGNED, PRICE)
    assert (before.price_minor, after.price_minor) == (65_340_000 * YUAN, 70_680_000 * YUAN)
    assert before.buyer_may_pay
    assert after.buyer_may_pay
    assert {before.rule_id, after.rule_id} == {"D-CALL"}


def test_while_listed_the_seller_alone_is_liable() -> None:
    found = unpaid_call(PROFILE, CallStage.LISTED, PRICE)
    assert (found.price_minor, found.buyer_may_pay) == (PRICE, False)


def test_a_price_that_is_not_positive_carries_no_discount() -> None:
    assert unpaid_call(PROFILE, CallStage.SIGNED, -PRICE).price_minor == -PRICE


def test_the_stage_follows_the_deal() -> None:
    assert stage_of(None) is CallStage.LISTED
    assert stage_of(DealStatus.APPROVED) is CallStage.AWARDED
    assert stage_of(DealStatus.SIGNED) is stage_of(DealStatus.CLOSING) is CallStage.SIGNED
    with pytest.raises(ValueError, match="not the seller's"):
        stage_of(DealStatus.TRANSFERRED)


def test_the_worked_estimates_to_the_fen() -> None:
    assert tax_cost_minor(70_000_000 * YUAN, 5_000_000 * YUAN, 3_200_000 * YUAN) == COST
    found = _taxes()
    assert found[TaxItem.STAMP_DUTY_SELLER] == found[TaxItem.STAMP_DUTY_BUYER] == 37_200 * YUAN
    assert found[TaxItem.VALUE_ADDED_TAX] == 14_716_981
    assert (found[TaxItem.COMPANY_INCOME_TAX], found[TaxItem.PERSON_INCOME_TAX]) == (650_000 * YUAN, 520_000 * YUAN)
    assert found[TaxItem.BUSINESS_INCOME_TAX_LOWEST] == 130_000 * YUAN
    assert found[TaxItem.BUSINESS_INCOME_TAX_HIGHEST] == 910_000 * YUAN


def test_a_person_is_exempt_from_value_added_tax() -> None:
    assert _taxes(is_person=True)[TaxItem.VALUE_ADDED_TAX] == 0


def test_a_loss_bears_stamp_duty_only() -> None:
    found = _taxes(COST - YUAN)
    assert {item for item, amount in found.items() if amount} == {TaxItem.STAMP_DUTY_SELLER, TaxItem.STAMP_DUTY_BUYER}


def test_a_negative_price_bears_nothing() -> None:
    assert set(_taxes(-PRICE).values()) == {0}


def test_a_tax_that_is_switched_off_is_shown_as_zero_with_its_rule() -> None:
    switches = TaxSwitches(stamp_duty=False, value_added_tax=False, income_tax=False)
    found: tuple[TaxEstimate, ...] = tax_estimates(PROFILE, PRICE, COST, is_person=False, switches=switches)
    assert {estimate.amount_minor for estimate in found} == {0}
    assert not any(estimate.is_switched_on for estimate in found)
    assert {estimate.rule_id for estimate in found} == {"R-60", "R-61", "R-62"}


def test_expenses_lower_the_gain_of_income_tax_only() -> None:
    found = tax_estimates(PROFILE, PRICE, COST, is_person=False, expenses_minor=600_000 * YUAN)
    amounts = {estimate.item: estimate.amount_minor for estimate in found}
    assert amounts[TaxItem.COMPANY_INCOME_TAX] == 500_000 * YUAN
    assert amounts[TaxItem.VALUE_ADDED_TAX] == 14_716_981
