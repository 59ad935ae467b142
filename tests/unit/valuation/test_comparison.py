"""One fund beside an index, from dates: the published example by the calendar, and what silences a measure."""

from dataclasses import replace
from datetime import date

import pytest

from exchange.valuation.performance.comparison import DatedFlows, DatedLevels, compare
from exchange.valuation.status import Status

YEAR_ENDS = [date(year, 12, 31) for year in range(2001, 2011)]
# Gredil, Griffiths and Stucke (2014), Exhibits 5 and 6.
FUND = DatedFlows(
    dates=YEAR_ENDS,
    calls=[100, 0, 100, 0, 50, 0, 0, 0, 0, 0],
    distributions=[0, 0, 25, 0, 150, 0, 150, 0, 100, 0],
    as_of=YEAR_ENDS[-1],
    nav=75,
    navs={},
)
INDEX = DatedLevels(YEAR_ENDS, [100, 78, 100, 111, 117, 135, 142, 90, 113, 131], age_days_max=7)


def test_the_published_example_by_the_calendar() -> None:
    found = compare(FUND, INDEX)
    assert found.tvpi.value == 2.0
    assert found.dpi.value == pytest.approx(1.7)
    # Refined with 60 digits from the displayed index and actual days / 365.
    assert found.irr.rate == pytest.approx(0.1752012983239102763, abs=1e-13)
    assert found.direct_alpha.rate == pytest.approx(0.1256031689842718129, abs=1e-13)
    assert found.long_nickels.status is Status.MULTIPLE_ROOTS
    assert found.long_nickels.roots == pytest.approx((-0.2725508866987863648, 0.0596701431386367255), abs=1e-13)
    assert found.long_nickels_nav.value == pytest.approx(-514497653 / 3754764, abs=1e-11)
    assert found.first_short_on == date(2007, 12, 31)
    assert found.modified_pme.status is Status.NAV_MISSING


def test_the_modified_pme_takes_navs_of_their_dates() -> None:
    dates = [date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1)]
    fund = DatedFlows(dates, [100, 0, 0], [0, 150, 0], dates[-1], 10, {date(2022, 1, 1): 10})
    found = compare(fund, DatedLevels(dates, [100, 110, 121], age_days_max=0))
    assert found.modified_pme.rate == pytest.approx(0.10, abs=1e-13)
    assert found.first_short_on == date(2022, 1, 1)


def test_an_index_that_does_not_cover_a_date_silences_the_comparisons_only() -> None:
    found = compare(FUND, replace(INDEX, dates=YEAR_ENDS[1:], levels=INDEX.levels[1:]))
    assert found.irr.rate == pytest.approx(0.1752012983239102763, abs=1e-13)
    assert found.tvpi.value == 2.0
    for measure in (found.kaplan_schoar, found.long_nickels_nav, found.pme_plus_scale, found.direct_alpha_continuous):
        assert (measure.status, measure.value) == (Status.PARAMETERS_MISSING, None)
    for irr in (found.long_nickels, found.pme_plus, found.modified_pme, found.direct_alpha):
        assert (irr.status, irr.rate, irr.roots) == (Status.PARAMETERS_MISSING, None, ())
    assert found.first_short_on is None


def test_a_fund_without_flows_has_reasons_only() -> None:
    found = compare(replace(FUND, dates=[], calls=[], distributions=[]), INDEX)
    assert found.tvpi.status is Status.UNDEFINED
    assert found.irr.status is Status.NO_ROOT
    assert found.kaplan_schoar.status is Status.UNDEFINED
