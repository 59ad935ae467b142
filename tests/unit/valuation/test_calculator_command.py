"""`value` from a terminal: the examples as JSON and as CSV, the documented answers, refusals in words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from exchange.app import OPENAPI_FILE
from exchange.cli import COMMANDS, SERVED, load
from exchange.rest.texts import catalogue
from exchange.valuation.command.value import main
from exchange.valuation.schemas.calculators.catalogue import CALCULATORS
from exchange.valuation.schemas.calculators.examples import EXAMPLES
from exchange.valuation.schemas.calculators.views import FIGURE_PREFIX, decimal_text
from exchange.valuation.status import Status
from tests.unit.valuation.service.test_texts_of_panels import codes_in

PAGE = OPENAPI_FILE.with_name("calculators.md")
CSV = {
    "roll-forward": """currency,CNY
nav,88000000.00
nav_on,2025-12-31
valued_on,2026-06-30
fee.rate,0.0200
fee.basis,commitment
fee.commitment,100000000.00
translation.currency,USD
translation.rate,0.1400
stale_after_days,120

[flows]
on,called,distributed,recallable
2025-12-31,,1500000.00,
2026-03-15,5000000.00,,
2026-04-20,,3200000.00,1000000.00
""",
    "irr": """on,amount
2021-01-01,-10000000.00
2022-01-01,23000000.00
2023-01-01,-13200000.00
""",
    "projection": """currency,USD
as_of,2025-12-31
unfunded,100000000.00
frequency,annual
simulation.seed,20260630
simulation.paths,2000
simulation.quantiles,0.05;0.5;0.95
simulation.intensity_now,0.40
simulation.intensity_mean,0.40
simulation.intensity_reversion,1.50
simulation.intensity_volatility,0.30
simulation.pace,0.03
simulation.distribution_volatility,0.20
simulation.growth,0.13
simulation.life_years,12
[sets]
name,source,growth,life_years,bow,contribution_rates
venture,Takahashi and Alexander 2001,0.13,12,2.5,0.25;0.333333;0.5
""",
    "discount": "volatility,0.45\nyears,2\nrisk_free_rate,0.04\nvalue,10000000.00\ncurrency,CNY\n",
}


def documented() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Question and answer of each calculator as docs/calculators.md states them."""
    found = re.findall(
        r"## `([a-z-]+)`.*?```json\n(.*?)```.*?```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S
    )
    return {name: (json.loads(question), json.loads(answer)) for name, question, answer in found}


def holds(stated: Any, given: Any) -> bool:
    """Whether everything stated is in what was given."""
    if isinstance(stated, dict):
        return isinstance(given, dict) and all(name in given and holds(stated[name], given[name]) for name in stated)
    return bool(stated == given)


def asked(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: str, text: str = "") -> str:
    file = tmp_path / ("question.csv" if text else "question.json")
    file.write_text(text or json.dumps(EXAMPLES[name]), encoding="utf-8")
    assert main([name, str(file), *arguments]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


def test_the_command_needs_no_server() -> None:
    assert load(COMMANDS["value"][0]) is main
    assert "value" not in SERVED


@pytest.mark.parametrize("name", CALCULATORS)
def test_the_documented_answer_is_what_the_command_gives(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question, answer = documented()[name]
    assert question == EXAMPLES[name]
    found = json.loads(asked(name, tmp_path, capsys))
    assert holds(answer, found), json.dumps(found, indent=1)


@pytest.mark.parametrize("name", CALCULATORS)
def test_the_table_shows_the_figures_of_the_answer(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = asked(name, tmp_path, capsys, "--format", "table")
    amounts = re.findall(r'"(?:value|rate|amount)": "([-0-9.]+)"', asked(name, tmp_path, capsys))
    assert amounts
    assert [amount for amount in amounts if amount not in text] == []


@pytest.mark.parametrize("name", CSV)
def test_a_csv_is_the_same_question(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = ["--set", "currency=CNY"] if name == "irr" else []
    assert asked(name, tmp_path, capsys, *values, text=CSV[name]) == asked(name, tmp_path, capsys)


def test_an_example_is_a_question_to_start_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["closing", "--example"]) == 0
    assert json.loads(capsys.readouterr().out) == EXAMPLES["closing"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("on,amount\n2021-01-01,-1,3\n", "CALCULATOR_FILE"),
        ("on,amount\n2021-01-01,-1e5\n", "/flows/0/amount AMOUNT_FORMAT"),
        ("on,amount\n2021-02-30,-1\n", "/flows/0/on DATE_FORMAT"),
        ("on,amount\n1066-10-14,-1\n", "/flows/0/on DATE_OUT_OF_RANGE"),
        ("on,sum\n2021-01-01,-1\n", "/flows/0/sum FIELD_UNKNOWN"),
        ("on,on\n2021-01-01,2021-01-01\n", "stands twice"),
        ("currency,CNY\ncurrency,USD\n[flows]\non,amount\n", "stands twice"),
        ("[flows]\non,amount\n[flows]\non,amount\n", "stands twice"),
        ("currency\n[flows]\n", "name,value"),
        ('on,amount\n"2021-01-01,-1\n', "CALCULATOR_FILE"),
    ],
)
def test_a_file_that_is_no_question_is_refused_in_words(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "question.csv"
    file.write_text(text, encoding="utf-8")
    assert words in refused(["irr", str(file)], capsys)


def test_what_is_no_file_no_json_or_too_large_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file" in refused(["irr", str(tmp_path / "nothing.json")], capsys)
    file = tmp_path / "question.json"
    for raw, code in ((b'{"a": NaN}', "BODY_MALFORMED"), (b"[]", "INVALID"), (b"\xff", "BODY_MALFORMED")):
        file.write_bytes(raw)
        assert refused(["irr", str(file)], capsys).startswith(code)
    file.write_bytes(b" " * 1_000_001)
    assert refused(["irr", str(file)], capsys).startswith("BODY_TOO_LARGE")
    file.write_text(json.dumps(EXAMPLES["irr"]), encoding="utf-8")
    assert "NAME=VALUE" in refused(["irr", str(file), "--set", "currency"], capsys)


def test_every_status_and_note_of_a_calculator_has_texts() -> None:
    texts = catalogue()
    assert [status.code for status in Status if f"{FIGURE_PREFIX}{status.code}" not in texts] == []
    notes = set(codes_in("calculators")) - {status.code for status in Status}
    assert len(notes) > 8
    assert [note for note in sorted(notes) if f"NOTE_{note}" not in texts] == []


def test_numbers_are_written_down_in_full_or_not_at_all() -> None:
    numbers = (0.1543219871, -0.00000000001, 1.5, 1e15, float("inf"), float("nan"), 999_999.0)
    assert [decimal_text(number) for number in numbers] == [
        "0.154321987", "0.0000", "1.5000", None, None, None, "999999.0000",
    ]  # fmt: skip
