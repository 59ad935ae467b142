from datetime import UTC, date, datetime, timedelta

import pytest

from exchange.imports.cells import Wrong, is_empty, parse_cell, shown
from exchange.imports.columns import CellKind, Column
from exchange.imports.kinds import AmountUnit

CHOICES = {"contribution": "contribution", "call": "contribution", "缴款": "contribution"}


def parsed(kind: CellKind, cell: object) -> object:
    return parse_cell(Column("c", kind, "列", choices=CHOICES if kind is CellKind.CHOICE else None), cell)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (CellKind.AMOUNT, "72600000.00", 7_260_000_000),
        (CellKind.AMOUNT, 1234.5, 123_450),
        (CellKind.AMOUNT, 1e14, 10**16),
        (CellKind.AMOUNT, 12, 1_200),
        (CellKind.AMOUNT, 0.1 + 0.2, Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "12.345", Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "-1", Wrong("NUMBER_NEGATIVE")),
        (CellKind.SIGNED_AMOUNT, "-1.25", -125),
        (CellKind.AMOUNT, "1,234.50", Wrong("THOUSANDS_SEPARATOR", "1234.50")),
        (CellKind.AMOUNT, "１２", Wrong("DIGITS_FULL_WIDTH", "12")),
        (CellKind.AMOUNT, "1e5", Wrong("NUMBER_EXPONENT")),
        (CellKind.AMOUNT, 1e22, Wrong("NUMBER_EXPONENT")),
        (CellKind.AMOUNT, "NaN", Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, float("inf"), Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "1 000", Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "+5", Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "(5)", Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "999999999999999.99", 99_999_999_999_999_999),
        (CellKind.AMOUNT, True, Wrong("CELL_TYPE_WRONG")),
        (CellKind.AMOUNT, timedelta(1), Wrong("CELL_TYPE_WRONG")),
        (CellKind.AMOUNT, "#N/A", Wrong("CELL_IS_ERROR")),
        (CellKind.RATIO, "0.0855", 85_500),
        (CellKind.RATIO, "8.5%", Wrong("PERCENT_SIGN", "0.085000")),
        (CellKind.RATIO, "855", Wrong("RATIO_LOOKS_LIKE_PERCENT", "8.550000")),
        (CellKind.AMOUNT, "8%", Wrong("PERCENT_SIGN")),
        (CellKind.SIGNED_RATIO, "-0.012", -12_000),
        (CellKind.WHOLE, "2019", 2019),
        (CellKind.WHOLE, 2019.0, 2019),
        (CellKind.WHOLE, "2019.5", Wrong("NUMBER_FORMAT")),
        (CellKind.CODE, " F-1 ", "F-1"),
        (CellKind.CODE, 12345.0, "12345"),
        (CellKind.CODE, "=1+1", Wrong("CODE_FORMAT")),
        (CellKind.CODE, "基金", Wrong("CODE_FORMAT")),
        (CellKind.TEXT, " 名称 ", "名称"),
        (CellKind.TEXT, "a\x07b", Wrong("TEXT_NOT_CLEAN")),
        (CellKind.TEXT, "x" * 4001, Wrong("TEXT_NOT_CLEAN")),
        (CellKind.CHOICE, "Call", "contribution"),
        (CellKind.CHOICE, "缴款", "contribution"),
        (CellKind.CHOICE, "loan", Wrong("CHOICE_UNKNOWN", "contribution")),
        (CellKind.DATE, "2026-03-31", "2026-03-31"),
        (CellKind.DATE, "2026/3/31", "2026-03-31"),
        (CellKind.DATE, "2026年3月31日", "2026-03-31"),
        (CellKind.DATE, date(2026, 3, 31), "2026-03-31"),
        (CellKind.DATE, datetime(2026, 3, 31, tzinfo=UTC), "2026-03-31"),
        (CellKind.DATE, datetime(2026, 3, 31, 9, tzinfo=UTC), Wrong("DATE_HAS_TIME", "2026-03-31")),
        (CellKind.DATE, 46112.0, Wrong("DATE_IS_SERIAL", "2026-03-31")),
        (CellKind.DATE, "46112", Wrong("DATE_IS_SERIAL", "2026-03-31")),
        (CellKind.DATE, "２０２６-03-31", Wrong("DIGITS_FULL_WIDTH", "2026-03-31")),
        (CellKind.DATE, "31.03.2026", Wrong("DATE_FORMAT")),
        (CellKind.DATE, "2026-02-30", Wrong("DATE_FORMAT")),
        (CellKind.DATE, True, Wrong("CELL_TYPE_WRONG")),
    ],
)
def test_a_cell_is_taken_exactly_or_refused_with_a_hint(kind: CellKind, cell: object, value: object) -> None:
    assert parsed(kind, cell) == value


def test_an_amount_beyond_any_fund_is_refused() -> None:
    assert parsed(CellKind.SIGNED_AMOUNT, "-999999999999999.99") == -99_999_999_999_999_999
    assert parsed(CellKind.AMOUNT, "9999999999999999") == Wrong("NUMBER_FORMAT")


def test_blank_cells_are_empty_and_long_ones_are_cut() -> None:
    assert is_empty(None)
    assert is_empty("  ")
    assert not is_empty(0)
    assert len(shown("x" * 500)) == 80
    assert shown(None) == ""


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (CellKind.AMOUNT, "1234.56", 12_345_600_00),
        (CellKind.SIGNED_AMOUNT, "-0.000001", -1),
        (CellKind.AMOUNT, 88.5, 885_000_00),
        (CellKind.AMOUNT, "0.0000001", Wrong("NUMBER_FORMAT")),
        (CellKind.AMOUNT, "1000000000000", Wrong("AMOUNT_OUT_OF_BOUNDS")),
        (CellKind.RATIO, "0.5", 500_000),
        (CellKind.WHOLE, "2019", 2019),
    ],
)
def test_a_declared_unit_scales_amounts_exactly_and_nothing_else(kind: CellKind, cell: object, value: object) -> None:
    assert parse_cell(Column("c", kind, "列"), cell, AmountUnit.TEN_THOUSAND) == value
