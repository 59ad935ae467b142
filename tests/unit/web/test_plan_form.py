"""Payment plans as bidders type them."""

import pytest

from exchange.listings.payment_plan import ALL_AT_CLOSING, LaterPart, PaymentPlan, Security
from exchange.web.plan_form import PARTS, PlanForm, parse_plan


def a_form(*rows: tuple[str, str], interest: str = "", security: str = "none") -> PlanForm:
    """A form with these later parts and the other rows left empty."""
    padded = [*rows, *[("", "")] * (PARTS - len(rows))]
    return PlanForm(tuple(row[0] for row in padded), tuple(row[1] for row in padded), interest, security)


def test_empty_rows_mean_all_at_closing() -> None:
    assert parse_plan(a_form()) == ALL_AT_CLOSING


def test_shares_days_interest_and_security_are_read() -> None:
    typed = a_form(("40%", "180"), ("30", "365"), interest="3.1", security="bank_guarantee")
    parts = (LaterPart(400_000, 180), LaterPart(300_000, 365))
    assert parse_plan(typed) == PaymentPlan(parts, 31_000, Security.BANK_GUARANTEE)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("40", "")], "whole number"),
        ([("", "30")], "not a rate"),
        ([("40", "365"), ("30", "180")], "in order"),
        ([("40", "30"), ("60", "60")], "leave something"),
        ([("-40", "30")], "positive"),
        ([("40", "0")], "days after the closing"),
        ([("40", "3651")], "days after the closing"),
        ([("40", "1.5")], "whole number"),
        ([("40", "٣٠")], "whole number"),
        ([("forty", "30")], "not a rate"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(rows: list[tuple[str, str]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_plan(a_form(*rows))


@pytest.mark.parametrize(
    ("interest", "security", "why"),
    [
        ("much", "none", "not a rate"),
        ("-1", "none", "out of bounds"),
        ("101", "none", "out of bounds"),
        ("1", "word", "not a valid Security"),
    ],
)
def test_interest_and_security_are_checked(interest: str, security: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_plan(a_form(("40", "30"), interest=interest, security=security))
