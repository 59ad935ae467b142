"""The form of a private scenario: what somebody assumes instead of the market, as they type it.

Rates, shares and prices are typed in per cent, days and years as whole numbers; an empty field leaves the market's
figure as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form

from exchange.core.errors import ExchangeError
from exchange.valuation.note.figures import percent_text
from exchange.valuation.scenario import Overrides
from exchange.web.amounts import parse_rate
from exchange.web.explain import field_problems
from exchange.web.models import FieldProblem
from exchange.web.visit import Visit

PERCENTS = {
    "target_return": "target_return_point_ppm",
    "growth": "growth_ppm",
    "draw_ratio": "draw_ratio_ppm",
    "deferred_share": "deferred_share_ppm",
    "market_price": "market_price_ppm",
    "risk_free_rate": "risk_free_rate_ppm",
    "lock_up_volatility": "lock_up_volatility_ppm",
}
WHOLES = {"exit_delay_years": "exit_delay_years", "deferred_days": "deferred_days", "lock_up_days": "lock_up_days"}
# The scenario itself refuses a lock-up that is too long, and says what its bounds are.
LIMITS = {"exit_delay_years": 10, "deferred_days": 3_650, "lock_up_days": 9_999}
FIELDS = (
    "target_return", "exit_delay_years", "draw_ratio", "deferred_share", "deferred_days", "market_price", "growth",
    "lock_up_days", "lock_up_volatility", "risk_free_rate",
)  # fmt: skip
NAME_MAX = 60
Typed = Annotated[str, Form(max_length=20)]


@dataclass(frozen=True, slots=True)
class ScenarioForm:
    """What stands in the fields, as typed."""

    name: str
    values: Mapping[str, str]


def _form(
    name: Annotated[str, Form(max_length=200)] = "",
    target_return: Typed = "",
    exit_delay_years: Typed = "",
    draw_ratio: Typed = "",
    deferred_share: Typed = "",
    deferred_days: Typed = "",
    market_price: Typed = "",
    growth: Typed = "",
    lock_up_days: Typed = "",
    lock_up_volatility: Typed = "",
    risk_free_rate: Typed = "",
) -> ScenarioForm:
    typed = (
        target_return, exit_delay_years, draw_ratio, deferred_share, deferred_days, market_price, growth,
        lock_up_days, lock_up_volatility, risk_free_rate,
    )  # fmt: skip
    return ScenarioForm(" ".join(name.split()), dict(zip(FIELDS, map(str.strip, typed), strict=True)))


Scenario = Annotated[ScenarioForm, Depends(_form)]
EMPTY = ScenarioForm("", dict.fromkeys(FIELDS, ""))


def read_scenario(visit: Visit, form: ScenarioForm) -> tuple[Overrides, tuple[FieldProblem, ...]]:
    """The assumptions of a form, and every field that cannot be read."""
    found: dict[str, Any] = {}
    problems = [] if 1 <= len(form.name) <= NAME_MAX else [FieldProblem("name", visit.t("scenario.bad_name"))]
    for name, text in form.values.items():
        if not text:
            continue
        try:
            found[PERCENTS.get(name) or WHOLES[name]] = parse_rate(text) if name in PERCENTS else _whole(name, text)
        except ValueError:
            key = "scenario.bad_percent" if name in PERCENTS else "scenario.bad_whole"
            problems.append(FieldProblem(name, visit.t(key)))
    return Overrides(**found), tuple(problems)


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4) or int(text) > LIMITS[name]:
        raise ValueError("not a whole number within its limit")
    return int(text)


def refused_fields(visit: Visit, refusal: ExchangeError) -> tuple[FieldProblem, ...]:
    """What a refusal says of single fields; what belongs to none of ours has an empty name."""
    known = {*FIELDS, "name"}
    return tuple(
        FieldProblem(item.name if item.name in known else "", item.text) for item in field_problems(refusal, visit.f)
    )


def assumed_words(visit: Visit, overrides: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """What a kept scenario assumes, in words; years and days with their unit, everything else in per cent."""
    found = []
    for name, value in overrides.items():
        if not isinstance(value, int) or (name == "exit_delay_years" and value == 0):
            continue
        label = visit.t(f"scenario.assumed_{name.removesuffix('_ppm')}")
        if name.endswith("_ppm"):
            found.append((label, percent_text(value)))
        else:
            unit = "days" if name.endswith("days") else "years"
            found.append((label, f"{value} {visit.t(f'valuation.unit.{unit}')}"))
    return tuple(found)
