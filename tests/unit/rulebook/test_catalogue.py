"""The catalogue of rules: complete, true to the code and the tests it names, and the documentation made from it."""

import ast
import importlib
import importlib.util
from datetime import date
from functools import lru_cache

import pytest

from exchange.oversight.command import rules_main
from exchange.rulebook import service as rulebook
from exchange.rulebook.catalogue import Enforcement, LawRule, numbers_of, parse_group
from exchange.rulebook.errors import RuleUnknown
from tests.architecture.source import ROOT

DAY = date(2026, 7, 1)
RULES = [rule for group in rulebook.rule_catalogue() for rule in group.rules]
IDS = [rule.id for rule in RULES]
EXPECTED = [
    *(f"R-{number:02}" for number in range(1, 17)),
    *(f"R-{number}" for number in range(20, 31)),
    *(f"R-{number}" for number in range(31, 42)),
    *(f"R-{number}" for number in range(42, 50)),
    *(f"R-4{letter}" for letter in "ABCDE"),
    *(f"R-{number}" for number in range(50, 58)),
    "R-73",
    *(f"R-{number}" for number in range(60, 63)),
]
OPEN: set[str] = set()


@lru_cache(maxsize=200)
def functions_of(path: str) -> frozenset[str]:
    """The names of the functions of a test file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_rule_is_there_once_in_its_order() -> None:
    assert IDS == EXPECTED


def test_what_is_not_enforced_yet_is_exactly_what_the_open_points_say() -> None:
    assert {rule.id for rule in RULES if rule.enforcement is Enforcement.OPEN} == OPEN
    said = (ROOT / "docs" / "open-points.md").read_text(encoding="utf-8")
    assert all(rule_id in said for rule_id in OPEN)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_places_a_rule_names_exist(rule: LawRule) -> None:
    for path in rule.where:
        module, _, name = path.rpartition(".")
        is_named = hasattr(importlib.import_module(module), name)
        assert is_named or importlib.util.find_spec(path) is not None, path


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_tests_a_rule_names_exist(rule: LawRule) -> None:
    for test in (*rule.trips, *rule.passes):
        path, _, name = test.partition("::")
        assert name in functions_of(path), test


def test_no_test_both_trips_and_passes_a_rule() -> None:
    assert [rule.id for rule in RULES if set(rule.trips) & set(rule.passes)] == []


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_speaks_both_languages_and_names_its_source(rule: LawRule) -> None:
    assert rule.zh
    assert rule.en.isascii() or "−" in rule.en
    assert rule.source


def test_every_number_of_law_in_a_profile_belongs_to_a_rule() -> None:
    for profile in rulebook.profiles(DAY):
        for name, number in profile.rules().items():
            if number.rule_id.startswith("R-") and number.rule_id not in {"R-82"}:  # of the international market
                assert number.rule_id in IDS, (profile.name, name)


def test_numbers_come_from_the_profile() -> None:
    beijing = rulebook.profile("CN_BJ", DAY)
    assert {name: number.value for name, number in numbers_of("R-04", beijing).items()} == {
        "interval_trading_days": 5,
        "interval_working_days": 5,
    }


def test_an_unknown_rule_does_not_exist() -> None:
    with pytest.raises(RuleUnknown):
        rulebook.law_rule("R-99")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"enforcement": "open"}, "says not why"),
        ({"trips": []}, "names no place or no tests"),
        ({"enforcement": "maybe"}, "not a valid Enforcement"),
        ({"mark": "X"}, "not a valid Mark"),
    ],
)
def test_a_rule_that_leaves_out_what_it_must_say_is_refused(change: dict[str, object], why: str) -> None:
    rule: dict[str, object] = {"id": "R-01", "zh": "z", "en": "e", "source": "s", "mark": "S", "enforcement": "block"}
    rule |= {"where": ["a.b"], "trips": ["t::x"], "passes": ["t::y"]} | change
    with pytest.raises(ValueError, match=why):
        parse_group({"title_zh": "z", "title_en": "e", "rules": [rule]})


def test_the_documentation_is_made_from_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules_main(["--check"]) == 0
    assert capsys.readouterr().out == f"{len(EXPECTED)} rules, unchanged\n"
