"""Which market's figures apply to a fund: its region and its class of strategy, by a written rule.

Region: a fund in yuan, or of the contractual form that only Chinese law knows, belongs to CN, and only figures
entered for CN apply to it: an international price is no price of a Chinese share. A fund in US dollars belongs to US,
one in euro or sterling to EU; where nothing is entered for these, figures of INTL (international surveys, mostly of
US and European funds) apply. Every other currency belongs to INTL.
Strategy: managers write it in their own words; the first keyword that occurs in them decides. A text without any is
``all``, for which surveys give a figure of its own. Figures for the strategy are preferred to those for ``all``.
Example: USD, ``venture`` -> ("US", "INTL"), ``venture_growth``; CNY, 并购 -> ("CN",), ``buyout``.
"""

from collections.abc import Mapping
from enum import StrEnum

CHINA, UNITED_STATES, EUROPE, INTERNATIONAL = "CN", "US", "EU", "INTL"
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
    VENTURE_GROWTH = "venture_growth"
    CREDIT = "credit"
    REAL_ESTATE = "real_estate"
    INFRASTRUCTURE = "infrastructure"
    SECONDARIES = "secondaries"
    FUND_OF_FUNDS = "fund_of_funds"


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
    ("energy", StrategyClass.INFRASTRUCTURE),
    ("基础设施", StrategyClass.INFRASTRUCTURE),
    ("能源", StrategyClass.INFRASTRUCTURE),
    ("venture", StrategyClass.VENTURE_GROWTH),
    ("growth", StrategyClass.VENTURE_GROWTH),
    ("创投", StrategyClass.VENTURE_GROWTH),
    ("创业", StrategyClass.VENTURE_GROWTH),
    ("vc", StrategyClass.VENTURE_GROWTH),
    ("科创", StrategyClass.VENTURE_GROWTH),
    ("成长", StrategyClass.VENTURE_GROWTH),
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
