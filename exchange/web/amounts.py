"""What people type into an amount or a price, turned into integers; nothing is guessed.

An amount may carry thousands separators and one unit: 万, 亿, 元, m, bn, k. Full-width digits and spaces are
normalised first. Examples: ``3500万``, ``0.35亿`` and ``35,000,000`` are all 3,500,000,000 minor units.
"""

import re
import unicodedata

from exchange.core.money import MAX_MINOR

_SCALES = {
    "": 0,
    "元": 0,
    "万": 4,
    "万元": 4,
    "亿": 8,
    "亿元": 8,
    "k": 3,
    "m": 6,
    "mn": 6,
    "bn": 9,
    "b": 9,
}
_AMOUNT = re.compile(
    r"(?:RMB|CNY|USD|EUR|HKD|GBP|¥|\$|€|£)?(?P<number>[0-9][0-9,]{0,24}(?:\.[0-9]{1,8})?)"
    r"(?P<unit>[^0-9.,]*)",
    re.IGNORECASE | re.ASCII,
)
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]+", re.ASCII)
_CURRENCY_WORDS = ("美元", "人民币", "欧元", "港元", "英镑")


def _normalised(text: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for word in _CURRENCY_WORDS:
        plain = plain.replace(word, "元" if word == "美元" else "")
    return plain


def _scaled(number: str, shift: int) -> int:
    whole, _, fraction = number.partition(".")
    if not _GROUPED.fullmatch(whole):
        raise ValueError("separators must stand between groups of three digits")
    if fraction[shift:].strip("0"):
        raise ValueError("smaller than the smallest unit")
    return int(whole.replace(",", "") + fraction[:shift].ljust(shift, "0"))


def parse_amount(text: str) -> int:
    """Minor units of an amount as people write it. ValueError when it is empty, unclear or out of bounds."""
    found = _AMOUNT.fullmatch(_normalised(text))
    if found is None:
        raise ValueError("not an amount")
    unit = found["unit"].lower()
    if unit not in _SCALES:
        raise ValueError("unknown unit")
    minor = _scaled(found["number"], _SCALES[unit] + 2)
    if not 0 < minor <= MAX_MINOR:
        raise ValueError("amount out of bounds")
    return minor


def parse_percent(text: str) -> int:
    """Parts per million of a percentage as people write it: ``85.5`` and ``85.50%`` are 855,000."""
    number = _normalised(text).removesuffix("%")
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,8})?", number, re.ASCII):
        raise ValueError("not a percentage")
    ppm = _scaled(number, 4)
    if ppm <= 0:
        raise ValueError("a price is positive")
    return ppm


def parse_rate(text: str) -> int:
    """Parts per million of a rate or share as people write it, zero and negative ones too: ``-2.5%`` is -25,000."""
    number = _normalised(text).removesuffix("%").replace("−", "-")
    if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,4})?", number, re.ASCII):
        raise ValueError("not a rate")
    ppm = _scaled(number.removeprefix("-"), 4)
    return -ppm if number.startswith("-") else ppm


def parse_decimal(text: str, digits: int = 6) -> str:
    """A plain positive decimal string for a unit price, separators removed."""
    number = _normalised(text).replace("¥", "").replace("$", "")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,12})?", number, re.ASCII):
        raise ValueError("not a decimal number")
    whole, _, fraction = number.partition(".")
    if fraction[digits:].strip("0"):
        raise ValueError("too many digits")
    return f"{int(whole)}.{fraction[:digits]}" if fraction[:digits] else str(int(whole))
