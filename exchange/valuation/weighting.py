"""A person's own figure from the models they believe in: their weights, their reason, beside the range, never for it.

There are no weights but those somebody enters; they sum to one and count models that have figures. Low, point and
high are weighted each by itself and rounded half-up once.
Example: market price 87, 90, 92 at 0.6 and DCF 70, 80, 95 at 0.4 -> 80.2, 86, 93.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.core.errors import FieldError
from exchange.core.money import PPM, divide_half_up
from exchange.valuation.panel.opinion import ModelName, Opinion, Panel


@dataclass(frozen=True, slots=True)
class ModelWeight:
    """How much one model counts, in ppm."""

    model: ModelName
    weight_ppm: int


@dataclass(frozen=True, slots=True)
class WeightedFigure:
    """The figure of one person, in minor units and in ppm of the reference NAV (None when that is not positive)."""

    low_minor: int
    point_minor: int
    high_minor: int
    low_ppm: int | None
    point_ppm: int | None
    high_ppm: int | None


def check_weights(panel: Panel, weights: Sequence[ModelWeight]) -> list[FieldError]:
    """What is wrong with a set of weights for this panel."""
    errors = []
    figures = {opinion.model for opinion in panel.opinions if has_figures(opinion)}
    seen: set[ModelName] = set()
    for place, item in enumerate(weights):
        if item.model in seen:
            errors.append(FieldError(f"/weights/{place}/model", "MODEL_TWICE"))
        elif item.model not in figures:
            errors.append(FieldError(f"/weights/{place}/model", "MODEL_HAS_NO_FIGURE", {"model": item.model.value}))
        if not 0 < item.weight_ppm <= PPM:
            errors.append(FieldError(f"/weights/{place}/weight", "RATIO_OUT_OF_RANGE"))
        seen.add(item.model)
    if sum(item.weight_ppm for item in weights) != PPM:
        errors.append(FieldError("/weights", "WEIGHTS_DO_NOT_SUM"))
    return errors


def has_figures(opinion: Opinion) -> bool:
    """True when the model gave a whole range."""
    return None not in (opinion.low_minor, opinion.point_minor, opinion.high_minor)


def weighted(panel: Panel, weights: Sequence[ModelWeight]) -> WeightedFigure:
    """The weighted range. ``check_weights`` found nothing wrong."""
    opinions = {opinion.model: opinion for opinion in panel.opinions}
    parts = [(item.weight_ppm, opinions[item.model]) for item in weights]

    def money(name: str) -> int:
        return divide_half_up(sum(weight * getattr(opinion, name) for weight, opinion in parts), PPM)

    def price(name: str) -> int | None:
        values = [getattr(opinion, name) for _, opinion in parts]
        if None in values:
            return None
        return divide_half_up(sum(weight * value for (weight, _), value in zip(parts, values, strict=True)), PPM)

    return WeightedFigure(
        money("low_minor"),
        money("point_minor"),
        money("high_minor"),
        price("low_ppm"),
        price("point_ppm"),
        price("high_ppm"),
    )
