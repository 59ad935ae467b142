"""Private scenarios: the panel under somebody's own assumptions, kept, and for their organisation alone.

What a buyer assumes is what it would pay: nobody else sees a scenario, operators and auditors included, for whom it
does not exist (404). The audit trail and its export keep that a scenario was entered, by whom, and the hashes of its
contents, so that its owner can prove it later; the contents are in neither.
"""

from dataclasses import asdict
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.valuation import store
from exchange.valuation.errors import ScenarioInvalid, ScenarioNotFound
from exchange.valuation.panel.canonical import from_text, text_hash, to_text
from exchange.valuation.panel.opinion import Panel
from exchange.valuation.scenario import Overrides, check_overrides, facts_under, overridden
from exchange.valuation.service.computation import kept_inputs, panels_of, present_life, software_version
from exchange.valuation.service.valuations import computed_valuation, valuation_of
from exchange.valuation.tables import ScenarioRow as ScenarioRow

PERMISSION = "scenarios:write"


def add_scenario(
    tx: Tx, actor: Actor, now: datetime, *, valuation_id: str, name: str, overrides: Overrides
) -> tuple[ScenarioRow, Panel]:
    """Run the models of a computed valuation under own assumptions and keep the answer for the caller's side."""
    actor.require(PERMISSION)
    _, result, _ = computed_valuation(tx, actor, valuation_id)
    facts, market = kept_inputs(tx, result)
    if fields := check_overrides(market, overrides):
        raise ScenarioInvalid(fields=tuple(fields))
    life = present_life(facts, market)
    facts = facts_under(facts, overrides)
    own = overridden(market, overrides, life=life, source=f"own assumption: {name}", on=facts.valued_on)
    (panel,) = panels_of([facts], [own])
    assumptions_text, panel_text = to_text(own), to_text(panel)
    row = ScenarioRow(
        id=new_id("scenario"),
        valuation_id=valuation_id,
        organisation_id=actor.organisation_id,
        name=name,
        overrides={key: given for key, given in asdict(overrides).items() if given is not None},
        assumptions=assumptions_text,
        assumptions_hash=text_hash(assumptions_text),
        panel=panel_text,
        panel_hash=text_hash(panel_text),
        software_version=software_version(),
        entered_by=actor.user_id,
        entered_at=now,
    )
    store.add(tx, row)
    data = {"valuation_id": valuation_id, "assumptions_hash": row.assumptions_hash, "panel_hash": row.panel_hash}
    event = Event("valuation.scenario_recorded", row.id, (actor.organisation_id,), data)
    emit(tx, now, event, actor_id=actor.user_id)
    return row, panel


def scenario_of(tx: Tx, actor: Actor, scenario_id: str) -> tuple[ScenarioRow, Panel]:
    """A scenario of the caller's organisation; for everyone else it does not exist."""
    actor.require(PERMISSION)
    row = store.scenario(tx, scenario_id, actor.organisation_id)
    if row is None:
        raise ScenarioNotFound
    return row, from_text(Panel, row.panel)


def scenarios_of(
    tx: Tx, actor: Actor, *, valuation_id: str, before: str | None = None, limit: int = 200
) -> list[ScenarioRow]:
    """The caller's organisation's scenarios over a valuation, newest first."""
    actor.require(PERMISSION)
    valuation_of(tx, actor, valuation_id)
    return store.scenarios(tx, actor.organisation_id, valuation_id, before=before, limit=limit)
