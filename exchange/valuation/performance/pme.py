"""Public market equivalents: what the same money would have done in an index.

With growth factors f = I_T / I_t, gross calls C and distributions D, and the NAV N at the end T:

* Kaplan and Schoar (2005): KS = (sum D f + N) / sum C f, above 1 when the fund did better. Their paper used
  liquidated funds; the NAV term is that of Harris, Jenkinson and Kaplan (2014).
* Long and Nickels (1996), index comparison method: put every call into the index, take every distribution out; what
  is left at T is N_LN = sum C f - sum D f, and LN = IRR(-C, D, and N_LN on top of D_T at T), to be compared with the
  fund's IRR. A balance below zero means the index was sold short: the rate loses its meaning and often its uniqueness.
* Direct Alpha (Gredil, Griffiths, Stucke 2014): a = IRR(-C f, D f, N), the annual rate by which the fund beat the
  index; continuous alpha ln(1 + a).

Worked example (INSEAD 2019): -25, 15, 0 and NAV 20 with index 100, 115, 130: KS = (15 x 130/115 + 20) / 32.5 = 1.137,
N_LN = 15.54, LN 14.4 %, Direct Alpha 8.75 %.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.performance.flows import DUST, Flags, Floats, Statuses
from exchange.valuation.performance.growth import IndexedFlows
from exchange.valuation.performance.irr import InternalRates, internal_rates
from exchange.valuation.performance.multiples import Ratio, ratio
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class LongNickels:
    """Index comparison of n funds: the index holding at the end, its rate, and whether the index was sold short.

    `first_short_times`: the first time after whose flows the balance is negative, NaN when it never is. `status` is
    that of the balance; the rate has its own.
    """

    status: Statuses
    navs: Floats
    rates: InternalRates
    is_short: Flags
    first_short_times: Floats


@dataclass(frozen=True, slots=True)
class DirectAlpha:
    """Annual excess over the index of n funds: the discrete rate a, ln(1 + a), and in `rates` all roots."""

    status: Statuses
    discrete: Floats
    continuous: Floats
    rates: InternalRates


def fund_rates(flows: IndexedFlows) -> InternalRates:
    """The funds' own IRR with the NAV as received at the end: what the equivalents are compared with."""
    return with_status(internal_rates(*flows.with_value(flows.net, flows.end_navs)), flows.status)


def kaplan_schoar(flows: IndexedFlows) -> Ratio:
    """KS of n funds; UNDEFINED when nothing is paid in."""
    growth = flows.growth
    grown = (flows.distributions * growth).sum(axis=1) + flows.end_navs
    return ratio(grown, (flows.calls * growth).sum(axis=1), flows.status)


def long_nickels(flows: IndexedFlows) -> LongNickels:
    """The index comparison method of n funds."""
    is_ok = flows.status == Status.OK
    units = -flows.net / flows.levels
    held = np.cumsum(units, axis=1)
    rounding = DUST * np.cumsum((np.abs(flows.calls) + np.abs(flows.distributions)) / flows.levels, axis=1)
    is_negative = (held < -rounding) & is_ok[:, None]
    # Flows of one date are in the last place of that date; the places before it repeat the balance, which is harmless.
    is_short = is_negative.any(axis=1)
    first_step = is_negative.argmax(axis=1) if is_negative.size else np.zeros(len(is_short), dtype=np.intp)
    rows = np.arange(len(is_short))
    first_times = np.where(is_short, flows.times[rows, first_step] if flows.times.size else np.nan, np.nan)
    navs = np.where(is_ok, -(flows.net * flows.growth).sum(axis=1), np.nan)
    rates = internal_rates(*flows.with_value(flows.net, navs))
    return LongNickels(flows.status, navs, with_status(rates, flows.status), is_short, first_times)


def direct_alpha(flows: IndexedFlows) -> DirectAlpha:
    """Direct Alpha of n funds, discrete and continuous."""
    grown = flows.net * flows.growth
    rates = with_status(internal_rates(*flows.with_value(grown, flows.end_navs)), flows.status)
    continuous = np.where(np.isnan(rates.rates), np.nan, rates.log_rates)
    return DirectAlpha(rates.status, rates.rates, continuous, rates)


def with_status(rates: InternalRates, status: Statuses) -> InternalRates:
    """The rates with the reason why flows could not be compared in place of what the solver said of them."""
    joined = np.where(status == Status.OK, rates.status, status).astype(np.uint8)
    return InternalRates(
        joined,
        rates.rates,
        rates.log_rates,
        rates.horizons,
        rates.period_returns,
        rates.root_series,
        rates.roots,
    )
