"""SQL of listings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import col, or_, select

from exchange.core.terms import MatchingMode
from exchange.infra.database import Tx
from exchange.listings.lifecycle import ListingStatus
from exchange.listings.listing import UNPUBLISHED
from exchange.listings.tables import ListingApprovalRow, ListingCallRow, ListingRow


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What a list is narrowed to; None does not narrow."""

    fund_id: str | None = None
    mode: MatchingMode | None = None
    status: ListingStatus | None = None
    organisation_id: str | None = None
    fund_ids: Sequence[str] | None = None


def listing(tx: Tx, listing_id: str) -> ListingRow | None:
    """One listing, read anew."""
    return tx.get(ListingRow, listing_id, populate_existing=True)


def lock_listing(tx: Tx, listing_id: str) -> ListingRow | None:
    """One listing, locked until the end of the transaction, read after the lock."""
    return tx.get(ListingRow, listing_id, with_for_update={"key_share": True}, populate_existing=True)


def add(tx: Tx, row: ListingRow) -> None:
    """A new listing."""
    tx.add(row)
    tx.flush()


def listings(
    tx: Tx, wanted: ListingFilter, *, visible_to: str | None, before: str | None, limit: int
) -> list[ListingRow]:
    """Listings, newest first. ``visible_to`` also sees its own unpublished ones; None sees all."""
    query = select(ListingRow)
    if visible_to is not None:
        query = query.where(
            or_(
                (col(ListingRow.reviewed_at).is_not(None)) & col(ListingRow.status).not_in(UNPUBLISHED),
                col(ListingRow.seller_organisation_id) == visible_to,
                col(ListingRow.entered_by_organisation_id) == visible_to,
            )
        )
    if wanted.fund_id is not None:
        query = query.where(ListingRow.fund_id == wanted.fund_id)
    if wanted.fund_ids is not None:
        query = query.where(col(ListingRow.fund_id).in_(wanted.fund_ids))
    if wanted.mode is not None:
        query = query.where(ListingRow.mode == wanted.mode)
    if wanted.status is not None:
        query = query.where(ListingRow.status == wanted.status)
    if wanted.organisation_id is not None:
        query = query.where(
            or_(
                col(ListingRow.seller_organisation_id) == wanted.organisation_id,
                col(ListingRow.entered_by_organisation_id) == wanted.organisation_id,
            )
        )
    if before is not None:
        query = query.where(col(ListingRow.id) < before)
    query = query.order_by(col(ListingRow.id).desc()).limit(limit)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def found_no_buyer(tx: Tx, holding_id: str, other_than: str) -> bool:
    """Whether an earlier published listing of the interest ended without one."""
    query = (
        select(ListingRow.id)
        .where(
            ListingRow.holding_id == holding_id,
            ListingRow.id != other_than,
            col(ListingRow.reviewed_at).is_not(None),
            col(ListingRow.status).in_((ListingStatus.NO_BID, ListingStatus.EXPIRED)),
        )
        .limit(1)
    )
    return tx.exec(query).first() is not None


def first_of_chain(tx: Tx, row: ListingRow) -> ListingRow:
    """The first published listing that this one continues: itself when it is no relisting."""
    first, seen = row, {row.id}
    while first.relisted_from is not None and first.relisted_from not in seen:
        seen.add(first.relisted_from)
        before = tx.get(ListingRow, first.relisted_from)
        if before is None or before.reviewed_at is None:
            break
        first = before
    return first


def save(tx: Tx, row: ListingRow) -> None:
    """Write a changed listing under its next version."""
    row.version += 1
    tx.flush()


def approvals(tx: Tx, listing_id: str) -> list[ListingApprovalRow]:
    """Approvals filed for a listing, oldest first."""
    query = select(ListingApprovalRow).where(ListingApprovalRow.listing_id == listing_id)
    found = tx.exec(query.order_by(col(ListingApprovalRow.id)), execution_options={"populate_existing": True})
    return list(found)


def approval(tx: Tx, approval_id: str, *, locked: bool = False) -> ListingApprovalRow | None:
    """One approval, read anew; with ``locked`` until the end of the transaction."""
    return tx.get(ListingApprovalRow, approval_id, with_for_update=locked, populate_existing=True)


def add_approval(tx: Tx, row: ListingApprovalRow) -> None:
    """A new or changed approval."""
    tx.add(row)
    tx.flush()


def add_calls(tx: Tx, rows: Sequence[ListingCallRow]) -> None:
    """Partners were told of a listing."""
    tx.add_all(rows)
    tx.flush()


def calls(tx: Tx, listing_id: str) -> list[ListingCallRow]:
    """Who was told of a listing, and when, oldest first."""
    query = select(ListingCallRow).where(ListingCallRow.listing_id == listing_id).order_by(col(ListingCallRow.id))
    return list(tx.exec(query).all())


def calls_to(tx: Tx, organisation_id: str, statuses: Collection[ListingStatus]) -> list[ListingCallRow]:
    """Calls of an organisation to listings in one of some statuses, oldest first."""
    query = select(ListingCallRow).join(ListingRow, col(ListingRow.id) == ListingCallRow.listing_id)
    query = query.where(ListingCallRow.partner_organisation_id == organisation_id, col(ListingRow.status).in_(statuses))
    return list(tx.exec(query.order_by(col(ListingCallRow.id))).all())
