"""The form of weights: how much somebody lets each model count, in per cent, and why."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form

from exchange.valuation.panel.opinion import ModelName
from exchange.valuation.weighting import ModelWeight
from exchange.web.amounts import parse_rate

REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class WeightsForm:
    """What stands in the fields, as typed: per cent by model."""

    typed: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def of(self, model: str) -> str:
        """What was typed for a model."""
        return dict(self.typed).get(model, "")


def _form(
    model: Annotated[list[str] | None, Form()] = None,
    weight: Annotated[list[str] | None, Form()] = None,
    reason: Annotated[str, Form(max_length=2_000)] = "",
) -> WeightsForm:
    pairs = zip((model or [])[: len(ModelName)], (weight or [])[: len(ModelName)], strict=False)
    return WeightsForm(tuple((name[:40], text.strip()[:20]) for name, text in pairs), " ".join(reason.split()))


Weights = Annotated[WeightsForm, Depends(_form)]


def read_weights(form: WeightsForm) -> list[ModelWeight]:
    """The weights that were given; an empty field gives a model none. ValueError for what cannot be read."""
    if not 1 <= len(form.reason) <= REASON_MAX:
        raise ValueError("a reason is needed")
    given = [(ModelName(name), parse_rate(text)) for name, text in form.typed if text]
    return [ModelWeight(model, ppm) for model, ppm in given if ppm]
