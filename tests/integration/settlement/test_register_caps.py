"""The register refuses a transfer that would break a cap or a minimum, with every broken rule, and changes nothing."""

from datetime import date

import pytest
from sqlmodel import select

from exchange.core.errors import RulesBroken
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.custody.roll import HoldingRecord
from exchange.custody.tables import CustodyEntryKind, CustodyEntryRow, HoldingRow
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.listings.service.facts import breaches_of
from exchange.listings.tables import ListingRow
from exchange.matching.service.proposals import confirm
from exchange.parties.lifecycle import OrganisationKind, OrganisationStatus
from exchange.parties.tables import OrganisationRow, OwnershipRow
from exchange.settlement.deal import DealStatus
from exchange.settlement.tables.deals import DealRow
from tests.integration.matching.exchange_world import MILLION, Market, a_listing, bid, proposals, settle
from tests.integration.settlement.deal_world import a_funded_deal, cash, holding, register, status_of


def more_partners(market: Market, count: int) -> None:
    """Further partners with five million each."""
    with transaction() as tx:
        now = business_now(tx)
        for _ in range(count):
            organisation, held = new_id("organisation"), new_id("holding")
            tx.add(
                OrganisationRow(
                    id=organisation, kind=OrganisationKind.INVESTOR, name_zh="合伙人", name_en="Partner",
                    credit_code=organisation, status=OrganisationStatus.APPROVED, created_at=now,
                )
            )  # fmt: skip
            tx.flush()
            tx.add(
                HoldingRow(
                    id=held, fund_id=market.fund_id, holder_organisation_id=organisation, subscribed_minor=5 * MILLION,
                    paid_in_minor=5 * MILLION, unfunded_minor=0,
                )
            )  # fmt: skip
            tx.flush()
            tx.add(
                CustodyEntryRow(
                    id=new_id("custody_entry"), holding_id=held, kind=CustodyEntryKind.RECORDED,
                    subscribed_delta_minor=5 * MILLION, paid_in_delta_minor=5 * MILLION, reference_id="test",
                    actor_id="test", at=now,
                )
            )  # fmt: skip


def owners(of: str, count: int) -> None:
    """So many natural persons who own an organisation in equal parts."""
    with transaction() as tx:
        for _ in range(count):
            tx.add(
                OwnershipRow(
                    id=new_id("ownership"), owner_id=new_id("person"), owner_name="Person", owned_id=of,
                    share_ppm=1_000_000 // count, as_of=date(2026, 1, 1), evidence="test",
                )
            )  # fmt: skip


def correct(market: Market, subscribed: int) -> None:
    """The manager corrects what the seller holds."""
    with transaction() as tx:
        record = HoldingRecord(market.fund_id, market.seller.organisation_id, subscribed, subscribed, 0)
        custody.record_holding(tx, market.seller, business_now(tx), record=record, reference_id="correction")


def refused(market: Market, row: DealRow) -> list[tuple[str, str]]:
    """The rules the register names; money, roll and status stay as they were."""
    before = holding(market, row.seller_organisation_id), cash(row.seller_organisation_id)
    with pytest.raises(RulesBroken) as found:
        register(market, row)
    assert status_of(row.id) is DealStatus.CLOSING
    assert (holding(market, row.seller_organisation_id), cash(row.seller_organisation_id)) == before
    assert holding(market, row.buyer_organisation_id) is None
    return [(breach.rule, breach.code) for breach in found.value.breaches]


def test_the_register_counts_partners_and_looks_through_them(market: Market) -> None:
    row = a_funded_deal(market)
    more_partners(market, 49)
    owners(row.buyer_organisation_id, 160)
    correct(market, 20 * MILLION + MILLION // 2)
    assert refused(market, row) == [
        ("R-06", "PARTNER_CAP_EXCEEDED"),
        ("R-05", "HOLDER_CAP_EXCEEDED"),
        ("R-26", "REMAINDER_BELOW_MINIMUM"),
    ]
    correct(market, 20 * MILLION)
    assert refused(market, row) == [("R-05", "HOLDER_CAP_EXCEEDED")]
    with transaction() as tx:
        for owner in tx.exec(select(OwnershipRow).limit(20)):
            owner.ended_on = date(2026, 1, 2)
    register(market, row)
    assert status_of(row.id) is DealStatus.TRANSFERRED


def test_who_has_just_been_registered_lists_and_confirms_only_after_the_interval(market: Market) -> None:
    row = a_funded_deal(market)
    register(market, row)
    bought = holding(market, row.buyer_organisation_id)
    assert bought is not None
    listing_id = a_listing(market, amount=10)
    bid(market, listing_id, "social", 10, 850_000)
    settle()
    (proposal,) = proposals(listing_id)
    with transaction() as tx:
        assert custody.last_bought_at(tx, row.holding_id) is None
        # The same sale out of what was bought just now; taken back at the end.
        listing = tx.get_one(ListingRow, listing_id)
        listing.holding_id = bought.id
        tx.flush()
        found = [(each.rule, each.code) for each in breaches_of(tx, listing, business_now(tx))]
        assert ("R-04", "BOUGHT_TOO_RECENTLY") in found
        with pytest.raises(RulesBroken) as refused:
            confirm(tx, market.seller, business_now(tx), proposal_id=proposal.id)
        tx.rollback()
    assert [(each.rule, each.code) for each in refused.value.breaches] == [("R-04", "BOUGHT_TOO_RECENTLY")]
    assert proposals(listing_id)[0].seller_confirmed_at is None
    with transaction() as tx:
        confirm(tx, market.seller, business_now(tx), proposal_id=proposal.id)
    assert proposals(listing_id)[0].seller_confirmed_at is not None
