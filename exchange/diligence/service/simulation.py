"""Papers of the demo world: one simulated file stands for everything that is owed, and is accepted at once.

For simulated listings only. What it leaves is what handing in and accepting the papers would have left, and every
item says that it is simulated; so a newcomer meets an open market, and may still hand in papers on the listings that
were left without.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Refused
from exchange.core.ids import new_id
from exchange.diligence.errors import ChecklistNotFound
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, PartyRole
from exchange.diligence.service import documents
from exchange.diligence.service.checklists import open_bidders
from exchange.diligence.service.clearances import refresh_clearances
from exchange.diligence.service.receiving import Received, receive
from exchange.diligence.service.templates import template
from exchange.diligence.store import checklists as checklist_store
from exchange.diligence.store import simulation as store
from exchange.diligence.tables.checklists import GatePassageRow
from exchange.infra.database import Tx
from exchange.infra.paper import PlainPaper, paper_pdf
from exchange.infra.settings import settings

NOTICE = "模拟文件，不具法律效力。 Simulated document without legal effect."
FILE_NAME = "simulated.pdf"
REASON = "模拟 simulated"
GOOD_FOR = timedelta(days=150)


class NotSimulated(Refused):
    """Simulated papers on a listing that is not simulated."""

    code = "NOT_SIMULATED"


def accept_simulated(
    tx: Tx, operator: Actor, now: datetime, *, listing_id: str, gate: Gate, bidders: Sequence[str] = ()
) -> None:
    """Have everything accepted that a listing, its sides and these bidders owe up to a gate; bidders enter the room.

    What the system makes itself (valuation note, trade confirmation) is left to it. NOT_SIMULATED (409).
    """
    operator.require("gates:pass")
    checklist = checklist_store.checklist(tx, listing_id)
    if checklist is None:
        raise ChecklistNotFound
    if not checklist.is_simulated:
        raise NotSimulated
    if bidders:
        open_bidders(tx, now, listing_id, bidders)
    specs = template(checklist.template_version).effective(checklist.transaction_type).values()
    codes = [
        spec.code
        for spec in specs
        if spec.gate.is_up_to(gate)
        and set(spec.providers) != {PartyRole.SYSTEM}
        and (bidders or spec.scope is not ItemScope.BIDDER)
    ]
    today = market_date(now)
    store.accept_all(
        tx,
        now,
        listing_id=listing_id,
        bidders=bidders,
        codes=codes,
        paper=_paper(tx, now, listing_id, checklist.seller_organisation_id),
        provider=checklist.seller_organisation_id,
        reviewer=operator.organisation_id,
        reason=REASON,
        today=today,
        until=today + GOOD_FOR,
    )
    checklist_store.add(tx, [_passage(now, listing_id, organisation_id) for organisation_id in bidders])
    refresh_clearances(tx, now, listing_id=listing_id)


def _passage(now: datetime, listing_id: str, organisation_id: str) -> GatePassageRow:
    return GatePassageRow(
        id=new_id("gate_passage"),
        listing_id=listing_id,
        organisation_id=organisation_id,
        gate=Gate.DATAROOM,
        passed_by="simulated",
        passed_at=now,
    )


@lru_cache(maxsize=4)
def _page(made_at: datetime, store_name: str) -> Received:
    """The one simulated page, in the store of that name; made once for it."""
    page = PlainPaper(
        title_zh="模拟材料",
        title_en="Simulated papers",
        reference="模拟 simulated",
        paragraphs=["本页代表该挂牌的各项材料。 This page stands for the papers of the listing."],
        notice=NOTICE,
    )
    return receive(BytesIO(paper_pdf(page, made_at)), FILE_NAME)


def _paper(tx: Tx, now: datetime, listing_id: str, owner: str) -> tuple[str, int, str]:
    made = documents.add_document(
        tx,
        Actor("simulated", owner, frozenset(), frozenset({"documents:write"})),
        now,
        received=_page(now, f"{settings().data} {settings().documents_url}"),
        file_name=FILE_NAME,
        title="模拟材料 Simulated papers",
        listing_id=listing_id,
    )
    return made.document_id, made.number, made.sha256
