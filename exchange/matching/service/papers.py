"""The papers around a match: the award gate asks for the buyer's, the trade confirmation is made by the exchange.

Both sides' confirmations are the acceptance of the trade confirmation (checklist item X02), so the award gate is asked
without it before the last of them, and passed with it once the trade is made.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.core.money import Money
from exchange.core.quantity import price_text
from exchange.diligence.document import FileKind
from exchange.diligence.errors import GateBlocked
from exchange.diligence.gate import Gate
from exchange.diligence.service import checklists, documents, gates, items
from exchange.diligence.service.items import Paper
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.paper import PlainPaper, paper_pdf
from exchange.matching.store import deals as store
from exchange.matching.tables import ProposalRow, TradeRow
from exchange.parties import service as parties

CONFIRMATION = "X02"
SIMULATED = "模拟交易，不具法律效力。 Simulated trade without legal effect."


@dataclass(frozen=True, slots=True)
class BackupTerms:
    """What a backup took, in minor units, and who confirmed it when."""

    buyer_organisation_id: str
    price_ppm: int
    amount_minor: int
    money_minor: int
    confirmed_by: str
    at: datetime


def require_award_gate(tx: Tx, now: datetime, proposal: ProposalRow) -> None:
    """GATE_BLOCKED names every paper the buyer still owes before it may confirm; nothing else is changed.

    The order path let the bid in, so its bid gate was open: that is recorded first.
    """
    require_buyer_papers(tx, now, listing_id=proposal.listing_id, buyer_organisation_id=proposal.buyer_organisation_id)


def require_buyer_papers(tx: Tx, now: datetime, *, listing_id: str, buyer_organisation_id: str) -> None:
    """The same of any buyer of a listing, such as a backup who is called after its match."""
    gates.record_step(tx, SYSTEM, now, listing_id=listing_id, gate=Gate.BID, organisation_id=buyer_organisation_id)
    gates.require_gate(
        tx,
        now,
        listing_id=listing_id,
        gate=Gate.AWARD,
        organisation_id=buyer_organisation_id,
        but_for=frozenset({CONFIRMATION}),
    )


def is_award_gate_open(tx: Tx, now: datetime, proposal: ProposalRow) -> bool:
    """Whether the buyer's papers would still let it confirm."""
    try:
        require_award_gate(tx, now, proposal)
    except GateBlocked:
        return False
    return True


def file_confirmation(tx: Tx, now: datetime, *, trade_id: str) -> None:
    """Make the confirmation of a trade, accept it in the name of the buyer who confirmed, and pass the award gate.

    Doing it twice changes nothing. A match of a book that binds from the start has no award gate to pass.
    """
    trade = store.trade(tx, trade_id)
    proposal = store.proposal(tx, trade.proposal_id) if trade and trade.proposal_id else None
    if trade is None or proposal is None or proposal.buyer_confirmed_by is None or trade.listing_id is None:
        return
    _file(tx, now, trade, proposal.buyer_confirmed_by)


def file_confirmation_of_backup(tx: Tx, now: datetime, *, trade_id: str, terms: BackupTerms) -> None:
    """The same for a backup that took a fallen deal's place at its own price; doing it twice changes nothing."""
    first = store.trade(tx, trade_id)
    if first is None:
        return
    kept = first.model_dump(exclude={"buyer_organisation_id", "price_ppm", "amount_minor", "money_minor", "at"})
    as_trade = TradeRow(
        **kept,
        buyer_organisation_id=terms.buyer_organisation_id,
        price_ppm=terms.price_ppm,
        amount_minor=terms.amount_minor,
        money_minor=terms.money_minor,
        at=terms.at,
    )
    _file(tx, now, as_trade, terms.confirmed_by)


def _file(tx: Tx, now: datetime, trade: TradeRow, confirmed_by: str) -> None:
    buyer_id = trade.buyer_organisation_id
    if trade.listing_id is None:
        return
    if gates.passed_gate(tx, listing_id=trade.listing_id, gate=Gate.AWARD, organisation_id=buyer_id):
        return
    checklists.open_bidder(tx, now, trade.listing_id, buyer_id)
    made = documents.generated(
        tx,
        now,
        content=paper_pdf(_confirmation(tx, trade), now),
        kind=FileKind.PDF,
        title="成交确认书 Trade confirmation",
        file_name=f"{CONFIRMATION}_{trade.id}.pdf",
        owner_organisation_id=trade.seller_organisation_id,
        listing_id=trade.listing_id,
    )
    paper = Paper(
        CONFIRMATION, made.document_id, made.number, issued_on=market_date(now), structured={"trade_id": trade.id}
    )
    (row,) = items.submit_papers(tx, SYSTEM, now, listing_id=trade.listing_id, organisation_id=buyer_id, papers=[paper])
    buyer = Actor(
        user_id=confirmed_by,
        organisation_id=buyer_id,
        roles=frozenset({Role.INVESTOR}),
        permissions=frozenset({items.REVIEW}),
    )
    items.accept(tx, buyer, now, item_id=row.id, reason="confirmed the match")
    gates.record_step(tx, buyer, now, listing_id=trade.listing_id, gate=Gate.AWARD, organisation_id=buyer_id)


def _confirmation(tx: Tx, trade: TradeRow) -> PlainPaper:
    names = parties.names_of(tx, [trade.buyer_organisation_id, trade.seller_organisation_id])
    fund = funds.fund_facts(tx, trade.fund_id)

    def name(organisation_id: str) -> str:
        chinese, english = names[organisation_id]
        return f"{chinese} {english or ''}".strip()

    return PlainPaper(
        title_zh="成交确认书",
        title_en="Trade confirmation",
        reference=f"{CONFIRMATION} · {trade.id}",
        rows=[
            ("成交编号 Trade", trade.id),
            ("挂牌编号 Listing", trade.listing_id or ""),
            ("标的基金 Fund", f"{fund.name} ({fund.code})"),
            ("转让方 Seller", name(trade.seller_organisation_id)),
            ("受让方 Buyer", name(trade.buyer_organisation_id)),
            ("认缴份额 Subscribed capital", f"{Money(trade.amount_minor, trade.currency).text()} {trade.currency}"),
            ("价格（占净值） Price in NAV", price_text(trade.price_ppm)),
            ("成交金额 Consideration", f"{Money(trade.money_minor, trade.currency).text()} {trade.currency}"),
            ("成交时间 Time", trade.at.isoformat()),
        ],
        paragraphs=[
            "转让方与受让方均已在平台确认本次成交。 Seller and buyer have both confirmed this match on the exchange.",
        ],
        notice=SIMULATED if trade.is_simulated else "",
    )
