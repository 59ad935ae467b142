"""A holder asks for a pledge or its release: custody's command behind the papers that its checklist demands."""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.custody.pledge import PledgeTerms
from exchange.custody.service import pledges
from exchange.custody.service.pledges import PledgeRow
from exchange.diligence.document_errors import DocumentNotFound
from exchange.diligence.errors import PledgePapersMissing, PledgePaperUnknown
from exchange.diligence.pledge_papers import RELEASE_LETTER, HandedIn, paper_gaps
from exchange.diligence.service import documents
from exchange.diligence.service.templates import template
from exchange.infra.database import Tx

PLEDGE = "pledge"


def request_pledge(
    tx: Tx, actor: Actor, now: datetime, *, holding_id: str, terms: PledgeTerms, papers: Sequence[HandedIn]
) -> PledgeRow:
    """Ask for a pledge with every paper of its checklist: clean documents of the holder's own.

    PLEDGE_PAPERS_MISSING names the codes, PLEDGE_PAPER_UNKNOWN what does not belong; DOCUMENT_NOT_FOUND for another's
    document, DOCUMENT_NOT_CLEAN before its scan; further what custody refuses.
    """
    actor.require(pledges.ASK)
    gaps = paper_gaps(template().service_checklists[PLEDGE], papers)
    if gaps.unknown:
        raise PledgePaperUnknown(codes=", ".join(gaps.unknown))
    if gaps.missing:
        raise PledgePapersMissing(codes=", ".join(gaps.missing))
    kept = {paper.code: _own(tx, actor, paper.document_id) for paper in papers}
    return pledges.request_pledge(tx, actor, now, holding_id=holding_id, terms=terms, papers=kept)


def request_release(tx: Tx, actor: Actor, now: datetime, *, pledge_id: str, document_id: str) -> PledgeRow:
    """Ask for the release of a pledge with the creditor's letter."""
    actor.require(pledges.ASK)
    kept = {RELEASE_LETTER: _own(tx, actor, document_id)}
    return pledges.request_release(tx, actor, now, pledge_id=pledge_id, papers=kept)


def _own(tx: Tx, actor: Actor, document_id: str) -> dict[str, object]:
    facts = documents.version_facts(tx, document_id)
    if facts.owner_organisation_id != actor.organisation_id:
        raise DocumentNotFound
    documents.require_clean(tx, facts.sha256)
    return {"document_id": facts.document_id, "number": facts.number}
