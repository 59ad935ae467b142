import csv
from datetime import date
from itertools import accumulate
from pathlib import Path

import exchange
from exchange.core.money import scale_decimal
from exchange.core.terms import SourceMark
from exchange.funds import panel, synthetic, synthetic_schedule
from exchange.funds.kinds import HoldingMethod
from exchange.funds.schedule import Schedule, check_schedule

AS_OF = date(2026, 6, 30)
NAV = 500_000_000_00
PANEL = Path(exchange.__file__).parent / "data" / "operf_pe_panel.csv"


def the_panel() -> list[dict[str, str]]:
    with PANEL.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def a_report(as_of: str, paid_in: str, distributed: str, commitment: str = "100.0") -> dict[str, str]:
    return {
        "as_of": as_of, "fund_id": "f", "vintage": "2018", "commitment_usd_m": commitment, "paid_in_usd_m": paid_in,
        "distributed_usd_m": distributed, "nav_usd_m": "50.0", "tvpi_reported": "1.2", "irr_reported": "",
    }  # fmt: skip


def flows(*reports: dict[str, str]) -> list[tuple[str, str, str]]:
    rows = panel.cash_flow_rows("F", list(reports), "source")
    return [(row["kind"], row["amount"], row["effect_on_unfunded"]) for row in rows]


def test_48_funds_are_chosen_by_the_recipe_whatever_the_order_of_the_file() -> None:
    rows = the_panel()
    chosen = panel.choose(rows)
    vintages = [int(history[-1]["vintage"]) for history in chosen]
    counts = [sum(first <= vintage <= last for vintage in vintages) for first, last, _ in panel.BANDS]
    assert counts == [8, 12, 14, 14]
    assert [h[-1]["fund_id"] for h in panel.choose(rows[::-1])] == [h[-1]["fund_id"] for h in chosen]
    assert len({history[-1]["fund_id"] for history in chosen}) == 48
    assert all(len(history) >= 12 and history[-1]["as_of"] == "2026-03-31" for history in chosen)


def test_changes_of_cumulative_figures_become_flows() -> None:
    assert flows(a_report("2025-12-31", "74.2", "10.0"), a_report("2026-03-31", "80.0", "12.5")) == [
        ("contribution", "5800000.00", "-5800000.00"),
        ("distribution", "2500000.00", "0.00"),
    ]


def test_a_fall_of_a_cumulative_figure_is_kept_as_a_restatement() -> None:
    assert flows(a_report("2025-12-31", "74.2", "10.0"), a_report("2026-03-31", "74.0", "9.3")) == [
        ("restatement", "-200000.00", "200000.00"),
        ("restatement", "700000.00", "0.00"),
    ]


def test_a_call_beyond_the_commitment_takes_no_more_than_was_unfunded() -> None:
    assert flows(a_report("2025-12-31", "98.0", "0.0"), a_report("2026-03-31", "105.0", "0.0")) == [
        ("contribution", "7000000.00", "-2000000.00")
    ]
    assert flows(a_report("2025-12-31", "98.0", "0.0"), a_report("2026-03-31", "98.0", "0.0")) == []


def test_millions_become_exact_units() -> None:
    assert panel.money("74.2") == "74200000.00"
    assert panel.nav_rows("F", [a_report("2026-03-31", "74.2", "10.0")], "s")[0]["paid_in"] == "74200000.00"


def test_a_synthetic_fund_satisfies_the_identities_every_quarter() -> None:
    size = 500_000_000_00
    history = list(synthetic.quarters("SIM-VC-001", 2017, size, date(2026, 7, 15)))
    assert history[0].as_of == date(2017, 3, 31)
    assert history[-1].as_of == date(2026, 6, 30)
    assert [quarter.paid_in_minor for quarter in history] == list(
        accumulate(quarter.called_minor for quarter in history)
    )
    paid_out = accumulate(quarter.paid_out_minor for quarter in history)
    assert [quarter.distributed_minor for quarter in history] == list(paid_out)
    assert all(quarter.nav_minor > 0 for quarter in history)
    assert 0 < history[-1].paid_in_minor <= size
    assert any(quarter.paid_out_minor for quarter in history)
    assert list(synthetic.quarters("SIM-VC-001", 2017, size, date(2026, 7, 15))) == history


def test_rows_of_a_synthetic_fund_add_up_to_its_statement() -> None:
    size = 500_000_000_00
    history = list(synthetic.quarters("SIM-VC-001", 2017, size, date(2026, 7, 15)))
    rows = synthetic.cash_flow_rows("SIM-VC-001", history)
    called = sum(scale_decimal(row["amount"], 2) for row in rows if row["kind"] == "contribution")
    assert called == history[-1].paid_in_minor
    assert synthetic.nav_rows("SIM-VC-001", size, history)[-1]["source_mark"] == "simulated"


def net_assets(schedule: Schedule) -> int:
    owned = sum(item.fair_value_minor * item.owned_ppm // 1_000_000 for item in schedule.investments)
    return owned + schedule.cash_minor - schedule.fees_payable_minor


def test_the_companies_of_a_synthetic_fund_add_up_to_about_its_nav_by_all_seven_methods() -> None:
    counts = set()
    for number in range(40):
        schedule = synthetic_schedule.schedule(f"SIM-{number}", "fund", AS_OF, NAV)
        assert check_schedule(schedule, AS_OF) == ()
        assert abs(net_assets(schedule) - NAV) <= NAV * 3 // 100 + len(schedule.investments)
        assert {item.method for item in schedule.investments} == set(HoldingMethod)
        marks = {(item.source_mark, item.source) for item in schedule.investments}
        assert marks == {(schedule.source_mark, schedule.source)} == {(SourceMark.SIMULATED, synthetic.SOURCE)}
        locked = {item.method for item in schedule.investments if item.lock_up_days}
        assert locked == {HoldingMethod.LISTED_MARKET_VALUE}
        counts.add(len(schedule.investments))
    assert counts == {8, 9, 10, 11, 12}


def test_the_companies_of_a_synthetic_fund_are_those_of_its_code() -> None:
    one = synthetic_schedule.schedule("SIM-VC-001", "fund", AS_OF, NAV)
    assert one == synthetic_schedule.schedule("SIM-VC-001", "fund", AS_OF, NAV)
    assert one.investments != synthetic_schedule.schedule("SIM-VC-002", "fund", AS_OF, NAV).investments


def test_a_fund_of_the_future_has_no_quarters_and_an_old_one_ends() -> None:
    assert list(synthetic.quarters("X", 2030, 100, date(2026, 7, 15))) == []
    assert len(list(synthetic.quarters("X", 1900, 100_00, date(2026, 7, 15)))) == 200
