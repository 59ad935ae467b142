"""Simulated papers, written set-wise: the state that handing in and accepting them one by one would have left."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text

from exchange.core.ids import new_id
from exchange.diligence.item import ItemState
from exchange.infra.database import Tx

_WANTED = text(
    """
    SELECT i.id, i.state FROM checklist_item i, checklist c WHERE c.listing_id = :listing AND i.code = ANY(:codes)
      AND i.state IN ('not_requested', 'requested')
      AND ((i.listing_id = c.listing_id AND (i.organisation_id IS NULL OR i.organisation_id = ANY(:bidders)))
        OR (i.listing_id IS NULL AND (i.organisation_id = ANY(:bidders)
          OR i.organisation_id IN (c.seller_organisation_id, c.manager_organisation_id))))
    ORDER BY i.id FOR UPDATE OF i
    """
)
_ACCEPT = text(
    """
    UPDATE checklist_item SET state = 'accepted', state_since_at = :now, document_id = :document,
      document_version = :version, sha256 = :sha256, issued_on = :today, as_of = :today, valid_until = :until,
      provider_user_id = :provider, provider_organisation_id = :provider, provider_role = 'seller',
      reviewer_user_id = :reviewer, reviewer_organisation_id = :reviewer, reviewer_role = 'exchange', reason = :reason
    WHERE id = ANY(:items)
    """
)
_DECIDE = text(
    """
    INSERT INTO item_decision
      (id, item_id, state_before, state_after, role, user_id, organisation_id, sha256, reason, at)
    SELECT w.id, w.item, w.before, w.after, CASE w.after WHEN 'submitted' THEN 'seller' ELSE 'exchange' END,
      CASE w.after WHEN 'submitted' THEN :provider ELSE :reviewer END,
      CASE w.after WHEN 'submitted' THEN :provider ELSE :reviewer END, :sha256, :reason, :now
    FROM unnest(CAST(:ids AS text[]), CAST(:items AS text[]), CAST(:befores AS text[]), CAST(:afters AS text[]))
      AS w(id, item, before, after)
    """
)
_WAY = (ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.ACCEPTED)


def accept_all(
    tx: Tx,
    now: datetime,
    *,
    listing_id: str,
    bidders: Sequence[str],
    codes: Sequence[str],
    paper: tuple[str, int, str] | None,
    provider: str,
    reviewer: str,
    reason: str,
    today: date | None = None,
    until: date | None = None,
) -> int:
    """Make every untouched item of these codes accepted: of the listing, its sides and these bidders; how many.

    ``paper``: the version of a document (id, number, sha256) that stands behind all of them.
    """
    tx.flush()
    sql = tx.connection()
    found = sql.execute(_WANTED, {"listing": listing_id, "bidders": list(bidders), "codes": list(codes)}).all()
    document, version, sha256 = paper or (None, None, None)
    common = {"now": now, "sha256": sha256, "provider": provider, "reviewer": reviewer, "reason": reason}
    accepted = {"document": document, "version": version, "today": today, "until": until}
    sql.execute(_ACCEPT, {**common, **accepted, "items": [row[0] for row in found]})
    steps = [
        (item, before, after) for item, state in found for before, after in zip((state, *_WAY), _WAY, strict=False)
    ]
    items, befores, afters = ([step[place] for step in steps] for place in range(3))
    ids = sorted(new_id("item_decision") for _ in steps)  # ids of one instant sort by chance: keep the order of steps
    sql.execute(_DECIDE, {**common, "ids": ids, "items": items, "befores": befores, "afters": afters})
    tx.expire_all()
    return len(found)
