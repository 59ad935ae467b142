"""The tour of a state-owned seller's sale: appraised floor, notice period, price alone decides, result and filings."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from exchange.api_client import ApiCaller
from exchange.core.clock import end_of_market_day
from exchange.core.money import scale_decimal, unscale_decimal
from exchange.diligence.gate import Gate
from exchange.infra.paper import PlainPaper, paper_pdf
from exchange.tour_deal import Parties, agree_and_sign, deal_of, pass_time, pay, register, serve_notice
from exchange.tour_papers import SIMULATED
from exchange.tour_room import enter_room, papers_of, through
from exchange.tour_stage import Refusal, Tour

Document = dict[str, Any]
SELLER, MANAGERS = "holder.d", ("gp.haihe", "gp.yanshan", "gp.qinghua")
FUND, PRICE, BELOW = "SIM-PE-001", "0.8000", "0.7000"
GUIDANCE, BEST = "guidance.two", "growth"
BIDS = {GUIDANCE: "0.8200", BEST: "0.8300"}
PART_OF_HOLDING = 20
NOTICE_DAYS, SHORT_DAYS = 45, 14


@dataclass(frozen=True, slots=True)
class StateSale:
    """The listing of a state-owned holder: its parties and its amount."""

    manager: ApiCaller
    seller: ApiCaller
    listing_id: str
    amount: str


def state_owned_sale(tour: Tour) -> None:
    """A state-owned holder's interest from the appraisal to the settled deal."""
    sale = list_appraised(tour)
    bid(tour, sale)
    award(tour, sale)
    parties = Parties(sale.manager, sale.seller, tour.caller(BEST))
    deal = deal_of(tour, sale.listing_id, parties.buyer)
    plan_is_refused(tour, deal, parties)
    serve_notice(tour, deal, parties)
    agree_and_sign(tour, deal, parties)
    pay(tour, deal, parties, at_the_bank=True)
    register(tour, deal, parties)
    file_and_settle(tour, deal, parties)


def list_appraised(tour: Tour) -> StateSale:
    """A listing at the filed value or above, for twenty working days or more; less of either is refused."""
    tour.step("A state-owned holder's interest is listed: appraised, announced, sold by price alone")
    manager, fund = _fund(tour)
    seller = tour.caller(SELLER)
    holding = next(
        item
        for item in manager.items("/holdings")
        if item["fund_id"] == fund["id"] and item["holder_organisation_id"] == seller.organisation_id
    )
    amount = scale_decimal(holding["free"]["amount"], 2) // PART_OF_HOLDING // 100_000 * 100_000
    now = datetime.fromisoformat(manager.get("/clock")["now"])
    body = {
        "holding_id": holding["id"],
        "amount": unscale_decimal(amount, 2),
        "price": PRICE,
        "mode": "one_way_auction",
        "policy": "price_first",
        "opens_at": (now + timedelta(minutes=30)).isoformat(),
        "closes_at": (now + timedelta(days=NOTICE_DAYS)).isoformat(),
    }
    hasty = {**body, "price": BELOW, "closes_at": (now + timedelta(days=SHORT_DAYS)).isoformat()}
    draft = manager.post("/listings", hasty)
    papers_of(tour).satisfy(draft["id"], Gate.LIST_SUBMIT)
    submit = Refusal(manager, f"/listings/{draft['id']}:submit")
    refused = tour.refused("below the filed value, and for too short a time", submit, "RULES_BROKEN")
    broken = sorted((item["rule"], item["code"]) for item in refused["breaches"])
    tour.table(("rule", "code", "detail"), [(b["rule"], b["code"], b["detail_en"]) for b in refused["breaches"]])
    tour.expect("because", broken, [("R-44", "PRICE_BELOW_APPRAISAL"), ("R-45", "STATE_NOTICE_TOO_SHORT")])
    listing = manager.post("/listings", body)
    through(tour, Gate.LIST_SUBMIT, "submission", manager, f"/listings/{listing['id']}:submit", listing["id"])
    watch = tour.caller("operator.two")
    through(tour, Gate.LIST_PUBLISH, "publication", watch, f"/listings/{listing['id']}:publish", listing["id"])
    papers_of(tour).satisfy(listing["id"], Gate.DATAROOM)
    return StateSale(manager, seller, listing["id"], body["amount"])


def bid(tour: Tour, sale: StateSale) -> None:
    """A guidance fund and a private investor want the whole of it."""
    tour.step("A guidance fund and a private investor bid for the whole; no class comes first")
    watch = tour.caller("operator.one")
    watch.wait_for(lambda: watch.get(f"/listings/{sale.listing_id}"), lambda seen: bool(seen["book_id"]))
    watch.post("/sandbox/clock", {"hours": 1})
    rows = []
    for login, price in BIDS.items():
        caller = tour.caller(login)
        enter_room(tour, caller, sale.listing_id)
        order = caller.post(f"/listings/{sale.listing_id}/bids", {"amount": sale.amount, "price": price})
        rows.append((login, order["buyer_class"], price, order["amount"]["amount"]))
    tour.table(("bidder", "class", "price", "amount"), rows)


