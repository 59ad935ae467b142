"""What holds for every series of flows: roots solve it, their number has the parity of its signs, money has no unit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import polynomial

from exchange.valuation.performance.flows import clean
from exchange.valuation.performance.irr import internal_rates, irr_of_periods
from exchange.valuation.status import Status

SOME = settings(max_examples=40, deadline=None)
CENTS = st.integers(-1_000_000, 1_000_000).map(float)
FLOWS = st.lists(st.tuples(st.integers(0, 4000), CENTS), min_size=1, max_size=12)
CONVENTIONAL = st.tuples(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 10**9)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1501, 4000), st.integers(1, 10**9)), min_size=1, max_size=8),
)

Flows = list[tuple[int, float]]
EPSILON = float(np.finfo(float).eps)


def arrays(flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    """Years and amounts."""
    return np.array([day / 365 for day, _ in flows]), np.array([float(amount) for _, amount in flows])


@SOME
@given(FLOWS)
def test_every_root_solves_its_series(flows: Flows) -> None:
    years, amounts = arrays(flows)
    rates = internal_rates(years, amounts)
    cleaned = clean(years, amounts)
    log_roots = np.log1p(np.array([root for root in rates.roots_of(0) if np.isfinite(root) and root > -0.999999]))
    for log_root in log_roots:
        centred = cleaned.times[0] - cleaned.times[0].mean()
        values = cleaned.amounts[0] * np.exp(-log_root * centred)
        moment = np.abs(values * centred).sum()
        # A rate is a float: near -100 % its last digit moves the logarithm by more than the solver's tolerance.
        slope = moment * max(1.0, abs(log_root), np.exp(-log_root) * EPSILON / 1e-12)
        assert abs(values.sum()) <= 1e-12 * (np.abs(values).sum() + slope)


@SOME
@given(FLOWS)
def test_the_number_of_roots_has_the_parity_of_the_changes_of_sign(flows: Flows) -> None:
    years, amounts = arrays(flows)
    rates = internal_rates(years, amounts)
    changes = int(clean(years, amounts).sign_changes[0])
    status = rates.status[0]
    if status == Status.TOO_LARGE:
        return  # one root, beyond the cap
    roots = rates.roots_of(0) if status in (Status.OK, Status.MULTIPLE_ROOTS) else ()
    assert len(roots) <= changes
    assert (len(roots) - changes) % 2 == 0
    assert status != Status.NOT_FOUND
    assert list(roots) == sorted(roots)


@SOME
@given(CONVENTIONAL)
def test_conventional_series_have_one_rate_by_the_fast_way_as_by_the_sure_one(sides: tuple[Flows, Flows]) -> None:
    calls, distributions = sides
    flows = [(day, -amount) for day, amount in calls] + distributions
    years, amounts = arrays(flows)
    fast = internal_rates(years, amounts)
    # The same flows mirrored in time and sign are not conventional to the fast way; the rate becomes 1 / (1 + r) - 1.
    sure = internal_rates(-years, amounts)
    assert fast.status[0] in (Status.OK, Status.TOO_LARGE)
    assert abs(fast.log_rates[0] + sure.log_rates[0]) <= 1e-11 * max(1.0, abs(fast.log_rates[0])) or (
        Status.TOO_LARGE in (fast.status[0], sure.status[0])
    )


@SOME
@given(FLOWS, st.floats(1e-9, 1e9), st.integers(-2000, 2000))
def test_neither_unit_of_money_nor_origin_of_time_changes_a_rate(flows: Flows, scale: float, days: int) -> None:
    years, amounts = arrays(flows)
    as_is = internal_rates(years, amounts)
    changed = internal_rates(years + days / 365, amounts * scale)
    if as_is.status[0] == Status.OK and changed.status[0] == Status.OK:
        assert abs(as_is.log_rates[0] - changed.log_rates[0]) <= 1e-7 * max(1.0, abs(as_is.log_rates[0]))
    doubled = internal_rates(years, amounts * 2)
    assert doubled.status[0] == as_is.status[0]
    assert np.array_equal(doubled.rates, as_is.rates, equal_nan=True)


@SOME
@given(st.lists(st.integers(-60, 200), min_size=1, max_size=5, unique=True))
def test_rates_put_into_a_series_are_found_again(percents: list[int]) -> None:
    factors = [1 + percent / 100 for percent in sorted(percents)]
    amounts = -polynomial.polyfromroots(factors)[::-1]
    irr = irr_of_periods(amounts.tolist())
    positive = [root for root in irr.roots if root > -1]
    assert len(positive) % 2 == len(factors) % 2
    if min(np.diff(factors), default=1) >= 0.1:
        assert np.allclose(positive, [factor - 1 for factor in factors], atol=1e-6)
        assert irr.status is (Status.OK if len(factors) == 1 else Status.MULTIPLE_ROOTS)


@SOME
@given(CONVENTIONAL)
def test_paying_in_more_lowers_the_rate(sides: tuple[Flows, Flows]) -> None:
    calls, distributions = sides
    years, amounts = arrays([(day, -amount) for day, amount in calls] + distributions)
    more = amounts.copy()
    more[0] *= 1.5
    less_return, usual = internal_rates(years, more), internal_rates(years, amounts)
    assert less_return.log_rates[0] < usual.log_rates[0]
