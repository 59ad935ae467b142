"""A deal with its checklist: who sells, who manages, who bids, and papers for whatever is asked."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import select

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.ids import new_id
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.duty import Duty, duty_of, providing, reviewing
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemEvent, ItemScope, ItemState, PartyRole
from exchange.diligence.service import checklists, gates, items
from exchange.diligence.service.checklists import ListingSubject
from exchange.diligence.service.items import Decision, Paper
from exchange.diligence.service.items_at_hand import caller_of
from exchange.diligence.service.positions import Position, positions
from exchange.diligence.service.templates import template
from exchange.diligence.tables.checklists import BidClearanceRow, ChecklistItemRow
from exchange.diligence.tables.documents import DocumentRow, DocumentVersionRow, StoredBytesRow
from exchange.diligence.tables.rooms import NdaSignatureRow, RoomRow
from exchange.diligence.template import ItemSpec, ValidityKind
from exchange.diligence.verdict import GateVerdict
from exchange.infra.clock import business_now, set_business_now
from exchange.infra.database import Tx, cursor, transaction
from exchange.ledger import service as ledger
from exchange.parties.tables import StandingRow
from exchange.reactions import react_due
from exchange.relay import publish_all
from tests.builders import Exchange, a_fund, a_gp, an_account, an_investor, at_work, make_suitable

_NUMBERS = itertools.count(1)


@dataclass
class Deal:
    """A listing's checklist and everybody around it."""

    exchange: Exchange
    gp: Actor
    seller: Actor
    bidder: Actor
    fund_id: str
    listing_id: str
    others: list[Actor] = field(default_factory=list)

    @property
    def people(self) -> list[Actor]:
        """Everybody who may act; the exchange last, so that a party acts where it may."""
        return [self.seller, self.gp, self.bidder, *self.others, self.exchange.checker, SYSTEM]

    def position(self, *bidders: str) -> Position:
        """Where the listing stands."""
        with transaction() as tx:
            return positions(tx, [self.listing_id], list(bidders) or [self.bidder.organisation_id])[self.listing_id]

    def item(self, code: str, organisation_id: str | None = None, position: Position | None = None) -> ChecklistItemRow:
        """An item of the listing, of its bidder, or of a participant's account."""
        position = position or self.position()
        spec = template().spec(position.checklist.transaction_type, code)
        if spec.scope is ItemScope.ACCOUNT:
            return position.accounts[organisation_id or self.bidder.organisation_id][code]
        owner = None if spec.scope is ItemScope.LISTING else organisation_id or self.bidder.organisation_id
        return position.items[owner][code]

    def states(self, organisation_id: str | None = None) -> dict[str, ItemState]:
        """The states of the listing's items, or of a bidder's."""
        return {code: row.state for code, row in self.position().items[organisation_id].items()}

    def gate(self, gate: Gate, organisation_id: str | None = None) -> GateVerdict:
        """The verdict on a gate, before the bidder where it stands before one."""
        with at_work() as (tx, now):
            owner = organisation_id or self.bidder.organisation_id
            found = gates.gate_states(tx, now, listing_id=self.listing_id, organisation_id=owner)
            return next(verdict for verdict in found if verdict.gate is gate)

    def pass_gate(self, gate: Gate) -> None:
        """Take a step."""
        with at_work() as (tx, now):
            gates.pass_gate(
                tx,
                self.exchange.maker,
                now,
                listing_id=self.listing_id,
                gate=gate,
                organisation_id=self.bidder.organisation_id,
            )

    def clear_until(self) -> date | None:
        """Until when the bidder may bid."""
        with transaction() as tx:
            row = tx.get(BidClearanceRow, (self.listing_id, self.bidder.organisation_id))
            assert row is not None
            return row.clear_until


def a_deal(
    exchange: Exchange,
    *,
    transaction_type: str = "lp_transfer",
    facts: Mapping[str, bool] | None = None,
    with_bidder: bool = True,
) -> Deal:
    """A listing with its checklist and, unless told otherwise, a bidder whose items are there."""
    gp, seller, bidder = a_gp(exchange), an_investor(exchange), an_investor(exchange)
    deal = Deal(exchange, gp, seller, bidder, a_fund(gp), new_id("listing"))
    subject = ListingSubject(
        deal.listing_id,
        deal.fund_id,
        "CN_BJ",
        seller.organisation_id,
        gp.organisation_id,
        transaction_type,
        is_simulated=True,
    )
    with at_work() as (tx, now):
        checklists.open_checklist(tx, now, subject, facts or {})
        if with_bidder:
            checklists.open_bidder(tx, now, deal.listing_id, bidder.organisation_id)
    return deal


