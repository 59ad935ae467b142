"""The index-adjusted NAV in both forms, and index series that do not cover it."""

import numpy as np
import pytest

from exchange.valuation.nav.index_beta import Form, Index, index_adjusted_nav
from exchange.valuation.nav.roll_forward import Flows
from exchange.valuation.status import Status

INDEX = Index(np.array([0, 50, 100]), np.array([100.0, 110.0, 121.0]))
FLOWS = Flows(np.array([[50, 0]]), np.array([[20.0, 0.0]]), np.zeros((1, 2)))


def adjusted_status(
    nav: float = 100.0,
    nav_day: int = 0,
    valued_day: int = 100,
    flows: Flows = FLOWS,
    beta: float = 1.0,
    index: Index = INDEX,
    form: Form = Form.LINEAR,
) -> int:
    found = index_adjusted_nav(
        np.array([nav]), np.array([nav_day]), np.array([valued_day]), flows, np.array([beta]), index, form
    )
    assert np.isnan(found.nav[0]) == (found.status[0] != Status.OK)
    return int(found.status[0])


@pytest.mark.parametrize("form", list(Form))
def test_beta_one_earns_the_index_on_nav_and_flows(form: Form) -> None:
    found = index_adjusted_nav(np.array([100.0]), np.array([0]), np.array([100]), FLOWS, np.array([1.0]), INDEX, form)
    assert found.nav[0] == pytest.approx(143.0, rel=1e-14)
    assert found.index_return[0] == pytest.approx(0.21)
    assert found.flow_factor.tolist() == [pytest.approx([1.1, 1.0])]


def test_the_two_forms_differ_as_written() -> None:
    arguments = (np.array([100.0]), np.array([0]), np.array([100]), FLOWS, np.array([1.4]), INDEX)
    linear = index_adjusted_nav(*arguments, Form.LINEAR).nav[0]
    exponential = index_adjusted_nav(*arguments, Form.EXPONENTIAL).nav[0]
    assert linear == pytest.approx(100 * (1 + 1.4 * 0.21) + 20 * (1 + 1.4 * 0.1), rel=1e-14)
    assert exponential == pytest.approx(100 * 1.21**1.4 + 20 * 1.1**1.4, rel=1e-14)


def test_a_distribution_leaves_with_what_it_would_have_earned() -> None:
    paid = Flows(np.array([[50]]), np.array([[0.0]]), np.array([[20.0]]))
    found = index_adjusted_nav(np.array([100.0]), np.array([0]), np.array([100]), paid, np.array([1.0]), INDEX)
    assert found.nav[0] == pytest.approx(121.0 - 22.0)


def test_a_level_holds_over_a_gap_but_not_for_ever() -> None:
    assert INDEX.level_on(np.array([-1, 0, 10, 11, 105, 111])).tolist() == pytest.approx(
        [np.nan, 100.0, 100.0, np.nan, 121.0, np.nan], nan_ok=True
    )


def test_what_the_index_or_the_data_does_not_allow_has_a_status() -> None:
    late_flow = Flows(np.array([[70]]), np.array([[5.0]]), np.zeros((1, 1)))
    crash = Index(np.array([0, 50, 100]), np.array([100.0, 50.0, 25.0]))
    takes_all = Flows(np.array([[50]]), np.zeros((1, 1)), np.array([[500.0]]))
    assert adjusted_status() == Status.OK
    assert adjusted_status(nav_day=-20) == Status.PARAMETERS_MISSING
    assert adjusted_status(valued_day=150) == Status.PARAMETERS_MISSING
    assert adjusted_status(flows=late_flow) == Status.PARAMETERS_MISSING
    assert adjusted_status(index=Index(np.array([], dtype=np.int64), np.array([]))) == Status.PARAMETERS_MISSING
    assert adjusted_status(index=Index(np.array([0, 100]), np.array([1.0, -1.0]))) == Status.PARAMETERS_MISSING
    assert adjusted_status(index=Index(np.array([5, 5]), np.array([1.0, 1.0]))) == Status.PARAMETERS_MISSING
    assert adjusted_status(beta=2.0, index=crash) == Status.OUT_OF_RANGE
    assert adjusted_status(beta=9.0) == Status.OUT_OF_RANGE
    assert adjusted_status(beta=np.nan) == Status.NOT_A_NUMBER
    assert adjusted_status(nav=0.0) == Status.NAV_NOT_POSITIVE
    assert adjusted_status(nav=1e17) == Status.TOO_LARGE
    assert adjusted_status(valued_day=-1) == Status.DATES_OUT_OF_ORDER
    assert adjusted_status(flows=takes_all) == Status.DATA_INCONSISTENT
