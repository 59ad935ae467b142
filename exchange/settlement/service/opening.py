"""A confirmed match becomes a deal: its terms are frozen and it takes the bid's deposit over."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from exchange.access.actor import SYSTEM
from exchange.core.clock import market_date
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.ledger.cover import HoldChange
from exchange.listings import service as listings
from exchange.listings.listing import ListingFacts
from exchange.matching.service.after_trade import TradeRow, take_over_deposit, trade_facts
from exchange.matching.service.order_plans import plan_of_trade
from exchange.rulebook import service as rulebook
from exchange.settlement.deadlines import deadline_of
from exchange.settlement.deal import DealOrigin
from exchange.settlement.service.progress import set_deadline, tell
from exchange.settlement.store import deals as store
from exchange.settlement.tables.deals import DealRow

KEPT_TERMS = (
    "trade_id",
    "listing_id",
    "book_id",
    "fund_id",
    "holding_id",
    "manager_organisation_id",
    "seller_organisation_id",
    "profile",
    "seller_is_state_owned",
    "currency",
    "nav_statement_id",
    "reference_on",
    "nav_minor",
    "subscribed_minor",
    "adjustment",
    "is_simulated",
)
"""What a deal in place of another takes over from it."""

ALL_AT_CLOSING: Mapping[str, Any] = MappingProxyType({})


def open_deal(tx: Tx, now: datetime, trade_id: str) -> DealRow:
    """The deal of a trade, opened when it is not there yet; repeating it changes nothing."""
    trade = trade_facts(tx, trade_id)
    listings.lock_listing(tx, str(trade.listing_id))
    known = store.deal_of_trade(tx, trade_id)
    if known is not None:
        return known
    listing = listings.listing_facts(tx, str(trade.listing_id))
    row = _deal(tx, now, trade, listing)
    taken = take_over_deposit(tx, order_id=trade.buy_order_id, amount_minor=trade.amount_minor)
    if taken is not None:
        row.deposit_account_id, row.deposit_minor = taken.account_id, taken.deposit_minor
        ledger.apply_holds(
            tx,
            [
                HoldChange(taken.account_id, -taken.deposit_minor, trade.buy_order_id, new_id("transfer")),
                HoldChange(taken.account_id, taken.deposit_minor, row.id, new_id("transfer")),
            ],
            now,
        )
    store.add(tx, row)
    profile = rulebook.profile(row.profile, market_date(now))
    set_deadline(tx, now, row, deadline_of(profile, rulebook.calendar(tx), row.status, now))
    tell(tx, SYSTEM, now, row, "deal.opened", {"trade_id": trade.id, "deposit_minor": row.deposit_minor})
    return row


def open_replacement(
    tx: Tx,
    now: datetime,
    before: DealRow,
    *,
    origin: DealOrigin,
    buyer_organisation_id: str,
    price_ppm: int,
    amount_minor: int,
    base_minor: int,
    deposit_minor: int,
    plan: Mapping[str, Any] = ALL_AT_CLOSING,
) -> DealRow:
    """A deal in place of a fallen, locked one, with another buyer and its own terms; its deposit is held.

    The interest is frozen for the listing already. MONEY_NOT_COVERED when the buyer cannot hold the deposit.
    """
    held = custody.current_holdings(tx, [(before.fund_id, buyer_organisation_id)])
    kept = {name: getattr(before, name) for name in KEPT_TERMS}
    row = DealRow(
        id=new_id("deal"),
        origin=origin,
        replaces_deal_id=before.id,
        buyer_organisation_id=buyer_organisation_id,
        buyer_is_partner=any(holding.subscribed_minor > 0 for holding in held.values()),
        price_ppm=price_ppm,
        amount_minor=amount_minor,
        base_minor=base_minor,
        plan=dict(plan),
        status_at=now,
        created_at=now,
        **kept,
    )
    if deposit_minor:
        row.deposit_account_id = ledger.cash_account(tx, buyer_organisation_id, row.currency)
        row.deposit_minor = deposit_minor
        ledger.hold(tx, now, account_id=row.deposit_account_id, amount_minor=deposit_minor, reference_id=row.id)
    store.add(tx, row)
    profile = rulebook.profile(row.profile, market_date(now))
    set_deadline(tx, now, row, deadline_of(profile, rulebook.calendar(tx), row.status, now))
    more = {"trade_id": row.trade_id, "deposit_minor": row.deposit_minor, "replaces_deal_id": before.id}
    tell(tx, SYSTEM, now, row, "deal.opened", more)
    return row


def _deal(tx: Tx, now: datetime, trade: TradeRow, listing: ListingFacts) -> DealRow:
    fund = funds.fund_facts(tx, trade.fund_id)
    nav = funds.nav_statement_facts(tx, listing.nav_statement_id)
    held = custody.current_holdings(tx, [(trade.fund_id, trade.buyer_organisation_id)])
    profile = rulebook.profile(listing.profile, market_date(now))
    return DealRow(
        id=new_id("deal"),
        trade_id=trade.id,
        listing_id=listing.id,
        book_id=trade.book_id,
        fund_id=trade.fund_id,
        holding_id=listing.holding_id,
        manager_organisation_id=fund.manager_organisation_id,
        seller_organisation_id=trade.seller_organisation_id,
        buyer_organisation_id=trade.buyer_organisation_id,
        profile=listing.profile,
        seller_is_state_owned=listing.seller_is_state_owned,
        buyer_is_partner=any(holding.subscribed_minor > 0 for holding in held.values()),
        price_ppm=trade.price_ppm,
        amount_minor=trade.amount_minor,
        base_minor=trade.money_minor,
        currency=trade.currency,
        nav_statement_id=listing.nav_statement_id,
        reference_on=nav.as_of,
        nav_minor=listing.basis.nav_minor,
        subscribed_minor=listing.basis.subscribed_minor,
        adjustment=profile.adjustment(state_owned=listing.seller_is_state_owned).value,
        plan=plan_of_trade(tx, trade, listing),
        status_at=now,
        is_simulated=trade.is_simulated,
        created_at=now,
    )
