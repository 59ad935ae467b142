"""Figures of a valuation as text, the same in both languages: percentages, amounts, quantities with their unit.

Example: 855_000 ppm is `85.50%`, 1_234_567_890 minor units of yuan are `12,345,678.90`; short they are
`1,234.57 万` in Chinese and `12.35m` in English.
"""

from exchange.core.money import MINOR_DIGITS, divide_half_up, unscale_decimal

_SHORT = {
    "zh": ((8, "亿"), (4, "万"), (0, "")),
    "en": ((9, "bn"), (6, "m"), (3, "k"), (0, "")),
}


def percent_text(ppm: int) -> str:
    """Parts per million as a percentage with two decimals, half up."""
    return f"{grouped(unscale_decimal(divide_half_up(ppm, 100), 2))}%"


def number_text(ppm: int) -> str:
    """A pure number given in parts per million, such as a beta: two decimals, half up."""
    return grouped(unscale_decimal(divide_half_up(ppm, 10_000), 2))


def amount_text(minor: int, currency: str) -> str:
    """An amount in full with separators, without its currency."""
    return grouped(unscale_decimal(minor, MINOR_DIGITS[currency]))


def short_text(minor: int, currency: str, language: str) -> str:
    """An amount in the largest unit that leaves a digit before the point: for the axes of pictures."""
    digits = MINOR_DIGITS[currency]
    power, name = next(
        (power, name) for power, name in _SHORT[language] if not power or abs(minor) >= 10 ** (power + digits)
    )
    shown = unscale_decimal(divide_half_up(minor, 10 ** (power + digits - 2)), 2).removesuffix(".00")
    return f"{grouped(shown)}{' ' if name and language == 'zh' else ''}{name}"


def grouped(decimal: str) -> str:
    """A decimal string with separators between groups of three digits before the point."""
    sign, magnitude = ("-", decimal[1:]) if decimal.startswith("-") else ("", decimal)
    whole, dot, fraction = magnitude.partition(".")
    return f"{sign}{int(whole):,}{dot}{fraction}"
