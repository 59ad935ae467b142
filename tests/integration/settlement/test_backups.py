"""A deal falls away: the next in rank is asked at its own price, one after the other, until the sale is over."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from exchange.access.actor import SYSTEM
from exchange.core.errors import ExchangeError, IllegalTransition, RulesBroken
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.custody.roll import Holding
from exchange.diligence.gate import Gate
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.listings import service as listings
from exchange.listings.lifecycle import ListingStatus
from exchange.parties.tables import StandingRow
from exchange.settlement.backup import BackupStatus
from exchange.settlement.deal import DealEvent, DealOrigin, DealStatus
from exchange.settlement.duty_errors import BackupOfferNotFound
from exchange.settlement.service import backups
from exchange.settlement.service.falling import fall
from exchange.settlement.service.progress import lock_deal
from exchange.settlement.tables.backups import BackupOfferRow
from exchange.settlement.tables.deals import DealRow
from tests.evidence import all_accepted
from tests.integration.matching.exchange_world import (
    MILLION,
    Market,
    a_listing,
    bid,
    listing_status,
    proposals,
    settle,
    wait,
)
from tests.integration.matching.test_negotiated import confirm_all
from tests.integration.settlement.deal_world import (
    cash,
    deal,
    deal_of_listing,
    holding,
    sign,
    status_of,
    transferred,
)


def a_sale(market: Market, *bids: tuple[str, int, int], amount: int = 20, auction: bool = False) -> DealRow:
    """The first deal of a listing of so many million, with these bids (buyer, million, price) beside each other."""
    mode = MatchingMode.ONE_WAY_AUCTION if auction else MatchingMode.NEGOTIATED
    policy = PriorityPolicy.PRICE_FIRST
    listing_id = a_listing(market, amount=amount, mode=mode, policy=policy, opens_in=timedelta(hours=1))
    for name, wanted, price_ppm in bids:
        bid(market, listing_id, name, wanted, price_ppm)
    wait(timedelta(days=31) if auction else timedelta(hours=2))
    confirm_all(market, proposals(listing_id))
    with transaction() as tx:
        buyers = [market.buyers[name].organisation_id for name, _, _ in bids]
        all_accepted(tx, business_now(tx), listing_id, buyers, up_to=Gate.RELEASE)
    return deal_of_listing(listing_id)


def fell(row: DealRow, *, reason: str = "withdrawn_by_buyer") -> None:
    """A deal ends before its transfer."""
    with transaction() as tx:
        fall(tx, SYSTEM, business_now(tx), lock_deal(tx, row.id), DealEvent.WITHDRAW, reason=reason)
    settle()


def offers(row: DealRow) -> list[BackupOfferRow]:
    """Every offer of a deal's listing, oldest first."""
    with transaction() as tx:
        query = select(BackupOfferRow).where(BackupOfferRow.listing_id == row.listing_id)
        return list(tx.exec(query.order_by(BackupOfferRow.id)))


def accept(market: Market, name: str, offer_id: str) -> None:
    """A backup takes its offer."""
    with transaction() as tx:
        backups.accept(tx, market.buyers[name], business_now(tx), offer_id=offer_id)
    settle()


def decline(market: Market, name: str, offer_id: str) -> None:
    """A backup does not want it."""
    with transaction() as tx:
        backups.decline(tx, market.buyers[name], business_now(tx), offer_id=offer_id, note="no longer interested")
    settle()


def seller_line(market: Market) -> Holding:
    """The seller's line on the roll."""
    found = holding(market, market.seller.organisation_id)
    assert found is not None
    return found


@pytest.mark.parametrize("auction", [False, True])
def test_the_next_in_rank_takes_the_place_at_its_own_price(market: Market, auction: bool) -> None:
    row = a_sale(market, ("social", 20, 900_000), ("second", 20, 880_000), ("guidance", 20, 870_000), auction=auction)
    assert row.price_ppm == 900_000
    fell(row)
    (offer,) = offers(row)
    assert (offer.organisation_id, offer.price_ppm) == (market.buyers["second"].organisation_id, 880_000)
    assert seller_line(market).frozen_minor == 20 * MILLION
    with pytest.raises(BackupOfferNotFound):
        accept(market, "guidance", offer.id)
    accept(market, "second", offer.id)
    with pytest.raises(IllegalTransition):
        accept(market, "second", offer.id)
    opened = deal_of_listing(row.listing_id)
    assert (opened.origin, opened.replaces_deal_id, opened.price_ppm) == (DealOrigin.BACKUP, row.id, 880_000)
    assert cash(opened.buyer_organisation_id)[1] == opened.deposit_minor > 0
    opened = transferred(market, sign(opened))
    assert opened.status is DealStatus.TRANSFERRED
    assert seller_line(market).frozen_minor == 0


