"""Bulk downloads and archives: marked in the bytes, proven by hashes, by right, and gone with the right."""

import hashlib
import json
import zipfile
from io import BytesIO

import pytest
from pypdf import PdfReader

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.diligence.grant import Grant
from exchange.diligence.jobs import rooms as jobs
from exchange.diligence.room import GrantEffect, PackageKind, PackageState, ViewKind
from exchange.diligence.room_errors import NotRoomSide, PackageEmpty, PackageNotFound, PackageNotReady
from exchange.diligence.service import documents, grants, packages, pages, room_log, rooms
from exchange.diligence.tables.rooms import RoomRow
from exchange.infra.pdf_redaction import Region
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.deal_world import move_on
from tests.integration.diligence.room_world import (
    EXCHANGE_ONLY,
    NDA,
    PUBLIC,
    SHORTLIST,
    Room,
    a_bidder_inside,
    a_room,
)
from tests.integration.diligence.test_questions import answered, asked


def a_package(room: Room, who: Actor, kind: PackageKind = PackageKind.BULK) -> str:
    """A package that a worker has made, piece by piece; its id."""
    with at_work() as (tx, now):
        package_id = packages.request(tx, who, now, room_id=room.id, kind=kind).id
    for _ in range(20):
        with at_work() as (tx, now):
            if packages.package_of(tx, who, now, package_id).state is PackageState.READY:
                return package_id
            jobs.package_wanted(tx, now, Event("room.package_wanted", package_id))
    raise AssertionError("it never got ready")


def opened(who: Actor, package_id: str) -> zipfile.ZipFile:
    """The ZIP as its requester downloads it."""
    with at_work() as (tx, now):
        content = b"".join(packages.pieces_of(tx, who, now, package_id))
    return zipfile.ZipFile(BytesIO(content))


def test_every_page_in_a_bulk_download_carries_the_mark(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "STEP_SECONDS", 0.0)  # one document a piece
    room = a_room(exchange, [PUBLIC, NDA, SHORTLIST, EXCHANGE_ONLY])
    bidder = a_bidder_inside(room)
    with at_work() as (tx, now):
        regions = [Region(1, 0, 0, 1000, 300)]
        documents.redact(
            tx, room.deal.gp, now, document_id=room.documents[NDA], number=1, regions=regions, reason="names"
        )
        originals = {code: documents.version_facts(tx, room.documents[code]).sha256 for code in (PUBLIC, NDA)}
    archive = opened(bidder, a_package(room, bidder))
    assert archive.testzip() is None
    said = json.loads(archive.read("manifest.json"))
    by_document = {member["document_id"]: member for member in said["members"]}
    assert room.documents[SHORTLIST] not in by_document
    assert room.documents[EXCHANGE_ONLY] not in by_document
    for code in (PUBLIC, NDA):
        member = by_document[room.documents[code]]
        content = archive.read(member["name"])
        assert hashlib.sha256(content).hexdigest() == member["sha256"]
        assert member["original_sha256"] == originals[code]
        for number, sheet in enumerate(PdfReader(BytesIO(content)).pages, 1):
            text = sheet.extract_text()
            assert "Person" in text
            # A reader of PDF may see a gap between two letters that stand far apart in the font.
            assert pages.deal_code(room.listing_id) in "".join(text.split())
            assert f"{number}/2" in text
    redacted = by_document[room.documents[NDA]]
    assert redacted["is_redacted"]
    assert "req_" not in PdfReader(BytesIO(archive.read(redacted["name"]))).pages[0].extract_text()
    with at_work() as (tx, now):
        kinds = [line.row.kind for line in room_log.views_of(tx, bidder, now, room.id)]
    assert kinds.count(ViewKind.PACKAGE) == len(by_document)


