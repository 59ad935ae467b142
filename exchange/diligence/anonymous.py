"""What an adviser may know of a matter before its conflict check: bands, never names or exact figures.

A vintage is told as five years, the fund's size as one of five ranges of its net asset value. Texts a person wrote are
searched for the names they must not hold.
Example: vintage 2018 -> 2016-2020; NAV 88,000,000.00 -> 50m-200m; "appraise Fund 7" with the fund's name -> Fund 7.
Source: the conflict check comes before any name or file is shown (rules of the exchange's advice service).
"""

import re
from collections.abc import Iterable

from exchange.core.money import MINOR_DIGITS
from exchange.diligence.conflicts import normal_name

VINTAGE_YEARS = 5
SHORTEST_NAME = 2
"""A name of one letter or sign would be found in every text."""

_BRACKETED = re.compile(r"【[^】]*】|（[^）]*）|\([^)]*\)|\[[^\]]*\]")
_MILLION = 1_000_000
_BANDS = ((10, "under_10m"), (50, "10m_50m"), (200, "50m_200m"), (1000, "200m_1bn"))


def vintage_band(vintage: int) -> str:
    """The five years a vintage lies in, ending in a year that five divides."""
    last = -(-vintage // VINTAGE_YEARS) * VINTAGE_YEARS
    return f"{last - VINTAGE_YEARS + 1}-{last}"


def size_band(nav_minor: int, currency: str) -> str:
    """The range a net asset value lies in, in units of its currency: ``under_10m`` to ``over_1bn``."""
    whole = nav_minor // 10 ** MINOR_DIGITS[currency]
    return next((name for limit, name in _BANDS if whole < limit * _MILLION), "over_1bn")


def names_within(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that a text holds, however they are written and with or without what is in brackets."""
    searched = normal_name(text)
    forms = {name: {normal_name(name), normal_name(_BRACKETED.sub("", name))} for name in names}
    return tuple(
        sorted(
            name
            for name, short in forms.items()
            if any(len(each) >= SHORTEST_NAME and each in searched for each in short)
        )
    )
