"""SQL of engagements, invitations, quotes, deliverables and ratings.

A quote is read in three ways only: its own adviser's, all of an unsealed engagement, and whether there is any.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel, col, or_, select

from exchange.diligence.engagement import AdviserKind, EngagementState
from exchange.diligence.item import ItemScope
from exchange.diligence.tables.advice import (
    DeliverableRow,
    EngagementInvitationRow,
    EngagementQuoteRow,
    EngagementRatingRow,
    EngagementRow,
)
from exchange.diligence.tables.checklists import BidClearanceRow, ChecklistItemRow, ChecklistRow
from exchange.infra.database import Tx


def checklist(tx: Tx, listing_id: str) -> ChecklistRow | None:
    """The checklist of a listing."""
    return tx.get(ChecklistRow, listing_id, populate_existing=True)


def lock_checklist(tx: Tx, listing_id: str) -> ChecklistRow | None:
    """The checklist of a listing, locked: awards on one listing wait for each other. After the engagement's lock."""
    return tx.get(ChecklistRow, listing_id, with_for_update={"key_share": True}, populate_existing=True)


def checklists(tx: Tx, listing_ids: Sequence[str]) -> dict[str, ChecklistRow]:
    """Checklists by listing, in one statement."""
    query = select(ChecklistRow).where(col(ChecklistRow.listing_id).in_(listing_ids))
    return {row.listing_id: row for row in tx.exec(query).all()} if listing_ids else {}


def bidders(tx: Tx, listing_id: str) -> list[str]:
    """Organisations that have a checklist of their own on a listing."""
    query = select(ChecklistItemRow.organisation_id).where(
        ChecklistItemRow.listing_id == listing_id, ChecklistItemRow.scope == ItemScope.BIDDER
    )
    return sorted(found for found in set(tx.exec(query).all()) if found is not None)


def listings_of_client(tx: Tx, organisation_id: str) -> list[str]:
    """Listings an organisation sells, manages or stands as a bidder of."""
    bids = select(BidClearanceRow.listing_id).where(BidClearanceRow.organisation_id == organisation_id)
    query = select(ChecklistRow.listing_id).where(
        or_(
            col(ChecklistRow.seller_organisation_id) == organisation_id,
            col(ChecklistRow.manager_organisation_id) == organisation_id,
            col(ChecklistRow.listing_id).in_(bids),
        )
    )
    return sorted(tx.exec(query).all())


def item_ids(tx: Tx, listing_id: str, bidder_id: str | None) -> dict[str, str]:
    """The items of a listing and of one bidder of it, by code."""
    query = select(ChecklistItemRow).where(
        ChecklistItemRow.listing_id == listing_id,
        or_(col(ChecklistItemRow.organisation_id).is_(None), col(ChecklistItemRow.organisation_id) == bidder_id),
    )
    return {row.code: row.id for row in tx.exec(query).all()}


def engagement(tx: Tx, engagement_id: str) -> EngagementRow | None:
    """One engagement, read anew."""
    return tx.get(EngagementRow, engagement_id, populate_existing=True)


def lock_engagement(tx: Tx, engagement_id: str) -> EngagementRow | None:
    """One engagement, locked until the end of the transaction."""
    return tx.get(EngagementRow, engagement_id, with_for_update={"key_share": True}, populate_existing=True)


def add(tx: Tx, *rows: SQLModel) -> None:
    """New rows, in the order given."""
    for row in rows:
        tx.add(row)
        tx.flush()


def save(tx: Tx, row: EngagementRow) -> None:
    """Write a changed engagement under its next version."""
    row.version += 1
    tx.flush()


def flush(tx: Tx) -> None:
    """Write what was changed in rows that carry no version."""
    tx.flush()


def engagements(
    tx: Tx,
    *,
    visible_to: str | None,
    open_call_kinds: Sequence[AdviserKind],
    state: EngagementState | None,
    kind: AdviserKind | None,
    listing_id: str | None,
    before: str | None,
    limit: int,
) -> list[EngagementRow]:
    """Engagements, newest first, as far as an organisation takes part in them; None sees all.

    It takes part as client, as engaged adviser, as invited one once the request is open, and may see the open calls
    of its kinds while they run. A listing narrows to what the organisation may know of that listing: its own requests
    and those it was cleared for.
    """
    query = select(EngagementRow)
    if visible_to is not None:
        query = query.where(_is_seen_by(visible_to, open_call_kinds, named=listing_id is not None))
    if state is not None:
        query = query.where(EngagementRow.state == state)
    if kind is not None:
        query = query.where(EngagementRow.kind == kind)
    if listing_id is not None:
        query = query.where(EngagementRow.listing_id == listing_id)
    if before is not None:
        query = query.where(col(EngagementRow.id) < before)
    query = query.order_by(col(EngagementRow.id).desc()).limit(limit)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def _is_seen_by(organisation_id: str, open_call_kinds: Sequence[AdviserKind], *, named: bool) -> ColumnElement[bool]:
    invited = select(EngagementInvitationRow.engagement_id).where(
        EngagementInvitationRow.organisation_id == organisation_id
    )
    if named:
        invited = invited.where(
            EngagementInvitationRow.has_conflict == False,  # noqa: E712 - SQL, and NULL is no clearance
            EngagementInvitationRow.is_blocked == False,  # noqa: E712
        )
    ways = [
        col(EngagementRow.client_organisation_id) == organisation_id,
        col(EngagementRow.adviser_organisation_id) == organisation_id,
        col(EngagementRow.id).in_(invited) & (col(EngagementRow.state) != EngagementState.DRAFT),
    ]
    if open_call_kinds and not named:
        ways.append(
            (col(EngagementRow.is_open_call))
            & (col(EngagementRow.state) == EngagementState.OPEN)
            & col(EngagementRow.kind).in_(open_call_kinds)
        )
    return or_(*ways)


