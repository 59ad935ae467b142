"""Findings of an adviser's report onto the listing: each on the item it names, blocking ones shut its gates."""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.diligence.deliverable import ReportedFinding
from exchange.diligence.service.engagements.scope import item_specs
from exchange.diligence.service.findings import Observation, open_finding, supersede_findings
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementRow
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.infra.database import Tx

CODE = "ADVISER_FINDING"
"""The code of every finding that a report states; what it says stands in its note and figures."""


def replace_findings(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: EngagementRow,
    checklist: ChecklistRow,
    bidder_id: str | None,
    findings: Sequence[ReportedFinding],
) -> None:
    """Open what a report states in the place of what an earlier report of the same engagement stated.

    What a bidder's adviser finds concerns that bidder alone; nobody else learns of it.
    """
    supersede_findings(tx, actor, now, listing_id=row.listing_id, engagement_id=row.id)
    items = store.item_ids(tx, row.listing_id, bidder_id)
    known = item_specs(checklist)
    for finding in findings:
        # An item that only another bidder has, or that was never asked for, leaves the finding on the listing itself.
        item_id = items.get(finding.item_code) if finding.item_code in known else None
        seen = Observation(
            listing_id=row.listing_id,
            code=CODE,
            severity=finding.severity,
            note=finding.text,
            item_id=item_id,
            organisation_id=bidder_id,
            detail={
                "engagement_id": row.id,
                "clause": finding.clause,
                "item_code": finding.item_code,
                "remedy": finding.remedy,
            },
        )
        open_finding(tx, actor, now, seen)