def award(tour: Tour, sale: StateSale) -> None:
    """The window closes; the better price has it; the seller may not say no."""
    tour.step("The announced time is over: the better price wins, and the seller may not refuse it")
    watch = tour.caller("operator.one")
    listing = watch.get(f"/listings/{sale.listing_id}")
    pass_time(watch, datetime.fromisoformat(listing["closes_at"]))

    def found() -> list[Document]:
        return sale.seller.items("/proposals", listing_id=sale.listing_id)

    proposals = sale.seller.wait_for(found, bool)
    winners = [tour.name_of(item["buyer_organisation_id"]) for item in proposals]
    tour.expect("the winner", winners, [BEST])
    made = sale.seller.get(f"/listings/{sale.listing_id}/award")
    no = Refusal(sale.seller, f"/awards/{made['id']}:refuse", {"reason": "A better price may come."})
    refused = tour.refused("the seller's no", no, "RULES_BROKEN")
    tour.expect("because", [item["rule"] for item in refused["breaches"]], ["R-42"])
    sale.seller.post(f"/awards/{made['id']}:accept")
    buyer = tour.caller(BEST)
    papers_of(tour).satisfy(sale.listing_id, Gate.AWARD, buyer)
    done = buyer.post(f"/proposals/{proposals[0]['id']}:confirm")
    tour.expect("the buyer's purchase", done["status"], "confirmed")


def plan_is_refused(tour: Tour, deal: Document, parties: Parties) -> None:
    """Cash flows do not move the price, and nothing is paid later than the listing announced."""
    tour.step("The price stands as announced: no adjustment, no later payment agreed afterwards")
    tour.expect("adjustment for cash flows", deal["adjustment"], "none")
    plan = {"later": [{"share": "0.8000", "days": 400}], "interest": "0.0310", "security": "none"}
    later = Refusal(parties.buyer, f"/deals/{deal['id']}/instalments", plan)
    refused = tour.refused("a plan of payment", later, "RULES_BROKEN")
    tour.table(("rule", "code", "detail"), [(b["rule"], b["code"], b["detail_en"]) for b in refused["breaches"]])
    tour.expect("because", sorted({item["rule"] for item in refused["breaches"]}), ["R-47"])


def file_and_settle(tour: Tour, deal: Document, parties: Parties) -> None:
    """The result is announced at once; the manager's filings come in; the deal is settled when nothing is due."""
    tour.step("The result is announced, the filings are handed in, the deal is settled")
    watch = tour.caller("operator.one")

    def opened() -> list[Document]:
        return watch.items("/obligations", deal_id=deal["id"])

    duties = watch.wait_for(opened, bool)
    tour.table(
        ("duty", "rule", "due", "broken after"),
        [(duty["kind"], duty["rule"], duty["due_on"], duty["breach_on"]) for duty in duties],
    )
    kinds = ["association_report", "change_registration", "result_notice", "state_registration"]
    tour.expect("what is to be filed", sorted(duty["kind"] for duty in duties), kinds)
    manager = parties.manager
    now = datetime.fromisoformat(manager.get("/clock")["now"])
    fields = {"listing_id": deal["listing_id"], "title": "模拟回执 Simulated receipt"}
    evidence = manager.upload("/documents", "receipt.pdf", _receipt(now), fields)
    for duty in duties:
        if duty["kind"] != "result_notice":
            manager.post(f"/obligations/{duty['id']}:fulfil", {"document_id": evidence["id"]})
    announced = next(date.fromisoformat(duty["due_on"]) for duty in duties if duty["kind"] == "result_notice")
    pass_time(watch, end_of_market_day(announced))
    watch.wait_for(lambda: watch.get(f"/deals/{deal['id']}")["status"], lambda status: status in {"filed", "settled"})
    papers_of(tour).satisfy(deal["listing_id"], Gate.RELEASE, parties.buyer)
    ended = watch.wait_for(lambda: watch.get(f"/deals/{deal['id']}")["status"], lambda status: status == "settled")
    tour.expect("the deal", ended, "settled")
    told = [item["type"] for item in watch.get(f"/deals/{deal['id']}/timeline")["items"]]
    tour.console.print("   " + " > ".join(name.removeprefix("deal.") for name in told))


def _fund(tour: Tour) -> tuple[ApiCaller, Document]:
    """The appraised fund and its manager."""
    for login in MANAGERS:
        manager = tour.caller(login)
        for fund in manager.items("/funds"):
            if fund["code"] == FUND and fund["manager_organisation_id"] == manager.organisation_id:
                return manager, fund
    raise LookupError(FUND)


def _receipt(now: datetime) -> bytes:
    paper = PlainPaper(
        title_zh="模拟回执",
        title_en="Simulated receipt",
        reference="模拟 simulated",
        paragraphs=["本页代表登记机关的回执。 This page stands for the receipt of the registering authority."],
        notice=SIMULATED,
    )
    return paper_pdf(paper, now)
