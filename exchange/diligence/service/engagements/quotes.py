"""Sealed quotes, and the award to one of them."""

from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.diligence.advice_errors import (
    AdviserNotAdmitted,
    AlreadyQuoted,
    ConflictOfInterest,
    EngagementNotFound,
    NotCleared,
    QuoteInvalid,
    QuoteNotFound,
    QuoteOverBudget,
    QuotesClosed,
)
from exchange.diligence.advice_request import Quote
from exchange.diligence.conflicts import is_blocked
from exchange.diligence.engagement import ENGAGEMENT_LIFECYCLE, EngagementEvent, EngagementState
from exchange.diligence.service.advisers import is_admitted_for
from exchange.diligence.service.engagements.conflicts import check, demand_engageable
from exchange.diligence.service.engagements.steps import (
    is_cleared,
    locked,
    locked_for_client,
    step,
    tell_one,
)
from exchange.diligence.store import advisers
from exchange.diligence.store import engagements as store
from exchange.diligence.tables.advice import EngagementQuoteRow, EngagementRow
from exchange.infra.database import Tx


def quote(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, offered: Quote) -> EngagementQuoteRow:
    """Give a sealed quote, once. Nobody but its adviser reads it before the deadline; no event tells of the fee.

    CONFLICT_OF_INTEREST_OF_ADVISER for an appraiser who wants a success fee: it has not quoted then.
    """
    actor.require("engagements:work")
    row = locked(tx, engagement_id)
    invitation = store.invitation(tx, engagement_id, actor.organisation_id)
    if invitation is None or row.state is EngagementState.DRAFT:
        raise EngagementNotFound
    if not is_cleared(invitation) or invitation.declined_at is not None:
        raise NotCleared
    if row.state is not EngagementState.OPEN or now >= row.quotes_until_at:
        raise QuotesClosed
    if not is_admitted_for(advisers.adviser(tx, actor.organisation_id), row.kind, market_date(now)):
        raise AdviserNotAdmitted
    if store.own_quote(tx, engagement_id, actor.organisation_id) is not None:
        raise AlreadyQuoted
    if not market_date(row.quotes_until_at) <= offered.deliver_until <= row.deliver_until:
        dates = {"date": row.deliver_until.isoformat()}
        raise QuoteInvalid(fields=(FieldError("/deliver_until", "QUOTE_DATE_OUT_OF_RANGE", dates),))
    # A refusal leaves nothing behind, so an appraiser may come back with a fee that hangs on nothing.
    if is_blocked(check(tx, now, row, invitation, fee_basis=offered.fee_basis)):
        raise ConflictOfInterest
    given = EngagementQuoteRow(
        id=new_id("quote"),
        engagement_id=row.id,
        organisation_id=actor.organisation_id,
        fee_minor=offered.fee_minor,
        fee_basis=offered.fee_basis,
        deliver_until=offered.deliver_until,
        team=offered.team,
        assumptions=offered.assumptions,
        conflicts_statement=offered.conflicts_statement,
        quoted_by=actor.user_id,
        quoted_at=now,
    )
    store.add(tx, given)
    tell_one(tx, row, now, "engagement.quoted", actor.organisation_id, actor=actor)
    return given


def award(tx: Tx, actor: Actor, now: datetime, *, engagement_id: str, quote_id: str) -> EngagementRow:
    """Engage the adviser of an unsealed quote, after everything is checked again.

    QUOTE_OVER_BUDGET, ADVISER_NOT_ADMITTED, CONFLICT_OF_INTEREST_OF_ADVISER, CONFLICT_CONSENTS_MISSING.
    """
    row = locked_for_client(tx, actor, engagement_id)
    advance(ENGAGEMENT_LIFECYCLE, row.state, EngagementEvent.ENGAGE)
    chosen = next((each for each in store.unsealed_quotes(tx, [row.id]) if each.id == quote_id), None)
    if chosen is None:
        raise QuoteNotFound
    if row.budget_minor is not None and chosen.fee_minor > row.budget_minor:
        raise QuoteOverBudget
    if not is_admitted_for(advisers.adviser(tx, chosen.organisation_id), row.kind, market_date(now)):
        raise AdviserNotAdmitted
    # Two sides that engage the same firm at the same moment must see each other.
    store.lock_checklist(tx, row.listing_id)
    invitation = store.invitation(tx, row.id, chosen.organisation_id)
    if invitation is None:
        raise QuoteNotFound
    demand_engageable(tx, now, row, invitation, fee_basis=chosen.fee_basis)
    row.adviser_organisation_id, row.quote_id = chosen.organisation_id, chosen.id
    step(tx, row, now, EngagementEvent.ENGAGE, actor=actor, more={"adviser_organisation_id": chosen.organisation_id})
    for each in store.invitations(tx, [row.id]):
        if each.organisation_id != chosen.organisation_id and each.declared_at is not None:
            tell_one(tx, row, now, "engagement.not_chosen", each.organisation_id, actor=SYSTEM)
    return row
