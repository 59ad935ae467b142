"""SQL of awards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from exchange.infra.database import Tx, cursor
from exchange.matching.store.journal import MatchingBook
from exchange.matching.tables import AwardRow, OrderRow


@dataclass(frozen=True, slots=True)
class KnownAward:
    """An award that stands; once the seller has accepted it, who did and when."""

    id: str
    accepted_by: str | None = None
    accepted_at: datetime | None = None


def awards_of_books(tx: Tx, book_ids: Sequence[str]) -> dict[str, str]:
    """Award id by book id."""
    if not book_ids:
        return {}
    with cursor(tx) as sql:
        sql.execute("SELECT book_id, id FROM award WHERE book_id = ANY(%s)", (list(book_ids),))
        return {str(row[0]): str(row[1]) for row in sql.fetchall()}


def kept_awards(tx: Tx, book_ids: Sequence[str]) -> dict[str, KnownAward]:
    """Awards by book id, kept from being accepted or refused until the end of the transaction.

    Who accepts after it sees every proposal written in it; who accepted before is known here.
    """
    if not book_ids:
        return {}
    with cursor(tx) as sql:
        sql.execute("SELECT book_id, id FROM award WHERE book_id = ANY(%s) ORDER BY id FOR SHARE", (list(book_ids),))
        found = {str(row[1]): str(row[0]) for row in sql.fetchall()}
        sql.execute(
            "SELECT subject_id, actor_id, at FROM event WHERE subject_id = ANY(%s) AND type = 'award.accepted'",
            (list(found),),
        )
        accepted = {str(row[0]): (str(row[1]), row[2]) for row in sql.fetchall()}
    return {book_id: KnownAward(award_id, *accepted.get(award_id, ())) for award_id, book_id in found.items()}


def insert_award(
    tx: Tx, now: datetime, award_id: str, book: MatchingBook, sequence: int, values: Mapping[str, Any]
) -> None:
    """Write the award of a book."""
    tx.add(
        AwardRow(
            id=award_id,
            book_id=book.id,
            listing_id=book.listing_id or "",
            sequence=sequence,
            policy=book.policy,
            currency=book.currency,
            created_at=now,
            **values,
        )
    )
    tx.flush()


def update_award(tx: Tx, award_id: str, values: Mapping[str, Any]) -> None:
    """Replace what an award says, as after its match right."""
    row = lock_award(tx, award_id)
    if row is None:
        raise LookupError(award_id)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    tx.flush()


def award(tx: Tx, award_id: str) -> AwardRow | None:
    """One award."""
    return tx.get(AwardRow, award_id, populate_existing=True)


def lock_award(tx: Tx, award_id: str) -> AwardRow | None:
    """One award, locked until the end of the transaction."""
    return tx.get(AwardRow, award_id, with_for_update=True, populate_existing=True)


def award_of_listing(tx: Tx, listing_id: str) -> AwardRow | None:
    """The latest award of a listing, if its auction has come that far; an extended one may have had one before."""
    query = select(AwardRow).where(col(AwardRow.listing_id) == listing_id)
    return tx.exec(query.order_by(col(AwardRow.id).desc())).first()


def has_bid(tx: Tx, book_id: str, organisation_id: str) -> bool:
    """Whether an organisation has an order in a book."""
    query = select(OrderRow.id).where(OrderRow.book_id == book_id, OrderRow.organisation_id == organisation_id)
    return tx.exec(query.limit(1)).first() is not None