def move_on(days: int) -> None:
    """Days pass."""
    with transaction() as tx:
        set_business_now(tx, business_now(tx) + timedelta(days=days))


def a_document(
    tx: Tx,
    now: datetime,
    owner: Actor,
    listing_id: str | None,
    *,
    kind: FileKind = FileKind.PDF,
    scan: ScanState = ScanState.CLEAN,
    versions: int = 1,
) -> str:
    """A stored document of an organisation with so many versions; its id."""
    organisation_id = owner.organisation_id
    document_id = new_id("document")
    tx.add(
        DocumentRow(
            id=document_id,
            listing_id=listing_id,
            owner_organisation_id=organisation_id,
            title="Paper",
            latest_version=versions,
            created_by=owner.user_id,
            created_at=now,
        )
    )
    for number in range(1, versions + 1):
        sha256 = hashlib.sha256(f"{next(_NUMBERS)}".encode()).hexdigest()
        tx.add(StoredBytesRow(sha256=sha256, size_bytes=7, kind=kind, scan_state=scan, stored_at=now))
        tx.flush()
        tx.add(
            DocumentVersionRow(
                document_id=document_id,
                number=number,
                sha256=sha256,
                file_name="paper.pdf",
                uploaded_by=owner.user_id,
                uploaded_by_organisation_id=organisation_id,
                uploaded_at=now,
            )
        )
    tx.flush()
    return document_id


def a_paper(
    spec: ItemSpec, document_id: str, today: date, *, version: int = 1, structured: dict[str, Any] | None = None
) -> Paper:
    """A fresh paper for an item, with the dates that its kind of validity needs."""
    ends = today + timedelta(days=900) if spec.validity.kind is ValidityKind.TERM else None
    return Paper(spec.code, document_id, version, today, today, ends, structured or {})


def provider_of(deal: Deal, spec: ItemSpec, position: Position, owner: str | None) -> Actor:
    """Somebody who may hand the paper in; the participant itself for an account item."""
    if spec.scope is ItemScope.ACCOUNT:
        return next(actor for actor in deal.people if actor.organisation_id == owner)
    duties = providing(spec, position.sides(owner))
    return next(actor for actor in deal.people if duty_of(duties, caller_of(actor)))


def reviewer_of(deal: Deal, row: ChecklistItemRow, spec: ItemSpec, position: Position) -> Actor:
    """Somebody who may review the paper."""
    duties: Sequence[Duty] = reviewing(spec, position.sides_of(row), row.provider_organisation_id)
    others = [actor for actor in deal.people if actor.organisation_id != row.provider_organisation_id]
    return next(actor for actor in others if duty_of(duties, caller_of(actor)))


def hand_in(
    deal: Deal, codes: Iterable[str], *, owner: str | None = None, structured: dict[str, Any] | None = None
) -> None:
    """Hand in a fresh paper for each item, by who may, each person's together. ``owner``: whose items they are."""
    codes = list(codes)
    position = deal.position()
    holder = owner or deal.bidder.organisation_id
    bundles: dict[tuple[str, str | None, str | None], tuple[Actor, list[ItemSpec]]] = {}
    for code in codes:
        spec = template().spec(position.checklist.transaction_type, code)
        item_owner = None if spec.scope is ItemScope.LISTING else holder
        by = provider_of(deal, spec, position, item_owner)
        listing_id = None if spec.scope is ItemScope.ACCOUNT else deal.listing_id
        bundles.setdefault((by.user_id, listing_id, item_owner), (by, []))[1].append(spec)
    _let_the_registers_know(deal, holder, set(codes))
    with at_work() as (tx, now):
        for (_, listing_id, item_owner), (by, specs) in bundles.items():
            keeper = deal.exchange.maker if by is SYSTEM else by
            papers = [
                a_paper(
                    spec,
                    a_document(tx, now, keeper, listing_id, kind=spec.files[0]),
                    market_date(now),
                    structured=structured,
                )
                for spec in specs
            ]
            items.submit_papers(tx, by, now, listing_id=listing_id, organisation_id=item_owner, papers=papers)


