"""How a model's figures become an opinion: rounded once, in order, and expressed on the reference NAV.

The headline that amounts to a value V on the valuation day is (V - contributions + distributions since the reference
date) / reference NAV: the closing adjustment turned round, so that every bar of a panel stands on the same scale.
Example: NAV 88, a call of 5 and a distribution of 3.2 since; V = 89.8 is a headline of 100 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from exchange.core.money import MAX_MINOR, MINOR_DIGITS, unscale_decimal
from exchange.core.terms import SourceMark
from exchange.valuation.panel.columns import Columns
from exchange.valuation.panel.facts import Sourced
from exchange.valuation.panel.opinion import Input, Kind, ModelName, Note, Opinion
from exchange.valuation.pricing.closing import headline_of
from exchange.valuation.status import Status

COMPUTED = SourceMark.COMPUTED.value
THIS_EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Voice:
    """One fund's reference figures, in which its opinions are expressed."""

    currency: str
    valued_on: date
    nav_minor: int
    called_minor: int
    paid_out_minor: int

    @classmethod
    def of(cls, columns: Columns, row: int) -> "Voice":
        """The reference of the fund in this row."""
        fund = columns.facts[row]
        return cls(
            fund.currency,
            fund.valued_on,
            int(columns.nav_minor[row]),
            int(columns.called_minor[row]),
            int(columns.paid_out_minor[row]),
        )

    def headline_ppm(self, value_minor: int) -> int | None:
        """The headline of a value on the valuation day, in ppm of the reference NAV; None when that is <= 0."""
        return headline_of(value_minor, self.nav_minor, self.called_minor, self.paid_out_minor)

    def opinion(
        self,
        model: ModelName,
        kind: Kind,
        figures: Sequence[float],
        *,
        status: Status = Status.OK,
        notes: Sequence[Note] = (),
        inputs: Sequence[Input] = (),
    ) -> Opinion:
        """An opinion from (low, point, high) in minor units, in any order around the point; rounded here, once."""
        if not all(math.isfinite(figure) and abs(figure) <= MAX_MINOR for figure in figures):
            return silent(model, kind, Status.TOO_LARGE, notes, inputs)
        one, point, other = (rounded(figure) for figure in figures)
        low, high = min(one, point, other), max(one, point, other)
        if point < 0:
            notes = (*notes, Note("PRICE_NEGATIVE"))
        return Opinion(
            model=model,
            kind=kind,
            status=status.code,
            low_minor=low,
            point_minor=point,
            high_minor=high,
            low_ppm=self.headline_ppm(low),
            point_ppm=self.headline_ppm(point),
            high_ppm=self.headline_ppm(high),
            notes=tuple(notes),
            inputs=tuple(inputs),
        )

    def money(self, name: str, minor: int, mark: str, source: str, as_of: date | None) -> Input:
        """An amount as shown beside an opinion."""
        text = unscale_decimal(minor, MINOR_DIGITS[self.currency])
        return Input(name, text, self.currency, mark, source, as_of)


def silent(
    model: ModelName, kind: Kind, status: Status, notes: Sequence[Note] = (), inputs: Sequence[Input] = ()
) -> Opinion:
    """A model that cannot speak, and why."""
    return Opinion(model, kind, status.code, notes=tuple(notes), inputs=tuple(inputs))


def rounded(figure: float) -> int:
    """A figure in minor units or ppm as the nearest integer, halves away from zero."""
    return int(math.copysign(math.floor(abs(figure) + 0.5), figure))


def ratio(name: str, figure: Sourced) -> Input:
    """An assumption in ppm, shown as a decimal."""
    return Input(name, unscale_decimal(figure.value_ppm, 6), "ratio", figure.mark.value, figure.source, figure.as_of)


def computed(name: str, value: str, unit: str, as_of: date | None = None) -> Input:
    """A figure computed on the way."""
    return Input(name, value, unit, COMPUTED, THIS_EXCHANGE, as_of)
