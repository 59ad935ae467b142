"""Papers handed in, reviewed, returned and waived. Everything works on many items; a single one is a list of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError, IllegalTransition
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.diligence.duty import (
    Caller,
    Duty,
    duty_of,
    is_for_the_system_alone,
    providing,
    reviewing,
    waiving,
)
from exchange.diligence.errors import (
    ItemNotFound,
    NotItemProvider,
    NotItemReviewer,
    PaperExpired,
    ReasonMissing,
    ReviewedByProvider,
    WaiverForbidden,
)
from exchange.diligence.item import ItemEvent, ItemState, PartyRole
from exchange.diligence.paper import Paper
from exchange.diligence.service.clearances import refresh_listings
from exchange.diligence.service.findings import run_flags
from exchange.diligence.service.items_at_hand import (
    Item,
    account_items_of,
    caller_of,
    is_concerned,
    listing_items_of,
    locked_items,
)
from exchange.diligence.service.moves import BY_THE_SYSTEM, By, Moves, by
from exchange.diligence.service.paper_checks import CheckedPaper, checked, refuse_all
from exchange.diligence.service.system_checks import require_known
from exchange.diligence.store import checklists as store
from exchange.diligence.store.papers import StoredPaper, stored_papers
from exchange.diligence.tables.checklists import ChecklistItemRow, ItemSubmissionRow
from exchange.diligence.verdict import state_on
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

SUBMIT = "diligence:submit"
REVIEW = "diligence:review"
EXPIRY_DUE = "item.expiry_due"
OVERDUE_DUE = "item.answer_due"

__all__ = ["Decision", "Paper", "accept", "decide", "request_items", "return_", "submit_papers", "take_up", "waive"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer does about an item: take_up, accept, return, waive or request; ``due_on`` with a request."""

    item_id: str
    event: ItemEvent
    reason: str = ""
    due_on: date | None = None


def submit_papers(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    listing_id: str | None,
    organisation_id: str | None,
    papers: Sequence[Paper],
) -> list[ChecklistItemRow]:
    """Hand in papers, all or none, in a few statements however many there are; the items as they stand then.

    Without a listing they are account items of the organisation (the caller's own). With an organisation, codes that
    are kept per bidder mean this bidder's items. A paper that only the system reviews is accepted at once.
    Refused: NOT_ITEM_PROVIDER (403), PAPER_DOCUMENT_NOT_FOUND (404), DOCUMENT_NOT_CLEAN, PAPER_EXPIRED,
    PAPER_NOT_BORNE_OUT, ILLEGAL_TRANSITION (409), FILE_KIND_NOT_ACCEPTED, PAPERS_INVALID (422); ``fields`` names every
    one by its place.
    """
    if actor is not SYSTEM:
        actor.require(SUBMIT)
    items = (
        account_items_of(tx, actor, now, organisation_id or actor.organisation_id)
        if listing_id is None
        else listing_items_of(tx, actor, listing_id, organisation_id)
    )
    stored = stored_papers(tx, [paper.key for paper in papers])
    caller, today = caller_of(actor), market_date(now)
    refusals: list[tuple[int, ExchangeError]] = []
    moves, added, touched = Moves(now), [], []
    for place, paper in enumerate(papers):
        try:
            item = items.get(paper.code)
            if item is None:
                raise ItemNotFound(item=paper.code[:8])
            if is_for_the_system_alone(item.spec):
                require_known(tx, now, item.row)
            added.append(_hand_in(tx, item, paper, stored.get(paper.key), actor, caller, today, moves))
            touched.append(item.row)
        except ExchangeError as refusal:
            refusals.append((place, refusal))
    refuse_all(refusals)
    store.add(tx, added)
    moves.write(tx)
    _after_change(tx, now, touched)
    return touched


def submit_paper(tx: Tx, actor: Actor, now: datetime, *, item_id: str, paper: Paper) -> ChecklistItemRow:
    """Hand in a paper for one item, whatever its code says. ITEM_NOT_FOUND (404) when it is not the caller's to see."""
    item = locked_items(tx, [item_id]).get(item_id)
    if item is None or not is_concerned(item.row, item.spec, item.sides, actor):
        raise ItemNotFound
    row, papers = item.row, [replace(paper, code=item.row.code)]
    return submit_papers(tx, actor, now, listing_id=row.listing_id, organisation_id=row.organisation_id, papers=papers)[
        0
    ]


def decide(tx: Tx, actor: Actor, now: datetime, decisions: Sequence[Decision]) -> list[ChecklistItemRow]:
    """Take up, accept, return, waive or request items, all or none; the items as they stand then.

    Accepting what was handed in takes it up first. ITEM_NOT_FOUND (404); NOT_ITEM_REVIEWER, REVIEWED_BY_PROVIDER,
    WAIVER_FORBIDDEN (403); ILLEGAL_TRANSITION, PAPER_EXPIRED (409); REASON_MISSING (422).
    """
    if actor is not SYSTEM:
        actor.require(REVIEW)
    items = locked_items(tx, [decision.item_id for decision in decisions])
    caller, today = caller_of(actor), market_date(now)
    moves = Moves(now)
    for decision in decisions:
        item = items.get(decision.item_id)
        if item is None or not is_concerned(item.row, item.spec, item.sides, actor):
            raise ItemNotFound(item=decision.item_id)
        _decide_one(item, decision, actor, caller, today, moves)
    moves.write(tx)
    touched = [items[decision.item_id].row for decision in decisions]
    _after_change(tx, now, touched)
    return touched


