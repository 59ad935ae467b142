"""Calculators over HTTP: the answers of the command, open to whoever is signed in, refusals with codes."""

import json
import math
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.access.roles import Role
from exchange.valuation.command.value import main
from exchange.valuation.schemas.calculators.catalogue import CALCULATORS
from exchange.valuation.schemas.calculators.examples import EXAMPLES
from tests.people import Person, World

Json = dict[str, Any]


def an_investor(world: World) -> Person:
    return world.a_person(world.an_organisation()["id"], [Role.INVESTOR])


def ask(person: Person, name: str, body: object) -> Any:
    """A question without an idempotency key: nothing is kept."""
    headers = {"X-CSRF-Token": person.csrf, "Content-Type": "application/json"}
    return person.client.post(f"/api/v1/calculators/{name}", content=json.dumps(body), headers=headers)


def changed(name: str, **fields: object) -> Json:
    return {key: value for key, value in (EXAMPLES[name] | fields).items() if value is not ...}


def stored(database_url: str) -> tuple[int, ...]:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM idempotency), (SELECT count(*) FROM valuation)"
        ).fetchone()
    assert row is not None
    return tuple(map(int, row))


def test_the_api_gives_the_answers_of_the_command_and_keeps_nothing(
    world: World, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    investor = an_investor(world)
    before = stored(database_url)
    for name in CALCULATORS:
        answer = ask(investor, name, EXAMPLES[name])
        assert answer.status_code == 200, answer.text
        file = tmp_path / "question.json"
        file.write_text(json.dumps(EXAMPLES[name]), encoding="utf-8")
        capsys.readouterr()  # the log of the request
        assert main([name, str(file)]) == 0
        assert answer.json() == json.loads(capsys.readouterr().out), name
        assert ask(world.visitor(), name, EXAMPLES[name]).status_code == 401
    assert stored(database_url) == before


FLOW = {"on": "2026-03-15", "called": "1.00"}
REFUSED: list[tuple[str, Json, str, str]] = [
    ("roll-forward", {"nav": 88000000.0}, "/nav", "AMOUNT_FORMAT"),
    ("roll-forward", {"nav": "NaN"}, "/nav", "AMOUNT_FORMAT"),
    ("roll-forward", {"nav": "1" * 16}, "/nav", "AMOUNT_FORMAT"),
    ("roll-forward", {"nav_on": "2025-13-01"}, "/nav_on", "DATE_FORMAT"),
    ("roll-forward", {"nav_on": "9999-12-31"}, "/nav_on", "DATE_OUT_OF_RANGE"),
    ("roll-forward", {"currency": "XXX"}, "/currency", "CURRENCY_UNKNOWN"),
    ("roll-forward", {"flows": [FLOW] * 401}, "/flows", "FIELD_LENGTH"),
    ("roll-forward", {"fee": {"rate": "2 %", "basis": "nav"}}, "/fee/rate", "RATIO_FORMAT"),
    ("returns", {"profit": "1"}, "/profit", "FIELD_UNKNOWN"),
    ("irr", {"amounts": ["1"]}, "", "FLOWS_OR_AMOUNTS"),
    ("irr", {"flows": ...}, "", "FLOWS_OR_AMOUNTS"),
    ("pme", {"index": [{"on": "2001-12-31", "level": "1e3"}]}, "/index/0/level", "FIELD_FORMAT"),
    ("pme", {"index": []}, "/index", "FIELD_LENGTH"),
    ("projection", {"sets": EXAMPLES["projection"]["sets"] * 2}, "", "PACING_SET_TWICE"),
    ("price", {"flows": ...}, "", "FLOWS_OR_PACING"),
    ("price", {"given_ratio": "0.9"}, "", "ONE_PRICE"),
    ("price", {"given_price": ..., "target_return": ...}, "", "NOTHING_ASKED"),
    ("discount", {"days": 365}, "", "YEARS_OR_DAYS"),
    ("discount", {"volatility": "-0.45"}, "/volatility", "RATIO_FORMAT"),
    ("closing", {"headline": 0.825}, "/headline", "RATIO_FORMAT"),
    ("closing", {"part": "0"}, "/part", "NUMBER_NOT_POSITIVE"),
]


def test_a_question_of_the_wrong_shape_is_refused_with_its_field(world: World) -> None:
    investor = an_investor(world)
    for name, fields, pointer, code in REFUSED:
        answer = ask(investor, name, changed(name, **fields))
        assert answer.status_code == 422, (name, fields, answer.text)
        assert (pointer, code) in [(item["pointer"], item["code"]) for item in answer.json()["fields"]], answer.text
        assert all(item["detail_zh"] != item["code"] for item in answer.json()["fields"])
    simulation = EXAMPLES["projection"]["simulation"]
    for fields, pointer, code in (
        ({"paths": 20_001}, "/simulation/paths", "FIELD_OUT_OF_RANGE"),
        ({"quantiles": ["1.5"]}, "/simulation", "QUANTILE_OUT_OF_RANGE"),
    ):
        answer = ask(investor, "projection", changed("projection", simulation=simulation | fields))
        assert [(item["pointer"], item["code"]) for item in answer.json()["fields"]] == [(pointer, code)]
    for raw in (math.nan, math.inf):
        assert ask(investor, "irr", changed("irr", flows=[{"on": "2021-01-01", "amount": raw}])).status_code == 400


ODD: list[tuple[str, Json, str, str]] = [
    ("roll-forward", {"nav": "-1.00"}, "nav", "NAV_NOT_POSITIVE"),
    ("roll-forward", {"valued_on": "2025-01-01"}, "nav", "DATES_OUT_OF_ORDER"),
    ("roll-forward", {"nav": "9" * 15 + ".99"}, "nav", "TOO_LARGE"),
    ("roll-forward", {"flows": [FLOW | {"currency": "USD"}]}, "nav", "CURRENCIES_MIXED"),
    ("returns", {"nav": "-1.00"}, "tvpi", "NAV_NOT_POSITIVE"),
    ("returns", {"nav": ...}, "irr", "NAV_MISSING"),
    ("returns", {"flows": []}, "dpi", "UNDEFINED"),
    ("returns", {"as_of": "2021-01-01"}, "irr", "DATES_OUT_OF_ORDER"),
    ("irr", {"flows": []}, "irr", "UNDEFINED"),
    ("irr", {"flows": [{"on": "2021-01-01", "amount": "1"}]}, "irr", "NO_ROOT"),
    ("irr", {}, "irr", "MULTIPLE_ROOTS"),
    ("pme", {"nav": "-1"}, "kaplan_schoar", "NAV_NOT_POSITIVE"),
    ("pme", {"index": [{"on": "2001-12-31", "level": "0"}]}, "kaplan_schoar", "OUT_OF_RANGE"),
    ("pme", {"index": [{"on": "2001-12-31", "level": "100"}]}, "kaplan_schoar", "PARAMETERS_MISSING"),
    ("pme", {"index": list(reversed(EXAMPLES["pme"]["index"]))}, "direct_alpha", "DATES_OUT_OF_ORDER"),
    ("price", {"target_return": "-1"}, "price", "OUT_OF_RANGE"),
    ("price", {"target_return": "999"}, "price", "TOO_LARGE"),
    ("price", {"nav": "0"}, "of_nav", "NAV_NOT_POSITIVE"),
    ("price", {"closing_on": "2030-01-01"}, "price", "DATES_OUT_OF_ORDER"),
    ("discount", {"volatility": "45"}, "longstaff_bound", "TOO_LARGE"),
    ("closing", {"nav": "0"}, "payment", "NAV_NOT_POSITIVE"),
    ("closing", {"nav": "-0.01"}, "payment", "NAV_NOT_POSITIVE"),
    ("closing", {"closing_on": "2025-12-01"}, "payment", "DATES_OUT_OF_ORDER"),
    ("closing", {"unfunded": "1.00"}, "unfunded", "DATA_INCONSISTENT"),
]


def test_a_figure_that_cannot_be_has_a_status_and_a_sentence(world: World) -> None:
    investor = an_investor(world)
    for name, fields, figure, status in ODD:
        answer = ask(investor, name, changed(name, **fields))
        assert answer.status_code == 200, (name, fields, answer.text)
        found = answer.json()
        part = found[figure]
        assert part["status"] == status, (name, fields, part)
        if status != "MULTIPLE_ROOTS":
            assert {part.get(key) for key in ("value", "money", "rate")} == {None}
        (told,) = [item for item in found["explanations"] if item["code"] == status]
        assert told["detail_zh"] != told["code"]
        assert told["detail_en"] != told["code"]


def test_no_time_left_and_no_volatility_are_a_discount_of_zero(world: World) -> None:
    investor = an_investor(world)
    for fields in ({"years": "0"}, {"volatility": "0", "risk_free_rate": "0"}, {"years": ..., "days": 0}):
        found = ask(investor, "discount", changed("discount", **fields)).json()
        assert [item["discount"]["value"] for item in found["models"]] == ["0.0000"] * 3
