"""What a page about many items needs at once: the bidders to choose from, the histories, the funds behind listings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exchange.access.actor import Actor
from exchange.diligence.gate import Gate
from exchange.diligence.service.reading import READ, EffectiveItem
from exchange.diligence.store import checklists as store
from exchange.diligence.tables.checklists import ItemDecisionRow, ItemSubmissionRow
from exchange.infra.database import Tx


@dataclass(slots=True)
class History:
    """What was handed in for an item and decided about it, the earliest first."""

    submissions: list[ItemSubmissionRow] = field(default_factory=list)
    decisions: list[ItemDecisionRow] = field(default_factory=list)


def bidders_of(tx: Tx, actor: Actor, *, listing_id: str) -> list[str]:
    """The organisations that stand as bidders of a listing; nobody for whom does not watch the whole exchange."""
    actor.require(READ)
    if not actor.sees_everything:
        return []
    return sorted(row.organisation_id for row in store.clearances(tx, [listing_id]))


def histories_of(tx: Tx, actor: Actor, items: Iterable[EffectiveItem]) -> dict[str, History]:
    """The histories by item id of items as the caller sees them; of those whose papers it may read. Two queries."""
    actor.require(READ)
    found = {item.row.id: History() for item in items if item.row is not None and item.shows_paper}
    known = sorted(found)
    for submission in store.submissions(tx, known) if known else ():
        found[submission.item_id].submissions.append(submission)
    for decision in store.decisions(tx, known) if known else ():
        found[decision.item_id].decisions.append(decision)
    return found


def funds_of_listings(tx: Tx, actor: Actor, listing_ids: Sequence[str]) -> dict[str, str]:
    """The fund ids behind checklists by listing id; for listings whose items the caller was told of."""
    actor.require(READ)
    return {row.listing_id: row.fund_id for row in store.checklists(tx, sorted(set(listing_ids)))}


def passed_at(tx: Tx, actor: Actor, *, listing_id: str, organisation_id: str | None = None) -> dict[Gate, datetime]:
    """When the gates that the listing and, with an organisation, this bidder have behind them were passed."""
    actor.require(READ)
    owners = {None, organisation_id}
    return {row.gate: row.passed_at for row in store.passages(tx, [listing_id]) if row.organisation_id in owners}
