"""Everything of a valuation's page: panel, inputs, sensitivity, history, weights, own scenarios, proof."""

from collections.abc import Mapping, Sequence

from exchange.core.errors import NotFound
from exchange.core.money import Money
from exchange.core.terms import SourceMark
from exchange.rulebook import service as rulebook
from exchange.valuation.note.figures import amount_text, short_text
from exchange.valuation.note.sentences import Price
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.opinion import Panel
from exchange.valuation.pictures.nav_history import HistoryPoint, HistoryWords, nav_history
from exchange.valuation.service import scenarios, valuations, weights
from exchange.valuation.service.scenarios import ScenarioRow
from exchange.valuation.service.valuations import Valuation
from exchange.valuation.service.weights import WeightSetRow
from exchange.valuation.service.words import words_of
from exchange.web.books import book_of, seen_bids
from exchange.web.listing_page import listing_page
from exchange.web.models import ListingPage
from exchange.web.scenario_form import assumed_words
from exchange.web.valuation_models import (
    Check,
    Drawing,
    Grid,
    GridCell,
    HistoryLine,
    PanelView,
    ScenarioLine,
    WeightsLine,
)
from exchange.web.valuation_panel import (
    NARROW,
    WIDE,
    Known,
    OwnPanel,
    changed,
    drawing_of,
    opinion_line,
    panel_view,
)
from exchange.web.visit import Visit

HISTORY_MAX = 20
SCENARIOS_DRAWN = 3


def known_of(found: Valuation, panel: Panel) -> Known:
    """Whether the panel's NAV is older than the market profile likes, and whether its fund is simulated."""
    warning = rulebook.profile(found.row.profile, found.row.valued_on).nav_warning_days.value
    age = panel.nav_age_days
    return Known(found.row.id, age is not None and age > warning, found.fund.source_mark is SourceMark.SIMULATED)


def market_prices(visit: Visit, listing: ListingPage | None) -> Mapping[str, Price | None]:
    """Ask, best bid, floor and the viewer's own bid of a listing, as far as this viewer may see them."""
    if listing is None:
        return {}
    best, mine = seen_bids(visit.tx, visit.actor, book_of(visit.tx, visit.actor, listing.line.book_id))
    found = {"ask": listing.price_ppm, "best_bid": best, "floor": listing.floor_ppm, "my_bid": mine}
    return {name: None if ppm is None else Price(ppm, listing.nav_minor) for name, ppm in found.items()}


def listing_panel(visit: Visit, listing: ListingPage) -> PanelView | None:
    """The newest panel of a listing's fund; None before the first."""
    try:
        found, _, panel = valuations.latest_valuation_of(visit.tx, visit.actor, listing.fund_id)
    except NotFound:
        return None
    return panel_view(visit, panel, known_of(found, panel), prices=market_prices(visit, listing))


def listing_beside(visit: Visit, found: Valuation, named: str) -> ListingPage | None:
    """The listing whose prices stand beside a valuation: the one named, else the one it was asked for; of its fund."""
    listing_id = named or found.row.listing_id
    if not listing_id:
        return None
    try:
        listing = listing_page(visit, listing_id)
    except NotFound:
        return None
    return listing if listing.fund_id == found.row.fund_id else None


def page_values(visit: Visit, found: Valuation, listing: ListingPage | None) -> dict[str, object]:
    """What the page of a computed valuation reads."""
    _, result, panel = valuations.computed_valuation(visit.tx, visit.actor, found.row.id)
    _, facts, assumptions = valuations.inputs_kept(visit.tx, visit.actor, found.row.id)
    target = assumptions.target_return_point
    own = _own_scenarios(visit, found.row.id)
    view = panel_view(
        visit,
        panel,
        known_of(found, panel),
        prices=market_prices(visit, listing),
        own=[OwnPanel(name, other) for name, other, _ in own[:SCENARIOS_DRAWN]],
    )
    return {
        "panel": view,
        "result": result,
        "grid": _grid(visit, found.row.id, target.value_ppm if target else None),
        "history_drawing": _history_drawing(visit, facts),
        "weight_sets": [_weights_line(visit, row, panel) for row in _weight_sets(visit, found.row.id)],
        "weightable": [line for line in view.opinions if line.speaks],
        "scenarios": [_scenario_line(visit, panel, item) for item in own],
        "history": _history(visit, found),
    }


