"""The rolled NAV against the worked numbers of the rule book and of the CFA curriculum, and its statuses."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from exchange.valuation.nav.checks import currency_status, unfunded_exceeds_nav
from exchange.valuation.nav.roll_forward import (
    CarryAtNav,
    FeeBasis,
    FeeTerms,
    Flows,
    RollInputs,
    curriculum_nav,
    roll_cash_minor,
    roll_forward,
)
from exchange.valuation.nav.waterfall import WaterfallPosition, carry_terms
from exchange.valuation.status import Status

NAV_DAY = date(2025, 12, 31).toordinal()
CALL_DAY = date(2026, 3, 15).toordinal()
DISTRIBUTION_DAY = date(2026, 4, 20).toordinal()
VALUED_DAY = date(2026, 5, 31).toordinal()


def days(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def an_example(nav: float = 8_800_000_000.0) -> RollInputs:
    """Example A of the rule book, in fen."""
    flows = Flows(
        np.array([[CALL_DAY, DISTRIBUTION_DAY]]),
        np.array([[500_000_000.0, 0.0]]),
        np.array([[0.0, 320_000_000.0]]),
    )
    return RollInputs(np.array([nav]), days(NAV_DAY), days(VALUED_DAY), flows)


def test_the_rule_books_example_rolls_to_89_800_000() -> None:
    rolled = roll_forward(an_example())
    assert rolled.nav.tolist() == [8_980_000_000.0]
    assert rolled.called.tolist() == [500_000_000.0]
    assert rolled.distributed.tolist() == [320_000_000.0]
    assert rolled.stale_days.tolist() == [VALUED_DAY - NAV_DAY]
    # the price of 82.5 % of the reference NAV, adjusted for the flows, as a percentage of the rolled NAV
    assert round((72_600_000 + 5_000_000 - 3_200_000) / (rolled.nav[0] / 100) * 100, 2) == 82.85


def test_the_integer_roll_is_exact_beyond_floats() -> None:
    nav = days(10**16 + 1)
    rolled = roll_cash_minor(
        nav, days(NAV_DAY), days(VALUED_DAY), days(CALL_DAY)[:, None], days(1)[:, None], days(3)[:, None]
    )
    assert rolled.nav_minor.tolist() == [10**16 - 1]
    assert rolled.status.tolist() == [Status.OK]


def test_a_distribution_on_the_nav_date_is_already_inside_an_end_of_day_nav() -> None:
    flows = Flows(days(NAV_DAY)[:, None], np.array([[0.0]]), np.array([[100.0]]))
    inputs = RollInputs(np.array([1000.0]), days(NAV_DAY), days(VALUED_DAY), flows)
    assert roll_forward(inputs).nav.tolist() == [1000.0]
    assert roll_forward(replace(inputs, end_of_day=np.array([False]))).nav.tolist() == [900.0]


def test_a_flow_on_the_valuation_day_counts_and_one_after_it_does_not() -> None:
    flows = Flows(np.array([[VALUED_DAY, VALUED_DAY + 1]]), np.array([[7.0, 50.0]]), np.zeros((1, 2)))
    assert roll_forward(RollInputs(np.array([100.0]), days(NAV_DAY), days(VALUED_DAY), flows)).nav.tolist() == [107.0]


@pytest.mark.parametrize(
    ("basis", "fee"),
    [
        (FeeBasis.COMMITMENT, 0.02 * 1000),
        (FeeBasis.PAID_IN, 0.02 * (600 + 100 * 265 / 365)),
        (FeeBasis.NAV, 0.02 * (800 + 100 * 265 / 365 - 50 * 165 / 365)),
    ],
)
def test_the_fee_follows_its_basis_day_by_day(basis: FeeBasis, fee: float) -> None:
    flows = Flows(np.array([[100, 200]]), np.array([[100.0, 0.0]]), np.array([[0.0, 50.0]]))
    terms = FeeTerms(
        np.array([0.02]), np.array([basis], dtype=np.uint8), commitment=np.array([1000.0]), paid_in=np.array([600.0])
    )
    rolled = roll_forward(RollInputs(np.array([800.0]), days(0), days(365), flows, fee=terms))
    assert rolled.fee[0] == pytest.approx(fee, rel=1e-14)
    assert rolled.nav[0] == pytest.approx(850 - fee, rel=1e-14)


def test_translation_happens_once_at_the_end() -> None:
    rolled = roll_forward(replace(an_example(), exchange_rate=np.array([7.1])))
    assert rolled.nav[0] == 8_980_000_000.0 * 7.1
    assert rolled.nav_fund_currency[0] == 8_980_000_000.0


def test_carry_accrues_on_growth_only_after_capital_and_preferred_return() -> None:
    # 100 called a year before the NAV date, 8 due; NAV 108 is exactly capital and preferred return, no carry yet
    position = WaterfallPosition(np.array([100.0]), np.array([8.0]), np.zeros(1), np.zeros(1))
    carry = CarryAtNav(carry_terms(1, 0.2, 0.08), position, np.array([np.nan]))
    none = Flows(np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1)), np.zeros((1, 1)))
    same_day = RollInputs(np.array([108.0]), days(10), days(10), none, growth=np.array([22.0]), carry=carry)
    rolled = roll_forward(same_day)
    assert rolled.carry_change[0] == pytest.approx(6.0)  # 20 % of the profit of 30 after a full catch-up
    assert rolled.nav[0] == pytest.approx(124.0)
    assert roll_forward(replace(same_day, growth=np.array([-5.0]))).nav[0] == pytest.approx(103.0)


def test_accrued_carry_stated_by_the_manager_is_given_back_when_value_falls() -> None:
    position = WaterfallPosition(np.array([100.0]), np.array([8.0]), np.zeros(1), np.zeros(1))
    carry = CarryAtNav(carry_terms(1, 0.2, 0.08), position, np.array([6.0]))
    none = Flows(np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1)), np.zeros((1, 1)))
    fallen = RollInputs(np.array([124.0]), days(0), days(0), none, growth=np.array([-22.0]), carry=carry)
    rolled = roll_forward(fallen)
    assert rolled.carry_change[0] == pytest.approx(-6.0)
    assert rolled.nav[0] == pytest.approx(108.0)


def test_a_distribution_of_profit_takes_the_managers_part_along() -> None:
    # capital and preferred return are repaid, carry of 8 is paid on a profit of 40: from here on all splits 80 / 20
    position = WaterfallPosition(np.zeros(1), np.zeros(1), np.array([8.0]), np.array([24.0]))
    carry = CarryAtNav(carry_terms(1, 0.2, 0.08), position, np.array([20.0]))
    paid = Flows(days(5)[:, None], np.array([[0.0]]), np.array([[40.0]]))
    rolled = roll_forward(RollInputs(np.array([80.0]), days(0), days(9), paid, carry=carry))
    assert rolled.carry_change[0] == pytest.approx(0.0)
    assert rolled.nav[0] == pytest.approx(40.0)


def test_a_negative_rolled_nav_is_inconsistent_data_and_shows_its_parts() -> None:
    flows = Flows(days(CALL_DAY)[:, None], np.array([[0.0]]), np.array([[150.0]]))
    rolled = roll_forward(RollInputs(np.array([100.0]), days(NAV_DAY), days(VALUED_DAY), flows))
    assert rolled.status.tolist() == [Status.DATA_INCONSISTENT]
    assert np.isnan(rolled.nav[0])
    assert rolled.distributed.tolist() == [150.0]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"nav": np.array([np.nan])}, Status.NOT_A_NUMBER),
        ({"nav": np.array([np.inf])}, Status.NOT_A_NUMBER),
        ({"nav": np.array([1e300])}, Status.TOO_LARGE),
        ({"nav": np.array([-1.0])}, Status.NAV_NOT_POSITIVE),
        ({"valued_day": days(NAV_DAY - 1)}, Status.DATES_OUT_OF_ORDER),
        ({"exchange_rate": np.array([0.0])}, Status.OUT_OF_RANGE),
        ({"growth": np.array([np.nan])}, Status.NOT_A_NUMBER),
    ],
)
def test_bad_inputs_give_a_status_and_no_number(changes: dict[str, np.ndarray], status: Status) -> None:
    rolled = roll_forward(replace(an_example(), **changes))  # type: ignore[arg-type]
    assert rolled.status.tolist() == [status]
    assert np.isnan(rolled.nav[0])
    assert np.isnan(rolled.nav_fund_currency[0])


def test_one_bad_fund_leaves_the_others_alone() -> None:
    flows = Flows(np.zeros((3, 1), dtype=np.int64), np.array([[1.0], [np.nan], [2.0]]), np.zeros((3, 1)))
    inputs = RollInputs(np.array([10.0, 10.0, 10.0]), days(-1, -1, -1), days(5, 5, 5), flows)
    rolled = roll_forward(inputs)
    assert rolled.status.tolist() == [Status.OK, Status.NOT_A_NUMBER, Status.OK]
    assert rolled.nav[[0, 2]].tolist() == [11.0, 12.0]


@pytest.mark.parametrize(
    ("nav", "called", "status"),
    [
        (10**18, 0, Status.TOO_LARGE),
        (0, -(10**18), Status.TOO_LARGE),
        (-5, 10, Status.NAV_NOT_POSITIVE),
        (5, -10, Status.DATA_INCONSISTENT),
    ],
)
def test_the_integer_roll_refuses_what_it_cannot_pay_on(nav: int, called: int, status: Status) -> None:
    rolled = roll_cash_minor(
        days(nav), days(NAV_DAY), days(VALUED_DAY), days(CALL_DAY)[:, None], days(called)[:, None], days(0)[:, None]
    )
    assert rolled.status.tolist() == [status]
    assert rolled.nav_minor.tolist() == [0]


def test_the_curriculums_first_years_give_44_and_42_7() -> None:
    years = curriculum_nav([50, 15], [1.0, 1.3], [-5, -15], [0, 0], committed=150, carry_rate=0.2)
    assert [round(year.nav_before, 1) for year in years] == [44.0, 42.7]


def test_the_curriculums_table_with_carry_after_committed_capital() -> None:
    called, results, paid = [80, 25, 20, 40, 25, 10], [-8, -24, 41, 73, 89, 170], [0, 0, 0, 40, 75, 125]
    fees = [0.02 * float(total) for total in np.cumsum(called)]
    years = curriculum_nav(called, fees, results, paid, committed=200, carry_rate=0.2)  # type: ignore[arg-type]
    assert [round(year.nav_before, 1) for year in years] == [70.4, 69.3, 127.8, 237.5, 300.2, 388.7]
    assert [round(year.carry, 1) for year in years] == [0, 0, 0, 7.5, 12.5, 17.7]
    assert [round(year.nav_after, 1) for year in years] == [70.4, 69.3, 127.8, 190.0, 212.7, 246.0]


def test_currencies_are_checked_before_amounts_meet() -> None:
    assert currency_status(["CNY", "CNY"]) is Status.OK
    assert currency_status(["CNY", "USD"]) is Status.CURRENCIES_MIXED
    assert currency_status([]) is Status.NAV_MISSING


def test_unfunded_above_nav_is_seen() -> None:
    assert unfunded_exceeds_nav([20, 90], [90, 20]).tolist() == [True, False]