def test_a_package_is_its_requesters_and_ends_with_its_time_or_a_right(exchange: Exchange) -> None:
    room = a_room(exchange, [PUBLIC, NDA])
    bidder, other = a_bidder_inside(room), a_bidder_inside(room)
    with at_work() as (tx, now):
        waiting = packages.request(tx, bidder, now, room_id=room.id, kind=PackageKind.BULK).id
        with pytest.raises(PackageNotReady):
            packages.pieces_of(tx, bidder, now, waiting)
    package_id = a_package(room, bidder)
    for outsider in (other, room.deal.seller, exchange.maker):
        with at_work() as (tx, now), pytest.raises(PackageNotFound):
            packages.package_of(tx, outsider, now, package_id)
    assert opened(bidder, package_id).namelist()
    with at_work() as (tx, now):
        wanted = Grant(bidder.organisation_id, GrantEffect.DENY, "a leak", document_id=room.documents[NDA])
        grant_id = grants.grant(tx, room.deal.seller, now, room_id=room.id, wanted=wanted).id
    with at_work() as (tx, now), pytest.raises(PackageNotFound):
        packages.pieces_of(tx, bidder, now, package_id)
    with at_work() as (tx, now):
        grants.revoke(tx, room.deal.seller, now, grant_id=grant_id)
    assert opened(bidder, package_id).namelist()
    move_on(8)
    with at_work() as (tx, now), pytest.raises(PackageNotFound):
        packages.pieces_of(tx, bidder, now, package_id)
    with at_work() as (tx, now):
        jobs.package_expires(tx, now, Event("room.package_expires", package_id))


def test_a_right_that_ends_while_the_package_is_made_leaves_its_paper_out(exchange: Exchange) -> None:
    room = a_room(exchange, [PUBLIC, NDA])
    bidder = a_bidder_inside(room)
    with at_work() as (tx, now):
        package_id = packages.request(tx, bidder, now, room_id=room.id, kind=PackageKind.BULK).id
        wanted = Grant(bidder.organisation_id, GrantEffect.DENY, "a leak", document_id=room.documents[NDA])
        grants.grant(tx, room.deal.seller, now, room_id=room.id, wanted=wanted)
    with at_work() as (tx, now):
        packages.work_on(tx, now, package_id=package_id)
    said = json.loads(opened(bidder, package_id).read("manifest.json"))
    assert [each["document_id"] for each in said["left_out"]] == [room.documents[NDA]]


def test_the_archive_holds_the_evidence_by_rights_after_the_end(exchange: Exchange) -> None:
    room = a_room(exchange, [PUBLIC, NDA, EXCHANGE_ONLY])
    winner, loser = a_bidder_inside(room), a_bidder_inside(room)
    answered(room, asked(room, loser))
    with at_work() as (tx, now):
        pages.page_of(tx, loser, now, document_id=room.documents[NDA], number=1, page=1, width=300)
        with pytest.raises(NotRoomSide):
            packages.request(tx, loser, now, room_id=room.id, kind=PackageKind.ARCHIVE)
        rooms.record_buyer(tx, now, listing_id=room.listing_id, organisation_id=winner.organisation_id)
        rooms.end_bidding(tx, now, listing_id=room.listing_id)
        row = tx.get(RoomRow, room.id)
        assert row is not None
        row.closed_at = now
    of_winner = opened(winner, a_package(room, winner, PackageKind.ARCHIVE))
    of_exchange = opened(exchange.checker, a_package(room, exchange.checker, PackageKind.ARCHIVE))
    parts = {"index.json", "questions.json", "views.json", "items.json", "room.json", "manifest.json"}
    assert parts <= set(of_winner.namelist())

    def ids(archive: zipfile.ZipFile) -> set[str]:
        return {each["document_id"] for each in json.loads(archive.read("index.json"))}

    assert room.documents[NDA] in ids(of_winner)
    assert room.documents[EXCHANGE_ONLY] not in ids(of_winner)
    assert room.documents[EXCHANGE_ONLY] in ids(of_exchange)
    everything = b"".join(of_winner.read(name) for name in parts)
    assert loser.organisation_id.encode() not in everything
    assert loser.user_id.encode() not in everything
    assert loser.user_id in of_exchange.read("views.json").decode()
    assert json.loads(of_exchange.read("items.json"))


def test_there_is_nothing_to_pack_for_who_sees_nothing(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    with at_work() as (tx, now), pytest.raises(PackageEmpty):
        packages.request(tx, an_investor(exchange), now, room_id=room.id, kind=PackageKind.BULK)
