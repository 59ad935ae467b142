"""What must hold of every NAV model whatever the numbers: composition, scale, order of flows, and no silent NaN."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exchange.valuation.nav.desmooth import geltner, moving_average
from exchange.valuation.nav.index_beta import Form, Index, index_adjusted_nav
from exchange.valuation.nav.look_through import Balance, Holdings, look_through
from exchange.valuation.nav.nowcast import Series, nowcast, parameters
from exchange.valuation.nav.nowcast_grid import History, series_of
from exchange.valuation.nav.roll_forward import (
    CarryAtNav,
    FeeBasis,
    FeeTerms,
    Flows,
    RollInputs,
    roll_cash_minor,
    roll_forward,
)
from exchange.valuation.nav.waterfall import (
    WaterfallPosition,
    advance_position,
    carry_terms,
    liquidation,
    value_before_carry,
)
from exchange.valuation.status import Status

AMOUNT = st.integers(0, 10**12)
ENOUGH = st.integers(10**13, 10**14)  # more than all distributions of a list of flows
DAY = st.integers(0, 1000)
TWO_DAYS = st.tuples(DAY, DAY).map(lambda days: (min(days), max(days)))
FLOWS = st.lists(st.tuples(DAY, AMOUNT, AMOUNT), min_size=1, max_size=8)
ANY_FLOAT = st.one_of(st.floats(), st.sampled_from([0.0, -1.0, 1e308, float("nan"), float("inf")]))
INDEX = Index(np.arange(1001, dtype=np.int64), 100 * np.exp(0.0004 * np.arange(1001) + 0.1 * np.sin(np.arange(1001))))


def flows_of(rows: list[tuple[int, int, int]]) -> Flows:
    table = np.array(rows, dtype=np.int64)
    return Flows(table[None, :, 0], table[None, :, 1].astype(np.float64), table[None, :, 2].astype(np.float64))


def at(day: int) -> np.ndarray:
    return np.array([day], dtype=np.int64)


def cash(nav: int, start: int, end: int, rows: list[tuple[int, int, int]]) -> tuple[int, int]:
    table = np.array(rows, dtype=np.int64)
    found = roll_cash_minor(at(nav), at(start), at(end), table[None, :, 0], table[None, :, 1], table[None, :, 2])
    return int(found.nav_minor[0]), int(found.status[0])


@given(ENOUGH, FLOWS, TWO_DAYS)
@settings(max_examples=25, deadline=None)
def test_two_cash_rolls_are_one(nav: int, rows: list[tuple[int, int, int]], days: tuple[int, int]) -> None:
    middle, end = days
    first, status = cash(nav, 0, middle, rows)
    assert status == Status.OK
    assert cash(first, middle, end, rows) == cash(nav, 0, end, rows)


@given(AMOUNT, FLOWS, DAY)
@settings(max_examples=25, deadline=None)
def test_the_float_roll_is_the_integer_roll_in_any_order_of_flows(
    nav: int, rows: list[tuple[int, int, int]], end: int
) -> None:
    rolled = roll_forward(RollInputs(np.array([float(nav)]), at(0), at(end), flows_of(rows)))
    shuffled = sorted(rows, key=lambda row: (row[2], row[1], row[0]))
    minor, status = cash(nav, 0, end, shuffled)
    assert rolled.status.tolist() == [status]
    assert status != Status.OK or rolled.nav[0] == minor


@given(ENOUGH, FLOWS, TWO_DAYS, st.sampled_from([FeeBasis.COMMITMENT, FeeBasis.PAID_IN]), st.floats(0, 0.05))
@settings(max_examples=25, deadline=None)
def test_fees_of_two_rolls_add_up(
    nav: int, rows: list[tuple[int, int, int]], days: tuple[int, int], basis: FeeBasis, rate: float
) -> None:
    middle, end = days
    flows = flows_of(rows)
    fee = FeeTerms(np.array([rate]), np.array([basis], dtype=np.uint8), np.array([1e12]), np.array([5e11]))
    whole = roll_forward(RollInputs(np.array([float(nav)]), at(0), at(end), flows, fee=fee))
    first = roll_forward(RollInputs(np.array([float(nav)]), at(0), at(middle), flows, fee=fee))
    assert first.status[0] == Status.OK
    paid_in = replace(fee, paid_in=fee.paid_in + first.called)
    second = roll_forward(RollInputs(first.nav, at(middle), at(end), flows, fee=paid_in))
    np.testing.assert_allclose(first.fee + second.fee, whole.fee, rtol=1e-9, atol=1e-3)


@given(st.floats(1, 1e12), st.floats(0, 1e12), st.floats(0, 1e11), st.floats(0, 1e11), st.floats(0, 1e11))
@settings(max_examples=40, deadline=None)
def test_the_waterfall_splits_everything_and_carry_never_exceeds_its_share(
    available: float, capital: float, due: float, paid: float, profit: float
) -> None:
    terms = carry_terms(1, 0.2, 0.08)
    position = WaterfallPosition(*(np.array([value]) for value in (capital, due, paid, profit)))
    split = liquidation(np.array([available]), position, terms)
    assert 0 <= split.carry[0] <= 0.2 * max(0.0, available - min(capital, available)) + 0.2 * (paid + profit) / 0.8 + 1
    assert abs(split.investors[0] + split.carry[0] - available) <= 1e-3
    value = value_before_carry(split.investors, position, terms)
    again = liquidation(value, position, terms)
    np.testing.assert_allclose(again.investors, split.investors, rtol=1e-9, atol=1e-3)
    assert value[0] <= available * (1 + 1e-9) + 1e-3


@given(st.floats(1e3, 1e11), st.floats(0, 2e11), st.floats(0, 2e11))
@settings(max_examples=25, deadline=None)
def test_investors_never_lose_from_a_better_liquidation(capital: float, one: float, more: float) -> None:
    terms = carry_terms(2, 0.2, 0.08)
    position = WaterfallPosition(np.full(2, capital), np.full(2, 0.1 * capital), np.zeros(2), np.zeros(2))
    split = liquidation(np.array([one, one + more]), position, terms)
    assert split.investors[1] >= split.investors[0] - 1e-3
    assert split.carry[1] >= split.carry[0] - 1e-3


@given(st.floats(1e3, 1e10), FLOWS, st.floats(-1, 2), st.floats(0.01, 100), st.sampled_from(list(Form)))
@settings(max_examples=25, deadline=None)
def test_money_and_index_scale_out_of_the_index_nav(
    nav: float, rows: list[tuple[int, int, int]], beta: float, scale: float, form: Form
) -> None:
    flows = flows_of([(day, call % 10**9, paid % 10**5) for day, call, paid in rows])
    scaled = Flows(flows.day, flows.called * scale, flows.distributed * scale)
    one = index_adjusted_nav(np.array([nav]), at(0), at(1000), flows, np.array([beta]), INDEX, form)
    other_index = Index(INDEX.day, INDEX.level * 7.0)
    two = index_adjusted_nav(np.array([nav * scale]), at(0), at(1000), scaled, np.array([beta]), other_index, form)
    assert one.status.tolist() == two.status.tolist()
    np.testing.assert_allclose(two.nav, one.nav * scale, rtol=1e-9)
    idle = index_adjusted_nav(np.array([nav]), at(0), at(1000), flows, np.zeros(1), INDEX, form)
    rolled = roll_forward(RollInputs(np.array([nav]), at(0), at(1000), flows))
    np.testing.assert_allclose(idle.nav, rolled.nav, rtol=1e-12)


@given(
    st.lists(st.floats(0.5, 2.0), min_size=2, max_size=6),
    st.floats(0.0, 2.0),
    st.floats(0.01, 1.0),
    st.floats(0.001, 0.3),
    st.floats(0.1, 1000),
    st.integers(0, 400),
)
@settings(max_examples=20, deadline=None)
def test_money_scales_through_the_nowcast_and_waiting_widens_it(
    ratios: list[float], beta: float, state: float, noise: float, scale: float, wait: int
) -> None:
    days = [91 * number for number in range(len(ratios))]
    navs = [1e6 * ratio for ratio in ratios]
    until = days[-1] + wait
    histories = [
        History(until, days, navs, [days[-1]], [1e4]),
        History(until, days, [scale * nav for nav in navs], [days[-1]], [scale * 1e4]),
        History(until + 30, days, navs, [days[-1]], [1e4]),
    ]
    series, status = series_of(histories, INDEX)
    found = nowcast(series, parameters(3, beta, state, noise))
    assert status.tolist() == found.status.tolist() == [Status.OK] * 3
    np.testing.assert_allclose(found.median[1], found.median[0] * scale, rtol=1e-9)
    np.testing.assert_allclose(found.high[1] - found.low[1], (found.high[0] - found.low[0]) * scale, rtol=1e-7)
    assert found.log_sd[2] > found.log_sd[0]
    assert found.low[0] < found.median[0] < found.mean[0] < found.mean[0] + found.sd[0]


@given(st.lists(st.lists(st.floats(-0.5, 0.5), min_size=12, max_size=12), min_size=1, max_size=2), st.floats(0.1, 5))
@settings(max_examples=5, deadline=None)
def test_desmoothing_scales_with_returns(rows: list[list[float]], scale: float) -> None:
    returns = np.round(np.array(rows), 3)
    lengths = np.full(len(rows), 12, dtype=np.int64)
    one, two = geltner(returns, lengths), geltner(returns * scale, lengths)
    assert one.status.tolist() == two.status.tolist()
    np.testing.assert_allclose(two.volatility_after, one.volatility_after * scale, rtol=1e-6)
    average = moving_average(returns, lengths)
    fine = average.status == Status.OK
    np.testing.assert_allclose(average.weights[fine].sum(axis=1), 1.0)
    assert ((average.weights[fine] >= 0) & (average.weights[fine] <= 1)).all()
    assert (average.xi[fine] <= 1 + 1e-12).all()


@given(st.lists(ANY_FLOAT, min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_in_a_number_or_a_status_comes_out(values: list[float]) -> None:
    nav, call, paid, other, *rest = (np.array([value]) for value in values)
    flows = Flows(np.array([[5]]), call[None], paid[None])
    rolled = roll_forward(RollInputs(nav, at(0), at(100), flows, growth=other))
    moved = index_adjusted_nav(nav, at(0), at(100), flows, other, INDEX)
    added = look_through(Holdings(rest[0][None], nav[None], rest[1][None]), Balance(call, paid, *rest[2:], *rest[:2]))
    series = Series(
        np.array([[0, 9]]), np.array([[values[0], values[1]]]), np.array([[0.0, values[2]]]), np.zeros((1, 2))
    )
    cast = nowcast(series, parameters(1, *(float(value[0]) for value in rest)))
    for value, status in (
        (rolled.nav_fund_currency, rolled.status),
        (moved.nav, moved.status),
        (added.nav, added.status),
        (cast.median, cast.status),
        (cast.high, cast.status),
        (cast.sd, cast.status),
    ):
        assert np.isfinite(value[0]) == (status[0] == Status.OK)


@given(
    st.floats(1e7, 1e9),
    st.floats(0, 1e9),
    st.lists(st.tuples(DAY, st.integers(0, 10**7), st.integers(0, 10**6)), min_size=1, max_size=6),
    st.tuples(DAY, DAY),
)
@settings(max_examples=25, deadline=None)
def test_two_rolls_with_carry_are_one(
    nav: float, capital: float, rows: list[tuple[int, int, int]], days: tuple[int, int]
) -> None:
    middle, end = sorted(days)
    terms = carry_terms(1, 0.2, 0.08, 0.5)
    start = WaterfallPosition(np.array([capital]), np.array([0.05 * capital]), np.zeros(1), np.zeros(1))
    flows = flows_of(sorted(rows))
    carry = CarryAtNav(terms, start, np.array([np.nan]))
    whole = roll_forward(RollInputs(np.array([nav]), at(0), at(end), flows, carry=carry))
    first = roll_forward(RollInputs(np.array([nav]), at(0), at(middle), flows, carry=carry))
    assume(first.status[0] == Status.OK and whole.status[0] == Status.OK)
    there = advance_position(start, terms, at(0), flows.day, flows.called, flows.distributed, at(middle))
    again = CarryAtNav(terms, there, np.array([np.nan]))
    second = roll_forward(RollInputs(first.nav, at(middle), at(end), flows, carry=again))
    np.testing.assert_allclose(second.nav, whole.nav, rtol=1e-9, atol=1.0)
