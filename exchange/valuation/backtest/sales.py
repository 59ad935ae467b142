"""Sales of whole fund interests whose price became known afterwards, read from rows of text.

A row names the fund, the report before the sale (`reference_report`), its NAV, and the price as a share of that NAV
(`implied_price_pct_reference_nav`, a decimal) or the cash that came in (`net_cash_after_reference_usd_m`). What became
known later (deferred part, time to final cash) is not read: a model must not see it.
Example: NAV 174.3, cash 138.8, no share given -> 138.8 / 174.3 = 796,328 ppm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from exchange.core.money import PPM, divide_half_up, scale_decimal

Row = Mapping[str, str | None]
REQUIRED = ("fund_id", "reference_report", "reference_nav_usd_m")
PRICE = "implied_price_pct_reference_nav"
CASH = "net_cash_after_reference_usd_m"
MILLION_DIGITS = 6 + 2
UNGRADED = "-"


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale: the NAV of the reference report in minor units, the price paid in ppm of it, and its grade (A best)."""

    fund_id: str
    name: str
    reference_on: date
    reference_nav_minor: int
    paid_ppm: int
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be read: its number (the header is row 1), the column and a code."""

    row: int
    column: str
    code: str


def sales_of(rows: Iterable[Row]) -> tuple[list[Sale], list[RowProblem]]:
    """Sales in the order of the rows, and every row that could not be read."""
    sales, problems = [], []
    for number, row in enumerate(rows, start=2):
        found = sale_of(row, number)
        if isinstance(found, RowProblem):
            problems.append(found)
        else:
            sales.append(found)
    return sales, problems


def sale_of(row: Row, number: int) -> Sale | RowProblem:
    """One row as a sale, or what is wrong with it: COLUMN_MISSING, NOT_A_DATE, NOT_A_DECIMAL, NAV_NOT_POSITIVE."""
    for column in REQUIRED:
        if not _text(row, column):
            return RowProblem(number, column, "COLUMN_MISSING")
    try:
        reference_on = date.fromisoformat(_text(row, "reference_report"))
    except ValueError:
        return RowProblem(number, "reference_report", "NOT_A_DATE")
    try:
        nav = scale_decimal(_text(row, "reference_nav_usd_m"), MILLION_DIGITS)
    except ValueError:
        return RowProblem(number, "reference_nav_usd_m", "NOT_A_DECIMAL")
    if nav <= 0:
        return RowProblem(number, "reference_nav_usd_m", "NAV_NOT_POSITIVE")
    paid = _paid_ppm(row, nav, number)
    if isinstance(paid, RowProblem):
        return paid
    return Sale(
        fund_id=_text(row, "fund_id"),
        name=_text(row, "fund_name") or _text(row, "fund_id"),
        reference_on=reference_on,
        reference_nav_minor=nav,
        paid_ppm=paid,
        grade=_text(row, "quality") or UNGRADED,
        note=_text(row, "note"),
    )


def _paid_ppm(row: Row, nav_minor: int, number: int) -> int | RowProblem:
    column = PRICE if _text(row, PRICE) else CASH
    if not _text(row, column):
        return RowProblem(number, PRICE, "COLUMN_MISSING")
    try:
        if column == PRICE:
            return scale_decimal(_text(row, PRICE), 6)
        return divide_half_up(scale_decimal(_text(row, CASH), MILLION_DIGITS) * PPM, nav_minor)
    except ValueError:
        return RowProblem(number, column, "NOT_A_DECIMAL")


def _text(row: Row, column: str) -> str:
    return (row.get(column) or "").strip()