def _let_the_registers_know(deal: Deal, organisation_id: str, codes: set[str]) -> None:
    """What the system looks up before it accepts a paper of its own: record of suitability, NDA, money."""
    holder = next((actor for actor in deal.people if actor.organisation_id == organisation_id), None)
    if holder is None:
        return
    with transaction() as tx:
        standing = tx.get(StandingRow, organisation_id)
        is_suitable = standing is not None and standing.suitable_until is not None
    if "P05" in codes and not is_suitable:
        make_suitable(deal.exchange, holder)
    if "G09" in codes:
        with transaction() as tx:
            has_money = ledger.cash_minor(tx, organisation_id, "CNY") > 0
        if not has_money:
            an_account(deal.exchange, holder, "1000.00")
    if "G06" in codes:
        with at_work() as (tx, now):
            sign_in_the_room(tx, now, deal.listing_id, holder)


def sign_in_the_room(tx: Tx, now: datetime, listing_id: str, holder: Actor) -> None:
    """A room, and the holder's signature under its agreement."""
    room = tx.exec(select(RoomRow).where(RoomRow.listing_id == listing_id)).first()
    if room is None:
        room = RoomRow(id=new_id("room"), listing_id=listing_id, nda_version="1", nda_hash="0" * 64, opened_at=now)
        tx.add(room)
        tx.flush()
    known = select(NdaSignatureRow).where(
        NdaSignatureRow.room_id == room.id, NdaSignatureRow.organisation_id == holder.organisation_id
    )
    if tx.exec(known).first() is None:
        tx.add(
            NdaSignatureRow(
                id=new_id("nda_signature"),
                room_id=room.id,
                organisation_id=holder.organisation_id,
                user_id=holder.user_id,
                text_version="1",
                text_hash=room.nda_hash,
                signed_at=now,
            )
        )
        tx.flush()


def accept_all(deal: Deal, codes: Iterable[str], *, owner: str | None = None) -> None:
    """Accept what was handed in for the items, by who may, each person's together."""
    bundles: dict[str, tuple[Actor, list[Decision]]] = {}
    position = deal.position(owner or deal.bidder.organisation_id)
    for code in codes:
        row = deal.item(code, owner, position)
        if row.state not in {ItemState.ACCEPTED, ItemState.WAIVED}:
            spec = template().spec(position.checklist.transaction_type, code)
            by = reviewer_of(deal, row, spec, position)
            bundles.setdefault(by.user_id, (by, []))[1].append(Decision(row.id, ItemEvent.ACCEPT))
    with at_work() as (tx, now):
        for by, decisions in bundles.values():
            items.decide(tx, by, now, decisions)


def settle(deal: Deal, codes: Iterable[str], *, owner: str | None = None) -> None:
    """Hand in and accept."""
    wanted = list(codes)
    hand_in(deal, wanted, owner=owner)
    accept_all(deal, wanted, owner=owner)


def settle_accounts(deal: Deal) -> None:
    """Every account item that the parties of the deal are asked for."""
    roles = ((PartyRole.SELLER, deal.seller), (PartyRole.GP, deal.gp), (PartyRole.BUYER, deal.bidder))
    for role, actor in roles:
        wanted = [spec.code for spec in template().account_items.values() if role in spec.providers]
        settle(deal, wanted, owner=actor.organisation_id)


def settle_up_to(deal: Deal, gate: Gate) -> None:
    """Everything that is missing before a gate."""
    while missing := deal.gate(gate).missing:
        wanted: dict[str | None, list[str]] = {}
        for item in missing:
            wanted.setdefault(item.organisation_id, []).append(item.code)
        for owner, codes in wanted.items():
            settle(deal, codes, owner=owner)


def events_of(subject_id: str) -> list[str]:
    """The types of the events about something, deadlines left out, in the order in which they happened."""
    with transaction() as tx, cursor(tx) as raw:
        rows = raw.execute(
            "SELECT type FROM event WHERE subject_id = %s AND type NOT LIKE %s ORDER BY id", (subject_id, "%\\_due")
        ).fetchall()
    return [str(row[0]) for row in rows]


def work_through() -> None:
    """Publish what is due and run the jobs it asks for."""
    while publish_all() or react_due():
        pass
