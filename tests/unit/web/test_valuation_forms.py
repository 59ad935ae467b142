"""Forms of valuations: scenarios, weights and figures of a market as people type them."""

from datetime import date

import pytest

from exchange.core.terms import SourceMark
from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.parameters import VALUES, ParameterKind, read_values
from exchange.valuation.weighting import ModelWeight
from exchange.web.catalogue import catalogue
from exchange.web.parameter_form import ParameterForm, fields_of, read_parameter, values_in_words
from exchange.web.scenario_form import FIELDS
from exchange.web.weights_form import WeightsForm, read_weights

TYPED = {
    ParameterKind.MARKET_PRICE: {"low": "70", "point": "78.5", "high": ""},
    ParameterKind.TARGET_RETURN: {"low": "15", "point": "18%", "high": "22"},
    ParameterKind.DRAW_RATIO: {"point": "60"},
    ParameterKind.PACING: {
        "growth": "13",
        "life_years": "12",
        "bow": "2.5",
        "yield_floor": "0",
        "contribution_rates": "25，33.3, 50",
    },
    ParameterKind.REMAINING_LIFE: {"years": "1.5"},
    ParameterKind.DEFERRAL: {"share": "40", "days": "365"},
    ParameterKind.NOWCAST: {"beta": "1.4", "state_volatility": "20", "report_volatility": "3"},
    ParameterKind.LOCK_UP: {"volatility": "35", "dividend_yield": "0"},
    ParameterKind.RISK_FREE_RATE: {"point": "-0.5"},
    ParameterKind.INDEX_LEVEL: {"level": "4321.123456"},
}


def a_form(kind: ParameterKind) -> ParameterForm:
    return ParameterForm("china", "all", "2025H2", "2025-12-31", "reported", "清科研究", TYPED[kind])


@pytest.mark.parametrize("kind", list(ParameterKind))
def test_every_kind_is_read_as_typed_and_shown_again(kind: ParameterKind) -> None:
    words = catalogue("zh")
    entered, problems = read_parameter(kind, a_form(kind), words)
    assert problems == []
    assert entered is not None
    assert (entered.effective_on, entered.mark) == (date(2025, 12, 31), SourceMark.REPORTED)
    values, wrong = read_values(kind, entered.values)
    assert wrong == []
    shown = values_in_words(kind, values, words)
    assert len(shown) == len(values)
    assert all(label and value for label, value in shown)


def test_percentages_numbers_and_lists_are_told_apart() -> None:
    words = catalogue("en")
    entered, _ = read_parameter(ParameterKind.PACING, a_form(ParameterKind.PACING), words)
    assert entered is not None
    assert entered.values == {
        "growth": "0.130000",
        "life_years": 12,
        "bow": "2.5",
        "yield_floor": "0.000000",
        "contribution_rates": ["0.250000", "0.333000", "0.500000"],
    }
    shown = dict(values_in_words(ParameterKind.PACING, read_values(ParameterKind.PACING, entered.values)[0], words))
    assert shown["Bow"] == "2.50"
    assert shown["Contribution rates"] == "25.00% / 33.30% / 50.00%"
    assert shown["Life"] == "12 years"


@pytest.mark.parametrize("kind", list(ParameterKind))
@pytest.mark.parametrize("text", ["abc", "1e3", "NaN", "1.2.3", "--1", "٣"])
def test_what_cannot_be_read_is_named_by_its_field(kind: ParameterKind, text: str) -> None:
    values = dict.fromkeys(VALUES[kind], text)
    form = ParameterForm("china", "all", "x", "2025-12-31", "reported", "x", values)
    entered, problems = read_parameter(kind, form, catalogue("zh"))
    assert entered is None
    assert {problem.name for problem in problems} == set(VALUES[kind])


def test_a_source_and_a_date_are_demanded() -> None:
    form = ParameterForm("china", "all", "", "31.12.2025", "reported", "", TYPED[ParameterKind.DRAW_RATIO])
    entered, problems = read_parameter(ParameterKind.DRAW_RATIO, form, catalogue("zh"))
    assert entered is None
    assert {problem.name for problem in problems} == {"effective_on", "source"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_of_every_form_has_words(language: str) -> None:
    words = catalogue(language)
    for kind in ParameterKind:
        assert words(f"parameters.kind_{kind.value}")
        fields = fields_of(kind, a_form(kind), words, ())
        assert all(field.label for field in fields)
        assert len({field.name for field in fields}) == len(fields)
    assert all(words(f"scenario.{name}") for name in FIELDS)


def test_weights_are_read_in_per_cent_and_empty_ones_left_out() -> None:
    typed = (("discounted_cash_flow", "60"), ("reported_nav", ""), ("market_price", "40%"), ("appraisal", "0"))
    assert read_weights(WeightsForm(typed, "近期成交")) == [
        ModelWeight(ModelName.DISCOUNTED_CASH_FLOW, 600_000),
        ModelWeight(ModelName.MARKET_PRICE, 400_000),
    ]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [((("market_price", "100"),), ""), ((("market_price", "all"),), "x"), ((("no_such_model", "100"),), "x")],
)
def test_weights_without_reason_or_sense_are_refused(typed: tuple[tuple[str, str], ...], reason: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_weights(WeightsForm(typed, reason))
