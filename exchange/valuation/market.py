"""Which market's figures apply to a fund: its region and its class of strategy, by a written rule.

Region: a fund in yuan, or of the contractual form that only Chinese law knows, belongs to ``china``, and only figures
entered for China apply to it: an international price is no price of a Chinese share. A fund in US dollars belongs to
``united_states``, one in euro or sterling to ``europe``; where nothing is entered for these, figures that publishers
call ``global`` apply, as they do to every other currency.
Strategy: managers write it in their own words; the first keyword that occurs in them decides, and a text without any
is ``all``. Figures for the strategy come first, then those of the strategy it is a part of (growth: venture), then
those for ``all``. There is no projection for all strategies at once: a fund of unknown or mixed strategy takes the
set for buyout, the largest one, and its opinion names that set.
Example: USD, ``growth`` -> ("united_states", "global"), growth, venture, all; CNY, 并购 -> ("china",), buyout, all.
"""

from collections.abc import Mapping
from enum import StrEnum

CHINA, UNITED_STATES, EUROPE, INTERNATIONAL = "china", "united_states", "europe", "global"
REGIONS = (CHINA, UNITED_STATES, EUROPE, INTERNATIONAL)

_BY_CURRENCY: Mapping[str, tuple[str, ...]] = {
    "CNY": (CHINA,),
    "USD": (UNITED_STATES, INTERNATIONAL),
    "EUR": (EUROPE, INTERNATIONAL),
    "GBP": (EUROPE, INTERNATIONAL),
}


class StrategyClass(StrEnum):
    """Classes for which figures are entered."""

    ALL = "all"
    BUYOUT = "buyout"
    VENTURE = "venture"
    GROWTH = "growth"
    CREDIT = "credit"
    REAL_ESTATE = "real_estate"
    INFRASTRUCTURE = "infrastructure"
    ENERGY = "energy"
    SECONDARIES = "secondaries"
    FUND_OF_FUNDS = "fund_of_funds"


_PART_OF: Mapping[StrategyClass, tuple[StrategyClass, ...]] = {
    StrategyClass.GROWTH: (StrategyClass.VENTURE,),
    StrategyClass.ENERGY: (StrategyClass.INFRASTRUCTURE,),
}
_MIXED = frozenset({StrategyClass.ALL, StrategyClass.SECONDARIES, StrategyClass.FUND_OF_FUNDS})

_KEYWORDS: tuple[tuple[str, StrategyClass], ...] = (
    ("or_other", StrategyClass.ALL),
    ("s基金", StrategyClass.SECONDARIES),
    ("secondar", StrategyClass.SECONDARIES),
    ("接续", StrategyClass.SECONDARIES),
    ("母基金", StrategyClass.FUND_OF_FUNDS),
    ("fund_of_funds", StrategyClass.FUND_OF_FUNDS),
    ("fund of funds", StrategyClass.FUND_OF_FUNDS),
    ("credit", StrategyClass.CREDIT),
    ("distressed", StrategyClass.CREDIT),
    ("债", StrategyClass.CREDIT),
    ("real estate", StrategyClass.REAL_ESTATE),
    ("real_estate", StrategyClass.REAL_ESTATE),
    ("地产", StrategyClass.REAL_ESTATE),
    ("infrastructure", StrategyClass.INFRASTRUCTURE),
    ("基础设施", StrategyClass.INFRASTRUCTURE),
    ("energy", StrategyClass.ENERGY),
    ("能源", StrategyClass.ENERGY),
    ("venture", StrategyClass.VENTURE),
    ("创投", StrategyClass.VENTURE),
    ("创业", StrategyClass.VENTURE),
    ("vc", StrategyClass.VENTURE),
    ("科创", StrategyClass.VENTURE),
    ("growth", StrategyClass.GROWTH),
    ("成长", StrategyClass.GROWTH),
    ("buyout", StrategyClass.BUYOUT),
    ("并购", StrategyClass.BUYOUT),
)


def regions_of(currency: str, legal_form: str) -> tuple[str, ...]:
    """The regions whose figures apply to a fund, the first one preferred."""
    if legal_form == "contract":
        return (CHINA,)
    return _BY_CURRENCY.get(currency, (INTERNATIONAL,))


def strategy_class(strategy: str) -> StrategyClass:
    """The class of a strategy as its manager words it."""
    words = strategy.lower()
    return next((found for keyword, found in _KEYWORDS if keyword in words), StrategyClass.ALL)


def preferred_strategies(strategy: StrategyClass, *, projected: bool = False) -> tuple[StrategyClass, ...]:
    """The classes whose figures apply to a fund, the first preferred. ``projected``: for sets that project it."""
    chain = (strategy, *_PART_OF.get(strategy, ()), StrategyClass.ALL)
    if projected and strategy in _MIXED:
        chain = (*chain, StrategyClass.BUYOUT)
    return tuple(dict.fromkeys(chain))
