"""The tour from the match to the register and back: notice, consent, agreement, money, transfer, and a bust."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from exchange.api_client import ApiCaller
from exchange.core.clock import end_of_market_day
from exchange.core.money import scale_decimal, unscale_decimal
from exchange.diligence.gate import Gate
from exchange.tour_room import papers_of, refused_by_gate
from exchange.tour_stage import Refusal, Tour

Document = dict[str, Any]
PARTNERS = ("holder.a", "holder.b", "holder.c", "holder.d")
HOURS_AT_ONCE = 240


@dataclass(frozen=True, slots=True)
class Parties:
    """Who stands around a deal of the tour."""

    manager: ApiCaller
    seller: ApiCaller
    buyer: ApiCaller


def settle_deal(tour: Tour, listing_id: str, parties: Parties) -> Document:
    """Take one buyer's deal from the confirmed match to the register; the deal."""
    deal = deal_of(tour, listing_id, parties.buyer)
    serve_notice(tour, deal, parties)
    agree_and_sign(tour, deal, parties)
    pay(tour, deal, parties)
    register(tour, deal, parties)
    return deal


def deal_of(tour: Tour, listing_id: str, buyer: ApiCaller) -> Document:
    """The deal that the match of this buyer became."""

    def found() -> list[Document]:
        return [
            item
            for item in buyer.items("/deals", listing_id=listing_id)
            if item["buyer_organisation_id"] == buyer.organisation_id
        ]

    return tour.caller("operator.one").wait_for(found, bool)[0]


def serve_notice(tour: Tour, deal: Document, parties: Parties) -> None:
    """The other partners are told the four equal terms; they waive, and the notice goes on running."""
    tour.step("The other partners are told and waive their right of first refusal")
    address = f"/deals/{deal['id']}"
    early = Refusal(parties.buyer, f"{address}:fund")
    tour.refused("money before the signing", early, "ILLEGAL_TRANSITION")
    seen = parties.manager.post(f"{address}/rofr", {"method": "exchange_inbox", "proof": "inbox of the exchange"})
    offer = parties.manager.get(f"/rofr/{deal['id']}")
    tour.console.print(f"   equal terms {offer['terms_hash'][:16]}..., closing by {offer['closing_by']}")
    partners = {caller.organisation_id: caller for caller in map(tour.caller, PARTNERS)}
    for notice in offer["notices"]:
        partner = partners.get(notice["partner_organisation_id"])
        if partner is not None:
            partner.post(f"/rofr/{deal['id']}/answers", {"answer": "waive"})
    if parties.manager.get(address)["status"] == "noticed":
        watch = tour.caller("operator.one")
        pass_time(watch, max(datetime.fromisoformat(notice["closes_at"]) for notice in offer["notices"]))
        watch.post(f"/rofr/{deal['id']}:close")
    tour.table(("notices served", "after it"), [(len(offer["notices"]), seen["status"])])
    tour.expect("the right", parties.manager.get(address)["status"], "rofr_cleared")


def agree_and_sign(tour: Tour, deal: Document, parties: Parties) -> None:
    """Consent, approvals, and one agreement with three signatures."""
    tour.step("The manager consents, the approvals come in, three sides sign one agreement")
    address, watch = f"/deals/{deal['id']}", tour.caller("operator.one")
    listing_id = deal["listing_id"]
    if papers_of(tour).missing(listing_id, Gate.CONSENT, parties.buyer):
        refused_by_gate(tour, "the consent", parties.manager, f"{address}/consents", {"decision": "grant"})
        papers_of(tour).satisfy(listing_id, Gate.CONSENT, parties.buyer)
    agreed = parties.manager.post(f"{address}/consents", {"decision": "grant"})
    tour.expect("the manager's consent", agreed["status"], "gp_consented")
    asked = watch.get(f"{address}/approvals")["items"]
    for approval in asked:
        body = {"decision": "grant", "body": "exchange", "document_number": "T-1"}
        watch.post(f"/deal-approvals/{approval['id']}:decide", body)
    tour.expect("approved", watch.get(address)["status"], "approved")
    made = parties.manager.post(f"{address}/agreements")
    tour.table(("term", "value"), [(name, made["terms"][name]) for name in ("seller_name", "buyer_name", "fund_name")])
    sign = f"/agreements/{made['id']}:sign"
    if papers_of(tour).missing(listing_id, Gate.SIGN, parties.buyer):
        refused_by_gate(tour, "the signature", parties.buyer, sign)
        papers_of(tour).satisfy(listing_id, Gate.SIGN, parties.buyer)
    for side in dict.fromkeys((parties.buyer, parties.seller, parties.manager)):
        side.post(sign)
    signed = parties.buyer.get(f"{address}/agreements")["items"][-1]
    tour.expect("signatures", sorted(item["side"] for item in signed["signatures"]), ["buyer", "manager", "seller"])
    file = parties.buyer.download(f"/agreements/{made['id']}.pdf")
    tour.expect("the file holds them", file.count(b"/ByteRange"), 3)
    tour.expect("the deal", parties.buyer.get(address)["status"], "signed")


