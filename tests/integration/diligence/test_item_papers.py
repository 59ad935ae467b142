"""The file behind an item: its owner opens it, its reviewer and the exchange say why, nobody else gets it."""

import pytest

from exchange.access.actor import Actor
from exchange.core.errors import NotFound
from exchange.diligence.document_errors import ReadReasonRequired
from exchange.diligence.service.item_papers import Opening, open_paper, openings_of
from exchange.diligence.service.reading import item_of
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.infra.database import transaction
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.deal_world import a_deal, hand_in
from tests.integration.diligence.documents_world import events_of

PAPER = "F03"  # the manager hands it in, the bidder reviews it


def readings() -> int:
    """How many readings of originals were told."""
    with transaction() as tx:
        return len(events_of(tx, "document.read"))


def opening(row: ChecklistItemRow, actor: Actor) -> Opening:
    with at_work() as (tx, now):
        return openings_of(tx, actor, [item_of(tx, actor, now, row.id).item])[row.id]


def test_the_owner_opens_its_paper_and_the_reviewer_says_why(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    hand_in(deal, [PAPER])
    row, reviewer = deal.item(PAPER), deal.bidder
    provider = next(actor for actor in (deal.gp, deal.seller) if actor.organisation_id == row.provider_organisation_id)
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
    hand_in(deal, [PAPER])
    row = deal.item(PAPER)
    others = [side for side in (deal.gp, deal.seller) if side.organisation_id != row.provider_organisation_id]
    for reader in (*others, an_investor(exchange)):
        with pytest.raises(NotFound), at_work() as (tx, now):
            open_paper(tx, reader, now, item_id=row.id, reason="curious")
    assert readings() == 0
