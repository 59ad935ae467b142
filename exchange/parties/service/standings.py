"""The standing of organisations: kept in one row each, rewritten in the transaction of every change beneath it."""

from collections.abc import Sequence
from datetime import datetime

from exchange.core.clock import end_of_market_day, market_date
from exchange.core.events import Event
from exchange.core.terms import BuyerClass
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import store
from exchange.parties.deemed import Deemed
from exchange.parties.errors import OrganisationNotFound
from exchange.parties.lifecycle import OrganisationStatus
from exchange.parties.relations import group_keys
from exchange.parties.standing import Standing
from exchange.parties.tables import SuitabilityRow
from exchange.rulebook.service import DEFAULT_PROFILE, profile


def refresh_standing(tx: Tx, organisation_id: str) -> Standing:
    """Rewrite the standing from the records; emits ``investor_class.changed`` when the class in force differs."""
    now = business_now(tx)
    before = store.standings(tx, [organisation_id]).get(organisation_id)
    after = _derive(tx, organisation_id, now)
    store.write_standing(tx, after)
    # A bidder's class in force decides its rank; who loses its class was a member of it until now.
    was = before.buyer_class if before is not None and before.class_valid_to is not None else BuyerClass.OTHER
    if was is not after.buyer_class:
        data = {"from": was.value, "to": after.buyer_class.value}
        emit(tx, now, Event("investor_class.changed", organisation_id, audience=(organisation_id,), data=data))
    return after


def _derive(tx: Tx, organisation_id: str, now: datetime) -> Standing:
    row = store.organisation(tx, organisation_id)
    if row is None:
        raise OrganisationNotFound
    today = market_date(now)
    record = store.approved_class(tx, organisation_id)
    in_force = record if record is not None and record.valid_from <= today <= record.valid_to else None
    suitability = store.approved_suitability(tx, organisation_id)
    threshold = profile(DEFAULT_PROFILE, today).beneficial_owner_ppm.value
    keys = group_keys(store.upstream(tx, organisation_id, today), organisation_id, threshold)
    standing = Standing(
        organisation_id=organisation_id,
        is_approved=row.status is OrganisationStatus.APPROVED,
        is_simulated=row.is_simulated,
        buyer_class=in_force.buyer_class if in_force else BuyerClass.OTHER,
        class_valid_to=in_force.valid_to if in_force else None,
        group_keys=keys,
    )
    if suitability is None:
        return standing
    return Standing(
        organisation_id=standing.organisation_id,
        is_approved=standing.is_approved,
        is_simulated=standing.is_simulated,
        buyer_class=standing.buyer_class,
        class_valid_to=standing.class_valid_to,
        suitable_until=suitability.valid_to,
        suitability_currency=suitability.currency,
        net_assets_minor=suitability.net_assets_minor,
        financial_assets_minor=suitability.financial_assets_minor,
        risk_rating=suitability.risk_rating,
        risk_statement_signed=suitability.risk_statement_signed_on is not None,
        no_nominee_declared=suitability.no_nominee_declared_on is not None,
        group_keys=standing.group_keys,
        deemed=deemed_of(suitability),
    )


def deemed_of(row: SuitabilityRow) -> Deemed | None:
    """By which line of the law the record's investor is qualified (R-23); None when it proves assets."""
    return Deemed(row.deemed_kind, row.deemed_manager_id) if row.deemed_kind is not None else None


def refresh_downstream(tx: Tx, organisation_id: str) -> None:
    """Rewrite the standing of an organisation and of everything it owns, in id order."""
    known = store.organisations_by_id(tx, store.downstream(tx, organisation_id))
    for below in sorted(known):
        refresh_standing(tx, below)


def standings_of(tx: Tx, ids: Sequence[str]) -> dict[str, Standing]:
    """Standings by organisation id, in one statement; unknown ids are left out."""
    return store.standings(tx, sorted(set(ids))) if ids else {}


def watch_class_end(tx: Tx, now: datetime, organisation_id: str, record_id: str) -> None:
    """Set the deadline on which a class ends by itself."""
    record = store.class_record(tx, record_id)
    if record is not None:
        event = Event("investor_class.ended", organisation_id, data={"investor_class_id": record_id})
        emit(tx, now, event, due_at=end_of_market_day(record.valid_to))
