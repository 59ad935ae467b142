"""The form of one figure of a market, and the figures that are kept, in words.

Which values a kind has is said by `valuation.parameters`; here rates, shares and prices are typed in per cent, betas,
bows and index levels as plain numbers, days and years as whole numbers, a list with commas between its rates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Form

from exchange.core.money import unscale_decimal
from exchange.core.terms import SourceMark
from exchange.valuation.market import REGIONS, StrategyClass
from exchange.valuation.note.figures import number_text, percent_text
from exchange.valuation.parameters import RATIO_DIGITS, VALUES, Bounds, ParameterKind
from exchange.valuation.service.parameters import Entered
from exchange.web.amounts import parse_rate
from exchange.web.catalogue import Catalogue
from exchange.web.models import Choice, FieldProblem
from exchange.web.valuation_models import Field

PURE_NUMBERS = frozenset({"beta", "bow", "level", "years"})
NAMED = frozenset({ParameterKind.MARKET_PRICE, ParameterKind.INDEX_LEVEL})
LIST_SEPARATORS = str.maketrans("，、；;", ",,,,")


@dataclass(frozen=True, slots=True)
class ParameterForm:
    """What stands in the fields, as typed; `values` by the name of the value."""

    region: str = ""
    strategy: str = ""
    name: str = ""
    effective_on: str = ""
    mark: str = ""
    source: str = ""
    values: Mapping[str, str] | None = None

    def of(self, name: str) -> str:
        """What was typed for a value."""
        return (self.values or {}).get(name, "")


def _form(
    region: Annotated[str, Form(max_length=40)] = "",
    strategy: Annotated[str, Form(max_length=40)] = "",
    name: Annotated[str, Form(max_length=120)] = "",
    effective_on: Annotated[str, Form(max_length=10)] = "",
    mark: Annotated[str, Form(max_length=20)] = "",
    source: Annotated[str, Form(max_length=1_000)] = "",
    value_name: Annotated[list[str] | None, Form()] = None,
    value: Annotated[list[str] | None, Form()] = None,
) -> ParameterForm:
    pairs = zip((value_name or [])[:10], (value or [])[:10], strict=False)
    values = {key[:40]: text.strip()[:400] for key, text in pairs}
    return ParameterForm(region, strategy, " ".join(name.split()), effective_on, mark, " ".join(source.split()), values)


Parameter = Annotated[ParameterForm, Depends(_form)]


def fields_of(
    kind: ParameterKind, form: ParameterForm, words: Catalogue, problems: Iterable[FieldProblem]
) -> list[Field]:
    """The fields of a kind with what was typed, in the order in which they are asked."""
    wrong = {problem.name: problem.text for problem in problems}

    def chosen(name: str, options: Iterable[str], section: str, now: str) -> Field:
        choices = tuple(Choice(item, words(f"{section}.{item}"), item == now) for item in options)
        label = words(f"parameters.field_{name}")
        return Field(name, label, now, problem=wrong.get(name, ""), kind="select", choices=choices)

    def typed(name: str, now: str, kind_of: str = "text", hint: str = "") -> Field:
        label = words(f"parameters.field_{name}")
        return Field(name, label, now, hint, wrong.get(name, ""), kind_of, required=True)

    named = [typed("name", form.name, hint=words(f"parameters.name_of_{kind.value}"))] if kind in NAMED else []
    return [
        chosen("region", REGIONS, "valuation.region", form.region),
        chosen("strategy", (item.value for item in StrategyClass), "valuation.strategy", form.strategy),
        *named,
        typed("effective_on", form.effective_on, "date"),
        *(_value_field(name, bounds, form, words, wrong) for name, bounds in VALUES[kind].items()),
        chosen("mark", (item.value for item in SourceMark), "parameters.mark", form.mark),
        typed("source", form.source, hint=words("parameters.source_hint")),
    ]


def _value_field(name: str, bounds: Bounds, form: ParameterForm, words: Catalogue, wrong: Mapping[str, str]) -> Field:
    return Field(
        name=name,
        label=words(f"parameters.value_{name}"),
        value=form.of(name),
        hint=words(f"parameters.hint_{_unit(name, bounds)}"),
        problem=wrong.get(name, ""),
        kind="value",
        required=not bounds.is_optional,
    )


def _unit(name: str, bounds: Bounds) -> str:
    if bounds.is_list:
        return "rates"
    if not bounds.is_ratio:
        return "days" if name == "days" else "years"
    return "number" if name in PURE_NUMBERS else "percent"


def read_parameter(
    kind: ParameterKind, form: ParameterForm, words: Catalogue
) -> tuple[Entered | None, list[FieldProblem]]:
    """The row of a form, or every field that cannot be read."""
    problems = []
    values: dict[str, Any] = {}
    for name, bounds in VALUES[kind].items():
        text = form.of(name)
        if not text:
            continue
        try:
            values[name] = _value(name, bounds, text)
        except ValueError:
            problems.append(FieldProblem(name, words(f"parameters.bad_{_unit(name, bounds)}")))
    try:
        effective_on = date.fromisoformat(form.effective_on)
    except ValueError:
        problems.append(FieldProblem("effective_on", words("parameters.bad_date")))
        effective_on = date.min
    if not 1 <= len(form.source) <= 500:
        problems.append(FieldProblem("source", words("parameters.bad_source")))
    if problems or form.mark not in set(SourceMark):
        return None, problems or [FieldProblem("mark", words("parameters.bad_source"))]
    mark = SourceMark(form.mark)
    return Entered(kind, form.region, form.strategy, form.name, effective_on, values, mark, form.source), []


def _value(name: str, bounds: Bounds, text: str) -> object:
    if bounds.is_list:
        return [_ratio(part) for part in text.translate(LIST_SEPARATORS).split(",")]
    if not bounds.is_ratio:
        if not (text.isascii() and text.isdecimal()):
            raise ValueError("not a whole number")
        return int(text)
    return _number(text) if name in PURE_NUMBERS else _ratio(text)


def _ratio(text: str) -> str:
    return unscale_decimal(parse_rate(text), RATIO_DIGITS)


def _number(text: str) -> str:
    """A plain number as a strict decimal string."""
    whole, _, fraction = text.strip().partition(".")
    if fraction[RATIO_DIGITS:].strip("0") or not whole.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError("not a number")
    if fraction and not fraction.isdecimal():
        raise ValueError("not a number")
    return f"{whole}.{fraction}" if fraction else whole


def values_in_words(kind: ParameterKind, values: Mapping[str, Any], words: Catalogue) -> tuple[tuple[str, str], ...]:
    """The values of a kept row, ppm as percentages or plain numbers, days and years with their unit."""
    return tuple(
        (words(f"parameters.value_{name}"), _shown(name, bounds, values[name], words))
        for name, bounds in VALUES[kind].items()
        if name in values
    )


def _shown(name: str, bounds: Bounds, value: Any, words: Catalogue) -> str:
    if bounds.is_list:
        return " / ".join(percent_text(item) for item in value)
    if not bounds.is_ratio:
        return f"{value} {words('valuation.unit.days' if name == 'days' else 'valuation.unit.years')}"
    if name == "years":
        return f"{number_text(value)} {words('valuation.unit.years')}"
    return number_text(value) if name in PURE_NUMBERS else percent_text(value)
