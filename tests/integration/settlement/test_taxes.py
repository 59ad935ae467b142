"""Estimates of tax of a deal: from its registers, each side its own, and never a fen withheld."""

import pytest

from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.settlement.errors import DealNotFound
from exchange.settlement.service.taxes import taxes_seen_by
from exchange.settlement.tax import DealTaxes, TaxItem
from tests.integration.matching.exchange_world import Market
from tests.integration.settlement.deal_world import a_deal


def test_each_side_reads_its_own_estimates(market: Market) -> None:
    row = a_deal(market, price_ppm=850_000)

    def seen(actor_name: str) -> DealTaxes:
        actor = {"seller": market.seller, "buyer": market.buyers["social"], "operator": market.operator}[actor_name]
        with transaction() as tx:
            return taxes_seen_by(tx, actor, business_now(tx), deal_id=row.id)

    of_seller, of_buyer, of_all = seen("seller"), seen("buyer"), seen("operator")
    assert [each.item for each in of_buyer.estimates] == [TaxItem.STAMP_DUTY_BUYER]
    assert of_buyer.cost_minor is None
    assert {each.item for each in of_all.estimates} == set(TaxItem)
    assert {each.item for each in of_seller.estimates} == set(TaxItem) - {TaxItem.STAMP_DUTY_BUYER}
    assert all(each.is_estimate for each in of_all.estimates)
    duty = of_buyer.estimates[0]
    assert (duty.rate_ppm, duty.amount_minor, duty.rule_id) == (500, of_buyer.price_minor * 500 // 1_000_000, "R-60")
    gain = max(of_all.price_minor - (of_all.cost_minor or 0), 0)
    added = next(each for each in of_all.estimates if each.item is TaxItem.VALUE_ADDED_TAX)
    assert added.taxed_minor == gain


def test_strangers_read_none(market: Market) -> None:
    row = a_deal(market)
    with transaction() as tx, pytest.raises(DealNotFound):
        taxes_seen_by(tx, market.buyers["second"], business_now(tx), deal_id=row.id)
