"""All rates at which the present value of a series is zero, each between two neighbours that prove there is no other.

f(y) = sum a exp(-y u), u in [0, 1] the time as a share of the horizon T, y = T ln(1 + r). Rolle: between two roots of
f lies a root of the derivative of f(y) exp(y s). Its terms are a (s - u): with s in the gap of a change of sign, that
change is gone and the others stay. After as many such steps as there are changes nothing changes sign, so nothing has
a root; going back up, the roots of each level cut the line into pieces on which the level above is monotone (apart
from a positive factor), so each piece holds at most one root and a bisection cannot miss it. Laguerre's proof of
Descartes' rule for exponential sums (1883), used as an algorithm; no grid, no starting guess.

A root where f only touches zero (within rounding) has even multiplicity and is listed twice, so that the number of
roots has the parity of the number of changes of sign.

Worked example: -100, 230, -132 at 0, 1, 2: roots 10 % and 20 %. -100, 200, -100: root 0 %, twice.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.performance.flows import CleanFlows, Flags, Floats, Integers
from exchange.valuation.performance.newton_blocks import fast_log_rates, is_only_root
from exchange.valuation.status import Status

TOLERANCE = 1e-14  # in y: a rate over T years is right to about 1e-14 / T
ZERO = 2e-15  # a sum this small beside the sum of its terms' magnitudes, per term, is rounding
ITERATIONS = 200
CELLS = 2_000_000  # array elements worked on at a time


@dataclass(frozen=True, slots=True)
class Roots:
    """Log rates ln(1 + r) of all roots, with the series each belongs to; ascending within a series."""

    series: Integers
    log_rates: Floats
    unfinished: Integers  # series whose search did not end within its iterations


def all_roots(flows: CleanFlows, horizons: Floats) -> Roots:
    """Every root of every series of status OK: where a root found fast is seen to be the only one, that; else all."""
    members = np.flatnonzero(flows.status == Status.OK)
    candidates = flows.rows(members)
    guesses = fast_log_rates(candidates.times, candidates.amounts)
    is_only = np.isfinite(guesses) & is_only_root(candidates.times.T, candidates.amounts.T, guesses)
    series = [members[is_only]]
    found = [guesses[is_only]]
    unfinished: list[Integers] = [members[:0]]
    bound = flows.sign_changes.copy()
    bound[series[0]] = 0
    for changes in np.unique(bound[members][bound[members] > 0]):
        alike = members[bound[members] == changes]
        rows_at_once = max(1, CELLS // ((int(changes) + 2) * flows.times.shape[1]))
        for start in range(0, len(alike), rows_at_once):
            chosen = alike[start : start + rows_at_once]
            owner, root, stuck = roots_of_group(flows.rows(chosen), int(changes), horizons[chosen])
            series.append(chosen[owner])
            found.append(root / horizons[chosen[owner]])
            unfinished.append(chosen[stuck])
    owners, roots = np.concatenate(series), np.concatenate(found)
    order = np.lexsort((roots, owners))
    return Roots(owners[order], roots[order], np.unique(np.concatenate(unfinished)))


def roots_of_group(flows: CleanFlows, changes: int, horizons: Floats) -> tuple[Integers, Floats, Integers]:
    """Owners (rows) and values y of all roots of series with the same number of changes of sign; rows not finished."""
    times = (flows.times - flows.times[:, :1]) / horizons[:, None]
    levels = level_terms(times, flows.amounts, changes)
    rows = np.arange(len(times))
    separators = np.zeros((len(times), 0))
    stuck: list[Integers] = []
    for terms in reversed(levels[1:]):
        nodes, signs = cut_line(times, terms, flows.counts, separators)
        owner, left = np.nonzero(signs[:, :-1] * signs[:, 1:] < 0)
        root, is_found = solve_between(times[owner], terms[owner], nodes[owner, left], nodes[owner, left + 1])
        stuck.append(owner[~is_found])
        touched, place = np.nonzero(signs == 0)
        separators = packed(len(rows), np.concatenate((owner, touched)), np.concatenate((root, nodes[touched, place])))
    nodes, signs = cut_line(times, levels[0], flows.counts, separators)
    owner, left = np.nonzero(signs[:, :-1] * signs[:, 1:] < 0)
    root, is_found = solve_between(times[owner], levels[0][owner], nodes[owner, left], nodes[owner, left + 1])
    stuck.append(owner[~is_found])
    touching, touches = touching_roots(nodes, signs)
    return np.concatenate((owner, touching)), np.concatenate((root, touches)), np.unique(np.concatenate(stuck))


def level_terms(times: Floats, amounts: Floats, changes: int) -> list[Floats]:
    """Terms of f and of its successive derivatives, one change of sign fewer each; the last still has one."""
    signs = np.sign(amounts)
    row, place = np.nonzero(signs[:, 1:] * signs[:, :-1] < 0)
    gaps = ((times[row, place] + times[row, place + 1]) / 2).reshape(len(times), changes)
    levels = [amounts]
    for level in range(changes - 1):
        terms = levels[-1] * (gaps[:, level : level + 1] - times)
        levels.append(terms / np.abs(terms).max(axis=1, keepdims=True))
    return levels


def cut_line(times: Floats, terms: Floats, counts: Integers, separators: Floats) -> tuple[Floats, Floats]:
    """Nodes (m, s + 2): a bound on all roots, the separators within it, a bound; and the signs of f there."""
    low, high = root_bounds(times, terms, counts)
    inner = np.where(np.isnan(separators), high[:, None], separators)
    nodes = np.concatenate((low[:, None], np.clip(inner, low[:, None], high[:, None]), high[:, None]), axis=1)
    signs = np.empty(nodes.shape)
    for column in range(nodes.shape[1]):
        value, _, size = present_value(times, terms, nodes[:, column])
        signs[:, column] = np.where(np.abs(value) <= ZERO * counts * size, 0.0, np.sign(value))
    return nodes, signs


def root_bounds(times: Floats, terms: Floats, counts: Integers) -> tuple[Floats, Floats]:
    """Beyond these y the last or the first term outweighs all others together, so f has no root there."""
    size = np.abs(terms)
    total = size.sum(axis=1)
    rows = np.arange(len(times))
    last = counts - 1
    first_gap = times[:, 1] - times[:, 0]
    last_gap = times[rows, last] - times[rows, last - 1]
    high = (np.log(np.maximum((total - size[:, 0]) / size[:, 0], 1.0)) + 0.1) / first_gap
    low = -(np.log(np.maximum((total - size[rows, last]) / size[rows, last], 1.0)) + 0.1) / last_gap
    return low, high


def present_value(times: Floats, terms: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """f, its derivative and the sum of magnitudes at one y a row, all times the same positive factor, never too big."""
    shifted = times - (y < 0)[:, None]
    weights = terms * np.exp(-y[:, None] * shifted)
    return weights.sum(axis=1), -(weights * shifted).sum(axis=1), np.abs(weights).sum(axis=1)


def solve_between(times: Floats, terms: Floats, low: Floats, high: Floats) -> tuple[Floats, Flags]:
    """The one root between nodes of opposite sign: Newton where it gains, bisection where not."""
    root = (low + high) / 2
    is_found = np.zeros(len(root), dtype=bool)
    if len(root) == 0:
        return root, is_found
    low, high = low.copy(), high.copy()
    sign_low = np.sign(present_value(times, terms, low)[0])
    previous = high - low
    open_ones = np.arange(len(root))
    for _ in range(ITERATIONS):
        y = root[open_ones]
        with np.errstate(all="ignore"):
            value, slope, _ = present_value(times[open_ones], terms[open_ones], y)
            newton = y - value / slope
        is_below = np.sign(value) == sign_low[open_ones]
        low[open_ones] = np.where(is_below, y, low[open_ones])
        high[open_ones] = np.where(is_below, high[open_ones], y)
        lower, upper = low[open_ones], high[open_ones]
        gains = (newton >= lower) & (newton <= upper) & (np.abs(newton - y) <= previous[open_ones] / 2)
        chosen = np.where(value == 0, y, np.where(gains, newton, (lower + upper) / 2))
        previous[open_ones] = np.abs(chosen - y)
        root[open_ones] = chosen
        room = TOLERANCE * np.maximum(1.0, np.abs(chosen))
        is_done = (np.abs(chosen - y) <= room) | (upper - lower <= room)
        is_found[open_ones[is_done]] = True
        open_ones = open_ones[~is_done]
        if len(open_ones) == 0:
            break
    return root, is_found


def packed(rows: int, owner: Integers, values: Floats) -> Floats:
    """Values of each row ascending from the left, NaN behind."""
    order = np.lexsort((values, owner))
    owner, values = owner[order], values[order]
    per_row = np.bincount(owner, minlength=rows)
    table = np.full((rows, int(per_row.max(initial=0))), np.nan)
    table[owner, np.arange(len(owner)) - np.repeat(np.cumsum(per_row) - per_row, per_row)] = values
    return table


def touching_roots(nodes: Floats, signs: Floats) -> tuple[Integers, Floats]:
    """Roots at nodes where f is zero: once if its sign changes there, twice if f only touches zero."""
    owners: list[int] = []
    roots: list[float] = []
    for row in np.flatnonzero((signs == 0).any(axis=1)):
        place = 1
        while place < nodes.shape[1] - 1:
            end = place
            while end < nodes.shape[1] - 1 and signs[row, end] == 0:
                end += 1
            if end > place:
                times_listed = 2 if signs[row, place - 1] == signs[row, end] else 1
                owners += [int(row)] * times_listed
                roots += [float(nodes[row, place:end].mean())] * times_listed
            place = end + 1
    return np.array(owners, dtype=np.intp), np.array(roots, dtype=np.float64)