def request_items(
    tx: Tx, actor: Actor, now: datetime, *, item_ids: Sequence[str], due_on: date | None = None
) -> list[ChecklistItemRow]:
    """Ask for papers, maybe by a day. Reviewers of the items and the exchange may."""
    return decide(tx, actor, now, [Decision(item_id, ItemEvent.REQUEST, due_on=due_on) for item_id in item_ids])


def take_up(tx: Tx, actor: Actor, now: datetime, *, item_id: str) -> ChecklistItemRow:
    """Begin to review a paper."""
    return decide(tx, actor, now, [Decision(item_id, ItemEvent.TAKE_UP)])[0]


def accept(tx: Tx, actor: Actor, now: datetime, *, item_id: str, reason: str = "") -> ChecklistItemRow:
    """Accept a paper."""
    return decide(tx, actor, now, [Decision(item_id, ItemEvent.ACCEPT, reason)])[0]


def return_(tx: Tx, actor: Actor, now: datetime, *, item_id: str, reason: str) -> ChecklistItemRow:
    """Give a paper back with the reason."""
    return decide(tx, actor, now, [Decision(item_id, ItemEvent.RETURN, reason)])[0]


def waive(tx: Tx, actor: Actor, now: datetime, *, item_id: str, reason: str) -> ChecklistItemRow:
    """Do without a paper, with the reason; only the role that the template names."""
    return decide(tx, actor, now, [Decision(item_id, ItemEvent.WAIVE, reason)])[0]


def expire(tx: Tx, now: datetime, item_id: str) -> None:
    """The last day of an accepted paper may be over: the item becomes expired. Coming late or twice does nothing."""
    item = locked_items(tx, [item_id]).get(item_id)
    if item is None or item.row.state is not ItemState.ACCEPTED:
        return
    if state_on(item.row.state, item.row.valid_until, market_date(now)) is ItemState.EXPIRED:
        moves = Moves(now)
        moves.move(item.row, ItemEvent.EXPIRE, BY_THE_SYSTEM, audience=item.audience)
        moves.write(tx)
        _after_change(tx, now, [item.row])


def remind_overdue(tx: Tx, now: datetime, item_id: str, asked_for: str) -> None:
    """Tell who is asked for a paper that its day is over, unless it came in or another day was set meanwhile."""
    item = locked_items(tx, [item_id]).get(item_id)
    if item is None or item.row.due_on is None or item.row.due_on.isoformat() != asked_for:
        return
    if item.row.state in {ItemState.REQUESTED, ItemState.RETURNED}:
        data: dict[str, object] = {"code": item.row.code, "due_on": asked_for, "state": item.row.state.value}
        event = Event("item.overdue", item_id, item.audience, data, listing_id=item.row.listing_id)
        emit(tx, now, event)


def pull_back(
    tx: Tx, actor: Actor, now: datetime, *, listing_id: str, organisation_id: str | None, document_id: str, reason: str
) -> None:
    """Return what is not decided yet of a document that whom it was made for disputes; its provider hands in another.

    What a reviewer has accepted stands until the next version replaces it.
    """
    moves, touched = Moves(now), []
    for item in listing_items_of(tx, actor, listing_id, organisation_id).values():
        is_waiting = item.row.state in {ItemState.SUBMITTED, ItemState.IN_REVIEW}
        if is_waiting and item.row.document_id == document_id:
            moves.move(item.row, ItemEvent.RETURN, BY_THE_SYSTEM, audience=item.audience, reason=reason)
            touched.append(item.row)
    moves.write(tx)
    _after_change(tx, now, touched)


def _hand_in(
    tx: Tx,
    item: Item,
    paper: Paper,
    stored: StoredPaper | None,
    actor: Actor,
    caller: Caller,
    today: date,
    moves: Moves,
) -> ItemSubmissionRow:
    duty = duty_of(providing(item.spec, item.sides), caller)
    if duty is None:
        raise NotItemProvider(item=item.spec.code)
    found = checked(tx, paper, item.spec, item.row, stored, caller, today)
    row = item.row
    is_again = row.state is ItemState.ACCEPTED and state_on(row.state, row.valid_until, today) is ItemState.ACCEPTED
    if row.state is ItemState.ACCEPTED and not is_again:
        moves.move(row, ItemEvent.EXPIRE, BY_THE_SYSTEM, audience=item.audience)
    _keep_paper(row, found, actor, duty)
    moves.move(row, ItemEvent.REPLACE if is_again else ItemEvent.SUBMIT, by(actor, duty), audience=item.audience)
    if is_for_the_system_alone(item.spec):
        if not is_again:
            moves.move(row, ItemEvent.TAKE_UP, BY_THE_SYSTEM, audience=item.audience)
        _keep_reviewer(row, BY_THE_SYSTEM)
        moves.move(row, ItemEvent.ACCEPT, BY_THE_SYSTEM, audience=item.audience)
        _watch_end(row, moves)
    return ItemSubmissionRow(
        id=new_id("item_submission"),
        item_id=row.id,
        document_id=paper.document_id,
        document_version=paper.document_version,
        sha256=found.stored.sha256,
        issued_on=paper.issued_on,
        as_of=paper.as_of,
        expires_on=paper.expires_on,
        structured=dict(paper.structured),
        note=paper.note,
        role=duty.role,
        submitted_by=actor.user_id,
        submitted_by_organisation_id=actor.organisation_id,
        submitted_at=moves.now,
    )


