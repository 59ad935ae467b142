"""The index of a data room with 2,000 documents, as a bidder gets it, beside the simple way: one question a document.

The index is read in a handful of statements and decided in one pass; the peer asks the database for each document
whether its viewer may see it, which is how a room with a permission row for every link does it. Also the log of unequal
knowledge for twenty bidders. Prints the median of milliseconds, on a durable PostgreSQL of this machine.
"""

import argparse
import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg

from benchmarks.order_world import build
from exchange.access.actor import Actor
from exchange.access.roles import Role, permissions_of
from exchange.core.ids import new_id
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, ItemState, PartyRole
from exchange.diligence.schemas.rooms import TreeView
from exchange.diligence.service import room_index, room_log, rooms
from exchange.diligence.service.templates import template
from exchange.diligence.store import rooms as store
from exchange.diligence.tables.checklists import (
    ChecklistItemRow,
    ChecklistRow,
    GatePassageRow,
    ItemDecisionRow,
    ItemSubmissionRow,
)
from exchange.diligence.tables.documents import DocumentRow, DocumentVersionRow, StoredBytesRow
from exchange.diligence.tables.rooms import NdaSignatureRow
from exchange.infra.database import forget_engine, transaction
from exchange.infra.embedded import EmbeddedPostgres
from exchange.infra.migrate import migrate
from exchange.infra.settings import settings

DOCUMENTS = 2_000
BIDDERS = 20
REPEATS = 15
PEER_REPEATS = 3
AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TYPE = "lp_transfer"


def an_actor(organisation_id: str, role: Role) -> Actor:
    """A user of an organisation."""
    return Actor(new_id("user"), organisation_id, frozenset({role}), permissions_of(frozenset({role})))


def a_room(url: str, documents: int) -> tuple[str, list[str], str]:
    """A room full of accepted papers and bidders inside: its id, the bidders and the seller."""
    world = build(url, investors=BIDDERS + 1, books=1)
    seller, *bidders = [investor.organisation_id for investor in world.investors]
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT id FROM fund LIMIT 1").fetchone()
    fund_id = str(found[0]) if found else ""
    listing_id = new_id("listing")
    codes = [spec.code for spec in template().deal_items(TYPE).values() if spec.scope is ItemScope.LISTING]
    with transaction() as tx:
        tx.add(
            ChecklistRow(
                listing_id=listing_id,
                fund_id=fund_id,
                transaction_type=TYPE,
                template_version=1,
                profile="CN_BJ",
                seller_organisation_id=seller,
                manager_organisation_id=seller,
                is_simulated=True,
                created_at=AT,
            )
        )
        tx.flush()
        items = {code: _item(listing_id, code) for code in codes}
        tx.add_all(items.values())
        tx.flush()
        papers = [_paper(listing_id, seller, items[codes[place % len(codes)]], place) for place in range(documents)]
        for part in range(4):
            tx.add_all([rows[part] for rows in papers])
            tx.flush()
        tx.add_all([_decision(item, seller) for item in items.values()])
        room = rooms.open_room(tx, AT, listing_id=listing_id)
        assert room is not None
        room_index.enter_papers(tx, AT, listing_id=listing_id)
        for bidder in bidders:
            tx.add(_signature(room.id, bidder, room.nda_hash))
            tx.add(
                GatePassageRow(
                    id=new_id("gate_passage"),
                    listing_id=listing_id,
                    organisation_id=bidder,
                    gate=Gate.DATAROOM,
                    passed_by="bench",
                    passed_at=AT,
                )
            )
        return room.id, bidders, seller


def _item(listing_id: str, code: str) -> ChecklistItemRow:
    return ChecklistItemRow(
        id=new_id("checklist_item"),
        scope=ItemScope.LISTING,
        listing_id=listing_id,
        code=code,
        state=ItemState.ACCEPTED,
        state_since_at=AT,
        is_required=True,
    )


