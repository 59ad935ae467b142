"""Numbers on the wire: what passes, what is refused, and under which code."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    DateText,
    Flag,
    MoneyView,
    PositiveAmountText,
    RatioText,
    SignedAmountText,
    Whole,
    ratio_ppm,
    ratio_text,
)

NEVER: list[object] = [
    1,
    1.5,
    True,
    None,
    [],
    {},
    "",
    " 1",
    "1 ",
    "1\n",
    "+1",
    "1e5",
    "1_000",
    "1,000",
    "１",
    "٣",
    "NaN",
    "Infinity",
]
NEVER += ["0x1", ".5", "5.", "00", "01", "1.2.3", "--1", "1" * 16, "1" * 100, "1.123456789"]


@pytest.mark.parametrize("value", NEVER)
@pytest.mark.parametrize("kind", [AmountText, PositiveAmountText, SignedAmountText, RatioText])
def test_what_is_no_strict_decimal_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert caught.value.errors()[0]["type"] in {"AMOUNT_FORMAT", "RATIO_FORMAT"}


@pytest.mark.parametrize("value", ["0", "0.00", "1", "1.5", "72600000.00", "999999999999999.99"])
def test_amounts_pass_unchanged(value: str) -> None:
    assert TypeAdapter(AmountText).validate_python(value) == value


@pytest.mark.parametrize("value", ["0", "0.0", "0.00"])
def test_zero_is_not_positive(value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(PositiveAmountText).validate_python(value)
    assert caught.value.errors()[0]["type"] == "NUMBER_NOT_POSITIVE"


def test_a_sign_is_allowed_only_where_it_means_something() -> None:
    assert TypeAdapter(SignedAmountText).validate_python("-1.50") == "-1.50"
    with pytest.raises(ValidationError):
        TypeAdapter(AmountText).validate_python("-1.50")


def test_ratios_become_parts_per_million_and_back() -> None:
    assert ratio_ppm(TypeAdapter(RatioText).validate_python("0.855")) == 855_000
    assert [ratio_text(ppm) for ppm in (855_000, 1_000_000, 855_001, 0)] == ["0.8550", "1.0000", "0.855001", "0.0000"]


@pytest.mark.parametrize("value", ["2026-02-30", "2026-7-1", "20260701", "2026-07-01T00:00:00", 1, None, "２026-07-01"])
def test_a_date_is_a_date_and_nothing_looser(value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(DateText).validate_python(value)
    assert caught.value.errors()[0]["type"] == "DATE_FORMAT"


@pytest.mark.parametrize(("kind", "value"), [(Whole, True), (Whole, "1"), (Whole, 1.0), (Flag, 1), (Flag, "true")])
def test_integers_and_flags_are_not_guessed(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_money_leaves_as_an_exact_string() -> None:
    assert MoneyView.of(1_234_567_890_123_456_789 // 100, "CNY").model_dump_json() == (
        '{"amount":"123456789012345.67","currency":"CNY"}'
    )
    with pytest.raises(ValidationError):
        TypeAdapter(CurrencyText).validate_python("XXX")
