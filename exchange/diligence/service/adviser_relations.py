"""What an adviser declares of its clients and affiliates. The conflict check reads it; nobody else but the exchange."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.advice_errors import AdviserEntryInvalid, AdviserNotFound
from exchange.diligence.conflicts import Relation, normal_name
from exchange.diligence.store import advisers as store
from exchange.diligence.tables.advice import AdviserRelationRow, AdviserRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import service as parties

Key = tuple[str, str, str, str, date]


def declare_relations(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    organisation_id: str,
    relations: Sequence[Relation],
    check_version: Callable[[int], None],
) -> tuple[AdviserRow, list[AdviserRelationRow]]:
    """Put the list of an adviser's relations in the place of what it declared before; what is left out has ended.

    Ended ones stay: whom an adviser acted for last year still counts. ``check_version`` refuses a stale list.
    """
    actor.require("engagements:work")
    row = store.lock_adviser(tx, organisation_id)
    if row is None or organisation_id != actor.organisation_id:
        raise AdviserNotFound
    check_version(row.version)
    today = market_date(now)
    _demand_sound(tx, relations, today)
    wanted = {_key(each): each for each in relations}
    known = {_key(_relation(each)): each for each in store.relations(tx, organisation_id)}
    for key, kept in known.items():
        if key in wanted:
            kept.valid_until = wanted[key].valid_until
        elif kept.valid_until is None or kept.valid_until >= today:
            store.end_relation(tx, kept, max(today - timedelta(days=1), kept.valid_from))
    added = [_new(organisation_id, each, actor, now) for key, each in wanted.items() if key not in known]
    store.add(tx, *added)
    store.save(tx, row)
    data = {"count": len(wanted), "added": len(added)}
    event = Event("adviser.relations_declared", organisation_id, (organisation_id,), data)
    emit(tx, now, event, actor_id=actor.user_id)
    return row, store.relations(tx, organisation_id)


def relations_of(tx: Tx, actor: Actor, *, organisation_id: str) -> tuple[AdviserRow, list[AdviserRelationRow]]:
    """What an adviser declared, for itself and those who watch."""
    actor.require("advisers:read")
    row = store.adviser(tx, organisation_id)
    if row is None or not (actor.sees_everything or organisation_id == actor.organisation_id):
        raise AdviserNotFound
    return row, store.relations(tx, organisation_id)


def known_relations(tx: Tx, organisation_id: str) -> frozenset[Relation]:
    """Everything an adviser ever declared, as values; for the conflict check."""
    return frozenset(_relation(row) for row in store.relations(tx, organisation_id))


def _demand_sound(tx: Tx, relations: Sequence[Relation], today: date) -> None:
    ids = sorted({each.organisation_id for each in relations if each.organisation_id is not None})
    known = parties.names_of(tx, ids) if ids else {}
    faults = []
    for place, each in enumerate(relations):
        if each.organisation_id is not None and each.organisation_id not in known:
            faults.append(FieldError(f"/relations/{place}/organisation_id", "RELATED_ORGANISATION_UNKNOWN"))
        if each.valid_from > today:
            faults.append(FieldError(f"/relations/{place}/valid_from", "DATE_IN_FUTURE"))
        if each.valid_until is not None and each.valid_until < each.valid_from:
            faults.append(FieldError(f"/relations/{place}/valid_until", "DATES_OUT_OF_ORDER"))
    if faults:
        raise AdviserEntryInvalid(fields=tuple(faults))


def _key(relation: Relation) -> Key:
    who = relation.organisation_id or normal_name(relation.name)
    return relation.kind.value, who, normal_name(relation.name), normal_name(relation.subject), relation.valid_from


def _relation(row: AdviserRelationRow) -> Relation:
    return Relation(
        row.kind, row.other_organisation_id, row.other_name, row.subject, row.valid_from, row.valid_until
    )  # fmt: skip


def _new(organisation_id: str, relation: Relation, actor: Actor, now: datetime) -> AdviserRelationRow:
    return AdviserRelationRow(
        id=new_id("adviser_relation"),
        organisation_id=organisation_id,
        kind=relation.kind,
        other_organisation_id=relation.organisation_id,
        other_name=relation.name,
        subject=relation.subject,
        valid_from=relation.valid_from,
        valid_until=relation.valid_until,
        declared_by=actor.user_id,
        declared_at=now,
    )
