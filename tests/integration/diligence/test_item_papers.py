"""The file behind an item: its owner opens it, its reviewer and the exchange say why, nobody else gets it."""

import pytest

from exchange.access.actor import Actor
from exchange.core.errors import NotFound
from exchange.diligence.document_errors import ReadReasonRequired
from exchange.diligence.duty import duty_of, providing, reviewing
from exchange.diligence.service.item_papers import Opening, open_paper, openings_of
from exchange.diligence.service.items_at_hand import caller_of
from exchange.diligence.service.reading import item_of
from exchange.diligence.service.templates import template
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.diligence.template import ItemScope
from exchange.infra.database import transaction
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.deal_world import Deal, a_deal, hand_in
from tests.integration.diligence.documents_world import events_of


def reviewed_by_a_side(deal: Deal) -> tuple[ChecklistItemRow, Actor, Actor]:
    """A paper of the listing that one side handed in and another reviews, with both."""
    position = deal.position()
    for code, spec in sorted(template().deal_items(position.checklist.transaction_type).items()):
        if spec.scope is not ItemScope.LISTING or code not in position.items[None]:
            continue
        sides = position.sides(None)
        provider = next((a for a in (deal.seller, deal.gp) if duty_of(providing(spec, sides), caller_of(a))), None)
        duties = reviewing(spec, sides, provider.organisation_id if provider else None)
        reviewer = next((a for a in (deal.gp, deal.seller) if duty_of(duties, caller_of(a))), None)
        if provider and reviewer and provider is not reviewer:
            hand_in(deal, [code])
            return deal.item(code), provider, reviewer
    raise AssertionError("no paper of one side is reviewed by another")


def readings() -> int:
    """How many readings of originals were told."""
    with transaction() as tx:
        return len(events_of(tx, "document.read"))


def opening(row: ChecklistItemRow, actor: Actor) -> Opening:
    with at_work() as (tx, now):
        return openings_of(tx, actor, [item_of(tx, actor, now, row.id).item])[row.id]


def test_the_owner_opens_its_paper_and_the_reviewer_says_why(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    row, provider, reviewer = reviewed_by_a_side(deal)
    assert (opening(row, provider), opening(row, reviewer)) == (Opening.OWN, Opening.WITH_REASON)
    with at_work() as (tx, now):
        assert open_paper(tx, provider, now, item_id=row.id, reason="").sha256 == row.sha256
    assert readings() == 0
    for reader in (reviewer, exchange.checker):
        with pytest.raises(ReadReasonRequired), at_work() as (tx, now):
            open_paper(tx, reader, now, item_id=row.id, reason="  ")
    assert readings() == 0
    for number, reader in enumerate((reviewer, exchange.checker), start=1):
        with at_work() as (tx, now):
            assert open_paper(tx, reader, now, item_id=row.id, reason="review").sha256 == row.sha256
        assert readings() == number


def test_nobody_else_gets_the_file(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    row, _, _ = reviewed_by_a_side(deal)
    for reader in (deal.bidder, an_investor(exchange)):
        with pytest.raises(NotFound), at_work() as (tx, now):
            open_paper(tx, reader, now, item_id=row.id, reason="curious")
    assert readings() == 0
