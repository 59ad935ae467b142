"""SQL of checklists: the lists, their items with history, facts, passed gates, clearances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select

from exchange.diligence.item import ItemScope, ItemState
from exchange.diligence.tables.advice import EngagementRow
from exchange.diligence.tables.checklists import (
    BidClearanceRow,
    ChecklistFactRow,
    ChecklistItemRow,
    ChecklistRow,
    GatePassageRow,
    ItemDecisionRow,
    ItemSubmissionRow,
)
from exchange.infra.database import Tx, cursor

ANEW = {"populate_existing": True}
ASKED = col(ChecklistItemRow.state) != ItemState.NOT_REQUESTED
"""Somebody asked for the paper or handed one in, whether or not a gate waits for it."""


def checklist(tx: Tx, listing_id: str) -> ChecklistRow | None:
    """The checklist of a listing, read anew."""
    return tx.get(ChecklistRow, listing_id, populate_existing=True)


def checklists(tx: Tx, listing_ids: Iterable[str]) -> list[ChecklistRow]:
    """Several checklists in the order of their ids."""
    query = select(ChecklistRow).where(col(ChecklistRow.listing_id).in_(list(listing_ids)))
    return list(tx.exec(query.order_by(col(ChecklistRow.listing_id)), execution_options=ANEW).all())


def lock_checklists(tx: Tx, listing_ids: Iterable[str]) -> list[ChecklistRow]:
    """Several checklists, locked in the order of their ids until the transaction ends, read after the lock."""
    query = (
        select(ChecklistRow)
        .where(col(ChecklistRow.listing_id).in_(sorted(set(listing_ids))))
        .order_by(col(ChecklistRow.listing_id))
        .with_for_update(key_share=True)
    )
    return list(tx.exec(query, execution_options=ANEW).all())


def all_listing_ids(tx: Tx) -> list[str]:
    """Every listing that has a checklist."""
    return list(tx.exec(select(ChecklistRow.listing_id).order_by(col(ChecklistRow.listing_id))).all())


def listing_ids_of(tx: Tx, organisation_id: str) -> list[str]:
    """The listings in which an organisation sells, manages the fund, or stands as a bidder."""
    own = select(ChecklistRow.listing_id).where(
        or_(
            col(ChecklistRow.seller_organisation_id) == organisation_id,
            col(ChecklistRow.manager_organisation_id) == organisation_id,
        )
    )
    bidding = select(BidClearanceRow.listing_id).where(BidClearanceRow.organisation_id == organisation_id)
    return sorted({*tx.exec(own).all(), *tx.exec(bidding).all()})


def items_of_listings(
    tx: Tx, listing_ids: Sequence[str], organisation_ids: Sequence[str] | None = None
) -> list[ChecklistItemRow]:
    """The items of listings; with organisations, only theirs and the listings' own."""
    query = select(ChecklistItemRow).where(col(ChecklistItemRow.listing_id).in_(listing_ids))
    if organisation_ids is not None:
        query = query.where(
            or_(
                col(ChecklistItemRow.organisation_id).is_(None),
                col(ChecklistItemRow.organisation_id).in_(organisation_ids),
            )
        )
    return list(tx.exec(query.order_by(col(ChecklistItemRow.code)), execution_options=ANEW).all())


def account_items(tx: Tx, organisation_ids: Iterable[str], *, lock: str = "") -> list[ChecklistItemRow]:
    """The account items of organisations; ``lock``: ``share`` or ``update`` until the transaction ends."""
    query = (
        select(ChecklistItemRow)
        .where(
            col(ChecklistItemRow.organisation_id).in_(list(organisation_ids)),
            ChecklistItemRow.scope == ItemScope.ACCOUNT,
        )
        .order_by(col(ChecklistItemRow.id))
    )
    if lock:
        query = query.with_for_update(read=lock == "share", key_share=lock == "update")
    return list(tx.exec(query, execution_options=ANEW).all())


def items_by_id(tx: Tx, item_ids: Iterable[str], *, lock: bool = False) -> list[ChecklistItemRow]:
    """Items by id, in the order of their ids; with ``lock`` until the transaction ends."""
    query = (
        select(ChecklistItemRow)
        .where(col(ChecklistItemRow.id).in_(sorted(set(item_ids))))
        .order_by(col(ChecklistItemRow.id))
    )
    if lock:
        query = query.with_for_update(key_share=True)
    return list(tx.exec(query, execution_options=ANEW).all())


def add_items(tx: Tx, rows: Sequence[ChecklistItemRow]) -> None:
    """New items; one that another transaction added meanwhile stays as it is."""
    if rows:
        tx.flush()
        values = [row.model_dump() for row in rows]
        tx.execute(insert(ChecklistItemRow).values(values).on_conflict_do_nothing())


def add(tx: Tx, rows: Iterable[object]) -> None:
    """New rows of any table."""
    tx.add_all(list(rows))
    tx.flush()


