"""`python3 -m exchange tour`: the main job over the public API of the running system, each step with its result.

A manager lists a real fund's share; two private investors and a guidance fund bid; the worker matches the guidance
fund first and says what that cost; the seller confirms; one winner lets it lapse and the backup is called. Both deals
go on to the register, and one of them back through a bust. Then the same as a one-way auction, and a state-owned
holder's interest from its appraisal to the settled deal. Every step states what must come out; exit code 0 only if all
of it did. The sandbox clock moves forward some months.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console

from exchange.api_client import ApiCaller, ApiProblem
from exchange.core.money import scale_decimal, unscale_decimal
from exchange.core.quantity import NavBasis, price_from_text
from exchange.diligence.gate import Gate
from exchange.tour_deal import Parties, bust_deal, settle_deal
from exchange.tour_room import (
    enter_room,
    look_at_a_document,
    papers_of,
    refused_by_gate,
    state_owned,
    through,
)
from exchange.tour_stage import Refusal, Tour
from exchange.tour_state import state_owned_sale

GUIDANCE, FIRST, SECOND = "guidance.one", "growth", "insurer"
SELLERS = ("holder.a", "holder.b", "holder.c")
MANAGERS = ("gp.haihe", "gp.yanshan", "gp.qinghua")
BIDS = {FIRST: "0.8800", SECOND: "0.8700", GUIDANCE: "0.8600"}
ASK = "0.8500"
LARGEST_PART = 20  # the tour sells two parts of a holding cut into this many
AUCTION_DAYS = 10

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sale:
    """One listing of the tour: its parties, its part (minor units), its currency."""

    manager: ApiCaller
    seller: ApiCaller
    listing_id: str
    part_minor: int
    currency: str

    @property
    def part(self) -> str:
        """Half of what is sold, as a decimal string."""
        return unscale_decimal(self.part_minor, 2)


def choose_holding(tour: Tour) -> tuple[ApiCaller, ApiCaller, Document]:
    """The largest free private holding of a real fund, its manager and its holder."""
    sellers = {tour.caller(login).organisation_id: tour.caller(login) for login in SELLERS}
    found = []
    for login in MANAGERS:
        manager = tour.caller(login)
        real = {fund["id"] for fund in manager.items("/funds") if fund["source_mark"] == "reported"}
        for holding in manager.items("/holdings"):
            if holding["holder_organisation_id"] in sellers and holding["fund_id"] in real:
                found.append((scale_decimal(holding["free"]["amount"], 2), holding["id"], manager, holding))
    _, _, manager, holding = max(found, key=lambda item: item[:2])
    return manager, sellers[holding["holder_organisation_id"]], holding


def list_share(tour: Tour, mode: str, *, open_days: int) -> Sale:
    """Draft, submit and publish a listing of two parts."""
    tour.step(f"A manager lists a real fund's share ({mode})")
    manager, seller, holding = choose_holding(tour)
    fund = manager.get(f"/funds/{holding['fund_id']}")
    now = datetime.fromisoformat(manager.get("/clock")["now"])
    part = scale_decimal(holding["free"]["amount"], 2) // LARGEST_PART // 100_000 * 100_000
    body = {
        "holding_id": holding["id"],
        "amount": unscale_decimal(2 * part, 2),
        "price": ASK,
        "mode": mode,
        "policy": "guidance_first",
        "opens_at": (now + timedelta(minutes=30)).isoformat(),
        "closes_at": (now + timedelta(days=open_days)).isoformat(),
    }
    listing = manager.post("/listings", body)
    tour.table(
        ("fund", "vintage", "amount", "ask", "total", "policy", "source"),
        [
            (
                fund["name"], fund["vintage"], money(listing["amount"]), percent(ASK),
                money(listing["ask"]["total"]), listing["policy"], fund["source"],
            )
        ],
    )  # fmt: skip
    tour.expect("the manager's draft", listing["status"], "draft")
    tour.caller("operator.two")
    submit = f"/listings/{listing['id']}:submit"
    submitted = through(tour, Gate.LIST_SUBMIT, "submission", manager, submit, listing["id"])
    tour.expect("submitted", submitted["status"], "submitted")
    frozen = manager.get(f"/holdings/{holding['id']}")
    grown = scale_decimal(frozen["frozen"]["amount"], 2) - scale_decimal(holding["frozen"]["amount"], 2)
    tour.expect("frozen in custody", unscale_decimal(grown, 2), body["amount"])
    whole = manager.post("/listings", {**body, "amount": holding["free"]["amount"]})
    papers_of(tour).satisfy(whole["id"], Gate.LIST_SUBMIT)
    twice = tour.refused(
        "the same interest cannot be listed twice",
        Refusal(manager, f"/listings/{whole['id']}:submit"),
        "RULES_BROKEN",
    )
    tour.expect("because", sorted(codes(twice)), ["INTEREST_NOT_FREE"])
    publish = f"/listings/{listing['id']}:publish"
    tour.refused("its manager cannot publish it", Refusal(manager, publish), "FORBIDDEN")
    watch = tour.caller("operator.two")
    published = through(tour, Gate.LIST_PUBLISH, "publication", watch, publish, listing["id"])
    tour.expect("an operator publishes it", published["status"], "approved")
    papers_of(tour).satisfy(listing["id"], Gate.DATAROOM)
    return Sale(manager, seller, listing["id"], part, fund["currency"])


def bid(tour: Tour, sale: Sale) -> None:
    """Two private investors and a guidance fund bid one part each, in this order of time."""
    tour.step("Two private investors and a guidance fund bid")
    watch = tour.caller("operator.one")
    seen = watch.wait_for(lambda: watch.get(f"/listings/{sale.listing_id}"), lambda x: bool(x["book_id"]))
    tour.expect("its order book", (seen["book_id"] or "none")[:3], "bok")
    path = f"/listings/{sale.listing_id}/bids"
    first = tour.caller(FIRST)
    without = first.post(f"{path}:check", {"amount": sale.part, "price": ASK}, keyed=False)
    tour.expect("a bid before the NDA would be refused", codes(without), {"DILIGENCE_NOT_BEGUN"})
    for login in BIDS:
        room = enter_room(tour, tour.caller(login), sale.listing_id)
    look_at_a_document(tour, first, room)
    check = first.post(f"{path}:check", {"amount": "1.00", "price": "0.844321"}, keyed=False)
    tour.console.print("   a bid of 1.00 at 84.4321 % would break every one of these rules:")
    tour.table(("rule", "code", "detail"), [(b["rule"], b["code"], b["detail_en"]) for b in check["breaches"]])
    tour.expect("all failing rules at once", sorted(codes(check)), ["AMOUNT_TOO_SMALL", "BELOW_FLOOR", "STEP_INVALID"])
    tour.refused(
        "the seller may not bid", Refusal(sale.seller, path, {"amount": sale.part, "price": ASK}), "RULES_BROKEN"
    )
    rows = []
    for login, price in BIDS.items():
        caller = tour.caller(login)
        key = f"tour-{sale.listing_id}-{login}"
        body = {"amount": sale.part, "price": price}
        order = caller.post(path, body, key=key)
        again = caller.post(path, body, key=key)
        tour.expect(f"{login}: the same key twice is one bid", again["id"], order["id"])
        rows.append(
            (
                login,
                order["buyer_class"],
                percent(price),
                money(order["amount"]),
                money(order["hold"]),
                order["sequence"],
            )
        )
    tour.table(("bidder", "class", "price", "amount", "deposit held", "sequence"), rows)  # fmt: skip


def proposals(sale: Sale) -> list[Document]:
    """The sale's proposals as the seller sees them, in rank order."""
    found = sale.seller.items("/proposals", listing_id=sale.listing_id)
    return sorted(found, key=lambda item: (item["created_at"], item["rank"], item["id"]))


