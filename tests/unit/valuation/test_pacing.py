"""The pacing model against the worked example and its identities."""

from datetime import date

import numpy as np
import pytest

from exchange.core.terms import SourceMark
from exchange.valuation.panel.assumptions import Pacing
from exchange.valuation.panel.facts import Sourced
from exchange.valuation.projection.calendar import period_ends, years_after
from exchange.valuation.projection.takahashi_alexander import PacingRates, project, rates_of
from exchange.valuation.status import Status

VENTURE = PacingRates(0.13, 12, 2.5, 0.0, (0.25, 1 / 3, 0.5))
REAL_ESTATE = PacingRates(0.08, 12, 5.0, 0.05, (0.4,))
OIL_AND_GAS = PacingRates(0.08, 15, 1.0, 0.15, (0.3, 0.5))


def test_the_base_case_of_the_paper() -> None:
    found = project(100, 0, 0, VENTURE, periods_per_year=1)
    assert found.nav.shape == (1, 12)
    assert int(found.nav[0].argmax()) + 1 == 5
    assert round(float(found.nav.max()), 1) == 106.8
    assert round(float(found.calls.sum()), 2) == 99.95
    left = found.calls[0, 11]  # the call of the last year has no time to grow and comes straight back
    assert round(float(found.distributions.sum() - left), 2) == 187.99
    assert round(float(found.distributions.sum()), 2) == 188.04
    assert found.nav[0, 11] == 0


def test_the_bow_takes_the_year_of_the_distribution() -> None:
    found = project(0, 100, 5, VENTURE, periods_per_year=1)
    assert found.distributions[0, 0] == pytest.approx(113 * (6 / 12) ** 2.5, rel=1e-12)


@pytest.mark.parametrize("rates", [VENTURE, REAL_ESTATE, OIL_AND_GAS])
@pytest.mark.parametrize("per_year", [1, 4])
def test_projected_flows_return_the_growth_rate(rates: PacingRates, per_year: int) -> None:
    found = project([100, 6, 0], [0, 107, 40], [0, 5, 14], rates, periods_per_year=per_year)
    years = np.arange(1, found.calls.shape[1] + 1) / per_year
    value = (found.distributions - found.calls) @ (1 + rates.growth) ** -years
    assert value == pytest.approx([0, 107, 40], abs=1e-9)


def test_quarterly_contributions_amount_to_the_annual_ones() -> None:
    annual = project(100, 0, 0, VENTURE, periods_per_year=1)
    quarterly = project(100, 0, 0, VENTURE)
    assert quarterly.calls.reshape(12, 4).sum(axis=1) == pytest.approx(annual.calls[0], rel=1e-12)
    in_years = [(flows[0] * np.arange(1, flows.size + 1)).sum() / flows.sum() for flows in
                (annual.distributions, quarterly.distributions / 1)]  # fmt: skip
    assert in_years[0] == pytest.approx(8.0, abs=0.05)
    assert in_years[1] / 4 == pytest.approx(7.9, abs=0.05)


def test_a_yield_floor_pays_from_the_first_year() -> None:
    found = project(0, 100, 0, REAL_ESTATE, periods_per_year=1)
    assert found.distributions[0, 0] == pytest.approx(108 * 0.05)


def test_the_contribution_rate_of_a_young_fund_follows_its_age() -> None:
    found = project(75, 25, 1, VENTURE, periods_per_year=1)
    assert found.calls[0, :2] == pytest.approx([25, 25])


def test_an_old_fund_is_given_the_remaining_years_it_is_said_to_have() -> None:
    found = project(0, [50, 50, 50], [11.5, 12, 16], VENTURE, remaining_years=2)
    assert found.last_period.tolist() == [8, 8, 8]
    assert (found.distributions > 0).all()
    assert project(0, 50, 5, VENTURE, remaining_years=2).last_period.tolist() == [28]


def test_after_its_end_a_fund_has_no_flows() -> None:
    found = project([100, 0], [0, 30], [0, 11], VENTURE, periods_per_year=1)
    assert found.last_period.tolist() == [12, 1]
    assert found.distributions[1].tolist() == pytest.approx([30 * 1.13] + [0] * 11)
    assert not found.calls[1].any()
    assert not found.nav[1].any()


