"""Calculators of what is still to come: projections, prices at a target return, yields of a price."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from exchange.core.money import PPM
from exchange.valuation.calculators.figures import Amount, Flow
from exchange.valuation.calculators.price import Instalment, Pacing, PriceQuestion, price
from exchange.valuation.calculators.projection import (
    PATHS_MAX,
    PacingSet,
    Simulation,
    Start,
    courses,
    simulated,
)
from exchange.valuation.projection.stochastic import FlowDynamics
from exchange.valuation.projection.takahashi_alexander import PacingRates
from exchange.valuation.status import Status

VENTURE = PacingSet("venture", "paper", PacingRates(0.13, 12, 2.5, 0.0, (0.25, 1 / 3, 0.5)))
NEW = Start(0, 1_000_000_000, date(2025, 12, 31), 0.0, periods_per_year=1)
DYNAMICS = FlowDynamics(0.4, 0.4, 1.5, 0.3, 0.03, 0.2, 0.13, 12.0)
CLOSING = date(2026, 9, 30)


def a_flow(on: date, called: int = 0, distributed: int = 0, currency: str = "CNY") -> Flow:
    return Flow(on, called * 10_000, distributed * 10_000, currency)


# The vector of the screens: 83.00 paid, then -5, +18, +34, +41, +29.
BID = PriceQuestion(
    "CNY",
    CLOSING,
    1_000_000,
    975_000,
    50_000,
    (
        a_flow(date(2026, 12, 31), 5),
        a_flow(date(2027, 6, 30), 0, 18),
        a_flow(date(2028, 6, 30), 0, 34),
        a_flow(date(2029, 6, 30), 0, 41),
        a_flow(date(2030, 6, 30), 0, 29),
    ),
    given_minor=830_000,
)
LATER = (Instalment(600_000, 0), Instalment(400_000, 365))


def codes(notes: object) -> list[str]:
    assert isinstance(notes, tuple)
    return [note.code for note in notes]


def test_the_published_course_of_a_venture_fund() -> None:
    (course,) = courses(NEW, (VENTURE,))
    nav = [period.nav_minor for period in course.periods]
    assert (len(nav), nav.index(max(nav)) + 1, round(max(nav) / 1e7, 2)) == (12, 5, 106.80)
    assert (course.called.minor, course.distributed.minor) == pytest.approx((999_511_719, 1_880_425_000), abs=3_000)
    assert [period.on.isoformat() for period in course.periods[:2]] == ["2026-12-31", "2027-12-31"]


def test_the_lines_of_a_course_add_up_to_its_totals() -> None:
    (course,) = courses(replace(NEW, nav_minor=777_777, age_years=3.25, periods_per_year=4), (VENTURE,))
    assert course.called.minor == sum(period.called_minor for period in course.periods)
    assert course.distributed.minor == sum(period.distributed_minor for period in course.periods)


def test_each_set_has_its_own_course_and_status() -> None:
    unsound = PacingSet("unsound", "own", replace(VENTURE.rates, bow=0.0))
    found = courses(NEW, (VENTURE, unsound))
    assert [(course.name, course.status) for course in found] == [
        ("venture", Status.OK),
        ("unsound", Status.OUT_OF_RANGE),
    ]
    assert (found[1].periods, found[1].called) == ((), Amount(Status.OUT_OF_RANGE, None))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"nav_minor": -1}, Status.NAV_NOT_POSITIVE),
        ({"age_years": 61.0}, Status.OUT_OF_RANGE),
        ({"draw_ratio": 1.1}, Status.OUT_OF_RANGE),
        ({"remaining_years": 61.0}, Status.OUT_OF_RANGE),
        ({"nav_minor": 10**16}, Status.TOO_LARGE),
    ],
)
def test_a_projection_that_cannot_be_says_why(change: dict[str, object], status: Status) -> None:
    (course,) = courses(replace(NEW, **change), (VENTURE,))  # type: ignore[arg-type]
    assert (course.status, course.periods) == (status, ())


def test_a_fund_near_its_end_and_a_large_unfunded_are_told() -> None:
    (course,) = courses(replace(NEW, nav_minor=5, age_years=14.0), (VENTURE,))
    assert codes(course.notes) == ["FUND_NEAR_END_OF_LIFE", "UNFUNDED_EXCEEDS_NAV"]


def test_a_seed_gives_the_same_quantiles_and_levels_rise() -> None:
    simulation = Simulation(DYNAMICS, 200, (0.1, 0.5, 0.9))
    one, other = (simulated(NEW, simulation, np.random.default_rng(7)) for _ in range(2))
    assert one == other
    assert (one.status, len(one.periods)) == (Status.OK, 12)
    assert all(tuple(sorted(period.called_minor)) == period.called_minor for period in one.periods)
    assert simulated(NEW, simulation, np.random.default_rng(8)) != one


def test_more_work_than_the_bounds_allow_is_not_begun() -> None:
    long = replace(DYNAMICS, life_years=60.0)
    for simulation in (Simulation(DYNAMICS, PATHS_MAX + 1, (0.5,)), Simulation(long, PATHS_MAX, (0.5,))):
        found = simulated(replace(NEW, periods_per_year=4), simulation, np.random.default_rng(1))
        assert (found.status, found.periods) == (Status.TOO_LARGE, ())
    unsound = Simulation(replace(DYNAMICS, intensity_reversion=0.0), 10, (0.5,))
    assert simulated(NEW, unsound, np.random.default_rng(1)).status is Status.OUT_OF_RANGE


def test_the_yield_of_a_bid_paid_at_once_and_in_parts() -> None:
    at_once, later = price(BID).implied, price(replace(BID, instalments=LATER)).implied
    assert at_once is not None
    assert later is not None
    assert (round(at_once.rate.value or 0, 4), round(at_once.multiple.value or 0, 4)) == (0.1505, 1.3864)
    assert round(later.rate.value or 0, 4) == 0.1816


def test_a_price_at_the_rate_it_yields_is_the_price() -> None:
    implied = price(BID).implied
    assert implied is not None
    found = price(replace(BID, target_return=implied.rate.value))
    assert found.price == Amount(Status.OK, 830_000)
    assert found.of_nav.value == pytest.approx(0.83, abs=1e-12)
    assert found.of_rolled_nav.value == pytest.approx(83 / 97.5, abs=1e-12)
    assert found.of_exposure.value == pytest.approx(88 / 102.5, abs=1e-12)
    assert (found.headline, found.headline_of_nav) == (found.price, found.of_nav)


def test_a_headline_in_parts_is_worth_the_price() -> None:
    found = price(replace(BID, target_return=0.06, instalments=LATER))
    assert found.price.minor is not None
    assert found.headline.minor == round(found.price.minor / (0.6 + 0.4 / 1.06))


def test_a_price_given_as_a_part_of_the_nav_is_that_price() -> None:
    by_part = price(replace(BID, given_minor=None, given_ppm=830_000)).implied
    assert by_part == price(BID).implied
    without = price(replace(BID, given_minor=None, given_ppm=830_000, nav_minor=0)).implied
    assert without is not None
    assert (without.price.status, without.rate.status) == (Status.NAV_NOT_POSITIVE, Status.NAV_NOT_POSITIVE)


def test_a_projected_share_at_its_growth_is_worth_its_nav() -> None:
    pacing = Pacing(VENTURE, 5.0, periods_per_year=1)
    question = PriceQuestion(
        "CNY", date(2025, 12, 31), 10_680_000, 10_680_000, 625_000, pacing=pacing, target_return=0.13
    )
    assert price(question).of_nav.value == pytest.approx(1.0, abs=0.001)  # leap years shift act/365 a little
    assert price(replace(question, target_return=0.18)).of_nav.value == pytest.approx(0.872, abs=0.001)


def test_a_smaller_draw_of_the_unfunded_is_worth_more() -> None:
    whole, half = (price(replace(BID, target_return=0.18, draw_ratio=ratio)) for ratio in (1.0, 0.5))
    assert half.pv_calls.minor == pytest.approx((whole.pv_calls.minor or 0) / 2, abs=1)
    assert (half.price.minor or 0) > (whole.price.minor or 0)


def test_a_negative_price_is_shown_and_told() -> None:
    flows = (a_flow(date(2026, 12, 31), 90), a_flow(date(2030, 6, 30), 0, 70))
    found = price(
        replace(
            BID, nav_minor=200_000, rolled_nav_minor=200_000, unfunded_minor=900_000, flows=flows, target_return=0.15
        )
    )
    assert found.price.minor is not None
    assert found.price.minor < 0
    assert codes(found.notes) == ["UNFUNDED_EXCEEDS_NAV", "PRICE_NEGATIVE"]
    assert found.of_exposure.value is not None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"target_return": None}, Status.PARAMETERS_MISSING),
        ({"target_return": -1.0}, Status.OUT_OF_RANGE),
        ({"target_return": 10.5}, Status.TOO_LARGE),
        ({"flows": ()}, Status.UNDEFINED),
        ({"flows": (a_flow(date(2026, 9, 29), 1),)}, Status.DATES_OUT_OF_ORDER),
        ({"flows": (a_flow(date(2027, 1, 1), -1),)}, Status.OUT_OF_RANGE),
        ({"flows": (a_flow(date(2027, 1, 1), 1, currency="USD"),)}, Status.CURRENCIES_MIXED),
        ({"draw_ratio": 1.01}, Status.OUT_OF_RANGE),
        ({"pacing": Pacing(VENTURE, 61.0)}, Status.OUT_OF_RANGE),
    ],
)
def test_a_price_that_cannot_be_says_why(change: dict[str, object], status: Status) -> None:
    found = price(replace(BID, **({"target_return": 0.15} | change)))  # type: ignore[arg-type]
    assert (found.price, found.of_nav.status, found.of_exposure.value) == (Amount(status, None), status, None)


def test_instalments_that_are_not_the_whole_price_have_no_headline() -> None:
    found = price(replace(BID, target_return=0.15, instalments=(Instalment(PPM // 2, 0),)))
    assert (found.price.status, found.headline) == (Status.OK, Amount(Status.OUT_OF_RANGE, None))
    assert found.implied is not None
    assert found.implied.rate.status is Status.OUT_OF_RANGE


def test_a_part_of_an_nav_that_is_not_positive_has_no_meaning() -> None:
    found = price(replace(BID, target_return=0.15, nav_minor=0, rolled_nav_minor=-5))
    assert (found.of_nav.status, found.of_rolled_nav.status) == (Status.NAV_NOT_POSITIVE, Status.NAV_NOT_POSITIVE)
    assert found.price.status is Status.OK
    assert found.of_exposure.value is not None


def test_a_price_without_a_rate_says_so() -> None:
    lost = replace(BID, flows=(a_flow(date(2027, 1, 1), 1),), given_minor=100)
    implied = price(lost).implied
    assert implied is not None
    assert (implied.rate.status, implied.rate.value, implied.roots) == (Status.NO_ROOT, None, 0)