def show_match(tour: Tour, sale: Sale, seen: list[Document]) -> None:
    """The proposals, and what the priority cost against price first."""
    tour.table(
        ("rank", "buyer", "price", "amount", "value", "confirm until", "status"),
        [
            (
                item["rank"], tour.name_of(item["buyer_organisation_id"]), percent(item["price"]),
                money(item["amount"]), money(item["value"]), item["lapses_at"][:16], item["status"],
            )
            for item in seen
        ],
    )  # fmt: skip
    winners = {tour.name_of(item["buyer_organisation_id"]): percent(item["price"]) for item in seen}
    tour.expect("matched: the guidance fund, then the best price", winners, {GUIDANCE: "86.00 %", FIRST: "88.00 %"})


def expected_cost(tour: Tour, sale: Sale) -> int:
    """By price the second private bid would have had the guidance fund's part: the difference of the two prices."""
    book_id = sale.seller.get(f"/listings/{sale.listing_id}")["book_id"]
    book = sale.seller.get(f"/books/{book_id}")
    basis = NavBasis(scale_decimal(book["nav"]["amount"], 2), scale_decimal(book["subscribed"]["amount"], 2))
    by_price = basis.value_minor(sale.part_minor, price_from_text(BIDS[SECOND]))
    return by_price - basis.value_minor(sale.part_minor, price_from_text(BIDS[GUIDANCE]))


