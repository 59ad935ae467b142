"""The tour's way through gates and data room: what a refused step says, the NDA, a marked page."""

from io import BytesIO
from typing import Any

from pypdf import PdfReader

from exchange.api_client import ApiCaller, ApiProblem
from exchange.diligence.gate import Gate
from exchange.tour_papers import PaperDesk
from exchange.tour_stage import Tour

Document = dict[str, Any]
NAMED = 8


def papers_of(tour: Tour) -> PaperDesk:
    """The desk of papers; every signed-in side may act at it."""
    if tour.papers is None:
        watch = tour.caller("operator.two")
        tour.papers = PaperDesk(watch, lambda: {caller.organisation_id: caller for caller in tour.callers.values()})
    return tour.papers


def through(tour: Tour, gate: Gate, step: str, caller: ApiCaller, path: str, listing_id: str) -> Document:
    """A step that its gate refuses with the list, then the papers, then the step; its answer."""
    seen = refused_by_gate(tour, step, caller, path)
    desk = papers_of(tour)
    desk.satisfy(listing_id, gate)
    if any(item["code"] == "X01" for item in seen):
        desk.await_note(listing_id)
    return caller.post(path)


def refused_by_gate(
    tour: Tour, step: str, caller: ApiCaller, path: str, body: Document | None = None
) -> list[Document]:
    """State that a shut gate refuses a step and show what it names; the missing papers."""
    items: list[Document] = []
    try:
        caller.post(path, body)
        code = "done"
    except ApiProblem as problem:
        code, items = problem.code, problem.document.get("items", [])
    tour.expect(f"{step} without its papers", code, "GATE_BLOCKED")
    tour.table(
        ("paper", "name", "state", "waits for"),
        [
            (item["code"], item["name_en"][:70], item["state"], ", ".join(duty["role"] for duty in item["waits_for"]))
            for item in items[:NAMED]
        ],
    )  # fmt: skip
    if len(items) > NAMED:
        tour.console.print(f"   and {len(items) - NAMED} more")
    return items


def enter_room(tour: Tour, caller: ApiCaller, listing_id: str) -> Document:
    """Sign the NDA and hand in what a bid asks for; the room."""
    watch = tour.caller("operator.one")
    room: Document = watch.wait_for(lambda: _room(watch, listing_id), bool)
    caller.post(f"/rooms/{room['id']}/nda", {"text_hash": room["nda"]["text_hash"]})
    papers_of(tour).satisfy(listing_id, Gate.BID, caller)
    return room


def _room(caller: ApiCaller, listing_id: str) -> Document:
    try:
        return caller.get("/rooms", listing_id=listing_id)
    except ApiProblem:
        return {}


def look_at_a_document(tour: Tour, caller: ApiCaller, room: Document) -> None:
    """A bidder reads the index and takes a file that carries its name."""
    tree = caller.wait_for(lambda: caller.get(f"/rooms/{room['id']}/tree"), lambda seen: bool(_leaves(seen)))
    leaves = _leaves(tree)
    tour.table(("folder", "documents"), [(folder["title_en"], folder["document_count"]) for folder in tree["folders"]])
    leaf = next(each for each in leaves if each["kind"] == "pdf")
    address = f"/documents/{leaf['document_id']}/versions/{leaf['version']}"
    picture = caller.download(f"{address}/pages/1")
    tour.expect("a page comes as a picture", picture[:8], b"\x89PNG\r\n\x1a\n")
    file = caller.download(f"{address}/file")
    name = str(caller.get("/me")["name"])
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages)
    carries = name.replace(" ", "") in text.replace(" ", "").replace("\n", "")
    tour.expect("the file carries who took it", "yes" if carries else "no", "yes")
    seen = tour.caller("operator.one").get(f"/rooms/{room['id']}/views")["items"]
    kinds = sorted({view["kind"] for view in seen if view["organisation_id"] == caller.organisation_id})
    tour.expect("page and file are in the log", kinds, ["download", "page"])


def _leaves(tree: Document) -> list[Document]:
    return [leaf for folder in tree["folders"] for branch in folder["items"] for leaf in branch["documents"]]


def state_owned(tour: Tour) -> None:
    """A state-owned holder's listing: the items of its type."""
    tour.console.rule("State-owned transfer 国有份额转让")
    tour.step("A state-owned listing shows its items")
    watch = tour.caller("operator.one")
    template = watch.get("/checklist-templates/lp_transfer_state_owned")
    own = [item for item in template["items"] if item["code"][0] not in "PX"]
    tour.expect("items of the type, beside those of accounts and platform", len(own), 64)
    checklist = next(
        found
        for listing in watch.items("/listings")
        if (found := watch.get(f"/listings/{listing['id']}/checklist"))["transaction_type"] == "lp_transfer_state_owned"
    )
    states: dict[tuple[str, str], int] = {}
    for item in checklist["items"]:
        key = (item["gate"], item["state"])
        states[key] = states.get(key, 0) + 1
    tour.table(("gate", "state", "items"), [(gate, state, count) for (gate, state), count in sorted(states.items())])
