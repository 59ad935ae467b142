"""Weights that a named person gives to the models, with a reason. The exchange has none of its own.

An operator's are shown to everyone beside the range; everyone else's say what they would pay, and stay with their
own organisation.
"""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.access.service import users
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.valuation import store
from exchange.valuation.errors import WeightsInvalid
from exchange.valuation.service.valuations import computed_valuation, valuation_of
from exchange.valuation.tables import WeightSetRow as WeightSetRow
from exchange.valuation.weighting import ModelWeight, check_weights, weighted


def add_weights(
    tx: Tx, actor: Actor, now: datetime, *, valuation_id: str, weights: Sequence[ModelWeight], reason: str
) -> WeightSetRow:
    """Keep a person's weights with their reason, and the figure they make of this valuation."""
    actor.require("valuations:run")
    _, result, panel = computed_valuation(tx, actor, valuation_id)
    if fields := check_weights(panel, weights):
        raise WeightsInvalid(fields=tuple(fields))
    figure = weighted(panel, weights)
    is_public = Role.OPERATOR in actor.roles
    row = WeightSetRow(
        id=new_id("weight_set"),
        valuation_id=valuation_id,
        organisation_id=actor.organisation_id,
        is_public=is_public,
        entered_by=actor.user_id,
        entered_by_name=users.name_of(tx, actor.user_id),
        entered_at=now,
        reason=reason,
        weights=[{"model": item.model.value, "weight_ppm": item.weight_ppm} for item in weights],
        low_minor=figure.low_minor,
        point_minor=figure.point_minor,
        high_minor=figure.high_minor,
        low_ppm=figure.low_ppm,
        point_ppm=figure.point_ppm,
        high_ppm=figure.high_ppm,
    )
    store.add(tx, row)
    data = {"valuation_id": valuation_id, "panel_hash": result.panel_hash}
    audience = (MARKET,) if is_public else (actor.organisation_id,)
    emit(tx, now, Event("valuation.weighted", row.id, audience, data), actor_id=actor.user_id)
    return row


def weights_of(tx: Tx, actor: Actor, *, valuation_id: str) -> list[WeightSetRow]:
    """Weights the caller may see, newest first: operators' and those of its own organisation."""
    valuation_of(tx, actor, valuation_id)
    return store.weight_sets(tx, valuation_id, actor.organisation_id)