def facts(tx: Tx, listing_ids: Sequence[str]) -> list[ChecklistFactRow]:
    """Facts that were stated, of listings and of their bidders."""
    query = select(ChecklistFactRow).where(col(ChecklistFactRow.listing_id).in_(listing_ids))
    return list(tx.exec(query, execution_options=ANEW).all())


def passages(tx: Tx, listing_ids: Sequence[str]) -> list[GatePassageRow]:
    """Gates that listings and their bidders have passed."""
    query = select(GatePassageRow).where(col(GatePassageRow.listing_id).in_(listing_ids))
    return list(tx.exec(query).all())


def clearances(tx: Tx, listing_ids: Sequence[str]) -> list[BidClearanceRow]:
    """Who stands as a bidder of listings."""
    query = (
        select(BidClearanceRow)
        .where(col(BidClearanceRow.listing_id).in_(listing_ids))
        .order_by(col(BidClearanceRow.listing_id), col(BidClearanceRow.organisation_id))
    )
    return list(tx.exec(query, execution_options=ANEW).all())


def engaged_firms(tx: Tx, listing_ids: Sequence[str]) -> list[tuple[str, str, str]]:
    """(listing, kind of advice, firm) of every engagement that was given and not ended."""
    with cursor(tx) as raw:
        rows = raw.execute(
            "SELECT listing_id, kind, adviser_organisation_id FROM engagement WHERE listing_id = ANY(%s) "
            "AND adviser_organisation_id IS NOT NULL "
            "AND state IN ('engaged', 'in_progress', 'delivered', 'disputed', 'accepted', 'closed') ORDER BY id",
            (list(listing_ids),),
        ).fetchall()
    return [(str(listing), str(kind), str(firm)) for listing, kind, firm in rows]


def waiting_items(
    tx: Tx, states: Sequence[ItemState], *, organisation_id: str | None, limit: int
) -> list[ChecklistItemRow]:
    """Items in these states, soonest due first; of one organisation's account and of listings it has a part in."""
    query = select(ChecklistItemRow).where(
        col(ChecklistItemRow.state).in_(states), col(ChecklistItemRow.is_required).is_(True) | ASKED
    )
    if organisation_id is not None:
        sold = select(ChecklistRow.listing_id).where(
            or_(
                col(ChecklistRow.seller_organisation_id) == organisation_id,
                col(ChecklistRow.manager_organisation_id) == organisation_id,
            )
        )
        advised = select(EngagementRow.listing_id).where(EngagementRow.adviser_organisation_id == organisation_id)
        query = query.where(
            or_(
                col(ChecklistItemRow.organisation_id) == organisation_id,
                col(ChecklistItemRow.listing_id).in_(sold),
                col(ChecklistItemRow.listing_id).in_(advised),
                col(ChecklistItemRow.organisation_id).is_(None)
                & col(ChecklistItemRow.listing_id).in_(
                    select(BidClearanceRow.listing_id).where(BidClearanceRow.organisation_id == organisation_id)
                ),
            )
        )
    query = query.order_by(
        col(ChecklistItemRow.due_on).asc().nulls_last(), col(ChecklistItemRow.state_since_at), col(ChecklistItemRow.id)
    ).limit(limit)
    return list(tx.exec(query, execution_options=ANEW).all())


def submissions(tx: Tx, item_ids: Sequence[str]) -> list[ItemSubmissionRow]:
    """What was handed in for items, oldest first."""
    query = (
        select(ItemSubmissionRow)
        .where(col(ItemSubmissionRow.item_id).in_(item_ids))
        .order_by(col(ItemSubmissionRow.id))
    )
    return list(tx.exec(query).all())


def decisions(tx: Tx, item_ids: Sequence[str]) -> list[ItemDecisionRow]:
    """Every change of items' states, oldest first."""
    query = select(ItemDecisionRow).where(col(ItemDecisionRow.item_id).in_(item_ids)).order_by(col(ItemDecisionRow.id))
    return list(tx.exec(query).all())


@dataclass(frozen=True, slots=True)
class RoomRights:
    """What a bidder may see of a listing's papers: NDA signed, on the short list."""

    has_signed: bool
    is_shortlisted: bool


def room_rights(tx: Tx, listing_id: str, organisation_id: str) -> RoomRights:
    """Whether an organisation signed the room's agreement as it stands, and whether it is on the short list."""
    with cursor(tx) as raw:
        row = raw.execute(
            "SELECT EXISTS (SELECT 1 FROM nda_signature s WHERE s.room_id = r.id AND s.organisation_id = %s "
            "AND s.text_hash = r.nda_hash), %s = ANY(r.shortlisted) FROM room r WHERE r.listing_id = %s",
            (organisation_id, organisation_id, listing_id),
        ).fetchone()
    return RoomRights(bool(row and row[0]), bool(row and row[0] and row[1]))
