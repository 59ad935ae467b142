"""Papers that only the system reviews count with the exchange's own record, not with a file alone."""

import pytest

from exchange.core.clock import market_date
from exchange.diligence.item import ItemState
from exchange.diligence.service import items
from exchange.diligence.service.system_checks import NotKnownToTheRegisters
from exchange.diligence.service.templates import template
from tests.builders import Exchange, an_account, at_work, make_suitable
from tests.integration.diligence.deal_world import Deal, a_deal, a_document, a_paper, sign_in_the_room


@pytest.fixture
def deal(exchange: Exchange) -> Deal:
    """A listing with a bidder that the registers know nothing of."""
    return a_deal(exchange, facts={"deposit_required": True})


def hand_in_alone(deal: Deal, code: str) -> ItemState:
    """The bidder hands in a file and nothing else."""
    spec = template().spec("lp_transfer", code)
    listing_id = None if spec.is_of_account else deal.listing_id
    with at_work() as (tx, now):
        document_id = a_document(tx, now, deal.bidder, listing_id)
        paper = a_paper(spec, document_id, market_date(now))
        (row,) = items.submit_papers(
            tx,
            deal.bidder,
            now,
            listing_id=listing_id,
            organisation_id=deal.bidder.organisation_id,
            papers=[paper],
        )
        return row.state


def test_a_file_alone_is_no_signature_no_suitability_and_no_deposit(deal: Deal) -> None:
    for code in ("G06", "P05", "G09"):
        with pytest.raises(NotKnownToTheRegisters):
            hand_in_alone(deal, code)
    assert deal.item("G06").state is not ItemState.ACCEPTED


def test_the_same_files_count_once_the_exchange_knows(deal: Deal) -> None:
    make_suitable(deal.exchange, deal.bidder)
    an_account(deal.exchange, deal.bidder, "1000.00")
    with at_work() as (tx, now):
        sign_in_the_room(tx, now, deal.listing_id, deal.bidder)
    assert {code: hand_in_alone(deal, code) for code in ("G06", "P05", "G09")} == dict.fromkeys(
        ("G06", "P05", "G09"), ItemState.ACCEPTED
    )
