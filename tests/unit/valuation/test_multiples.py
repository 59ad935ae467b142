"""Multiples of money: published values, and a reason where there is no multiple."""

import numpy as np
import pytest
import pyxirr.pe

from exchange.valuation.performance.multiples import multiple_on_invested_capital, multiples, paid_in_ratio
from exchange.valuation.status import Status


def test_multiples_of_published_examples() -> None:
    # INSEAD (2019); Gredil, Griffiths and Stucke (2014), Exhibit 5
    found = multiples([[25, 0, 0, 0, 0], [100, 100, 50, 0, 0]], [[15, 0, 0, 0, 0], [0, 25, 150, 150, 100]], [20, 75])
    assert found.tvpi.values == pytest.approx([1.4, 2.0])
    assert found.dpi.values == pytest.approx([0.6, 1.7])
    assert found.rvpi.values == pytest.approx([0.8, 0.3])
    assert found.paid_in.tolist() == [25, 250]


def test_multiples_agree_with_pyxirr() -> None:
    calls, distributions = [10.0, 20.0, 0, 0], [0, 0, 15.0, 30.0]
    found = multiples([calls], [distributions], [15])
    assert found.tvpi.values[0] == pytest.approx(pyxirr.pe.tvpi_2(calls, distributions, 15), abs=1e-15)
    assert found.dpi.values[0] == pytest.approx(pyxirr.pe.dpi_2(calls, distributions), abs=1e-15)
    assert found.rvpi.values[0] == pytest.approx(pyxirr.pe.rvpi(calls, 15), abs=1e-15)


def test_nothing_paid_in_has_no_multiple() -> None:
    found = multiples([[0, 0], [5, -5]], [[1, 2], [1, 2]], [3, 3])
    for ratio in (found.tvpi, found.dpi, found.rvpi):
        assert ratio.status.tolist() == [Status.UNDEFINED, Status.UNDEFINED]
        assert np.isnan(ratio.values).all()


def test_a_missing_or_negative_nav_concerns_only_what_needs_it() -> None:
    found = multiples([[10], [10], [10]], [[5], [5], [5]], [np.nan, -1, 0])
    assert found.dpi.values.tolist() == [0.5, 0.5, 0.5]
    assert found.tvpi.status.tolist() == [Status.NAV_MISSING, Status.NAV_NOT_POSITIVE, Status.OK]
    assert found.rvpi.values[2] == 0


def test_what_is_no_number_or_too_large_is_said() -> None:
    found = multiples([[np.nan], [np.inf], [1e-300]], [[1.0], [1.0], [1e300]], [1, 1, 1])
    assert found.dpi.status.tolist() == [Status.NOT_A_NUMBER, Status.NOT_A_NUMBER, Status.TOO_LARGE]


def test_moic_and_paid_in_ratio() -> None:
    assert multiple_on_invested_capital([80], [100], [60]).values[0] == 2
    assert multiple_on_invested_capital([0], [100], [60]).status[0] == Status.UNDEFINED
    assert paid_in_ratio([[30, 45]], [100]).values[0] == 0.75
    assert paid_in_ratio([[30, 45]], [0]).status[0] == Status.UNDEFINED
