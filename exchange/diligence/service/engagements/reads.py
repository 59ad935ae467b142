"""Who sees what of an engagement: anonymous facts before the check, names after it, quotes when they are unsealed.

- client: everything; quotes once unsealed; of an adviser's conflicts only the rule, and a name only where it is the
  seller's or the manager's.
- operators, auditors, regulators: everything; quotes once unsealed.
- cleared adviser: the parties and its own quote; once engaged also deliverables and the rating.
- invited or called adviser before its check, and a blocked one for good: anonymous facts.
- who is asked for a consent: the adviser and the rule.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from exchange.access.actor import Actor
from exchange.diligence.advice_errors import EngagementNotFound
from exchange.diligence.anonymous import size_band, vintage_band
from exchange.diligence.conflicts import Conflict, ConflictRule
from exchange.diligence.engagement import AdviserKind, AdviserState, EngagementState
from exchange.diligence.service.engagements.conflicts import asked_outside, disclosures_of, findings_of
from exchange.diligence.service.engagements.steps import is_cleared
from exchange.diligence.store import advisers
from exchange.diligence.store import engagements as store
from exchange.diligence.store.engagement_sights import Anonymous, Asked, EngagementSeen, Stand
from exchange.diligence.tables.advice import (
    DeliverableRow,
    EngagementInvitationRow,
    EngagementQuoteRow,
    EngagementRow,
)
from exchange.diligence.tables.checklists import ChecklistRow
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.parties import service as parties

T = TypeVar("T", EngagementInvitationRow, EngagementQuoteRow, DeliverableRow)


def engagement_of(tx: Tx, actor: Actor, engagement_id: str) -> EngagementSeen:
    """One engagement the caller takes part in. ENGAGEMENT_NOT_FOUND for everybody else."""
    actor.require("engagements:read")
    row = store.engagement(tx, engagement_id)
    if row is None:
        raise EngagementNotFound
    seen = _seen(tx, actor, [row])
    if not seen:
        raise EngagementNotFound
    return seen[0]


def currency_of(tx: Tx, actor: Actor, engagement_id: str) -> str:
    """The currency in which a request the caller knows of is quoted. ENGAGEMENT_NOT_FOUND for everybody else."""
    return engagement_of(tx, actor, engagement_id).row.currency


def engagements_of(
    tx: Tx,
    actor: Actor,
    *,
    state: EngagementState | None = None,
    kind: AdviserKind | None = None,
    listing_id: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> list[EngagementSeen]:
    """The engagements the caller takes part in, newest first; requests to consent are told by an event, not listed."""
    actor.require("engagements:read")
    rows = store.engagements(
        tx,
        visible_to=None if actor.sees_everything else actor.organisation_id,
        open_call_kinds=_kinds_of(tx, actor),
        state=state,
        kind=kind,
        listing_id=listing_id,
        before=before,
        limit=limit,
    )
    return _seen(tx, actor, rows)


def _kinds_of(tx: Tx, actor: Actor) -> list[AdviserKind]:
    """For which work the caller's organisation is admitted."""
    row = advisers.adviser(tx, actor.organisation_id)
    return [AdviserKind(kind) for kind in row.kinds] if row and row.state is AdviserState.ADMITTED else []


def _seen(tx: Tx, actor: Actor, rows: Sequence[EngagementRow]) -> list[EngagementSeen]:
    """The rows as the caller sees them, read set-wise; those it has no part in are left out."""
    ids = [row.id for row in rows]
    asked = _by_engagement(store.invitations(tx, ids))
    quotes = _by_engagement(store.unsealed_quotes(tx, ids))
    own_quotes = store.own_quotes(tx, ids, actor.organisation_id)
    deliverables = _by_engagement(store.deliverables(tx, ids))
    ratings = store.ratings(tx, ids)
    checklists = store.checklists(tx, [row.listing_id for row in rows])
    anonymous = _anonymous(tx, list(checklists.values()))
    names = _names(tx, rows, checklists, asked)
    kinds = _kinds_of(tx, actor)
    found = []
    for row in rows:
        stand = _stand(actor, row, asked[row.id], quotes[row.id], kinds)
        if stand is None:
            continue
        checklist = checklists[row.listing_id]
        is_inside = stand in {Stand.CLIENT, Stand.WATCH}
        own = own_quotes.get(row.id)
        seen = EngagementSeen(
            row=row,
            stand=stand,
            anonymous=anonymous[checklist.fund_id],
            fund_id=checklist.fund_id,
            names=names,
            asked=tuple(_asked(actor, checklist, stand, asked[row.id], names)),
            quotes=tuple(quotes[row.id]) if is_inside else ((own,) if own else ()),
            deliverables=tuple(deliverables[row.id]) if is_inside or stand is Stand.ENGAGED else (),
            rating=ratings.get(row.id) if is_inside or stand is Stand.ENGAGED else None,
        )
        found.append(seen)
    return found