def _keep_paper(row: ChecklistItemRow, found: CheckedPaper, actor: Actor, duty: Duty) -> None:
    paper = found.paper
    row.document_id, row.document_version, row.sha256 = paper.document_id, paper.document_version, found.stored.sha256
    row.issued_on, row.as_of, row.valid_until = paper.issued_on, paper.as_of, found.valid_until
    row.structured = dict(paper.structured)
    row.provider_user_id, row.provider_organisation_id = actor.user_id, actor.organisation_id
    row.provider_role = duty.role
    row.reviewer_user_id = row.reviewer_organisation_id = row.reviewer_role = None


def _decide_one(item: Item, decision: Decision, actor: Actor, caller: Caller, today: date, moves: Moves) -> None:
    row, event = item.row, decision.event
    duty = _duty_for(item, event, caller)
    if event in {ItemEvent.RETURN, ItemEvent.WAIVE} and not decision.reason.strip():
        raise ReasonMissing
    who = by(actor, duty)
    _prepare(item, decision, who, today, moves)
    if event is not ItemEvent.REQUEST:
        _keep_reviewer(row, who)
    moves.move(row, event, who, audience=item.audience, reason=decision.reason)
    if event is ItemEvent.ACCEPT:
        _watch_end(row, moves)
    elif event is ItemEvent.REQUEST and decision.due_on is not None:
        moves.remind(row, OVERDUE_DUE, decision.due_on)


def _prepare(item: Item, decision: Decision, who: By, today: date, moves: Moves) -> None:
    """Steps that a decision takes on the way, and what it alone asks for."""
    row, event = item.row, decision.event
    if event is ItemEvent.ACCEPT:
        if row.state is ItemState.SUBMITTED:
            moves.move(row, ItemEvent.TAKE_UP, who, audience=item.audience)
        if row.valid_until is not None and row.valid_until < today:
            raise PaperExpired(item=row.code, day=row.valid_until.isoformat())
    elif event is ItemEvent.WAIVE and row.state is ItemState.NOT_REQUESTED:
        moves.move(row, ItemEvent.REQUEST, who, audience=item.audience)
    elif event is ItemEvent.REQUEST:
        if row.state is ItemState.NOT_APPLICABLE:
            raise IllegalTransition(status=row.state.value, event=event.value, allowed="-")
        row.requested_by_organisation_id, row.due_on = who.organisation_id, decision.due_on


def _duty_for(item: Item, event: ItemEvent, caller: Caller) -> Duty:
    if event is ItemEvent.WAIVE:
        duty = duty_of(waiving(item.spec, item.sides), caller)
        if duty is None:
            raise WaiverForbidden(item=item.spec.code)
        return duty
    provider = item.row.provider_organisation_id
    reviewers = reviewing(item.spec, item.sides, provider)
    if event is ItemEvent.REQUEST:
        reviewers = (*reviewing(item.spec, item.sides, None), Duty(PartyRole.EXCHANGE))
    duty = duty_of(reviewers, caller)
    if duty is None:
        if duty_of(reviewing(item.spec, item.sides, None), caller) is not None and provider == caller.organisation_id:
            raise ReviewedByProvider(item=item.spec.code)
        raise NotItemReviewer(item=item.spec.code)
    if event is not ItemEvent.REQUEST and not caller.is_system and provider == caller.organisation_id:
        raise ReviewedByProvider(item=item.spec.code)
    return duty


def _keep_reviewer(row: ChecklistItemRow, who: By) -> None:
    row.reviewer_organisation_id, row.reviewer_user_id, row.reviewer_role = who.organisation_id, who.user_id, who.role


def _watch_end(row: ChecklistItemRow, moves: Moves) -> None:
    if row.valid_until is not None and row.valid_until < date.max:
        moves.remind(row, EXPIRY_DUE, row.valid_until)


def _after_change(tx: Tx, now: datetime, rows: Sequence[ChecklistItemRow]) -> None:
    tx.flush()
    listing_ids = {row.listing_id for row in rows if row.listing_id}
    for organisation_id in {row.organisation_id for row in rows if row.listing_id is None and row.organisation_id}:
        listing_ids |= set(store.listing_ids_of(tx, organisation_id))
    run_flags(tx, now, [row for row in rows if row.state is ItemState.ACCEPTED])
    refresh_listings(tx, now, sorted(listing_ids))