def invitation(tx: Tx, engagement_id: str, organisation_id: str) -> EngagementInvitationRow | None:
    """What one adviser was asked and answered."""
    return tx.get(EngagementInvitationRow, (engagement_id, organisation_id), populate_existing=True)


def invitations(tx: Tx, engagement_ids: Sequence[str]) -> list[EngagementInvitationRow]:
    """Everybody asked, by engagement and organisation."""
    if not engagement_ids:
        return []
    query = select(EngagementInvitationRow).where(col(EngagementInvitationRow.engagement_id).in_(engagement_ids))
    query = query.order_by(col(EngagementInvitationRow.engagement_id), col(EngagementInvitationRow.organisation_id))
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def own_quote(tx: Tx, engagement_id: str, organisation_id: str) -> EngagementQuoteRow | None:
    """The quote an adviser gave, for itself."""
    query = select(EngagementQuoteRow).where(
        EngagementQuoteRow.engagement_id == engagement_id, EngagementQuoteRow.organisation_id == organisation_id
    )
    return tx.exec(query).first()


def own_quotes(tx: Tx, engagement_ids: Sequence[str], organisation_id: str) -> dict[str, EngagementQuoteRow]:
    """The quotes an adviser gave, by engagement."""
    if not engagement_ids:
        return {}
    query = select(EngagementQuoteRow).where(
        col(EngagementQuoteRow.engagement_id).in_(engagement_ids),
        EngagementQuoteRow.organisation_id == organisation_id,
    )
    return {row.engagement_id: row for row in tx.exec(query).all()}


def has_quotes(tx: Tx, engagement_id: str) -> bool:
    """Whether anybody quoted."""
    query = select(EngagementQuoteRow.id).where(EngagementQuoteRow.engagement_id == engagement_id).limit(1)
    return tx.exec(query).first() is not None


def unsealed_quotes(tx: Tx, engagement_ids: Sequence[str]) -> list[EngagementQuoteRow]:
    """The quotes of those of the engagements that are unsealed; sealed ones are not even counted."""
    if not engagement_ids:
        return []
    query = (
        select(EngagementQuoteRow)
        .join(EngagementRow, col(EngagementRow.id) == col(EngagementQuoteRow.engagement_id))
        .where(col(EngagementRow.id).in_(engagement_ids), col(EngagementRow.unsealed_at).is_not(None))
        .order_by(col(EngagementQuoteRow.engagement_id), col(EngagementQuoteRow.fee_minor), col(EngagementQuoteRow.id))
    )
    return list(tx.exec(query).all())


def deliverables(tx: Tx, engagement_ids: Sequence[str]) -> list[DeliverableRow]:
    """What was delivered, oldest first."""
    if not engagement_ids:
        return []
    query = select(DeliverableRow).where(col(DeliverableRow.engagement_id).in_(engagement_ids))
    return list(tx.exec(query.order_by(col(DeliverableRow.id)), execution_options={"populate_existing": True}).all())


def latest_deliverable(tx: Tx, engagement_id: str) -> DeliverableRow | None:
    """The newest delivery of an engagement."""
    found = deliverables(tx, [engagement_id])
    return found[-1] if found else None


def ratings(tx: Tx, engagement_ids: Sequence[str]) -> dict[str, EngagementRatingRow]:
    """Ratings by engagement."""
    if not engagement_ids:
        return {}
    query = select(EngagementRatingRow).where(col(EngagementRatingRow.engagement_id).in_(engagement_ids))
    return {row.engagement_id: row for row in tx.exec(query).all()}


def valuations_delivered(
    tx: Tx, fund_id: str, since: datetime, *, but: str
) -> list[tuple[EngagementRow, DeliverableRow]]:
    """Valuation reports about interests in a fund since an instant, but those of one engagement."""
    query = (
        select(EngagementRow, DeliverableRow)
        .join(DeliverableRow, col(DeliverableRow.engagement_id) == col(EngagementRow.id))
        .join(ChecklistRow, col(ChecklistRow.listing_id) == col(EngagementRow.listing_id))
        .where(
            ChecklistRow.fund_id == fund_id,
            EngagementRow.kind == AdviserKind.APPRAISAL,
            EngagementRow.id != but,
            DeliverableRow.delivered_at >= since,
        )
    )
    return list(tx.exec(query).all())


def at_work(tx: Tx, listing_id: str, states: Collection[EngagementState]) -> list[EngagementRow]:
    """Engagements on a listing in these states, oldest first."""
    query = select(EngagementRow).where(
        EngagementRow.listing_id == listing_id, col(EngagementRow.state).in_(sorted(states))
    )
    return list(tx.exec(query.order_by(col(EngagementRow.id))).all())


def is_delivered_to(tx: Tx, document_id: str, number: int, organisation_id: str) -> bool:
    """Whether a version of a document was delivered to an organisation as the client of an engagement."""
    query = (
        select(DeliverableRow.id)
        .join(EngagementRow, col(EngagementRow.id) == col(DeliverableRow.engagement_id))
        .where(
            DeliverableRow.document_id == document_id,
            DeliverableRow.document_version == number,
            EngagementRow.client_organisation_id == organisation_id,
        )
    )
    return tx.exec(query.limit(1)).first() is not None
