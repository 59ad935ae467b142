"""SQL of the directory of advisers and of the relations they declare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import String, cast, col, func, or_, select

from exchange.diligence.engagement import AdviserKind, AdviserState
from exchange.diligence.tables.advice import AdviserRelationRow, AdviserRow, EngagementRatingRow, EngagementRow
from exchange.infra.database import Tx


@dataclass(frozen=True, slots=True)
class Rating:
    """What the clients of closed engagements say of an adviser: how many stars in all, of how many of them."""

    stars: int
    count: int


@dataclass(frozen=True, slots=True)
class AdviserSeen:
    """An entry with the names of its organisation and its rating; ``is_inside``: the caller may read all of it."""

    row: AdviserRow
    name_zh: str
    name_en: str
    rating: Rating
    is_inside: bool


def adviser(tx: Tx, organisation_id: str) -> AdviserRow | None:
    """One entry, read anew."""
    return tx.get(AdviserRow, organisation_id, populate_existing=True)


def lock_adviser(tx: Tx, organisation_id: str) -> AdviserRow | None:
    """One entry, locked until the end of the transaction."""
    return tx.get(AdviserRow, organisation_id, with_for_update={"key_share": True}, populate_existing=True)


def add(tx: Tx, *rows: AdviserRow | AdviserRelationRow) -> None:
    """New rows."""
    tx.add_all(rows)
    tx.flush()


def save(tx: Tx, row: AdviserRow) -> None:
    """Write a changed entry under its next version."""
    row.version += 1
    tx.flush()


def advisers(
    tx: Tx,
    *,
    kind: AdviserKind | None,
    state: AdviserState | None,
    visible_to: str | None,
    is_state_shortlisted: bool | None,
    after: str,
    limit: int,
) -> list[AdviserRow]:
    """Entries in the order of their ids. ``visible_to`` sees admitted ones and its own; None sees all."""
    query = select(AdviserRow).where(col(AdviserRow.organisation_id) > after)
    if kind is not None:
        query = query.where(col(AdviserRow.kinds).op("@>")(cast([kind.value], ARRAY(String))))
    if state is not None:
        query = query.where(AdviserRow.state == state)
    if is_state_shortlisted is not None:
        query = query.where(col(AdviserRow.is_state_shortlisted) == is_state_shortlisted)
    if visible_to is not None:
        query = query.where(
            or_(col(AdviserRow.state) == AdviserState.ADMITTED, col(AdviserRow.organisation_id) == visible_to)
        )
    query = query.order_by(col(AdviserRow.organisation_id)).limit(limit)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def admitted_ids(tx: Tx, kind: AdviserKind) -> list[str]:
    """Every adviser admitted for a kind of work."""
    query = select(AdviserRow.organisation_id).where(
        AdviserRow.state == AdviserState.ADMITTED,
        col(AdviserRow.kinds).op("@>")(cast([kind.value], ARRAY(String))),
    )
    return sorted(tx.exec(query).all())


def advisers_by_id(tx: Tx, ids: Sequence[str]) -> dict[str, AdviserRow]:
    """Entries by organisation id, in one statement; unknown ids are absent."""
    query = select(AdviserRow).where(col(AdviserRow.organisation_id).in_(ids))
    return {row.organisation_id: row for row in tx.exec(query).all()} if ids else {}


def ratings(tx: Tx, ids: Sequence[str]) -> dict[str, Rating]:
    """The sum and number of stars by adviser, in one statement; who was never rated is absent."""
    if not ids:
        return {}
    adviser_id = col(EngagementRow.adviser_organisation_id)
    query = (
        select(adviser_id, func.sum(EngagementRatingRow.stars), func.count())
        .join(EngagementRatingRow, col(EngagementRatingRow.engagement_id) == col(EngagementRow.id))
        .where(adviser_id.in_(ids))
        .group_by(adviser_id)
    )
    return {str(found): Rating(int(stars), int(count)) for found, stars, count in tx.exec(query).all()}


def relations(tx: Tx, organisation_id: str) -> list[AdviserRelationRow]:
    """Everything an adviser ever declared, ended ones included, in the order of their ids."""
    query = select(AdviserRelationRow).where(AdviserRelationRow.organisation_id == organisation_id)
    return list(tx.exec(query.order_by(col(AdviserRelationRow.id))).all())


def end_relation(tx: Tx, row: AdviserRelationRow, on: date) -> None:
    """A relation that is not declared any more held until a day; the row stays."""
    row.valid_until = on
    tx.flush()
