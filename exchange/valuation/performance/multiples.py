"""Multiples of money: what came back, and what is still there, for what was paid in.

With C the gross calls paid in, D the gross distributions and N the NAV: TVPI = (D + N) / C (total value), DPI = D / C
(distributed), RVPI = N / C (residual), PIC = C / commitment (paid-in ratio). MOIC is value over the capital invested
in companies, thus before fees, where the others are the investor's. Definitions as in GIPS 2020 for private market
funds. Gross flows: netting a distribution against a call of the same date would change every multiple.

Worked example: calls 10 and 20, distributions 15 and 30, NAV 15: DPI 1.5, RVPI 0.5, TVPI 2.0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.performance.flows import Floats, Statuses
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class Ratio:
    """A number for each of n series with its status; NaN unless OK."""

    status: Statuses
    values: Floats


@dataclass(frozen=True, slots=True)
class Multiples:
    """Multiples of n funds, and the sums they are made of (same unit as the flows)."""

    tvpi: Ratio
    dpi: Ratio
    rvpi: Ratio
    paid_in: Floats
    distributed: Floats


def multiples(calls: ArrayLike, distributions: ArrayLike, nav: ArrayLike) -> Multiples:
    """TVPI, DPI and RVPI of n funds: gross `calls` and `distributions` (n, k), both positive, and `nav` (n,).

    A negative call restates an earlier one. UNDEFINED when nothing is paid in; NAV_MISSING (NaN) and
    NAV_NOT_POSITIVE (below zero) concern TVPI and RVPI only; a NAV of zero is a liquidated fund.
    """
    paid_in, distributed = totals(calls), totals(distributions)
    value = np.atleast_1d(np.asarray(nav, dtype=np.float64))
    no_nav = nav_status(value)
    return Multiples(
        ratio(distributed + value, paid_in, no_nav),
        ratio(distributed, paid_in),
        ratio(value, paid_in, no_nav),
        paid_in,
        distributed,
    )


def multiple_on_invested_capital(invested: ArrayLike, realised: ArrayLike, unrealised: ArrayLike) -> Ratio:
    """MOIC of n investments: realised proceeds and unrealised value over capital invested, all (n,)."""
    value = np.atleast_1d(np.asarray(unrealised, dtype=np.float64))
    proceeds = np.atleast_1d(np.asarray(realised, dtype=np.float64))
    return ratio(proceeds + value, np.atleast_1d(np.asarray(invested, dtype=np.float64)))


def paid_in_ratio(calls: ArrayLike, commitments: ArrayLike) -> Ratio:
    """PIC of n funds: gross calls (n, k) over commitments (n,). Above 1 where distributions were recalled."""
    return ratio(totals(calls), np.atleast_1d(np.asarray(commitments, dtype=np.float64)))


def totals(flows: ArrayLike) -> Floats:
    """Sum of each series."""
    with np.errstate(over="ignore", invalid="ignore"):
        total: Floats = np.atleast_2d(np.asarray(flows, dtype=np.float64)).sum(axis=1)
    return total


def nav_status(nav: Floats) -> Statuses:
    """OK, NAV_MISSING for NaN, NOT_A_NUMBER for infinite, NAV_NOT_POSITIVE below zero."""
    status = np.full(nav.shape, Status.OK, dtype=np.uint8)
    status[nav < 0] = Status.NAV_NOT_POSITIVE
    status[np.isinf(nav)] = Status.NOT_A_NUMBER
    status[np.isnan(nav)] = Status.NAV_MISSING
    return status


def ratio(above: Floats, below: Floats, status: Statuses | None = None) -> Ratio:
    """`above` / `below` where the status so far is OK and `below` is positive; UNDEFINED where it is not."""
    above, below = np.broadcast_arrays(above, below)
    so_far = np.full(below.shape, Status.OK, dtype=np.uint8) if status is None else status
    with np.errstate(all="ignore"):
        values: Floats = above / below
    result = np.where((below > 0) | (so_far != Status.OK), so_far, np.uint8(Status.UNDEFINED))
    result = np.where((so_far == Status.OK) & ~(np.isfinite(above) & np.isfinite(below)), Status.NOT_A_NUMBER, result)
    result = np.where((result == Status.OK) & ~np.isfinite(values), Status.TOO_LARGE, result).astype(np.uint8)
    return Ratio(result, np.where(result == Status.OK, values, np.nan))
