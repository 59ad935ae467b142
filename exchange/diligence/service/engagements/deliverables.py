"""What an adviser delivers: a document with its structured result, which feeds items, findings and the valuation."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.diligence.advice_errors import DeliverableInvalid, DeliverableMissing
from exchange.diligence.advice_request import Delivery
from exchange.diligence.conflicts import SELL_SIDE
from exchange.diligence.deliverable import (
    Bounds,
    ValuationReport,
    as_of_date,
    check_result,
    data_of,
    findings_of,
    kind_of,
)
from exchange.diligence.document import ScanState
from exchange.diligence.engagement import DELIVERS, ENGAGEMENT_LIFECYCLE, DeliverableKind, EngagementEvent
from exchange.diligence.errors import DocumentNotClean, DocumentNotOwn
from exchange.diligence.service.engagements.matter import side_of
from exchange.diligence.service.engagements.reported import replace_findings
from exchange.diligence.service.engagements.scope import item_specs
from exchange.diligence.service.engagements.steps import locked_for_client, locked_for_engaged, step, tell
from exchange.diligence.service.items import Paper, pull_back, submit_papers
from exchange.diligence.store import engagements as store
from exchange.diligence.store.papers import stored_papers
from exchange.diligence.tables.advice import DeliverableRow, EngagementRow
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.rulebook.service import profile


def deliver(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, delivered: Delivery) -> DeliverableRow:
    """Deliver, or deliver anew after a dispute: the paper goes to the items of the request, findings onto the listing.

    DELIVERABLE_INVALID names every figure that cannot be; then whatever refuses a paper (NOT_ITEM_PROVIDER and so on).
    """
    row = locked_for_engaged(tx, actor, engagement_id)
    advance(ENGAGEMENT_LIFECYCLE, row.state, EngagementEvent.DELIVER)
    checklist = store.checklists(tx, [row.listing_id])[row.listing_id]
    _demand_sound(tx, now, row, checklist, delivered)
    paper = stored_papers(tx, [delivered.paper]).get(delivered.paper)
    if paper is None or paper.owner_organisation_id != actor.organisation_id:
        raise DocumentNotOwn
    if paper.scan_state is not ScanState.CLEAN:
        raise DocumentNotClean(item=", ".join(row.item_codes))
    result = data_of(delivered.result)
    kept = DeliverableRow(
        id=new_id("deliverable"),
        engagement_id=row.id,
        kind=kind_of(delivered.result),
        document_id=delivered.document_id,
        document_version=delivered.document_version,
        sha256=paper.sha256,
        result=result,
        delivered_by=actor.user_id,
        delivered_at=now,
    )
    store.add(tx, kept)
    bidder_id = _bidder_id(row, checklist)
    if row.item_codes:
        papers = [_paper(code, delivered, result) for code in row.item_codes]
        submit_papers(tx, actor, now, listing_id=row.listing_id, organisation_id=bidder_id, papers=papers)
    replace_findings(tx, actor, now, row, checklist, bidder_id, findings_of(delivered.result))
    step(tx, row, now, EngagementEvent.DELIVER, actor=actor, more={"deliverable_id": kept.id, "sha256": kept.sha256})
    return kept


def accept(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str) -> EngagementRow:
    """The client takes the newest delivery. An accepted valuation report is told with its result."""
    row = locked_for_client(tx, actor, engagement_id)
    advance(ENGAGEMENT_LIFECYCLE, row.state, EngagementEvent.ACCEPT)
    delivered = _latest(tx, row)
    step(tx, row, now, EngagementEvent.ACCEPT, actor=actor, more={"deliverable_id": delivered.id})
    delivered.accepted_by, delivered.accepted_at = actor.user_id, now
    store.flush(tx)
    if delivered.kind is DeliverableKind.VALUATION_REPORT:
        checklist = store.checklists(tx, [row.listing_id])[row.listing_id]
        data = {
            "fund_id": checklist.fund_id,
            "deliverable_id": delivered.id,
            "delivered_by": delivered.delivered_by,
            "adviser_organisation_id": row.adviser_organisation_id,
            "result": delivered.result,
        }
        tell(tx, row, now, "engagement.valuation_accepted", actor=actor, data=data)
    return row


def dispute(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, reason: str) -> EngagementRow:
    """The client does not take the newest delivery, and says why; the adviser may deliver another one."""
    row = locked_for_client(tx, actor, engagement_id)
    advance(ENGAGEMENT_LIFECYCLE, row.state, EngagementEvent.DISPUTE)
    delivered = _latest(tx, row)
    step(tx, row, now, EngagementEvent.DISPUTE, actor=actor, more={"deliverable_id": delivered.id})
    delivered.disputed_by, delivered.disputed_at, delivered.dispute_reason = actor.user_id, now, reason
    store.flush(tx)
    checklist = store.checklists(tx, [row.listing_id])[row.listing_id]
    pull_back(
        tx,
        actor,
        now,
        listing_id=row.listing_id,
        organisation_id=_bidder_id(row, checklist),
        document_id=delivered.document_id,
        reason=reason,
    )
    return row


def _bidder_id(row: EngagementRow, checklist: ChecklistRow) -> str | None:
    """The bidder whose items a report feeds; None for the seller's and the manager's adviser."""
    is_sell_side = side_of(checklist, row.client_organisation_id) == SELL_SIDE
    return None if is_sell_side else row.client_organisation_id


def _latest(tx: Tx, row: EngagementRow) -> DeliverableRow:
    found = store.latest_deliverable(tx, row.id)
    if found is None:
        raise DeliverableMissing
    return found


def _paper(code: str, delivered: Delivery, result: dict[str, object]) -> Paper:
    report = delivered.result
    return Paper(
        code=code,
        document_id=delivered.document_id,
        document_version=delivered.document_version,
        issued_on=delivered.issued_on,
        as_of=as_of_date(report),
        expires_on=report.valid_until if isinstance(report, ValuationReport) else None,
        structured=result,
        note="",
    )


def _demand_sound(tx: Tx, now: datetime, row: EngagementRow, checklist: ChecklistRow, delivered: Delivery) -> None:
    today = market_date(now)
    faults = []
    if kind_of(delivered.result) is not DELIVERS[row.kind]:
        faults.append(FieldError("/result/kind", "DELIVERABLE_OF_OTHER_KIND", {"kind": DELIVERS[row.kind].value}))
    if delivered.issued_on > today:
        faults.append(FieldError("/issued_on", "DATE_IN_FUTURE"))
    report = delivered.result
    bounds = Bounds(
        today=today,
        currency=funds.fund_facts(tx, checklist.fund_id).currency,
        codes=frozenset(item_specs(checklist)),
        subscribed_minor=_subscribed_minor(tx, checklist, report) if isinstance(report, ValuationReport) else None,
        valid_days=profile(checklist.profile, today).appraisal_valid_days.value,
    )
    faults += check_result(report, bounds)
    if isinstance(report, ValuationReport) and report.profile != checklist.profile:
        faults.append(FieldError("/result/profile", "PROFILE_OF_OTHER_MARKET", {"profile": checklist.profile}))
    if faults:
        raise DeliverableInvalid(fields=tuple(faults))


def _subscribed_minor(tx: Tx, checklist: ChecklistRow, report: ValuationReport) -> int | None:
    """Subscribed capital of the statement a valuation names, or of the newest up to its base date; None without one."""
    if report.nav_statement_id is not None:
        row = funds.nav_statements_by_id(tx, [report.nav_statement_id]).get(report.nav_statement_id)
        return None if row is None or row.fund_id != checklist.fund_id else row.subscribed_minor
    statements = funds.histories(tx, [checklist.fund_id], report.base_on).statements[checklist.fund_id]
    return statements[-1].subscribed_minor if statements else None
