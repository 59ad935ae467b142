"""One cell, strictly: what is not certain is refused with a hint, never guessed.

A cell is text (CSV), or what a workbook holds (text, number, date, truth). Traps: dates stored as serial numbers,
full-width digits, thousands separators, percent signs, exponents, error values.
Example: ``１２`` -> DIGITS_FULL_WIDTH with the hint ``12``; ``8.5%`` -> PERCENT_SIGN with the hint ``0.085``.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.core.money import MAX_MINOR, scale_decimal, unscale_decimal
from exchange.imports.columns import CellKind, Column
from exchange.imports.kinds import AmountUnit

Cell = str | int | float | bool | date | datetime | timedelta | object
Stored = str | int | None

CODE_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}", re.ASCII)
_DATE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日", re.ASCII)
_SERIAL = re.compile(r"[1-9][0-9]{4}(\.0+)?", re.ASCII)
_SEPARATED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_PERCENT = re.compile(r"(-?[0-9]{1,3})(?:\.([0-9]{1,4}))?\s*[%％]", re.ASCII)
_EXPONENT = re.compile(r"-?[0-9.]+[eE][+-]?[0-9]+", re.ASCII)
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
_EXCEL_ZERO = date(1899, 12, 30)
TEXT_MAX = 4000
RATIO_SUSPICIOUS_PPM = 100_000_000
SHOWN_MAX = 80


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a cell is refused; ``hint`` is what was probably meant."""

    code: str
    hint: str = ""


def shown(cell: Cell) -> str:
    """A cell as text for people, cut to a line."""
    return ("" if cell is None else str(cell))[:SHOWN_MAX]


def is_empty(cell: Cell) -> bool:
    """True for nothing, spaces only, and the empty cells of a workbook."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def parse_cell(column: Column, cell: Cell, unit: AmountUnit = AmountUnit.ONE) -> Stored | Wrong:
    """The value of a filled cell: text, minor units, ppm or a whole number; Wrong when it is not certain.

    Amounts are scaled exactly from the file's ``unit``: 1234.56 in 万元 is 12,345,600.00, and a seventh decimal would
    be less than a minor unit, which is wrong.
    """
    if isinstance(cell, str) and cell.strip() in _ERRORS:
        return Wrong("CELL_IS_ERROR")
    if column.kind is CellKind.DATE:
        return _date(cell)
    text = _text(cell)
    if isinstance(text, Wrong):
        return text
    if column.kind is CellKind.TEXT:
        return text if len(text) <= TEXT_MAX and text.isprintable() else Wrong("TEXT_NOT_CLEAN")
    if column.kind is CellKind.CODE:
        return text if CODE_PATTERN.fullmatch(text) else Wrong("CODE_FORMAT")
    if column.kind is CellKind.CHOICE:
        return _choice(column, text)
    return _number(column.kind, text, unit)


def _text(cell: Cell) -> str | Wrong:
    """The strict text of a cell. A workbook's number becomes the shortest decimal that is the same number."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return Wrong("CELL_TYPE_WRONG")
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def _number(kind: CellKind, text: str, unit: AmountUnit) -> int | Wrong:
    if (trap := _trap(kind, text)) is not None:
        return trap
    is_ratio = kind in {CellKind.RATIO, CellKind.SIGNED_RATIO}
    digits = 6 if is_ratio else 0 if kind is CellKind.WHOLE else 2 + unit.power
    try:
        number = scale_decimal(text, digits)
    except ValueError:
        return Wrong("NUMBER_FORMAT")
    if number < 0 and kind not in {CellKind.SIGNED_AMOUNT, CellKind.SIGNED_RATIO}:
        return Wrong("NUMBER_NEGATIVE")
    if abs(number) > MAX_MINOR:
        return Wrong("AMOUNT_OUT_OF_BOUNDS")
    if is_ratio and abs(number) > RATIO_SUSPICIOUS_PPM:
        return Wrong("RATIO_LOOKS_LIKE_PERCENT", unscale_decimal(number // 100, 6))
    return number


def _trap(kind: CellKind, text: str) -> Wrong | None:
    """The usual ways in which a number is not the number it looks like."""
    if text.isascii() is False and any(unicodedata.category(sign) == "Nd" for sign in text if not sign.isascii()):
        return Wrong("DIGITS_FULL_WIDTH", unicodedata.normalize("NFKC", text)[:SHOWN_MAX])
    if _SEPARATED.fullmatch(text):
        return Wrong("THOUSANDS_SEPARATOR", text.replace(",", ""))
    if percent := _PERCENT.fullmatch(text):
        scaled = scale_decimal(f"{percent[1]}.{percent[2] or '0'}", 4) if not percent[1].startswith("0") else None
        is_ratio = kind in {CellKind.RATIO, CellKind.SIGNED_RATIO}
        return Wrong("PERCENT_SIGN", unscale_decimal(scaled, 6) if scaled is not None and is_ratio else "")
    if _EXPONENT.fullmatch(text):
        return Wrong("NUMBER_EXPONENT")
    return None


def _date(cell: Cell) -> str | Wrong:
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else Wrong("DATE_HAS_TIME", cell.date().isoformat())
    if isinstance(cell, date):
        return cell.isoformat()
    text = _text(cell)
    if isinstance(text, Wrong):
        return text
    if _SERIAL.fullmatch(text):
        serial = _EXCEL_ZERO + timedelta(days=int(float(text)))
        return Wrong("DATE_IS_SERIAL", serial.isoformat())
    if any(unicodedata.category(sign) == "Nd" for sign in text if not sign.isascii()):
        return Wrong("DIGITS_FULL_WIDTH", unicodedata.normalize("NFKC", text)[:SHOWN_MAX])
    found = _DATE.fullmatch(text)
    if found is None:
        return Wrong("DATE_FORMAT")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return Wrong("DATE_FORMAT")


def _choice(column: Column, text: str) -> str | Wrong:
    choices = column.choices or {}
    value = choices.get(text.lower())
    return value if value is not None else Wrong("CHOICE_UNKNOWN", ", ".join(dict.fromkeys(choices.values())))
