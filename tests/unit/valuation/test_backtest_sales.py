"""Rows of sales: what is read, what is refused, and how a score counts."""

from datetime import date

from exchange.valuation.backtest.history import by_fund, facts_known_at
from exchange.valuation.backtest.sales import RowProblem, Sale, sale_of, sales_of
from exchange.valuation.backtest.score import Guess, Replay, score, scores, with_baselines

ROW = {
    "fund_id": "apax",
    "fund_name": "Apax IX",
    "reference_report": "2025-03-31",
    "reference_nav_usd_m": "174.3",
    "net_cash_after_reference_usd_m": "138.8",
    "implied_price_pct_reference_nav": "0.796",
    "quality": "A",
    "note": "",
}
REPORT = {"fund_id": "apax", "vintage": "2016", "commitment_usd_m": "250.0", "strategy_name_hint": ""}


def a_report(as_of: str, paid_in: str, distributed: str, nav: str) -> dict[str, str]:
    return {**REPORT, "as_of": as_of, "paid_in_usd_m": paid_in, "distributed_usd_m": distributed, "nav_usd_m": nav}


def a_sale(paid_ppm: int, grade: str = "A") -> Sale:
    return Sale("f", "Fund", date(2025, 3, 31), 100_00, paid_ppm, grade, "")


def test_a_row_becomes_a_sale_in_minor_units_and_ppm() -> None:
    assert sale_of(ROW, 2) == Sale("apax", "Apax IX", date(2025, 3, 31), 174_300_000_00, 796_000, "A", "")


def test_without_a_share_the_price_is_the_cash_over_the_nav() -> None:
    found = sale_of({**ROW, "implied_price_pct_reference_nav": ""}, 2)
    assert isinstance(found, Sale)
    assert found.paid_ppm == 796_328


def test_every_bad_row_is_named_with_its_column_and_code() -> None:
    rows = [
        {**ROW, "fund_id": " "},
        {**ROW, "reference_report": "31.03.2025"},
        {**ROW, "reference_nav_usd_m": "1e3"},
        {**ROW, "reference_nav_usd_m": "0"},
        {**ROW, "implied_price_pct_reference_nav": "NaN"},
        {**ROW, "implied_price_pct_reference_nav": "", "net_cash_after_reference_usd_m": ""},
        ROW,
    ]
    sales, problems = sales_of(rows)
    assert len(sales) == 1
    assert problems == [
        RowProblem(2, "fund_id", "COLUMN_MISSING"),
        RowProblem(3, "reference_report", "NOT_A_DATE"),
        RowProblem(4, "reference_nav_usd_m", "NOT_A_DECIMAL"),
        RowProblem(5, "reference_nav_usd_m", "NAV_NOT_POSITIVE"),
        RowProblem(6, "implied_price_pct_reference_nav", "NOT_A_DECIMAL"),
        RowProblem(7, "implied_price_pct_reference_nav", "COLUMN_MISSING"),
    ]


def test_nothing_after_the_reference_report_is_known() -> None:
    reports = by_fund(
        [
            a_report("2025-06-30", "260.0", "300.0", "90.0"),
            a_report("2025-03-31", "250.0", "100.0", "174.3"),
            a_report("2024-12-31", "240.0", "80.0", "166.4"),
        ]
    )["apax"]
    facts = facts_known_at(reports, date(2025, 3, 31), "panel")
    assert facts is not None
    assert [statement.as_of for statement in facts.statements] == [date(2024, 12, 31), date(2025, 3, 31)]
    assert [(flow.on, flow.called_minor, flow.paid_out_minor) for flow in facts.flows] == [
        (date(2025, 3, 31), 10_000_000_00, 0),
        (date(2025, 3, 31), 0, 20_000_000_00),
    ]
    assert facts_known_at(reports, date(2025, 3, 30), "panel") is None


def test_errors_are_counted_in_points_of_nav_and_coverage_over_ranges_only() -> None:
    replays = [
        Replay(a_sale(800_000), {"m": Guess(880_000, 850_000, 900_000)}, {}),
        Replay(a_sale(860_000), {"m": Guess(840_000, 800_000, 900_000)}, {}),
        Replay(a_sale(900_000), {}, {"m": "NAV_STALE"}),
    ]
    found = score("m", replays)
    assert (found.spoke, found.silent) == (2, 1)
    assert found.mean_absolute_error_ppm == 50_000
    assert found.bias_ppm == 30_000
    assert found.worst_ppm == 80_000
    assert (found.covered, found.ranges) == (1, 2)
    assert found.mean_width_ppm == 75_000


def test_a_baseline_that_is_nearer_stands_first() -> None:
    guesses = with_baselines({"m": Guess(700_000, 600_000, 800_000)})
    assert [each.name for each in scores([Replay(a_sale(850_000), guesses, {})])] == ["constant_85", "m", "nav_itself"]
