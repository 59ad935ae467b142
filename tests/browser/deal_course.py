"""Deals of the demo world, brought to a stage over the public API for the pages that show them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, expect

from exchange.api_client import ApiCaller
from exchange.core.money import scale_decimal, unscale_decimal
from exchange.diligence.gate import Gate
from exchange.tour_papers import PaperDesk

if TYPE_CHECKING:
    from tests.browser.conftest import Desk

Document = dict[str, Any]
ROLL = ("holder.a", "holder.b", "holder.c", "holder.d")
MANAGERS = ("gp.haihe", "gp.yanshan", "gp.qinghua")
WEEKS_OF_A_NOTICE, HOURS_OF_A_WEEK = 5, 168
PARTS = 10
DONE_SECONDS = 20_000


@dataclass
class Course:
    """Everybody of the demo world at their desks, and the papers they hand each other."""

    address: str
    password: str
    callers: dict[str, ApiCaller] = field(default_factory=dict)

    def caller(self, login: str) -> ApiCaller:
        """A signed-in person."""
        if login not in self.callers:
            self.callers[login] = ApiCaller(self.address, login, self.password)
        return self.callers[login]

    def login_of(self, organisation_id: str) -> str:
        """The person of the roll or of the managers who stands for an organisation."""
        return next(name for name in (*ROLL, *MANAGERS) if self.caller(name).organisation_id == organisation_id)

    @property
    def papers(self) -> PaperDesk:
        """The desk that hands in and accepts what a gate asks for."""
        watch = self.caller("operator.two")
        return PaperDesk(watch, lambda: {caller.organisation_id: caller for caller in self.callers.values()})

    def listing_of(self, fund: str) -> Document:
        """The negotiated listing of a fund, by the fund's name."""
        watch = self.caller("operator.one")
        known = {item["id"]: item["name"] for item in watch.items("/funds")}
        return next(
            item
            for item in watch.items("/listings")
            if known.get(item["fund_id"]) == fund and item["mode"] == "negotiated" and item["book_id"]
        )

    def bid(self, listing: Document, login: str, *, parts: int = PARTS) -> None:
        """A bid at the ask of one of so many equal parts of what is for sale."""
        part = unscale_decimal(scale_decimal(listing["amount"]["amount"], 2) // parts, 2)
        body = {"amount": part, "price": listing["ask"]["price"]}
        self.caller(login).post(f"/listings/{listing['id']}/bids", body)

    def matched(self, listing: Document, login: str, *, parts: int = PARTS) -> Document:
        """A bid at the ask of a part of what is for sale, and the proposal that it becomes."""
        self.bid(listing, login, parts=parts)
        buyer = self.caller(login)

        def waiting() -> list[Document]:
            found = buyer.items("/proposals", listing_id=listing["id"])
            return [item for item in found if item["status"] == "proposed"]

        return buyer.wait_for(waiting, bool)[0]

    def sold(self, listing: Document, login: str, *, parts: int = PARTS) -> Document:
        """The deal after seller and buyer have confirmed their match."""
        proposal = self.matched(listing, login, parts=parts)
        buyer = self.caller(login)
        self.caller(self.login_of(proposal["seller_organisation_id"])).post(f"/proposals/{proposal['id']}:confirm")
        self.papers.satisfy(listing["id"], Gate.AWARD, buyer)
        buyer.post(f"/proposals/{proposal['id']}:confirm")

        def made() -> list[Document]:
            found = buyer.items("/deals", listing_id=listing["id"])
            return [item for item in found if item["buyer_organisation_id"] == buyer.organisation_id]

        return buyer.wait_for(made, bool)[0]

    def manager_of(self, deal: Document) -> ApiCaller:
        """The fund's manager."""
        return self.caller(self.login_of(deal["manager_organisation_id"]))

    def seller_of(self, deal: Document) -> ApiCaller:
        """The seller."""
        return self.caller(self.login_of(deal["seller_organisation_id"]))

    def satisfied(self, deal: Document, gate: Gate, buyer: str) -> None:
        """Every paper in and accepted that a step of the deal asks for."""
        self.manager_of(deal), self.seller_of(deal)  # whoever owes a paper must be at a desk
        self.papers.satisfy(deal["listing_id"], gate, self.caller(buyer))

    def noticed(self, deal: Document) -> None:
        """Notice to the other partners."""
        self.manager_of(deal).post(f"/deals/{deal['id']}/rofr", {"method": "exchange_inbox", "proof": "inbox"})

    def cleared(self, deal: Document, *, but: tuple[str, ...] = ()) -> None:
        """The partners of the demo world waive; the time of the others passes when the clock is moved."""
        offer = self.manager_of(deal).get(f"/rofr/{deal['id']}")
        partners = {self.caller(name).organisation_id: self.caller(name) for name in ROLL if name not in but}
        for notice in offer["notices"]:
            partner = partners.get(notice["partner_organisation_id"])
            if partner is not None:
                partner.post(f"/rofr/{deal['id']}/answers", {"answer": "waive"})

    def pass_notice(self) -> None:
        """Let the days of a notice pass."""
        for _ in range(WEEKS_OF_A_NOTICE):
            self.caller("operator.one").post("/sandbox/clock", {"hours": HOURS_OF_A_WEEK})

    def status(self, deal: Document) -> str:
        """Where the deal stands."""
        return str(self.caller("operator.one").get(f"/deals/{deal['id']}")["status"])

    def approved(self, deal: Document, buyer: str) -> None:
        """The manager consents and every approval is granted."""
        watch, address = self.caller("operator.one"), f"/deals/{deal['id']}"
        self.satisfied(deal, Gate.CONSENT, buyer)
        self.manager_of(deal).post(f"{address}/consents", {"decision": "grant"})
        for approval in watch.get(f"{address}/approvals")["items"]:
            body = {"decision": "grant", "body": "exchange", "document_number": "T-1"}
            watch.post(f"/deal-approvals/{approval['id']}:decide", body)

    def signed(self, deal: Document, buyer: str) -> None:
        """One agreement with its three signatures."""
        made = self.manager_of(deal).post(f"/deals/{deal['id']}/agreements")
        self.satisfied(deal, Gate.SIGN, buyer)
        for side in (self.caller(buyer), self.seller_of(deal), self.manager_of(deal)):
            side.post(f"/agreements/{made['id']}:sign")

    def funded(self, deal: Document, buyer: str) -> None:
        """The buyer has paid; the closing statement waits for its answers."""
        payer, address = self.caller(buyer), f"/deals/{deal['id']}"
        forecast = payer.get(f"{address}/closing-statement")
        needed = scale_decimal(forecast["to_pay"]["amount"], 2) + scale_decimal(forecast["buyer_fee"]["amount"], 2)
        currency = forecast["to_pay"]["currency"]
        account = next(item for item in payer.items("/accounts") if item["currency"] == currency)
        lacking = needed - scale_decimal(account["posted"]["amount"], 2)
        if lacking > 0:
            body = {"amount": unscale_decimal(lacking, 2), "currency": currency, "bank_reference": "test"}
            self.caller("operator.one").post(f"/accounts/{account['id']}:deposit", body)
        self.satisfied(deal, Gate.FUND, buyer)
        payer.post(f"{address}:fund")

    def agreed(self, deal: Document, buyer: str) -> None:
        """Both sides confirm the statement."""
        for side in (self.caller(buyer), self.seller_of(deal)):
            side.post(f"/deals/{deal['id']}/closing-statement:confirm")

    def registered(self, deal: Document, buyer: str) -> None:
        """Interest and money have moved."""
        self.satisfied(deal, Gate.REGISTER, buyer)
        self.caller("operator.one").post(f"/deals/{deal['id']}:register")


FUND = "Fisher Lynch Co-Investment Partnership II"
BUYER, SECOND_BUYER = "amc", "insurer"


@dataclass(frozen=True)
class Sale:
    """A listing with one match that waits and one deal whose partners were told."""

    course: Course
    listing_id: str
    noticed: dict[str, Any]
    seller: str
    manager: str

    @property
    def deal(self) -> dict[str, Any]:
        """The deal that the first match became."""
        buyer = self.course.caller(BUYER)
        found = buyer.items("/deals", listing_id=self.listing_id)
        return next(item for item in found if item["buyer_organisation_id"] == buyer.organisation_id)

    def agreed(self) -> None:
        """Bring the deal over the API to where both sides have agreed to the statement, from wherever it stands."""
        course, buyer = self.course, self.course.caller(BUYER)
        waiting = [
            item for item in buyer.items("/proposals", listing_id=self.listing_id) if item["status"] == "proposed"
        ]
        if waiting:
            buyer.post(f"/proposals/{waiting[0]['id']}:confirm")
            buyer.wait_for(lambda: buyer.items("/deals", listing_id=self.listing_id), bool)
        steps: dict[str, Callable[[], None]] = {
            "confirmed": lambda: course.noticed(self.deal),
            "noticed": lambda: course.cleared(self.deal),
            "rofr_cleared": lambda: course.approved(self.deal, BUYER),
            "approved": lambda: course.signed(self.deal, BUYER),
            "signed": lambda: course.funded(self.deal, BUYER),
        }
        for status, step in steps.items():
            if course.status(self.deal) == status:
                step()
        if buyer.get(f"/deals/{self.deal['id']}/closing-statement")["state"] != "agreed":
            course.agreed(self.deal, BUYER)


def a_sale(address: str, password: str) -> Sale:
    """The sale of the tests of deals."""
    course = Course(address, password)
    listing = course.listing_of(FUND)
    proposal = course.matched(listing, BUYER)
    deal = course.sold(listing, SECOND_BUYER)
    course.noticed(deal)
    seller = course.login_of(proposal["seller_organisation_id"])
    course.caller(seller).post(f"/proposals/{proposal['id']}:confirm")
    return Sale(course, listing["id"], deal, seller, course.login_of(deal["manager_organisation_id"]))


def at_deal(desk: "Desk", sale: Sale, login: str) -> Page:
    """Somebody of the demo world at the page of the deal."""
    page = desk.sign_in(login)
    page.goto(f"/deals/{sale.deal['id']}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(FUND)
    return page


def said(page: Page, text: str) -> None:
    """The page says that it is done."""
    expect(page.get_by_role("status").get_by_text(text)).to_be_visible(timeout=DONE_SECONDS)
