"""The papers of the tour, over the public API: real files handed in by who owes them, accepted by who reviews them.

A step that is refused names what is missing; here every missing paper is handed in by its side and accepted by
another, until the step may be taken.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from exchange.api_client import ApiCaller
from exchange.core.clock import market_date
from exchange.diligence.gate import Gate
from exchange.infra.paper import PlainPaper, paper_pdf

Document = dict[str, Any]
TO_HAND_IN = frozenset({"not_requested", "requested", "returned", "expired"})
TO_REVIEW = frozenset({"submitted", "in_review"})
OF_THE_EXCHANGE = frozenset({"exchange", "exchange_risk"})
MADE_BY_THE_EXCHANGE = frozenset({"X01", "X02"})
SIMULATED = "模拟文件，不具法律效力。 Simulated document without legal effect."
A_WHILE = timedelta(days=300)


@dataclass
class PaperDesk:
    """Who takes part in the tour: operators who review, and every side by its organisation."""

    operator: ApiCaller
    callers: Callable[[], Mapping[str, ApiCaller]]
    handed_in: int = 0
    accepted: int = 0
    files: dict[tuple[str, str | None, str], Document] = field(default_factory=dict)

    def missing(self, listing_id: str, gate: Gate, bidder: ApiCaller | None = None) -> list[Document]:
        """What is still owed before a gate, of the listing and of one bidder."""
        query = {"organisation_id": bidder.organisation_id} if bidder else {}
        items = self.operator.get(f"/listings/{listing_id}/checklist", **query)["items"]
        return [
            item
            for item in items
            if item["is_required"]
            and Gate(item["gate"]).is_up_to(gate)
            and item["state"] not in {"accepted", "waived", "not_applicable"}
        ]

    def satisfy(self, listing_id: str, gate: Gate, bidder: ApiCaller | None = None) -> None:
        """Have everything handed in and accepted that is owed before a gate."""
        for caller in self.callers().values():
            self.renew_account(caller)
        owed = [item for item in self.missing(listing_id, gate, bidder) if item["code"] not in MADE_BY_THE_EXCHANGE]
        to_hand_in = [item for item in owed if item["state"] in TO_HAND_IN]
        for caller, items in _by_caller(to_hand_in, self._acts_for):
            papers = [self._paper(caller, listing_id, item) for item in items]
            body: Document = {"papers": papers}
            if bidder is not None and caller is not bidder:
                body["organisation_id"] = bidder.organisation_id
            caller.post(f"/listings/{listing_id}/submissions", body)
            self.handed_in += len(papers)
        for item in self.missing(listing_id, gate, bidder):
            if item["state"] in TO_REVIEW:
                self.accept(item)

    def renew_account(self, caller: ApiCaller) -> None:
        """Hand the papers of a side's own account in anew that have run out, and have them accepted."""
        items = caller.get("/account/checklist")["items"]
        owed = [item for item in items if item["is_required"] and item["state"] in TO_HAND_IN and item["id"]]
        own = [
            item for item in owed if caller.organisation_id in {duty["organisation_id"] for duty in item["waits_for"]}
        ]
        if not own:
            return
        papers = [self._paper(caller, None, item) for item in own]
        caller.post("/account/submissions", {"papers": papers})
        self.handed_in += len(papers)
        for item in caller.get("/account/checklist")["items"]:
            if item["state"] in TO_REVIEW:
                self.accept(item)

    def accept(self, item: Document) -> None:
        """Accept a paper in the name of whoever reviews it."""
        self._acts_for(item).post(f"/checklist-items/{item['id']}:accept", {"reason": "tour"})
        self.accepted += 1

    def await_note(self, listing_id: str) -> None:
        """Wait for the worker's valuation note and accept it, unless it was accepted with the other papers."""

        def notes() -> list[Document]:
            items = self.operator.get(f"/listings/{listing_id}/checklist")["items"]
            return [item for item in items if item["code"] == "X01" and item["state"] in {*TO_REVIEW, "accepted"}]

        for item in self.operator.wait_for(notes, bool):
            if item["state"] in TO_REVIEW:
                self.accept(item)

    def _acts_for(self, item: Document) -> ApiCaller:
        """Who must act about an item: one of the tour's sides, else the exchange."""
        known = self.callers()
        for duty in item["waits_for"]:
            if duty["organisation_id"] in known:
                return known[duty["organisation_id"]]
        return self.operator

    def _paper(self, caller: ApiCaller, listing_id: str | None, item: Document) -> Document:
        today = market_date(datetime.fromisoformat(caller.get("/clock")["now"]))
        kind = "pdf" if "pdf" in item["files"] else "xlsx"
        found = self.files.get((caller.organisation_id, listing_id, kind))
        if found is None:
            content = _page(today) if kind == "pdf" else _workbook()
            fields = {"title": "模拟材料 Simulated papers"} | ({"listing_id": listing_id} if listing_id else {})
            found = caller.upload("/documents", f"tour.{kind}", content, fields)
            self.files[caller.organisation_id, listing_id, kind] = found
        return {
            "code": item["code"],
            "document_id": found["id"],
            "document_version": found["versions"][-1]["number"],
            "issued_on": today.isoformat(),
            "as_of": today.isoformat(),
            "expires_on": (today + A_WHILE).isoformat(),
        }


def _by_caller(
    items: Iterable[Document], acts_for: Callable[[Document], ApiCaller]
) -> list[tuple[ApiCaller, list[Document]]]:
    found: dict[str, tuple[ApiCaller, list[Document]]] = {}
    for item in items:
        caller = acts_for(item)
        found.setdefault(caller.login, (caller, []))[1].append(item)
    return list(found.values())


def _page(today: date) -> bytes:
    paper = PlainPaper(
        title_zh="模拟材料",
        title_en="Simulated papers",
        reference="模拟 simulated",
        paragraphs=["本页代表演示中的各项材料。 This page stands for the papers of the tour."],
        notice=SIMULATED,
    )
    return paper_pdf(paper, datetime(today.year, today.month, today.day).astimezone())


def _workbook() -> bytes:
    book = Workbook()
    book.active.append((SIMULATED,))
    target = BytesIO()
    book.save(target)
    return target.getvalue()