def _own_scenarios(visit: Visit, valuation_id: str) -> list[tuple[str, Panel, ScenarioRow]]:
    if not visit.viewer.may(scenarios.PERMISSION):
        return []
    rows = scenarios.scenarios_of(visit.tx, visit.actor, valuation_id=valuation_id, limit=HISTORY_MAX)
    return [(row.name, scenarios.scenario_of(visit.tx, visit.actor, row.id)[1], row) for row in rows]


def _scenario_line(visit: Visit, panel: Panel, item: tuple[str, Panel, ScenarioRow]) -> ScenarioLine:
    name, own, row = item
    return ScenarioLine(
        scenario_id=row.id,
        name=name,
        at=row.entered_at,
        assumed=assumed_words(visit, row.overrides),
        changed=tuple(opinion_line(visit, opinion, panel) for opinion in changed(panel, own)),
    )


def _weight_sets(visit: Visit, valuation_id: str) -> Sequence[WeightSetRow]:
    return weights.weights_of(visit.tx, visit.actor, valuation_id=valuation_id)


def _weights_line(visit: Visit, row: WeightSetRow, panel: Panel) -> WeightsLine:
    words, currency = words_of(visit.language), panel.currency
    return WeightsLine(
        person=row.entered_by_name,
        at=row.entered_at,
        reason=row.reason,
        is_public=row.is_public,
        weights=tuple((words[f"model.{item['model']}"], int(item["weight_ppm"])) for item in row.weights),
        low=Money(row.low_minor, currency),
        point=Money(row.point_minor, currency),
        high=Money(row.high_minor, currency),
        low_ppm=row.low_ppm,
        point_ppm=row.point_ppm,
        high_ppm=row.high_ppm,
    )


def _grid(visit: Visit, valuation_id: str, base_ppm: int | None) -> Grid | None:
    found = valuations.sensitivity_of(visit.tx, visit.actor, valuation_id)
    if found is None:
        return None
    rows = tuple(
        (
            ppm,
            tuple(
                GridCell(cell, ppm == base_ppm and delay == 0)
                for delay, cell in zip(found.delays_years, cells, strict=True)
            ),
        )
        for ppm, cells in zip(found.target_returns_ppm, found.headline_ppm, strict=True)
    )
    return Grid(found.delays_years, rows)


def _history_drawing(visit: Visit, facts: FundFacts) -> Drawing | None:
    """NAV with calls and distributions between its reports; the first report shows no movement."""
    if not facts.statements:
        return None
    points = []
    for index, fact in enumerate(facts.statements):
        before = facts.statements[index - 1] if index else fact
        points.append(
            HistoryPoint(
                fact.as_of,
                fact.nav_minor,
                fact.paid_in_minor - before.paid_in_minor,
                fact.distributed_minor - before.distributed_minor,
            )
        )
    words = _history_words(visit, facts.currency)
    return drawing_of(
        nav_history(points, words, width=WIDE, prefix="history-wide"),
        nav_history(points, words, width=NARROW, height=260, prefix="history-narrow"),
    )


def _history_words(visit: Visit, currency: str) -> HistoryWords:
    words = words_of(visit.language)
    return HistoryWords(
        title=words["history.title"],
        summary=words["history.summary"],
        nothing=words["history.nothing"],
        caption=words["history.caption"],
        nav=words["history.nav"],
        called=words["history.called"],
        distributed=words["history.distributed"],
        as_of=words["history.as_of"],
        figure=lambda minor: short_text(minor, currency, visit.language),
        money=lambda minor: f"{amount_text(minor, currency)} {currency}",
    )


def _history(visit: Visit, found: Valuation) -> list[HistoryLine]:
    rows = valuations.valuations_of(visit.tx, visit.actor, fund_id=found.row.fund_id, limit=HISTORY_MAX)
    return [
        HistoryLine(
            valuation_id=item.row.id,
            valued_on=item.row.valued_on,
            computed_at=item.result.computed_at if item.result else None,
            panel_hash=item.result.panel_hash if item.result else "",
            is_this=item.row.id == found.row.id,
        )
        for item in rows
    ]


def checked(visit: Visit, valuation_id: str) -> Check:
    """The kept inputs computed again."""
    found = valuations.verify(visit.tx, visit.actor, valuation_id=valuation_id)
    return Check(found.agrees, found.kept_hash, found.recomputed_hash, found.kept_version, found.present_version)