def _stand(
    actor: Actor,
    row: EngagementRow,
    asked: Sequence[EngagementInvitationRow],
    unsealed: Sequence[EngagementQuoteRow],
    kinds: Sequence[AdviserKind],
) -> Stand | None:
    """How the caller stands to an engagement; None: for it there is none."""
    own = next((each for each in asked if each.organisation_id == actor.organisation_id), None)
    if row.client_organisation_id == actor.organisation_id:
        return Stand.CLIENT
    if actor.sees_everything:
        return Stand.WATCH
    if row.state is EngagementState.DRAFT:
        return None
    if row.adviser_organisation_id == actor.organisation_id:
        return Stand.ENGAGED
    if own is not None:
        answered = Stand.CLEARED if is_cleared(own) else Stand.BLOCKED
        return Stand.ASKED if own.declared_at is None else answered
    if row.is_open_call and row.state is EngagementState.OPEN and row.kind in kinds:
        return Stand.ASKED
    quoted = {each.organisation_id for each in unsealed}
    concerned = (each for each in asked if each.organisation_id in quoted)
    return Stand.CONSENT if any(actor.organisation_id in asked_outside(row, each) for each in concerned) else None


def _asked(
    actor: Actor,
    checklist: ChecklistRow,
    stand: Stand,
    asked: Sequence[EngagementInvitationRow],
    names: Mapping[str, tuple[str, str]],
) -> list[Asked]:
    """The invitations as the caller may see them: an adviser its own, who consents the one it is asked about."""
    shown = []
    for each in asked:
        disclosed = disclosures_of(each) if is_cleared(each) else []
        if stand is Stand.WATCH:
            told = findings_of(each)
        elif stand is Stand.CLIENT:
            told = tuple(_without_name(conflict, checklist) for conflict in disclosed)
        elif stand is Stand.CONSENT:
            told = tuple(conflict for conflict in disclosed if conflict.with_id == actor.organisation_id)
            if not told:
                continue
        elif each.organisation_id == actor.organisation_id:
            told = tuple(_without_name(conflict, checklist) for conflict in disclosed)
        else:
            continue
        shown.append(Asked(each, *names[each.organisation_id], is_cleared(each), told))
    return shown


def _without_name(conflict: Conflict, checklist: ChecklistRow) -> Conflict:
    """An adviser's other clients are its secret, but for the seller, the manager and what the fund holds."""
    sellers = {checklist.seller_organisation_id, checklist.manager_organisation_id}
    is_position = conflict.with_id is None and conflict.rule is ConflictRule.ACTS_FOR_OTHER
    if conflict.with_id in sellers or is_position:
        return conflict
    return Conflict(conflict.rule, conflict.weight, None, "")


def _anonymous(tx: Tx, checklists: Sequence[ChecklistRow]) -> dict[str, Anonymous]:
    """Bands by fund."""
    ids = sorted({each.fund_id for each in checklists})
    known = funds.funds_by_id(tx, ids) if ids else {}
    statements = funds.latest_nav_statements(tx, ids) if ids else {}
    found = {}
    for fund_id, fund in known.items():
        statement = statements.get(fund_id)
        size = size_band(statement.nav_minor, fund.currency) if statement is not None else ""
        found[fund_id] = Anonymous(fund.strategy, vintage_band(fund.vintage), size, fund.currency)
    return found


def _names(
    tx: Tx,
    rows: Sequence[EngagementRow],
    checklists: Mapping[str, ChecklistRow],
    asked: Mapping[str, Sequence[EngagementInvitationRow]],
) -> dict[str, tuple[str, str]]:
    """Names of everybody who may be shown, in one statement."""
    ids = {row.client_organisation_id for row in rows}
    ids |= {each.organisation_id for invitations in asked.values() for each in invitations}
    for each in checklists.values():
        ids |= {each.seller_organisation_id, each.manager_organisation_id}
    return parties.names_of(tx, sorted(ids)) if ids else {}


def _by_engagement(rows: Sequence[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        found[row.engagement_id].append(row)
    return found
