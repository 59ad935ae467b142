"""What partners and parties read of a right of first refusal, and a deal's course."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.access.actor import Actor
from exchange.infra.database import Tx
from exchange.infra.outbox import PastEvent, events_about
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import DealNotFound
from exchange.settlement.pre_emption import EqualTerms, terms_hash
from exchange.settlement.service.notices import AGREEING, terms_of
from exchange.settlement.service.reads import deal_of, may_follow
from exchange.settlement.store import deals as deal_store
from exchange.settlement.store import steps as store
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.steps import DealNoticeRow, PartnerAnswerRow

EVENTS_MAX = 500


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """The four terms with their hash, whether answers are taken, and the notices the caller may see."""

    row: DealRow
    terms: EqualTerms
    terms_hash: str
    is_open: bool
    notices: Sequence[tuple[DealNoticeRow, PartnerAnswerRow | None]]


def offer_seen_by(tx: Tx, actor: Actor, *, deal_id: str) -> SeenOffer:
    """The offer behind a notice: for partners that were served (their own notice), and for who may follow the deal."""
    actor.require("deals:read")
    row = deal_store.deal(tx, deal_id)
    notices = store.notices(tx, deal_id)
    own = [item for item in notices if item.partner_organisation_id == actor.organisation_id]
    if row is None or not (own or may_follow(actor, row)):
        raise DealNotFound
    sees_all = actor.sees_everything or actor.organisation_id == row.manager_organisation_id
    answers = {item.partner_organisation_id: item for item in store.answers(tx, deal_id)}
    terms = terms_of(tx, row, row.notice_served_at or row.created_at)
    return SeenOffer(
        row=row,
        terms=terms,
        terms_hash=terms_hash(terms),
        is_open=row.status is DealStatus.NOTICED and row.status_reason != AGREEING,
        notices=[(item, answers.get(item.partner_organisation_id)) for item in (notices if sees_all else own)],
    )


def notices_to(
    tx: Tx, actor: Actor, *, limit: int = 50
) -> list[tuple[DealRow, DealNoticeRow, PartnerAnswerRow | None]]:
    """The notices the caller's organisation was served as a partner, newest first, with their deals and its answers."""
    actor.require("deals:read")
    found = store.notices_to(tx, actor.organisation_id, limit)
    ids = sorted({notice.deal_id for notice in found})
    known = deal_store.deals_by_id(tx, ids) if ids else {}
    said = store.answers_of_partner(tx, actor.organisation_id, ids) if ids else []
    answers = {answer.deal_id: answer for answer in said}
    return [(known[notice.deal_id], notice, answers.get(notice.deal_id)) for notice in found]


def timeline_of(tx: Tx, actor: Actor, *, deal_id: str) -> list[PastEvent]:
    """What happened to a deal the caller may follow, oldest first."""
    return events_about(tx, deal_of(tx, actor, deal_id).id, but_for=("deal.due", "deal.final_due"), limit=EVENTS_MAX)