def test_only_the_drawn_part_of_the_unfunded_is_called() -> None:
    whole, part = (project(50, 80, 4, VENTURE, draw_ratio=ratio).calls.sum() for ratio in (1, 0.6))
    assert part == pytest.approx(0.6 * whole, rel=1e-12)


def test_many_funds_of_several_sets_give_what_single_ones_give() -> None:
    unfunded, nav, age, which = [100, 20, 5], [0, 60, 90], [0, 3.25, 16], [1, 0, 2]
    sets = [VENTURE, REAL_ESTATE, OIL_AND_GAS]
    together = project(unfunded, nav, age, sets, which)
    for row in range(3):
        alone = project(unfunded[row], nav[row], age[row], sets[which[row]])
        periods = alone.calls.shape[1]
        for ours, single in ((together.calls, alone.calls), (together.distributions, alone.distributions)):
            assert ours[row, :periods].tolist() == single[0].tolist()


def test_bad_funds_get_a_status_and_leave_the_others_alone() -> None:
    found = project(
        [100, np.nan, -1, 100, 100, 100],
        [0, 1, 1, -5, 1, 1],
        [0, 1, 1, 1, -1, 1],
        VENTURE,
        draw_ratio=[1, 1, 1, 1, 1, 2],
    )
    assert found.status.tolist() == [
        Status.OK, Status.NOT_A_NUMBER, Status.OUT_OF_RANGE, Status.NAV_NOT_POSITIVE,
        Status.OUT_OF_RANGE, Status.OUT_OF_RANGE,
    ]  # fmt: skip
    assert np.isnan(found.calls[1:]).all()
    assert round(float(found.calls[0].sum()), 2) == 99.95


@pytest.mark.parametrize(
    "rates",
    [
        PacingRates(-1, 12, 2.5, 0, (0.25,)),
        PacingRates(float("nan"), 12, 2.5, 0, (0.25,)),
        PacingRates(0.1, 0, 2.5, 0, (0.25,)),
        PacingRates(0.1, 12, 0, 0, (0.25,)),
        PacingRates(0.1, 12, 2.5, 1.5, (0.25,)),
        PacingRates(0.1, 12, 2.5, 0, ()),
        PacingRates(0.1, 12, 2.5, 0, (0.25, -0.1)),
    ],
)
def test_unsound_parameters_are_out_of_range(rates: PacingRates) -> None:
    found = project(100, 0, 0, [VENTURE, rates], [0, 1])
    assert found.status.tolist() == [Status.OK, Status.OUT_OF_RANGE]
    assert np.isnan(found.nav[1]).all()


def test_a_wrong_call_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or 4 periods"):
        project(100, 0, 0, VENTURE, periods_per_year=12)
    with pytest.raises(ValueError, match="names a set"):
        project(100, 0, 0, [VENTURE], [1])


def test_no_funds_give_no_projections() -> None:
    assert project([], [], [], VENTURE).calls.shape[0] == 0


def test_entered_parameters_become_decimals() -> None:
    def entered(value: int) -> Sourced:
        return Sourced(value, SourceMark.REPORTED, "paper", date(2001, 1, 31))

    pacing = Pacing(entered(130_000), 12, entered(2_500_000), entered(0), (250_000, 333_333, 500_000))
    assert rates_of(pacing) == PacingRates(0.13, 12, 2.5, 0.0, (0.25, 0.333333, 0.5))


def test_periods_end_on_the_days_people_expect() -> None:
    ends = period_ends(date(2025, 12, 31), 4, 4)
    assert [day.isoformat() for day in ends] == ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]
    assert period_ends(date(2024, 2, 29), 2, 1) == (date(2025, 2, 28), date(2026, 2, 28))
    assert period_ends(date(2025, 11, 30), 1, 4) == (date(2026, 2, 28),)
    assert period_ends(date(2026, 5, 15), 1, 4) == (date(2026, 8, 15),)


def test_years_are_days_over_365() -> None:
    assert years_after(date(2026, 1, 1), (date(2027, 1, 1), date(2025, 12, 31))).tolist() == [1.0, -1 / 365]
