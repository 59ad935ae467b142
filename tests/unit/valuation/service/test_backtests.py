"""The backtest command: the shipped sales, anybody's files, and files that cannot be read."""

import csv
import json
from pathlib import Path

import pytest

from exchange.valuation.command.backtest import main, markdown
from exchange.valuation.service.backtests import SALES, shipped_backtest


def test_the_shipped_sales_are_all_replayed_and_the_unreliable_one_is_scored_apart() -> None:
    result = shipped_backtest()
    assert len(result.replays) == 10
    assert result.reliable_count == 9
    assert not result.not_replayed
    assert not result.nav_differs
    assert {score.name for score in result.reliable} >= {"constant_85", "nav_itself", "market_price"}


def test_baselines_have_the_errors_that_a_reader_can_check_by_hand() -> None:
    by_name = {score.name: score for score in shipped_backtest().reliable}
    assert by_name["constant_85"].mean_absolute_error_ppm == 73_444  # 66.1 points over nine sales
    assert by_name["nav_itself"].mean_absolute_error_ppm == 161_444
    assert by_name["reported_nav"].mean_absolute_error_ppm == by_name["nav_itself"].mean_absolute_error_ppm


def test_json_holds_every_guess_of_every_sale(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["sales"]) == 10
    assert all("market_price" in sale["guesses"] for sale in told["sales"])
    assert "baseline" in told["headline"] or "model" in told["headline"]


def test_other_peoples_files_are_replayed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SALES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:1]
    columns = ["reference_nav_usd_m", "reference_report", "fund_id", "net_cash_after_reference_usd_m"]
    unknown = {**rows[0], "fund_id": "nobody"}
    sales = tmp_path / "sales.csv"
    with sales.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows([*rows, unknown, {**rows[0], "reference_nav_usd_m": "x"}])
    panel = tmp_path / "panel.csv"
    panel.write_text(
        "fund_id,as_of,vintage,commitment_usd_m,paid_in_usd_m,distributed_usd_m,nav_usd_m\n"
        f"{rows[0]['fund_id']},2024-12-31,2016,250.0,264.6,334.7,166.4\n"
        f"{rows[0]['fund_id']},2025-03-31,2016,250.0,264.6,334.7,174.3\n",
        encoding="utf-8",
    )
    assert main(["--sales", str(sales), "--panel", str(panel), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [sale["paid_ppm"] for sale in told["sales"]] == [796_328]
    assert told["remarks"] == ["not replayed: nobody (FUND_NOT_IN_PANEL)", "row 4: reference_nav_usd_m NOT_A_DECIMAL"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_a_panel_without_its_columns_is_refused_with_the_name_of_one(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = tmp_path / "panel.csv"
    panel.write_text(text, encoding="utf-8")
    assert main(["--panel", str(panel)]) == 1
    told = capsys.readouterr()
    assert "no column" in told.err or "0 sales" in told.out or "not replayed" in told.out


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sales", "nowhere.csv"]) == 1
    assert "nowhere.csv" in capsys.readouterr().err


def test_the_documented_report_is_current() -> None:
    document = Path(__file__).parents[4] / "docs" / "backtest.md"
    assert document.read_text(encoding="utf-8") == markdown(shipped_backtest()), (
        "Run python3 -m exchange backtest --format markdown > docs/backtest.md"
    )
