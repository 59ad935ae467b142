"""Years of the calendar at the interface: asked by one operator, approved by another, read by everybody."""

from pathlib import Path

import pytest

from exchange.rulebook.command import main
from tests.people import World

YEAR = {"holidays": ["2031-01-01", "2031-01-02"], "worked_weekend_days": ["2031-01-04"], "source": "test notice"}


def test_a_year_is_loaded_by_two_operators(world: World) -> None:
    assert world.checker.get("/calendars/2031").json()["code"] == "CALENDAR_YEAR_UNKNOWN"
    wrong = world.maker.put("/calendars/2031", {**YEAR, "holidays": ["2031-01-04", "2030-01-01"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "CALENDAR_YEAR_INVALID")
    assert [field["code"] for field in wrong.json()["fields"]] == ["DAY_IN_WRONG_LIST", "DAY_OF_ANOTHER_YEAR"]
    asked = world.maker.put("/calendars/2031", YEAR)
    assert asked.status_code == 202, asked.text
    assert world.maker.get("/calendars/2031").status_code == 404
    approved = world.checker.post(f"/approvals/{asked.json()['id']}:approve", {"reason": "as published"})
    assert approved.status_code == 200, approved.text
    assert world.maker.get("/calendars/2031").json() == {"year": 2031, "version": 1, **YEAR}


def test_a_shipped_year_is_version_zero(world: World) -> None:
    shipped = world.maker.get("/calendars/2026").json()
    assert (shipped["version"], len(shipped["worked_weekend_days"])) == (0, 6)


def test_the_command_asks_with_an_operators_key_all_years_or_none(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "years.toml"
    year = '[[years]]\nyear = {}\nsource = "n"\nholidays = [{}]\nworked_weekend_days = []\n'
    file.write_text(year.format(2032, "2032-01-01") + year.format(2033, "2033-01-01"), encoding="utf-8")
    monkeypatch.setenv("EXCHANGE_API_KEY", "")
    waiting = len(world.maker.get("/approvals", status="pending").json()["items"])
    assert main(["load", str(file)]) == 1
    made = world.maker.post("/api-keys", {"name": "calendar", "scopes": ["calendars:write"]})
    monkeypatch.setenv("EXCHANGE_API_KEY", made.json()["key"])
    assert main(["load", str(file)]) == 1  # 1 January 2033 is a Saturday
    assert len(world.maker.get("/approvals", status="pending").json()["items"]) == waiting
    file.write_text(year.format(2032, "2032-01-01"), encoding="utf-8")
    assert main(["load", str(file)]) == 0
    newest = world.checker.get("/approvals", status="pending").json()["items"][0]
    assert (newest["kind"], newest["payload"]["year"]) == ("calendar_year", 2032)
