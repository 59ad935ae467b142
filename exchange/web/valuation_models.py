"""What the pages about valuations show: plain values that views fill from services and templates read."""

from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from exchange.core.money import Money
from exchange.valuation.pictures.drawing import Table
from exchange.web.models import Choice


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture in two widths (the page shows the one that fits), its sentence, and its table."""

    wide: Markup
    narrow: Markup
    summary: str
    table: Table


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """One model's word; without figures, `reason` says why."""

    model: str
    title: str
    kind: str
    status: str
    speaks: bool
    low_ppm: int | None
    point_ppm: int | None
    high_ppm: int | None
    low: Money | None
    point: Money | None
    high: Money | None
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputLine:
    """A figure that an opinion rests on."""

    model: str
    name: str
    value: str
    mark: str
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel as a listing shows it."""

    valuation_id: str
    valued_on: date
    reference_date: date | None
    reference_nav: Money | None
    rolled_nav: Money | None
    age_days: int | None
    is_stale: bool
    drawing: Drawing
    disagreements: tuple[str, ...]
    notes: tuple[str, ...]
    opinions: tuple[OpinionLine, ...]
    inputs: tuple[InputLine, ...]
    is_simulated: bool
    shows_irr: bool

    @property
    def silent(self) -> tuple[OpinionLine, ...]:
        """Models that could not run."""
        return tuple(line for line in self.opinions if not line.speaks)

    @property
    def inputs_by_model(self) -> dict[str, list[InputLine]]:
        """Inputs under the name of their model, in the panel's order."""
        found: dict[str, list[InputLine]] = {}
        for line in self.inputs:
            found.setdefault(line.model, []).append(line)
        return found

    @property
    def marks(self) -> tuple[str, ...]:
        """The source marks of all inputs, each once."""
        return tuple(dict.fromkeys(line.mark for line in self.inputs))


@dataclass(frozen=True, slots=True)
class WeightsLine:
    """Somebody's weights with the figure they make."""

    person: str
    at: datetime
    reason: str
    is_public: bool
    weights: tuple[tuple[str, int], ...]
    low: Money
    point: Money
    high: Money
    low_ppm: int | None
    point_ppm: int | None
    high_ppm: int | None


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """One of the viewer's own scenarios: what it assumes, and the models it changes."""

    scenario_id: str
    name: str
    at: datetime
    assumed: tuple[tuple[str, str], ...]
    changed: tuple[OpinionLine, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An earlier or later valuation of the same fund."""

    valuation_id: str
    valued_on: date
    computed_at: datetime | None
    panel_hash: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of the sensitivity grid: the headline price in ppm of the reference NAV."""

    ppm: int | None
    is_base: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """The cash-flow price by target return (rows) and years of later exit (columns)."""

    delays_years: tuple[int, ...]
    rows: tuple[tuple[int, tuple[GridCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What came out when the kept inputs were computed again."""

    agrees: bool
    kept_hash: str
    recomputed_hash: str
    kept_version: str
    present_version: str


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """A figure of a market in force or proposed: its values in words."""

    kind: str
    place: str
    effective_on: date
    version: int | None
    values: tuple[tuple[str, str], ...]
    mark: str
    source: str
    entered_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """Figures that wait for a second person."""

    approval_id: str
    entered_by: str
    entered_at: datetime
    is_own: bool
    lines: tuple[ParameterLine, ...]
    count: int


@dataclass(frozen=True, slots=True)
class RevaluationLine:
    """A valuation of the whole market and how far it has come."""

    revaluation_id: str
    valued_on: date
    requested_at: datetime
    fund_count: int
    funds_done: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: name, label, hint, what stands in it, what is wrong with it."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    problem: str = ""
    kind: str = "text"
    choices: tuple[Choice, ...] = ()
    required: bool = False
