"""The list of deals; above it what waits for the viewer: auctions to which it was called as a partner, notices to it as
one, offers to it as a backup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from exchange.core.ids import new_id
from exchange.core.money import Money
from exchange.funds import service as funds
from exchange.listings import service as listings
from exchange.listings.service import first_refusal
from exchange.settlement.backup import BackupStatus
from exchange.settlement.deal import DealStatus
from exchange.settlement.service import backups, offers, reads
from exchange.settlement.service.reads import DealRow
from exchange.web.deal_page import sides_of
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

SHOWN_MAX = 200
WAITING_MAX = 50


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal in the list."""

    deal_id: str
    fund_name: str
    fund_code: str
    side: str
    seller: str
    buyer: str
    amount: Money
    base: Money
    price_ppm: int
    status: str
    row: DealRow


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice to the viewer as a partner. ``answer``: what it said; empty while it has not."""

    deal_id: str
    fund_name: str
    amount: Money
    price_ppm: int
    closes_at: datetime
    answer: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class CallLine:
    """An auction in which the viewer may buy first as a partner, and in which way."""

    listing_id: str
    fund_name: str
    amount: Money
    first_refusal: str
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class BackupLine:
    """An offer to the viewer as a backup, after a deal fell away."""

    offer_id: str
    listing_id: str
    fund_name: str
    amount: Money
    price_ppm: int
    money: Money
    deposit: Money
    lapses_at: datetime
    lapse_rule: str


def deals_page(visit: Visit, *, refused: Sequence[str] = (), listing_id: str = "") -> Response:
    """The page, with what a refused answer said and the listing whose checklist may say more."""
    rows = reads.deals_of(visit.tx, visit.actor, limit=SHOWN_MAX)
    return visit.page(
        "deals.html",
        status_code=409 if refused else 200,
        lines=deal_lines(visit, rows),
        calls=call_lines(visit),
        notices=notice_lines(visit),
        backups=backup_lines(visit),
        refused=refused,
        refused_listing=listing_id,
        may_act=visit.viewer.may("deals:act"),
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


def notice_lines(visit: Visit) -> list[NoticeLine]:
    """Notices served on the viewer's organisation, newest first."""
    found = offers.notices_to(visit.tx, visit.actor, limit=WAITING_MAX)
    known = funds.funds_by_id(visit.tx, sorted({row.fund_id for row, _, _ in found}))
    return [
        NoticeLine(
            deal_id=row.id,
            fund_name=known[row.fund_id].name,
            amount=Money(row.amount_minor, row.currency),
            price_ppm=row.price_ppm,
            closes_at=notice.closes_at,
            answer=said.kind.value if said else "",
            is_open=said is None and row.status is DealStatus.NOTICED and visit.now < notice.closes_at,
        )
        for row, notice, said in found
    ]


def call_lines(visit: Visit) -> list[CallLine]:
    """Auctions to which the viewer's organisation was called as a partner and that still take bids."""
    found = first_refusal.calls_to(visit.tx, visit.actor)
    lines = []
    for call in found:
        facts = listings.listing_facts(visit.tx, call.listing_id)
        fund = funds.fund_facts(visit.tx, facts.fund_id)
        amount = Money(facts.amount_minor, facts.currency)
        lines.append(CallLine(call.listing_id, fund.name, amount, call.first_refusal.value, call.closes_at))
    return lines


def backup_lines(visit: Visit) -> list[BackupLine]:
    """Offers that wait for the viewer's organisation."""
    found = backups.offers_of(visit.tx, visit.actor, status=BackupStatus.OFFERED, limit=WAITING_MAX)
    own = [row for row in found if row.organisation_id == visit.actor.organisation_id]
    names = backups.funds_of(visit.tx, visit.actor, own)
    return [
        BackupLine(
            offer_id=row.id,
            listing_id=row.listing_id,
            fund_name=names.get(row.id, ""),
            amount=Money(row.amount_minor, row.currency),
            price_ppm=row.price_ppm,
            money=Money(row.money_minor, row.currency),
            deposit=Money(row.deposit_minor, row.currency),
            lapses_at=row.lapses_at,
            lapse_rule=row.lapse_rule,
        )
        for row in own
    ]


def deal_lines(visit: Visit, rows: Sequence[DealRow]) -> list[DealLine]:
    """Deals as the list shows them."""
    known = funds.funds_by_id(visit.tx, sorted({row.fund_id for row in rows}))
    names = organisation_names(
        visit.tx,
        [each for row in rows for each in (row.buyer_organisation_id, row.seller_organisation_id)],
        visit.language,
    )
    lines = []
    for row in rows:
        lines.append(
            DealLine(
                deal_id=row.id,
                fund_name=known[row.fund_id].name,
                fund_code=known[row.fund_id].code,
                side=sides_of(visit.actor, row)[0],
                seller=names.get(row.seller_organisation_id, ""),
                buyer=names.get(row.buyer_organisation_id, ""),
                amount=Money(row.amount_minor, row.currency),
                base=Money(row.base_minor, row.currency),
                price_ppm=row.price_ppm,
                status=row.status.value,
                row=row,
            )
        )
    return lines
