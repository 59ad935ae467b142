"""Figures of a market on the wire."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from exchange.core.terms import SourceMark
from exchange.rest.model import Instant, LongText, StrictModel, ViewModel
from exchange.rest.numbers import DateText, ratio_text
from exchange.valuation.parameters import RATES_MAX, VALUES, ParameterKind
from exchange.valuation.tables import ParameterProposalRow, ValuationParameterRow

PlaceText = Annotated[str, Field(strict=True, min_length=1, max_length=40)]
RatioValue = Annotated[str, Field(strict=True, max_length=20)]
WholeValue = Annotated[int, Field(strict=True)]
Given = RatioValue | WholeValue | Annotated[list[RatioValue], Field(max_length=RATES_MAX)]


class EnterParameter(StrictModel):
    """One figure. ``values`` by kind: ratios as strict decimal strings, days and years as whole numbers.

    ``name`` is the period of a market price and the name of an index; ``effective_on`` the day of publication, or of
    an index level.
    """

    kind: ParameterKind
    region: PlaceText
    strategy: PlaceText = "all"
    name: str = Field(default="", strict=True, max_length=100)
    effective_on: DateText
    values: Annotated[dict[str, Given], Field(max_length=10)]
    source_mark: SourceMark = SourceMark.REPORTED
    source: LongText


class ProposeParameters(StrictModel):
    """Figures for a second operator to approve, all or none."""

    items: Annotated[list[EnterParameter], Field(min_length=1, max_length=1_000)]


class ParameterView(ViewModel):
    """One version of a figure, with who entered and who approved it."""

    id: str
    kind: ParameterKind
    region: str
    strategy: str
    name: str
    effective_on: date
    version: int
    values: dict[str, str | int | list[str]]
    source_mark: SourceMark
    source: str
    entered_by: str
    entered_at: Instant
    approved_by: str
    approved_at: Instant

    @classmethod
    def of(cls, row: ValuationParameterRow) -> "ParameterView":
        """From a row."""
        return cls(
            id=row.id,
            kind=row.kind,
            region=row.region,
            strategy=row.strategy,
            name=row.name,
            effective_on=row.effective_on,
            version=row.version,
            values=shown_values(row.kind, row.values),
            source_mark=row.source_mark,
            source=row.source,
            entered_by=row.entered_by,
            entered_at=row.entered_at,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
        )


class ProposedParameterView(ViewModel):
    """A figure that waits for a second operator."""

    kind: ParameterKind
    region: str
    strategy: str
    name: str
    effective_on: date
    values: dict[str, str | int | list[str]]
    source_mark: SourceMark
    source: str


class ProposalView(ViewModel):
    """What a second operator is asked to approve; the hash stands in the audit chain."""

    id: str
    items_hash: str
    entered_by: str
    entered_at: Instant
    items: list[ProposedParameterView]

    @classmethod
    def of(cls, row: ParameterProposalRow) -> "ProposalView":
        """From a proposal."""
        items = [
            ProposedParameterView.model_validate(
                item | {"values": shown_values(ParameterKind(item["kind"]), item["values"])}
            )
            for item in row.items
        ]
        return cls(
            id=row.id,
            items_hash=row.items_hash,
            entered_by=row.entered_by,
            entered_at=row.entered_at,
            items=items,
        )


class PublishedFigures(ViewModel):
    """The international figures the exchange ships with their sources, as an operator may propose them."""

    items: list[ProposedParameterView]


def shown_values(kind: ParameterKind, values: dict[str, Any]) -> dict[str, str | int | list[str]]:
    """Values as they were entered: ratios as text, days and years as whole numbers."""
    shown: dict[str, str | int | list[str]] = {}
    for name, bounds in VALUES[kind].items():
        if name not in values:
            continue
        value = values[name]
        if bounds.is_list:
            shown[name] = [ratio_text(item) for item in value]
        else:
            shown[name] = ratio_text(value) if bounds.is_ratio else value
    return shown