def pay(tour: Tour, deal: Document, parties: Parties, *, at_the_bank: bool = False) -> None:
    """The closing payment and the fee go into the settlement account; the statement is confirmed by both.

    ``at_the_bank``: the buyer's bank pays, and its transfer names the deal; nobody clicks.
    """
    tour.step("The buyer pays; the deposit turns into price; both confirm the closing statement")
    address, listing_id = f"/deals/{deal['id']}", deal["listing_id"]
    forecast = parties.buyer.get(f"{address}/closing-statement")
    needed = scale_decimal(forecast["to_pay"]["amount"], 2) + scale_decimal(forecast["buyer_fee"]["amount"], 2)
    currency = forecast["to_pay"]["currency"]
    if not at_the_bank:
        bring_money(tour, parties.buyer, needed, currency)
    if papers_of(tour).missing(listing_id, Gate.FUND, parties.buyer):
        refused_by_gate(tour, "the payment", parties.buyer, f"{address}:fund")
        papers_of(tour).satisfy(listing_id, Gate.FUND, parties.buyer)
    if at_the_bank:
        pay_at_the_bank(tour, deal, needed, currency)
    else:
        tour.expect("the deal", parties.buyer.post(f"{address}:fund")["status"], "closing")
    statement = parties.seller.get(f"{address}/closing-statement")
    lines = statement["lines"]
    names = ("base", "contributions", "distributions", "adjusted", "unfunded_closing", "seller_fee", "buyer_fee")
    tour.table(("line", "amount"), [(name, lines[name]["amount"]) for name in names])
    for side in (parties.buyer, parties.seller):
        done = side.post(f"{address}/closing-statement:confirm")
    tour.expect("the statement", done["state"], "agreed")


def pay_at_the_bank(tour: Tour, deal: Document, needed_minor: int, currency: str) -> None:
    """The simulated bank brings the money with the deal's id as its purpose; the deal is paid by it."""
    watch = tour.caller("operator.one")
    body = {"reference": f"price of {deal['id']}", "amount": unscale_decimal(needed_minor, 2), "currency": currency}
    watch.post("/sandbox/bank", body)
    paid = watch.wait_for(lambda: watch.get(f"/deals/{deal['id']}")["status"], lambda status: status == "closing")
    (payment,) = [item for item in watch.items("/payments") if item["deal_id"] == deal["id"]]
    tour.table(("bank reference", "purpose", "amount", "status"), [
        (payment["bank_reference"][:24], payment["remittance"], payment["amount"]["amount"], payment["status"])
    ])  # fmt: skip
    tour.expect("the deal, paid by the bank's notice", paid, "closing")


def register(tour: Tour, deal: Document, parties: Parties) -> None:
    """Interest and money move in one transaction, not before the notice has run."""
    tour.step("Delivery versus payment: the buyer enters the roll and the seller is paid, both at once")
    address, listing_id = f"/deals/{deal['id']}", deal["listing_id"]
    watch = tour.caller("operator.one")
    early = Refusal(watch, f"{address}:register")()
    if early.get("code") == "RULES_BROKEN":
        (breach,) = early["breaches"]
        tour.expect("the notice still runs", (breach["rule"], breach["code"]), ("R-31", "NOTICE_STILL_RUNS"))
        tour.console.print(f"   passes on {breach['passes_on']}")
        pass_time(watch, end_of_market_day(date.fromisoformat(breach["passes_on"]) - timedelta(days=1)))
    if papers_of(tour).missing(listing_id, Gate.REGISTER, parties.buyer):
        refused_by_gate(tour, "the registration", watch, f"{address}:register")
        papers_of(tour).satisfy(listing_id, Gate.REGISTER, parties.buyer)
    done = watch.post(f"{address}:register")
    tour.expect("the deal", done["status"], "transferred")
    held = [item for item in parties.buyer.items("/holdings") if item["fund_id"] == deal["fund_id"]]
    tour.expect("the buyer stands on the roll", len(held), 1)


def bust_deal(tour: Tour, deal: Document, parties: Parties) -> None:
    """Two operators undo the transfer: both legs go back exactly."""
    tour.step("Two operators bust the transfer: money and interest go back, exactly")
    address = f"/deals/{deal['id']}"
    first, second = tour.caller("operator.one"), tour.caller("operator.two")
    body = {"reason": "material_error", "statement": "Both sides were heard.", "document_number": "B-1"}
    asked = first.post(f"{address}/bust-requests", body)
    decide = f"/approvals/{asked['approval_id']}:approve"
    tour.refused("who asked does not decide", Refusal(first, decide, {"reason": "checked"}), "SAME_PERSON")
    second.post(decide, {"reason": "checked"})
    tour.expect("the deal", first.get(address)["status"], "busted")
    held = [item for item in parties.buyer.items("/holdings") if item["fund_id"] == deal["fund_id"]]
    tour.expect("the buyer holds nothing of it", [item["subscribed"]["amount"] for item in held], ["0.00"])
    told = [item["type"] for item in first.get(f"{address}/timeline")["items"]]
    tour.console.print("   " + " > ".join(name.removeprefix("deal.") for name in told))


def pass_time(watch: ApiCaller, until: datetime) -> None:
    """Let time pass on the sandbox clock up to an instant, in steps it takes."""
    left = until - datetime.fromisoformat(watch.get("/clock")["now"])
    hours = max(0, -(-left // timedelta(hours=1)))
    for at_once in (*[HOURS_AT_ONCE] * (hours // HOURS_AT_ONCE), hours % HOURS_AT_ONCE):
        if at_once:
            watch.post("/sandbox/clock", {"hours": at_once})


def bring_money(tour: Tour, caller: ApiCaller, needed_minor: int, currency: str) -> None:
    """Simulated money for what a party still lacks; a bank brings it on a real exchange."""
    account = next(item for item in caller.items("/accounts") if item["currency"] == currency)
    lacking = needed_minor - scale_decimal(account["posted"]["amount"], 2)
    if lacking > 0:
        body = {"amount": unscale_decimal(lacking, 2), "currency": currency, "bank_reference": "tour"}
        tour.caller("operator.one").post(f"/accounts/{account['id']}:deposit", body)
