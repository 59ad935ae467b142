"""Log likelihood of funds' reports under the nowcast's model, with its score, for many funds and points at once.

Between two reports the state only adds up, so one step a report is enough. With beta, q = state_volatility^2, r =
report_volatility^2, h = 1 - lambda; m and u the index log return and the flow step of the step, d its years, c the
last report moved by u:
    x = x + beta m + u,  p = p + q d,  e = y - lambda c - h x,  s = h^2 p + r,  g = h p / s
    log L -= (ln 2 pi s + e^2 / s) / 2,  x = x + g e,  p = p (1 - g h)
Differentiating every line gives the score, and, since only first derivatives of e and s are needed, the information
    I_ij = sum of (ds_i ds_j / s^2) / 2 + de_i de_j / s.
A point is (beta, ln state_volatility, ln report_volatility[, lambda]): volatilities in logs. Loops are over reports
alone, every line is elementwise, and padding adds exactly 0: what a fund gets does not depend on its company.
Source: A. C. Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, sections 3.4.1 and 3.4.5.

Worked example: reports 0 and 0.1 in logs a year apart, no return or flow, q = 0.04 and r = 0.01: s = 0.01 + 0.04 + 0.01
= 0.06, e = 0.1, log L = -(ln(2 pi 0.06) + 1 / 6) / 2 = 0.4044; score of ln state_volatility 0.04 / 0.06 (1 / 6 - 1) =
-0.5556.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from exchange.valuation.nav.checks import YEAR_DAYS, Floats, Integers
from exchange.valuation.nav.nowcast import Series


@dataclass(frozen=True, eq=False)
class Reports:
    """Reports of n funds in order, without empty days. `first` (n,) log of the first report; of the others, (k, n):
    `level` log of the report, `carried` log of the one before moved by the flows since, `index_return`, `flow` (known
    step of the log NAV) and `years` since the one before, `counts` 1, or 0 for padding after a fund's last report."""

    first: Floats
    level: Floats
    carried: Floats
    index_return: Floats
    flow: Floats
    years: Floats
    counts: Floats

    def of(self, funds: Integers) -> "Reports":
        """The reports of some funds (m,), in that order, repeated where asked twice."""
        if len(funds) == len(self.first) and (funds == np.arange(len(funds))).all():
            return self
        steps = (self.level, self.carried, self.index_return, self.flow, self.years, self.counts)
        return Reports(self.first[funds], *(np.ascontiguousarray(rows[:, funds]) for rows in steps))

    def steps(self) -> Iterator[tuple[Floats, Floats, Floats, Floats, Floats, Floats]]:
        """Level, carried, index return, flow, years and count (n,) of one step after another."""
        return zip(self.level, self.carried, self.index_return, self.flow, self.years, self.counts, strict=True)


@dataclass(frozen=True, eq=False)
class Scored:
    """Log likelihood (..., n), score (d, ..., n) and information (d, d, ..., n) at points (d, ..., n)."""

    log_likelihood: Floats
    score: Floats
    information: Floats

    def of(self, funds: Integers) -> "Scored":
        """What is known of some funds (m,)."""
        return Scored(self.log_likelihood[..., funds], self.score[..., funds], self.information[..., funds])


def reports_of(series: Series, flow_steps: Floats) -> Reports:
    """Histories (n, t), each with a report in the first column, summed to their reports; flow steps (n, t)."""
    reported = ~np.isnan(series.report)
    fund, column = np.nonzero(reported)
    place = (np.cumsum(reported, axis=1) - 1)[fund, column]
    count, width = len(reported), int(place.max(initial=0)) + 1

    def at_reports(values: Floats) -> Floats:
        packed = np.zeros((width, count))
        packed[place, fund] = values[fund, column]
        return packed

    seen = at_reports(np.ones(reported.shape))
    level = at_reports(np.log(np.where(reported, series.report, 1.0)))
    days = at_reports((series.day - series.day[:, :1]).astype(np.float64))
    later = np.arange(reported.shape[1]) > 0
    returns = at_reports(np.cumsum(np.where(later, series.index_return, 0.0), axis=1))
    flows = at_reports(np.cumsum(np.where(later, flow_steps, 0.0), axis=1))
    counts = seen[1:]
    flow = np.diff(flows, axis=0) * counts
    return Reports(
        first=level[0],
        level=level[1:],
        carried=(level[:-1] + flow) * counts,
        index_return=np.diff(returns, axis=0) * counts,
        flow=flow,
        years=np.diff(days, axis=0) / YEAR_DAYS * counts,
        counts=counts,
    )


def log_likelihood(reports: Reports, points: Floats, smoothing: Floats) -> Floats:
    """Log likelihood (..., n) of the reports after the first at points (d, ..., n); `smoothing` (n,) where d is 3."""
    beta, q, r, weight = _parameters(points, smoothing)
    h = 1 - weight
    squared = h * h
    x, p, total = reports.first, r, np.zeros(beta.shape)
    for level, carried, index_return, flow, years, counts in reports.steps():
        x = x + beta * index_return + flow
        p = p + q * years
        s = squared * p + r
        e = level - weight * carried - h * x
        g = h * p / s
        x = x + g * e
        p = p * (1 - g * h)
        total -= 0.5 * counts * (np.log(2 * np.pi * s) + e * e / s)
    return total


def scored(reports: Reports, points: Floats, smoothing: Floats, *, with_information: bool = True) -> Scored:
    """Log likelihood, score and, if asked, information at points (d, ..., n), d = 3, or 4 with the smoothing weight;
    `smoothing` (n,) is the weight where d is 3. Row 3 of a derivative is that of the weight: an empty slice without."""
    beta, q, r, weight = _parameters(points, smoothing)
    h = 1 - weight
    squared = h * h
    x, p, total = reports.first, r, np.zeros(beta.shape)
    dx, dp, score = (np.zeros(points.shape) for _ in range(3))
    dp[2] = 2 * r
    information = np.zeros((len(points), *points.shape))
    for level, carried, index_return, flow, years, counts in reports.steps():
        x = x + beta * index_return + flow
        dx[0] += index_return
        p = p + q * years
        dp[1] += 2 * years * q
        s = squared * p + r
        ds = squared * dp
        ds[2] += 2 * r
        ds[3:] -= 2 * h * p
        e = level - weight * carried - h * x
        de = -h * dx
        de[3:] += x - carried
        g = h * p / s
        dg = (h * dp - g * ds) / s
        dg[3:] -= p / s
        weighed = counts / s
        total -= 0.5 * counts * (np.log(2 * np.pi * s) + e * e / s)
        score -= ds * (0.5 * weighed * (1 - e * e / s)) + de * (e * weighed)
        if with_information:
            information += (ds * (0.5 * weighed / s))[:, None] * ds + (de * weighed)[:, None] * de
        dx += dg * e + g * de
        x = x + g * e
        dp = dp * (1 - g * h) - dg * (p * h)
        dp[3:] += p * g
        p = p * (1 - g * h)
    return Scored(total, score, information)


def _parameters(points: Floats, smoothing: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Beta, both variances and the smoothing weight of points, each (..., n)."""
    weight = points[3] if len(points) == 4 else np.broadcast_to(smoothing, points[0].shape)
    return points[0], np.exp(2 * points[1]), np.exp(2 * points[2]), weight
