"""Papers that a test is not about: everything a listing and its bidders owe up to the award is in and accepted.

Written set-wise with plain SQL, as the services would have left it; tests of diligence itself hand papers in.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from exchange.core.ids import new_id
from exchange.diligence.gate import Gate
from exchange.diligence.service import checklists, gates
from exchange.diligence.service.templates import template
from exchange.infra.database import Tx

# The trade confirmation is made by the trade itself.
MADE_BY_THE_TRADE = "X02"

_ACCEPT = text(
    """
    UPDATE checklist_item i SET state = 'accepted', state_since_at = :now, provider_user_id = 'test',
      provider_organisation_id = 'test', provider_role = 'seller', reviewer_user_id = 'test',
      reviewer_organisation_id = 'exchange', reviewer_role = 'exchange'
    FROM checklist c WHERE c.listing_id = :listing AND i.code = ANY(:codes)
      AND i.state NOT IN ('accepted', 'not_applicable')
      AND ((i.listing_id = c.listing_id AND (i.organisation_id IS NULL OR i.organisation_id = ANY(:bidders)))
        OR (i.listing_id IS NULL AND (i.organisation_id = ANY(:bidders)
          OR i.organisation_id IN (c.seller_organisation_id, c.manager_organisation_id))))
    RETURNING i.id
    """
)
_DECIDE = text(
    """
    INSERT INTO item_decision (id, item_id, state_before, state_after, role, user_id, organisation_id, reason, at)
    SELECT w.id, w.item, 'in_review', 'accepted', 'exchange', 'test', 'exchange', '', :now
    FROM unnest(CAST(:ids AS text[]), CAST(:items AS text[])) AS w(id, item)
    """
)


def all_accepted(tx: Tx, now: datetime, listing_id: str, bidders: Sequence[str] = ()) -> None:
    """Everything owed before the award is accepted, of the listing and of these bidders' organisations."""
    for organisation_id in bidders:
        checklists.open_bidder(tx, now, listing_id, organisation_id)
    tx.flush()
    found = tx.connection().execute(
        _ACCEPT, {"now": now, "listing": listing_id, "bidders": list(bidders), "codes": _codes()}
    )
    ids = [row[0] for row in found]
    tx.connection().execute(_DECIDE, {"now": now, "ids": [new_id("item_decision") for _ in ids], "items": ids})
    tx.expire_all()
    gates.refresh_clearances(tx, now, listing_id=listing_id)


def _codes() -> list[str]:
    known = template()
    specs = {code: spec for kind in known.types for code, spec in known.effective(kind).items()}
    return sorted(
        code for code, spec in specs.items() if spec.gate.is_up_to(Gate.AWARD) and code != MADE_BY_THE_TRADE
    )