def _paper(
    listing_id: str, owner: str, item: ChecklistItemRow, place: int
) -> tuple[StoredBytesRow, DocumentRow, DocumentVersionRow, ItemSubmissionRow]:
    """A document with one version, handed in for an item."""
    sha256, document_id = hashlib.sha256(str(place).encode()).hexdigest(), new_id("document")
    kept = StoredBytesRow(
        sha256=sha256,
        size_bytes=200_000,
        kind=FileKind.PDF,
        page_count=12,
        scan_state=ScanState.CLEAN,
        stored_at=AT,
    )
    document = DocumentRow(
        id=document_id,
        listing_id=listing_id,
        owner_organisation_id=owner,
        title=f"文件 {place}",
        created_by="bench",
        created_at=AT,
    )
    version = DocumentVersionRow(
        document_id=document_id,
        number=1,
        sha256=sha256,
        file_name=f"{place}.pdf",
        uploaded_by="bench",
        uploaded_by_organisation_id=owner,
        uploaded_at=AT,
    )
    submission = ItemSubmissionRow(
        id=new_id("item_submission"),
        item_id=item.id,
        document_id=document_id,
        document_version=1,
        sha256=sha256,
        role=PartyRole.SELLER,
        submitted_by="bench",
        submitted_by_organisation_id=owner,
        submitted_at=AT,
    )
    return kept, document, version, submission


def _decision(item: ChecklistItemRow, organisation_id: str) -> ItemDecisionRow:
    return ItemDecisionRow(
        id=new_id("item_decision"),
        item_id=item.id,
        state_before=ItemState.IN_REVIEW,
        state_after=ItemState.ACCEPTED,
        role=PartyRole.EXCHANGE,
        user_id="bench",
        organisation_id=organisation_id,
        at=AT + timedelta(seconds=1),
    )


def _signature(room_id: str, organisation_id: str, text_hash: str) -> NdaSignatureRow:
    return NdaSignatureRow(
        id=new_id("nda_signature"),
        room_id=room_id,
        organisation_id=organisation_id,
        user_id="bench",
        text_version="1",
        text_hash=text_hash,
        signed_at=AT,
    )


def tree(room_id: str, who: Actor) -> int:
    """The index as it leaves at the API; how many documents are in it."""
    with transaction() as tx:
        view = TreeView.of(room_index.tree_of(tx, who, AT, room_id))
    view.model_dump_json()
    return view.document_count


def tree_by_question(room_id: str, who: Actor) -> int:
    """The peer: for each document its own reading of the room, its grants and its papers."""
    with transaction() as tx:
        seat = rooms.seat_of(tx, who, AT, room_id)
        found = [entry.document_id for entry in store.entries(tx, seat.deal.room)]
        seen = 0
        for document_id in found:
            one = rooms.seat_of(tx, who, AT, room_id)
            seen += any(one.sees(entry) for entry in store.entries(tx, one.deal.room, document_id))
    return seen


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """The median of so many runs after one that warms up."""
    work()
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def main(argv: Sequence[str] = ()) -> int:
    """``python3 -m benchmarks.room_index``."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.room_index")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as url:
        migrate(url)
        os.environ["EXCHANGE_DATABASE_URL"] = url
        settings.cache_clear()
        forget_engine()
        room_id, bidders, seller = a_room(url, chosen.documents)
        bidder, side = an_actor(bidders[0], Role.INVESTOR), an_actor(seller, Role.INVESTOR)
        seen = tree(room_id, bidder)
        assert seen == tree_by_question(room_id, bidder)
        rows = [
            (f"index of a bidder ({seen} of {chosen.documents} documents seen), as JSON", tree, bidder, REPEATS),
            (f"index of the seller ({tree(room_id, side)} documents), as JSON", tree, side, REPEATS),
            ("the same for the bidder, one question a document (no JSON)", tree_by_question, bidder, PEER_REPEATS),
            (f"log of unequal knowledge, {BIDDERS} bidders", _asymmetry, side, PEER_REPEATS),
        ]
        print("| what | median ms |\n| --- | --- |")
        for words, work, who, repeats in rows:
            print(f"| {words} | {median_ms(partial(work, room_id, who), repeats):,.0f} |")
        forget_engine()
    return 0


def _asymmetry(room_id: str, who: Actor) -> int:
    with transaction() as tx:
        return len(room_log.asymmetry_of(tx, who, AT, room_id))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