def check_cost(tour: Tour, sale: Sale, cost: Document) -> None:
    """The stated cost is what the two rankings differ by (to the rounding of one line)."""
    stated, wanted = scale_decimal(cost["amount"], 2), expected_cost(tour, sale)
    tour.console.print(f"   guidance first gave the seller {money(cost)} less than price first would have")
    tour.expect("the cost is the difference of the two rankings (to a cent)", max(0, abs(stated - wanted) - 1), 0)


def confirm_and_lapse(tour: Tour, sale: Sale, seen: list[Document], *, seller_has_confirmed: bool) -> None:
    """Seller and guidance fund confirm, the private winner lets it lapse, the backup is called and confirms."""
    tour.step("The seller and the guidance fund confirm; the private winner lets it lapse")
    for item in seen:
        if not seller_has_confirmed:
            sale.seller.post(f"/proposals/{item['id']}:confirm")
        if tour.name_of(item["buyer_organisation_id"]) == GUIDANCE:
            buyer, confirm = tour.caller(GUIDANCE), f"/proposals/{item['id']}:confirm"
            refused_by_gate(tour, "the buyer's confirmation", buyer, confirm)
            papers_of(tour).satisfy(sale.listing_id, Gate.AWARD, buyer)
            done = buyer.post(confirm)
            tour.expect("the guidance fund's purchase", done["status"], "confirmed")
    tour.caller("operator.one").post("/sandbox/clock", {"working_days": 3})
    look = tour.caller(SECOND)

    def backups() -> list[Document]:
        return [item for item in proposals(sale) if item["is_backup"]]

    called = look.wait_for(backups, bool)
    lapsed = [tour.name_of(p["buyer_organisation_id"]) for p in proposals(sale) if p["status"] == "lapsed"]
    tour.expect("lapsed after the profile's time", lapsed, [FIRST])
    tour.expect("the backup called", [tour.name_of(p["buyer_organisation_id"]) for p in called], [SECOND])
    released = [o for o in tour.caller(FIRST).items("/orders") if o["listing_id"] == sale.listing_id]
    tour.expect("the lapsed bid holds no deposit", [o["hold"]["amount"] for o in released], ["0.00"])
    tour.step("The backup confirms (the seller too, unless it accepted the award): the share is sold")
    for item in called:
        tour.expect("the seller's yes to the backup", item["seller_confirmed_at"] is not None, seller_has_confirmed)
        if not seller_has_confirmed:
            sale.seller.post(f"/proposals/{item['id']}:confirm")
        papers_of(tour).satisfy(sale.listing_id, Gate.AWARD, look)
        done = look.post(f"/proposals/{item['id']}:confirm")
        tour.expect("the backup's purchase", done["status"], "confirmed")
    watch = tour.caller("operator.one")
    trades = [t for t in watch.items("/trades") if t["listing_id"] == sale.listing_id]
    tour.table(
        ("trade", "buyer", "price", "amount", "value"),
        [(t["id"], tour.name_of(t["buyer_organisation_id"]), percent(t["price"]), money(t["amount"]), money(t["value"]))
         for t in trades],
    )  # fmt: skip
    tour.expect("trades", sorted(tour.name_of(t["buyer_organisation_id"]) for t in trades), [GUIDANCE, SECOND])
    ended = watch.wait_for(lambda: watch.get(f"/listings/{sale.listing_id}")["status"], lambda s: s == "awarded")
    tour.expect("the listing", ended, "awarded")


def negotiated(tour: Tour) -> None:
    """The main job as a negotiated transfer."""
    tour.console.rule("Negotiated transfer 协议转让")
    sale = list_share(tour, "negotiated", open_days=30)
    bid(tour, sale)
    tour.step("The window opens: the worker matches guidance funds first")
    tour.caller("operator.one").post("/sandbox/clock", {"hours": 1})
    seen = sale.seller.wait_for(lambda: proposals(sale), lambda found: len(found) >= 2)
    show_match(tour, sale, seen)
    check_cost(tour, sale, seen[0]["comparison"]["cost"])
    confirm_and_lapse(tour, sale, seen, seller_has_confirmed=False)
    settled = settle_deal(tour, sale.listing_id, Parties(sale.manager, sale.seller, tour.caller(GUIDANCE)))
    watch = tour.caller("operator.one")
    watch.post("/sandbox/clock", {"working_days": 3})
    late = {"reason": "material_error", "statement": "Too late.", "document_number": "B-0"}
    address = f"/deals/{settled['id']}/bust-requests"
    tour.refused("a bust after its time", Refusal(watch, address, late), "RULES_BROKEN")
    parties = Parties(sale.manager, sale.seller, tour.caller(SECOND))
    bust_deal(tour, settle_deal(tour, sale.listing_id, parties), parties)
    desk = papers_of(tour)
    tour.console.print(f"   papers handed in so far {desk.handed_in}, accepted by another {desk.accepted}")


