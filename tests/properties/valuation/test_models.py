"""What must hold of discounts, projections and prices for any sound input."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.valuation.discount.chaffe import chaffe
from exchange.valuation.discount.finnerty import CEILING, finnerty
from exchange.valuation.discount.ghaidarov import ghaidarov
from exchange.valuation.discount.longstaff import longstaff_bound
from exchange.valuation.pricing.closing import closing_payment, headline_of
from exchange.valuation.pricing.dcf import cash_equivalent, headline_price, price_at
from exchange.valuation.pricing.implied import implied_by
from exchange.valuation.projection.takahashi_alexander import PacingRates, project
from exchange.valuation.status import Status

FEW = settings(max_examples=25, deadline=None)

volatilities = st.floats(0, 3)
years = st.floats(0, 20)
rates = st.floats(-0.5, 2)
money = st.just(0.0) | st.floats(1e-2, 1e9)


@st.composite
def pacing_sets(draw: st.DrawFn) -> PacingRates:
    """Any sound set of parameters."""
    return PacingRates(
        draw(st.floats(-0.2, 0.4)),
        draw(st.integers(1, 18)),
        draw(st.floats(0.3, 6)),
        draw(st.floats(0, 0.3)),
        tuple(draw(st.lists(st.floats(0, 1), min_size=1, max_size=4))),
    )


@st.composite
def flows(draw: st.DrawFn) -> tuple[list[float], list[float], list[float]]:
    """Calls, distributions and their years in order."""
    count = draw(st.integers(1, 12))
    amounts = st.lists(st.floats(0, 1e6), min_size=count, max_size=count)
    times = sorted(draw(st.lists(st.floats(0, 15), min_size=count, max_size=count)))
    return draw(amounts), draw(amounts), times


@FEW
@given(volatilities, volatilities, years)
def test_discounts_rise_with_volatility(one: float, other: float, time: float) -> None:
    low, high = sorted((one, other))
    for model in (chaffe, finnerty, ghaidarov):
        assert float(model(low, time).discount) <= float(model(high, time).discount) + 1e-15
    assert float(longstaff_bound(low, time).bound) <= float(longstaff_bound(high, time).bound) * (1 + 1e-15)


@FEW
@given(volatilities, years, years)
def test_discounts_without_dividends_rise_with_time(sigma: float, one: float, other: float) -> None:
    short, long = sorted((one, other))
    for model in (finnerty, ghaidarov):
        assert float(model(sigma, short).discount) <= float(model(sigma, long).discount) + 1e-15
    assert float(longstaff_bound(sigma, short).bound) <= float(longstaff_bound(sigma, long).bound) * (1 + 1e-15)


@FEW
@given(volatilities, years)
def test_discounts_keep_their_order(sigma: float, time: float) -> None:
    below, above = float(finnerty(sigma, time).discount), float(ghaidarov(sigma, time).discount)
    bound = float(longstaff_bound(sigma, time).bound)
    assert 0 <= below <= CEILING < 0.3228
    assert below <= above * (1 + 1e-14) <= bound * (1 + 1e-14) + 1e-300
    assert above <= 1


@FEW
@given(volatilities, years, st.floats(-0.2, 0.5), st.floats(0, 0.5))
def test_a_put_stays_between_its_arbitrage_bounds(sigma: float, time: float, rate: float, dividends: float) -> None:
    put = float(chaffe(sigma, time, rate, dividends).discount)
    strike, share = np.exp(-rate * time), np.exp(-dividends * time)
    assert max(strike - share, 0) - 1e-12 * strike <= put <= strike * (1 + 1e-12)


@FEW
@given(st.lists(st.floats(), min_size=1, max_size=6), st.floats(), st.floats(), st.floats())
def test_no_input_gives_a_silent_nan(sigma: list[float], time: float, rate: float, dividends: float) -> None:
    for found in (chaffe(sigma, time, rate, dividends), finnerty(sigma, time, dividends)):
        assert (np.isfinite(found.discount) == (found.status == Status.OK)).all()


@FEW
@given(pacing_sets(), money, money, st.floats(0, 17), st.sampled_from((1, 4)))
def test_a_price_at_the_growth_rate_is_the_nav(
    rates_: PacingRates, unfunded: float, nav: float, age: float, per_year: int
) -> None:
    found = project(unfunded, nav, age, rates_, periods_per_year=per_year)
    times = np.arange(1, found.calls.shape[1] + 1) / per_year
    price = price_at(found.calls, found.distributions, times, rates_.growth).price[0]
    scale = 1 + nav + unfunded * max(1, (1 + rates_.growth) ** -float(times[-1]))
    assert abs(price - nav) <= 1e-11 * scale * max(1, (1 + rates_.growth) ** float(times[-1]))


@FEW
@given(pacing_sets(), money, money, st.floats(0, 17))
def test_projected_flows_are_never_negative_and_use_no_more_than_the_unfunded(
    rates_: PacingRates, unfunded: float, nav: float, age: float
) -> None:
    found = project(unfunded, nav, age, rates_)
    for amounts in (found.calls, found.distributions, found.nav):
        assert (amounts >= 0).all()
    assert found.calls.sum() <= unfunded * (1 + 1e-12)
    assert found.nav[0, -1] == 0


@FEW
@given(pacing_sets(), money, money, st.floats(0, 17), st.sampled_from((1e-3, 10.0, 1e6)))
def test_scaling_money_scales_projections_and_leaves_rates(
    rates_: PacingRates, unfunded: float, nav: float, age: float, factor: float
) -> None:
    one = project(unfunded, nav, age, rates_)
    scaled = project(factor * unfunded, factor * nav, age, rates_)
    nearly_nothing = 1e-12 * factor * (unfunded + nav)  # what is left of an unfunded all but drawn is a rounding error
    assert np.allclose(scaled.distributions, factor * one.distributions, rtol=1e-11, atol=nearly_nothing)
    assert np.allclose(scaled.calls, factor * one.calls, rtol=1e-11, atol=nearly_nothing)


@FEW
@given(flows(), rates, rates)
def test_price_falls_as_target_return_rises(
    cash: tuple[list[float], list[float], list[float]], one: float, other: float
) -> None:
    _, distributions, times = cash
    low, high = sorted((one, other))
    found = price_at([0.0] * len(times), distributions, times, [low, high]).price
    assert found[0] >= found[1] * (1 - 1e-12)


@FEW
@given(flows(), st.floats(0.0, 1.0))
def test_a_price_implies_the_return_it_was_made_at(
    cash: tuple[list[float], list[float], list[float]], target: float
) -> None:
    calls, distributions, times = cash
    price = float(price_at(calls, distributions, times, target).price[0])
    found = implied_by(price, calls, distributions, times)
    status = Status(int(found.rate_status[0]))
    assert np.isfinite(found.rate[0]) == (status in (Status.OK, Status.MULTIPLE_ROOTS))
    if np.isfinite(found.rate[0]):
        back = price_at(calls, distributions, times, float(found.rate[0]))
        if back.status[0] == Status.OK:
            terms = abs(price) + float(back.pv_calls[0] + back.pv_distributions[0])
            assert abs(float(back.price[0]) - price) <= 1e-11 * (1 + max(times)) * (1 + terms)


@FEW
@given(flows(), st.floats(1, 1e6), st.sampled_from((1e-3, 7.0, 1e5)))
def test_scaling_money_leaves_the_implied_rate(
    cash: tuple[list[float], list[float], list[float]], price: float, factor: float
) -> None:
    _, distributions, times = cash
    nothing = [0.0] * len(times)
    one = implied_by(price, nothing, distributions, times)
    scaled = implied_by(factor * price, nothing, [factor * amount for amount in distributions], times)
    assert one.rate_status.tolist() == scaled.rate_status.tolist()
    assert np.allclose(one.rate, scaled.rate, rtol=1e-9, atol=1e-9, equal_nan=True)


@FEW
@given(st.floats(-1e9, 1e9), st.floats(-0.5, 1), st.floats(0, 1), st.floats(0, 5))
def test_a_headline_and_its_cash_equivalent_are_inverse(value: float, rate: float, later: float, time: float) -> None:
    plan = ([1 - later, later], [0, time])
    headline = headline_price(value, rate, *plan).value
    assert np.allclose(cash_equivalent(headline, rate, *plan).value, value, rtol=1e-12, atol=1e-12)
    if rate > 0 and value > 0:
        assert headline[0] >= value * (1 - 1e-12)


@FEW
@given(st.integers(1, 10**17), st.integers(0, 2_000_000), st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_headline_comes_back_from_its_payment(nav: int, headline: int, called: int, paid_out: int) -> None:
    found = closing_payment(nav, headline, called, paid_out)
    assert found.payment_minor == found.base_minor + called - paid_out
    back = headline_of(found.payment_minor, nav, called, paid_out)
    assert back is not None
    assert abs(back - headline) * nav <= 1_000_000  # half a minor unit of the base, and half a ppm
    if nav >= 1_000_000:
        assert abs(back - headline) <= 1


def test_discounts_rise_over_a_fine_grid_without_a_step_at_the_seams() -> None:
    sigma = np.sqrt(np.concatenate([np.linspace(1e-6, 2, 4001), np.linspace(2, 90, 500)]))
    for found in (finnerty(sigma, 1.0).discount, ghaidarov(sigma, 1.0).discount):
        assert all(one <= other + 1e-15 for one, other in pairwise(found.tolist()))
