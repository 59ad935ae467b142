"""A synthetic fund: quarterly flows and NAV that look like the field's and satisfy every identity exactly.

Capital is called over the first five years in two to four instalments a year, most of it early; distributions
begin in the fifth year and come in jumps with long pauses. All in whole minor units, a pure function of code and size.
Source: the shape of the Takahashi-Alexander model with the slow distributions of Chinese funds; always shown as
simulated. Example: a fund of 500,000,000.00 of 2017 has called 95 % of it by 2026.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from exchange.core.money import PPM, divide_half_up, unscale_decimal

CALLED_PPM = (250_000, 250_000, 200_000, 150_000, 100_000)  # of the commitment, by year of life
GROWTH_PPM = (-8_000, 12_000, 22_000, 26_000, 20_000, 12_000, 8_000, 4_000, 0, -4_000)  # a quarter, by year
FIRST_EXIT_YEAR = 4
SOURCE = "模拟数据 simulated"


@dataclass(frozen=True, slots=True)
class Quarter:
    """State at a quarter-end and what flowed in it, in minor units."""

    as_of: date
    called_minor: int
    paid_out_minor: int
    paid_in_minor: int
    distributed_minor: int
    nav_minor: int


def quarters(code: str, vintage: int, size_minor: int, until: date) -> Iterator[Quarter]:
    """Quarter after quarter from the first of the vintage year."""
    paid_in = distributed = nav = 0
    for number in range(200):
        year, quarter = vintage + number // 4, number % 4
        as_of = date(year, 3 * quarter + 3, (31, 30, 30, 31)[quarter])
        if as_of > until:
            return
        age = number // 4
        called = _called(code, number, age, size_minor, paid_in)
        growth = GROWTH_PPM[min(age, len(GROWTH_PPM) - 1)] + chance(code, number, "growth", 30_001) - 15_000
        nav += divide_half_up(nav * growth, PPM) + called
        paid_out = _paid_out(code, number, age, nav)
        nav -= paid_out
        paid_in += called
        distributed += paid_out
        yield Quarter(as_of, called, paid_out, paid_in, distributed, nav)


def nav_rows(code: str, size_minor: int, history: list[Quarter]) -> list[dict[str, str]]:
    """Rows of the NAV template."""
    return [
        {
            "fund_code": code,
            "as_of": quarter.as_of.isoformat(),
            "nav": unscale_decimal(quarter.nav_minor, 2),
            "subscribed": unscale_decimal(size_minor, 2),
            "paid_in": unscale_decimal(quarter.paid_in_minor, 2),
            "distributed": unscale_decimal(quarter.distributed_minor, 2),
            "source_mark": "simulated",
            "source": SOURCE,
        }
        for quarter in history
    ]


def cash_flow_rows(code: str, history: list[Quarter]) -> list[dict[str, str]]:
    """Rows of the cash-flow template; quarters without a flow have none."""
    return [
        {
            "fund_code": code,
            "notice_no": f"{quarter.as_of.isoformat()}-{suffix}",
            "occurred_on": quarter.as_of.isoformat(),
            "kind": kind,
            "amount": unscale_decimal(amount, 2),
            "source_mark": "simulated",
            "source": SOURCE,
        }
        for quarter in history
        for suffix, kind, amount in (
            ("C", "contribution", quarter.called_minor),
            ("D", "distribution", quarter.paid_out_minor),
        )
        if amount
    ]


def _called(code: str, number: int, age: int, size_minor: int, paid_in_minor: int) -> int:
    """A call comes in most quarters of the first years; what a skipped quarter leaves out is called later."""
    if age >= len(CALLED_PPM) or (number > 0 and chance(code, number, "call", 4) == 0):
        return 0
    year_start = sum(CALLED_PPM[:age])
    due_ppm = year_start + CALLED_PPM[age] * (number % 4 + 1) // 4
    return max(0, divide_half_up(size_minor * due_ppm, PPM) - paid_in_minor)


def _paid_out(code: str, number: int, age: int, nav_minor: int) -> int:
    """Exits come in about one quarter of three, between 3 and 15 percent of NAV."""
    if age < FIRST_EXIT_YEAR or nav_minor <= 0 or chance(code, number, "exit", 3) != 0:
        return 0
    return divide_half_up(nav_minor * (30_000 + chance(code, number, "size", 120_000)), PPM)


def chance(code: str, number: int, word: str, below: int) -> int:
    """A reproducible number in 0..below-1."""
    digest = hashlib.sha256(f"{code}/{number}/{word}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below
