"""Whole-fund (European) waterfall: what the manager's carried interest takes when a fund is wound up on one day.

Tiers in order: (1) return of capital not yet returned; (2) preferred return, compounding yearly at rate p on capital
and preferred return outstanding; (3) catch-up, of which the manager takes the share u until carry is c of all profit
distributed; (4) the rest, c to the manager. u = 1 is a full catch-up, u = 0 none; 0 < u <= c never catches up and is
OUT_OF_RANGE. Distributions of the past are what investors received, so carry already paid is the carry that the same
tiers put behind the investors' profit beyond their preferred return. There is no clawback here: carry once paid stays.
Source: the tiers of the ILPA Principles 3.0 (whole-of-fund model), stated here as formulas.

Worked example: 100 called a year ago, p = 8 %, c = 20 %, u = 1. Liquidation of 130 gives capital 100, preferred
return 8, catch-up 2 (2 = 20 % of 10), and of the rest 20 carry 4: carry 6 = 20 % of the profit 30, investors 124.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from exchange.valuation.nav.checks import YEAR_DAYS, Bools, Floats, Integers, per_fund


@dataclass(frozen=True, eq=False)
class CarryTerms:
    """Terms by fund, each (n,) as decimals: carry rate c, preferred return p a year, manager's catch-up share u."""

    carry_rate: Floats
    preferred_rate: Floats
    catch_up_share: Floats

    def are_out_of_range(self) -> Bools:
        """Funds whose terms no waterfall can follow: c outside [0, 1), p outside [0, 1], u in (0, c] or above 1."""
        c, p, u = self.carry_rate, self.preferred_rate, self.catch_up_share
        fits = (c >= 0) & (c < 1) & (p >= 0) & (p <= 1) & (u >= 0) & (u <= 1) & ((u == 0) | (u > c))
        return np.asarray(~fits, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class WaterfallPosition:
    """Where the tiers stand, each (n,) in minor units: capital and preferred return still due to investors, preferred
    return already paid to them, and profit paid to them beyond it."""

    capital_due: Floats
    preferred_due: Floats
    preferred_paid: Floats
    profit_paid: Floats


@dataclass(frozen=True, eq=False)
class Split:
    """A liquidation split, each (n,) in minor units; `carry` is the manager's part of catch-up and rest."""

    capital: Floats
    preferred: Floats
    catch_up: Floats
    carry: Floats
    investors: Floats


def carry_terms(
    count: int, carry_rate: ArrayLike, preferred_rate: ArrayLike, catch_up_share: ArrayLike = 1.0
) -> CarryTerms:
    """Terms of `count` funds from numbers or arrays, decimals."""
    return CarryTerms(per_fund(carry_rate, count), per_fund(preferred_rate, count), per_fund(catch_up_share, count))


def opening_position(count: int) -> WaterfallPosition:
    """Nothing called yet."""
    return WaterfallPosition(*(np.zeros(count) for _ in range(4)))


def advance_position(
    position: WaterfallPosition,
    terms: CarryTerms,
    from_day: Integers,
    flow_day: Integers,
    called: Floats,
    distributed: Floats,
    to_day: Integers,
) -> WaterfallPosition:
    """The position moved from the end of `from_day` (n,) by flows (n, k) in day order to the end of `to_day` (n,).

    Flows after `to_day` and not after `from_day` are left out. A call and a distribution of one entry count in that
    order. Preferred return accrues on what is outstanding by (1 + p) ** (days / 365).
    """
    capital, due = position.capital_due.copy(), position.preferred_due.copy()
    paid, profit = position.preferred_paid.copy(), position.profit_paid.copy()
    day = from_day.copy()
    for j in range(flow_day.shape[1]):
        counts = (flow_day[:, j] > from_day) & (flow_day[:, j] <= to_day)
        next_day = np.where(counts, np.maximum(flow_day[:, j], day), day)
        due += _accrued(capital + due, terms, next_day - day)
        day = next_day
        capital += np.where(counts, called[:, j], 0.0)
        left = np.where(counts, distributed[:, j], 0.0)
        returned = np.minimum(left, np.maximum(capital, 0.0))
        preferred = np.minimum(left - returned, due)
        capital, due, paid = capital - returned, due - preferred, paid + preferred
        profit += left - returned - preferred
    due = due + _accrued(capital + due, terms, to_day - day)
    return WaterfallPosition(capital, due, paid, profit)


def _accrued(outstanding: Floats, terms: CarryTerms, days: Integers) -> Floats:
    years = np.maximum(days, 0) / YEAR_DAYS
    return np.asarray(np.maximum(outstanding, 0.0) * np.expm1(years * np.log1p(terms.preferred_rate)))


def carry_behind(profit: Floats, preferred: Floats, terms: CarryTerms) -> Floats:
    """Carry (n,) that belongs to investors' cumulated profit beyond their preferred return (both in minor units).

    The inverse of the catch-up and the last tier; inside a full catch-up, where investors receive nothing, the least.
    """
    c, u = terms.carry_rate, terms.catch_up_share
    zone = _catch_up_zone(preferred, terms)
    beyond = np.maximum(profit, 0.0)
    inside = beyond * u / np.where(u < 1, 1 - u, 1.0)
    after = u * zone + (beyond - (1 - u) * zone) * c / (1 - c)
    return np.where(beyond <= 0, 0.0, np.where(beyond <= (1 - u) * zone, inside, after))


def _catch_up_zone(preferred: Floats, terms: CarryTerms) -> Floats:
    """Length of the catch-up tier: u * zone = c * (preferred + zone)."""
    c, u = terms.carry_rate, terms.catch_up_share
    return np.where(u > c, c * np.maximum(preferred, 0.0) / np.where(u > c, u - c, 1.0), 0.0)


def liquidation(available: Floats, position: WaterfallPosition, terms: CarryTerms) -> Split:
    """Split an amount before carry (n,) in minor units by the tiers; carry already paid counts toward the catch-up."""
    c, u = terms.carry_rate, terms.catch_up_share
    capital = np.minimum(available, np.maximum(position.capital_due, 0.0))
    preferred = np.clip(available - capital, 0.0, position.preferred_due)
    left = np.maximum(available - capital - preferred, 0.0)
    # profit beyond the preferred return already distributed, investors' part and carry, has used up part of the zone
    used = position.profit_paid + carry_behind(position.profit_paid, position.preferred_paid, terms)
    zone = np.maximum(_catch_up_zone(position.preferred_paid + preferred, terms) - used, 0.0)
    shared = np.minimum(left, zone)
    catch_up = u * shared
    carry = catch_up + c * (left - shared)
    return Split(capital, preferred, catch_up, carry, available - carry)


def value_before_carry(nav: Floats, position: WaterfallPosition, terms: CarryTerms) -> Floats:
    """The least value of the fund before carry (n,) whose liquidation leaves investors the NAV, in minor units."""
    due = np.maximum(position.capital_due, 0.0) + position.preferred_due
    beyond = np.maximum(nav - due, 0.0)
    c, u = terms.carry_rate, terms.catch_up_share
    used = position.profit_paid + carry_behind(position.profit_paid, position.preferred_paid, terms)
    zone = np.maximum(_catch_up_zone(position.preferred_paid + position.preferred_due, terms) - used, 0.0)
    inside = beyond * u / np.where(u < 1, 1 - u, 1.0)
    after = u * zone + (beyond - (1 - u) * zone) * c / (1 - c)
    return nav + np.where(beyond <= 0, 0.0, np.where(beyond <= (1 - u) * zone, inside, after))