def auction(tour: Tour) -> None:
    """The same as a one-way auction."""
    tour.console.rule("One-way auction 单向竞价")
    sale = list_share(tour, "one_way_auction", open_days=AUCTION_DAYS)
    tour.caller("operator.one").post("/sandbox/clock", {"hours": 1})
    bid(tour, sale)
    tour.step("The window closes: the worker allocates under the limits")
    hidden = tour.caller(SECOND).get(f"/listings/{sale.listing_id}/depth")
    foreign = [level for level in hidden["bids"] if level["amount"] != level["own"]]
    tour.expect("before the award a bidder sees its own bid only", (len(hidden["bids"]), foreign), (1, []))
    tour.caller("operator.one").post("/sandbox/clock", {"hours": AUCTION_DAYS * 24})
    seen = sale.seller.wait_for(lambda: proposals(sale), lambda found: len(found) >= 2)
    show_match(tour, sale, seen)
    award = sale.seller.get(f"/listings/{sale.listing_id}/award")
    tour.console.print(f"   proof {award['proof_hash'][:16]}..., clearing price {percent(award['clearing_price'])}")
    check_cost(tour, sale, award["priority_cost"])
    accepted = sale.seller.post(f"/awards/{award['id']}:accept")
    tour.expect("the seller accepts the award", accepted["status"], "accepted")
    confirm_and_lapse(tour, sale, seen, seller_has_confirmed=True)


def audit(tour: Tour) -> None:
    """What the auditor sees afterwards."""
    tour.step("The auditor checks")
    auditor = tour.caller("auditor")
    pending = auditor.wait_for(
        lambda: auditor.get("/audit/pending"),
        lambda p: not (p["unmatched_commands"] or p["unsent_events"] or p["due_reactions"]),
    )
    tour.expect("nothing is left unmatched", pending["unmatched_commands"], 0)
    tour.expect(
        "first broken link of the audit chain", auditor.post("/audit:verify", keyed=False)["first_broken"], None
    )
    broken = [finding["id"] for finding in auditor.get("/audit/invariants")["items"] if finding["violations"]]
    tour.expect("broken invariants", broken, [])


def codes(document: Document) -> set[str]:
    """The codes of a document's breaches."""
    return {breach["code"] for breach in document.get("breaches", [])}


def money(value: Document) -> str:
    """Money with thousands separators."""
    return f"{value['currency']} {scale_decimal(value['amount'], 2) // 100:,}.{value['amount'][-2:]}"


def percent(ratio: str) -> str:
    """A ratio of NAV in percent: ``0.8500`` -> ``85.00 %``."""
    return f"{unscale_decimal(price_from_text(ratio) // 100, 2)} %"


SCENES: Mapping[str, tuple[Callable[[Tour], None], ...]] = {
    "negotiated": (negotiated,),
    "auction": (auction,),
    "state-owned": (state_owned, state_owned_sale),
}


def main(argv: Sequence[str] = ()) -> int:
    """Play the tour or one scene of it; exit code 0 only if every step came out as stated."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange tour")
    parser.add_argument("--address", default=os.environ.get("EXCHANGE_ADDRESS", "http://127.0.0.1:8000"))
    parser.add_argument("--scene", choices=tuple(SCENES), help="this one only, and the audit after it")
    asked = parser.parse_args(list(argv))
    tour = Tour(asked.address, Console(width=140))
    chosen = [SCENES[asked.scene]] if asked.scene else list(SCENES.values())
    for scene in (*(part for parts in chosen for part in parts), audit):
        try:
            scene(tour)
        except ApiProblem as problem:
            tour.failures.append(f"step {tour.steps}: {problem} {problem.document.get('breaches', '')}")
    tour.console.print(f"\n{tour.steps} steps, {len(tour.failures)} not as stated")
    for failure in tour.failures:
        tour.console.print(f"[red]{failure}[/]")
    return 1 if tour.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
