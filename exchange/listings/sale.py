"""Why an interest is sold, and how a guidance fund's favourable exit is priced.

A sale is by the holder's own will or by order of a court. A guidance fund may leave at a favourable price where its
fund's agreement says so: within some years at what it paid in, later at that and simple interest at a loan rate.
Example: 20,000,000.00 paid in on 2022-03-01, 3 years, 3.00 % a year: 20,000,000.00 until 2025-03-01; on 2026-03-01
(1,461 days) 20,000,000.00 x (1 + 0.03 x 1461 / 365) = 22,401,643.84.
Source: 公司法 (2023) 85 for sales by a court; 浙江省产业基金 rules as an example of the exit (R-37, R-4D).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exchange.core.money import PPM, divide_half_up

DAYS_OF_A_YEAR = 365


class SaleCause(StrEnum):
    """Why it is sold."""

    VOLUNTARY = "voluntary"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, slots=True)
class ExitFormula:
    """Years at cost, then simple interest a year in ppm; zero years: the market knows no such exit."""

    years: int
    rate_ppm: int


def favourable_price_minor(cost_minor: int, invested_on: date, today: date, formula: ExitFormula) -> int:
    """The lowest total a favourable exit may ask, in minor units, rounded half-up once.

    ``cost_minor``: what was paid in for the part on offer. Interest runs from the day of the investment. ValueError
    for a day before it.
    """
    days = (today - invested_on).days
    if days < 0:
        raise ValueError("an investment is not sold before it is made")
    if today <= _years_after(invested_on, formula.years):
        return cost_minor
    return divide_half_up(cost_minor * (PPM * DAYS_OF_A_YEAR + formula.rate_ppm * days), PPM * DAYS_OF_A_YEAR)


def _years_after(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
