"""Public market equivalents that rescale distributions so that the index is never sold short.

* PME+ (Rouvinez 2003, Capital Dynamics): scale all distributions by lambda so that the index holding ends at the
  fund's NAV: lambda = (sum C f - N) / sum D f; PME+ = IRR(-C, lambda D, N). Undefined without distributions; negative
  when the NAV exceeds what the calls would have become in the index, and then no spread has a meaning.
* Modified PME (Cambridge Associates, mPME): sell at each date the share of the holding that the fund paid out,
  w_t = D_t / (D_t + N_t) with N_t the fund's NAV after the flows, w_t = 0 without a distribution:
  X_t = P_{t-1} I_t / I_{t-1} + C_t, sold w_t X_t, kept P_t = (1 - w_t) X_t; mPME = IRR(-C, w X, P_T on top at T).
  Needs the NAV at every distribution; at the end the final NAV counts.

Worked example (Wikipedia, "Public Market Equivalent"): -100, -50, 60, 100, 0 with index 100, 105, 115, 100, 120 and
NAVs 100, 165, 125, 15, 20: lambda = (177.14 - 20) / 182.61 = 0.86, PME+ 2.05 %, mPME 2.02 %.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.performance.flows import Flags, Floats, Statuses
from exchange.valuation.performance.growth import IndexedFlows
from exchange.valuation.performance.irr import InternalRates, internal_rates
from exchange.valuation.performance.multiples import Ratio
from exchange.valuation.performance.pme import with_status
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class PmePlus:
    """PME+ of n funds: lambda with its status, the rate, and where lambda is negative (show no spread)."""

    scale: Ratio
    rates: InternalRates
    is_negative: Flags


@dataclass(frozen=True, slots=True)
class ModifiedPme:
    """mPME of n funds: status, rate, and by step (n, k) the weight sold and the amount sold; the holding at the end."""

    status: Statuses
    rates: InternalRates
    weights: Floats
    sold: Floats
    end_values: Floats


def pme_plus(flows: IndexedFlows) -> PmePlus:
    """PME+ of n funds; UNDEFINED without distributions."""
    growth = flows.growth
    grown_calls = (flows.calls * growth).sum(axis=1)
    grown_distributions = (flows.distributions * growth).sum(axis=1)
    has_distributions = grown_distributions > 0
    scale = np.divide(
        grown_calls - flows.end_navs,
        grown_distributions,
        out=np.full(len(grown_calls), np.nan),
        where=has_distributions & (flows.status == Status.OK),
    )
    status = np.where((flows.status == Status.OK) & ~has_distributions, Status.UNDEFINED, flows.status)
    scaled = scale[:, None] * flows.distributions - flows.calls
    rates = internal_rates(*flows.with_value(scaled, flows.end_navs))
    return PmePlus(Ratio(status.astype(np.uint8), scale), with_status(rates, status.astype(np.uint8)), scale < 0)


def modified_pme(flows: IndexedFlows) -> ModifiedPme:
    """mPME of n funds, which need `navs` at their distributions.

    NAV_MISSING or NAV_NOT_POSITIVE (below zero) where such a NAV is not there, OUT_OF_RANGE for a negative
    distribution.
    """
    at_end = flows.times == flows.end_times[:, None]
    navs = np.where(at_end, flows.end_navs[:, None], flows.navs)
    pays = flows.distributions != 0
    status = flows.status.copy()
    is_ok = status == Status.OK
    status[is_ok & (pays & (navs < 0)).any(axis=1)] = Status.NAV_NOT_POSITIVE
    status[is_ok & (pays & ~np.isfinite(navs)).any(axis=1)] = Status.NAV_MISSING
    status[is_ok & (flows.distributions < 0).any(axis=1)] = Status.OUT_OF_RANGE
    can_sell = pays & (status == Status.OK)[:, None]
    total = np.where(can_sell, flows.distributions + navs, 1.0)
    weights = np.where(can_sell, flows.distributions / total, 0.0)
    kept = np.where(can_sell, navs / total, 1.0)  # not 1 - w: exactly zero when nothing is left
    sold = np.zeros(flows.calls.shape)
    units = np.zeros(len(flows.calls))
    for step in range(flows.calls.shape[1]):
        level = flows.levels[:, step]
        held = units * level + flows.calls[:, step]
        sold[:, step] = weights[:, step] * held
        units = kept[:, step] * held / level
    end_values = np.where(status == Status.OK, units * flows.end_levels, np.nan)
    rates = internal_rates(*flows.with_value(sold - flows.calls, end_values))
    return ModifiedPme(status, with_status(rates, status), weights, sold, end_values)