def test_declining_and_silence_call_the_next_until_the_sale_is_over(market: Market) -> None:
    row = a_sale(market, ("social", 20, 900_000), ("second", 20, 880_000), ("guidance", 20, 870_000))
    fell(row)
    decline(market, "second", offers(row)[0].id)
    assert [offer.status for offer in offers(row)] == [BackupStatus.DECLINED, BackupStatus.OFFERED]
    wait(timedelta(days=5))
    assert [offer.status for offer in offers(row)] == [BackupStatus.DECLINED, BackupStatus.LAPSED]
    assert listing_status(row.listing_id) is ListingStatus.EXPIRED
    assert seller_line(market).frozen_minor == 0
    wait(timedelta(days=90))
    with transaction() as tx:
        now = business_now(tx)
        draft = listings.relist(
            tx,
            market.seller,
            now,
            listing_id=row.listing_id,
            opens_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=30),
        )
        assert draft.relisted_from == row.listing_id


def test_smaller_backups_share_what_is_left(market: Market) -> None:
    row = a_sale(market, ("social", 20, 900_000), ("second", 12, 880_000), ("guidance", 20, 870_000))
    fell(row)
    first, second = offers(row)
    assert [(offer.amount_minor, offer.rank) for offer in (first, second)] == [(12 * MILLION, 1), (8 * MILLION, 2)]
    accept(market, "second", first.id)
    decline(market, "guidance", second.id)
    assert seller_line(market).frozen_minor == 12 * MILLION
    assert listing_status(row.listing_id) is ListingStatus.AWARDED
    fell(deal_of_listing(row.listing_id))
    assert seller_line(market).frozen_minor == 0
    assert listing_status(row.listing_id) is ListingStatus.EXPIRED


def test_a_backup_that_may_not_buy_or_cannot_pay_takes_nothing(market: Market) -> None:
    row = a_sale(market, ("social", 20, 900_000), ("second", 20, 880_000))
    fell(row)
    (offer,) = offers(row)
    buyer, account = market.buyers["second"].organisation_id, market.accounts["second"]
    with transaction() as tx:
        ledger.hold(tx, business_now(tx), account_id=account, amount_minor=100 * MILLION, reference_id="elsewhere")
    with pytest.raises(FundsNotCovered):
        accept(market, "second", offer.id)
    with transaction() as tx:
        ledger.release(tx, business_now(tx), account_id=account, amount_minor=100 * MILLION, reference_id="elsewhere")
        standing = tx.get(StandingRow, buyer)
        assert standing is not None
        standing.is_approved = False
    with pytest.raises(RulesBroken):
        accept(market, "second", offer.id)
    assert (offers(row)[0].status, deal_of_listing(row.listing_id).id) == (BackupStatus.OFFERED, row.id)
    assert cash(buyer) == (100 * MILLION, 0)


def test_nobody_is_asked_when_the_seller_withdrew(market: Market) -> None:
    row = a_sale(market, ("social", 20, 900_000), ("second", 20, 880_000))
    fell(row, reason="withdrawn_by_seller")
    assert offers(row) == []
    assert listing_status(row.listing_id) is ListingStatus.EXPIRED


def test_two_who_answer_one_offer_at_once_give_one_answer(market: Market) -> None:
    row = a_sale(market, ("social", 20, 900_000), ("second", 20, 880_000))
    fell(row)
    (offer,) = offers(row)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def run(work: str) -> None:
        start.wait()
        try:
            with transaction() as tx:
                if work == "accept":
                    backups.accept(tx, market.buyers["second"], business_now(tx), offer_id=offer.id)
                else:
                    backups.decline(tx, market.buyers["second"], business_now(tx), offer_id=offer.id, note="no")
            outcomes.append(work)
        except ExchangeError as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=run, args=(work,)) for work in ("accept", "decline")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] == "ILLEGAL_TRANSITION"
    assert len(outcomes) == 2
    settle()
    assert deal(row.id).status is DealStatus.WITHDRAWN
    assert status_of(row.id) is DealStatus.WITHDRAWN
