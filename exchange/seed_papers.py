"""The papers of the demo world: simulated documents handed in by the side that owes them and accepted by another.

Every paper is one page that says what it stands for and that it is simulated; the figures the checks reconcile are
those of the fund's own reports. All goes through the services that everybody uses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from openpyxl import Workbook

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.diligence.duty import Duty
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemEvent, ItemScope, PartyRole
from exchange.diligence.service import documents, gates, items
from exchange.diligence.service.items import Decision, Paper
from exchange.diligence.service.receiving import Received, receive
from exchange.diligence.verdict import MissingItem
from exchange.infra.database import Tx
from exchange.infra.paper import PlainPaper, paper_pdf
from exchange.listings.service import notes
from exchange.valuation.service import valuations

SIMULATED = "模拟文件，不具法律效力。 Simulated document without legal effect."
AS_WORKBOOK = frozenset({"E01", "E03"})
MADE_BY_THE_SYSTEM = frozenset({notes.CODE})
A_YEAR = timedelta(days=365)


@dataclass
class Desk:
    """Who hands in and who accepts; pages that were made once are used again."""

    tx: Tx
    now: datetime
    operator: Actor
    actors: Mapping[str, Actor]
    pages: dict[str, Received] = field(default_factory=dict)

    def satisfy(self, listing_id: str, gate: Gate, bidder_id: str | None = None) -> None:
        """Have everything handed in and accepted that keeps a gate shut."""
        found = gates.gate_states(self.tx, self.now, listing_id=listing_id, organisation_id=bidder_id)
        verdict = next(each for each in found if each.gate is gate)
        for (owner, account_of), missing in _by_provider(verdict.missing).items():
            actor = self.actors[owner] if owner else self.operator
            self._hand_in(actor, None if account_of else listing_id, account_of or bidder_id, missing)

    def file_note(self, listing_id: str) -> None:
        """Have the listing valued at once and its note accepted: the demo world does not wait for a worker."""
        valuation_id = notes.ask_for_note(self.tx, self.now, listing_id=listing_id)
        if valuation_id is not None:
            valuations.run(self.tx, self.now, valuation_id=valuation_id)
            row = notes.hand_in_note(self.tx, self.now, listing_id=listing_id, valuation_id=valuation_id)
            if row is not None:
                items.accept(self.tx, self.operator, self.now, item_id=row, reason="模拟 simulated")

    def _hand_in(
        self, actor: Actor, listing_id: str | None, organisation_id: str | None, missing: Sequence[MissingItem]
    ) -> None:
        papers = [self._paper(actor, listing_id, item) for item in missing]
        rows = items.submit_papers(
            self.tx, actor, self.now, listing_id=listing_id, organisation_id=organisation_id, papers=papers
        )
        waiting = [row.id for row in rows if row.reviewer_role is None]
        if waiting:
            decisions = [Decision(item_id, ItemEvent.ACCEPT, "模拟 simulated") for item_id in waiting]
            items.decide(self.tx, self.operator, self.now, decisions)

    def _paper(self, actor: Actor, listing_id: str | None, item: MissingItem) -> Paper:
        today = market_date(self.now)
        made = documents.add_document(
            self.tx,
            actor,
            self.now,
            received=self._page(item),
            file_name=_file_name(item),
            title=f"{item.zh} {item.en}",
            listing_id=listing_id,
        )
        return Paper(
            item.code,
            made.document_id,
            made.number,
            issued_on=today,
            as_of=today,
            expires_on=today + A_YEAR if item.code in {"P02", "T11"} else None,
        )

    def _page(self, item: MissingItem) -> Received:
        page = self.pages.get(item.code)
        if page is None:
            content = _workbook(item) if item.code in AS_WORKBOOK else paper_pdf(_simulated(item), self.now)
            page = self.pages[item.code] = receive(BytesIO(content), _file_name(item))
        return page


def _file_name(item: MissingItem) -> str:
    return f"{item.code}.{'xlsx' if item.code in AS_WORKBOOK else 'pdf'}"


def _simulated(item: MissingItem) -> PlainPaper:
    return PlainPaper(
        title_zh=item.zh,
        title_en=item.en,
        reference=f"{item.code} 模拟 simulated",
        paragraphs=[f"本页代表材料 {item.code}。 This page stands for paper {item.code}."],
        notice=SIMULATED,
    )


def _workbook(item: MissingItem) -> bytes:
    book = Workbook()
    sheet = book.active
    for line in ((item.code, item.zh, item.en), (SIMULATED,)):
        sheet.append(line)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _by_provider(missing: Iterable[MissingItem]) -> dict[tuple[str | None, str | None], list[MissingItem]]:
    """Missing papers by who hands them in and whose account they belong to (None: the listing or its bidder)."""
    found: dict[tuple[str | None, str | None], list[MissingItem]] = {}
    for item in missing:
        duty = _provider(item)
        if duty is not None:
            account_of = item.organisation_id if item.scope is ItemScope.ACCOUNT else None
            found.setdefault((duty.organisation_id, account_of), []).append(item)
    return found


def _provider(item: MissingItem) -> Duty | None:
    """Who hands a paper in: a side, or the exchange; what the system makes is not handed in here."""
    if item.code in MADE_BY_THE_SYSTEM:
        return None
    return next((duty for duty in item.waits_for if duty.role is not PartyRole.SYSTEM), None)
