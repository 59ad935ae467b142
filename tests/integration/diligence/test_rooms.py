"""Who gets what in a data room: index, pages, NDA, grants, the end of access."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.core.errors import NotFound
from exchange.core.events import Event
from exchange.diligence.gate import Gate
from exchange.diligence.grant import Grant
from exchange.diligence.item import ItemEvent, ItemState
from exchange.diligence.jobs import rooms as jobs
from exchange.diligence.room import GrantEffect, ViewKind
from exchange.diligence.room_errors import (
    GrantSubjectInvalid,
    NdaTextChanged,
    NotABidder,
    NotRoomSide,
    RoomDocumentNotFound,
    RoomNotFound,
)
from exchange.diligence.service import documents, grants, nda, pages, room_index, room_log, rooms
from exchange.diligence.visibility import RoomStage
from exchange.infra.pdf_redaction import Region
from exchange.parties.lifecycle import OrganisationKind
from tests.builders import Exchange, a_user, an_investor, an_organisation, at_work
from tests.integration.diligence.deal_world import move_on, settle_accounts, settle_up_to
from tests.integration.diligence.room_world import (
    EXCHANGE_ONLY,
    NDA,
    PUBLIC,
    QUALIFIED,
    SHORTLIST,
    Room,
    a_bidder,
    a_bidder_inside,
    a_filed_paper,
    a_room,
    decide,
    let_through,
    seen_codes,
    shortlist,
    sign,
)


def page(room: Room, who: Actor, code: str, *, number: int = 1, page: int = 1) -> pages.Taken:
    """A page as somebody gets it."""
    with at_work() as (tx, now):
        return pages.page_of(tx, who, now, document_id=room.documents[code], number=number, page=page, width=300)


def granted(room: Room, to: Actor, effect: GrantEffect, **subject: object) -> str:
    """A grant by the seller; its id."""
    with at_work() as (tx, now):
        wanted = Grant(to.organisation_id, effect, "for a reason", **subject)  # type: ignore[arg-type]
        return grants.grant(tx, room.deal.seller, now, room_id=room.id, wanted=wanted).id


def test_each_rung_sees_its_papers_and_nothing_else(exchange: Exchange) -> None:
    room = a_room(exchange)
    everything = {PUBLIC, QUALIFIED, NDA, SHORTLIST, EXCHANGE_ONLY}
    assert seen_codes(room, exchange.checker) == everything
    assert seen_codes(room, room.deal.seller) == everything  # the last one is its own
    assert seen_codes(room, room.deal.gp) == everything - {EXCHANGE_ONLY}
    assert seen_codes(room, an_investor(exchange)) == {PUBLIC}
    bidder = a_bidder(exchange)
    assert seen_codes(room, bidder) == {PUBLIC, QUALIFIED}
    sign(room, bidder)
    assert seen_codes(room, bidder) == {PUBLIC, QUALIFIED}  # its gate has not been passed
    let_through(room, bidder)
    assert seen_codes(room, bidder) == {PUBLIC, QUALIFIED, NDA}
    shortlist(room, bidder)
    assert seen_codes(room, bidder) == {PUBLIC, QUALIFIED, NDA, SHORTLIST}


def test_what_may_not_be_seen_does_not_exist(exchange: Exchange) -> None:
    room = a_room(exchange)
    bidder = a_bidder_inside(room)
    for code in (SHORTLIST, EXCHANGE_ONLY):
        with pytest.raises(RoomDocumentNotFound):
            page(room, bidder, code)
        with at_work() as (tx, now), pytest.raises(RoomDocumentNotFound):
            pages.file_of(tx, bidder, now, document_id=room.documents[code], number=1)
    missing = room.documents[NDA]
    with pytest.raises(RoomDocumentNotFound):
        page(room, bidder, NDA, page=3)
    with at_work() as (tx, now), pytest.raises(NotFound):
        pages.file_of(tx, bidder, now, document_id=missing, number=2)


def test_numbers_are_stable_and_a_moved_paper_keeps_its_old_one(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    second = a_filed_paper(room, NDA)
    with at_work() as (tx, now):
        leaves = room_index.leaves_of(tx, rooms.seat_of(tx, room.deal.gp, now, room.id))
        assert [leaf.number for leaf in leaves] == ["03.01.01", "03.01.02"]
        entry_id = next(leaf.entry_id for leaf in leaves if leaf.document_id == second)
        moved = room_index.move(tx, room.deal.gp, now, entry_id=entry_id, item_code="C06", reason="an annex")
        assert moved.number.startswith("04.")
    third = a_filed_paper(room, NDA)
    with at_work() as (tx, now):
        leaves = room_index.leaves_of(tx, rooms.seat_of(tx, room.deal.gp, now, room.id))
        by_document = {leaf.document_id: leaf for leaf in leaves}
        assert by_document[second].aliases == ("03.01.02",)
        assert by_document[third].number == "03.01.03"  # a number is given once
        assert len(leaves) == 3


def test_each_bidders_papers_are_numbered_for_themselves(exchange: Exchange) -> None:
    room = a_room(exchange, [])
    first, second = a_bidder(exchange), a_bidder(exchange)
    for bidder in (first, second):
        sign(room, bidder)
    with at_work() as (tx, now):
        assert room_index.enter_papers(tx, now, listing_id=room.listing_id) == 2
    with at_work() as (tx, now):
        assert room_index.enter_papers(tx, now, listing_id=room.listing_id) == 0
        numbers = [
            [leaf.number for leaf in room_index.leaves_of(tx, rooms.seat_of(tx, who, now, room.id))]
            for who in (first, second)
        ]
        assert numbers[0] == numbers[1] == ["10.07.01"]
        both = room_index.leaves_of(tx, rooms.seat_of(tx, exchange.checker, now, room.id))
        assert {leaf.bidder_id for leaf in both} == {first.organisation_id, second.organisation_id}


def test_the_nda_is_signed_for_the_text_that_was_seen(exchange: Exchange) -> None:
    room = a_room(exchange, [])
    bidder = a_bidder(exchange)
    with at_work() as (tx, now), pytest.raises(NdaTextChanged):
        nda.sign_nda(tx, bidder, now, room_id=room.id, text_hash="0" * 64)
    with at_work() as (tx, now):
        text = rooms.seat_of(tx, room.deal.seller, now, room.id).deal.nda
        with pytest.raises(NotABidder):
            nda.sign_nda(tx, room.deal.seller, now, room_id=room.id, text_hash=text.text_hash)
    sign(room, bidder)
    sign(room, bidder)  # again: the same signature
    room.deal.bidder = bidder
    paper = room.deal.item("G06")
    assert paper.state is ItemState.ACCEPTED
    assert paper.structured["text_hash"] == text.text_hash
    with at_work() as (tx, now):
        facts = documents.version_facts(tx, str(paper.document_id))
        said = PdfReader(BytesIO(documents.content_of(tx, facts.sha256))).pages[0].extract_text()
    assert facts.owner_organisation_id == bidder.organisation_id
    assert text.text_hash[:16] in said.replace("\n", "")


def test_a_signature_ends_with_its_time(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    bidder = an_investor(exchange)
    with at_work() as (tx, now):
        seat = rooms.seat_of(tx, bidder, now, room.id)
        with pytest.raises(NotABidder):  # no class: not qualified
            nda.sign_nda(tx, bidder, now, room_id=room.id, text_hash=seat.deal.nda.text_hash)
    inside = a_bidder_inside(room)
    move_on(731)
    with at_work() as (tx, now):
        assert not rooms.seat_of(tx, inside, now, room.id).viewer.has_nda


def test_the_gate_to_the_room_is_passed_when_its_last_paper_is_accepted(exchange: Exchange) -> None:
    room = a_room(exchange, [])
    bidder = a_bidder(exchange)
    sign(room, bidder)
    room.deal.bidder = bidder
    assert seen_codes(room, bidder) == set()
    settle_accounts(room.deal)
    settle_up_to(room.deal, Gate.DATAROOM)
    assert not room.deal.gate(Gate.DATAROOM).is_passed
    with at_work() as (tx, now):
        jobs.gate_may_open(tx, now, Event("item.accepted", "itm", (), {}, listing_id=room.listing_id))
    assert room.deal.gate(Gate.DATAROOM).is_passed
    with at_work() as (tx, now):
        assert rooms.seat_of(tx, bidder, now, room.id).stage is RoomStage.OPEN


def test_a_revoked_grant_ends_with_the_next_page(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA, SHORTLIST])
    bidder = a_bidder_inside(room)
    with pytest.raises(RoomDocumentNotFound):
        page(room, bidder, SHORTLIST)
    grant_id = granted(room, bidder, GrantEffect.ALLOW, document_id=room.documents[SHORTLIST])
    assert page(room, bidder, SHORTLIST).content.startswith(b"\x89PNG")
    with at_work() as (tx, now):
        grants.revoke(tx, room.deal.seller, now, grant_id=grant_id)
    with pytest.raises(RoomDocumentNotFound):  # the tab is still open
        page(room, bidder, SHORTLIST, page=2)


def test_a_denial_wins_over_everything_and_ends_on_time(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA, SHORTLIST])
    bidder = a_bidder_inside(room, is_shortlisted=True)
    granted(room, bidder, GrantEffect.ALLOW)
    with at_work() as (tx, now):
        ends_at = now + timedelta(days=2)
    granted(room, bidder, GrantEffect.DENY, item_code=NDA, ends_at=ends_at)
    assert seen_codes(room, bidder) == {SHORTLIST}
    move_on(3)
    assert seen_codes(room, bidder) == {NDA, SHORTLIST}
    granted(room, bidder, GrantEffect.DENY)
    with at_work() as (tx, now), pytest.raises(RoomNotFound):  # not even the room
        rooms.seat_of(tx, bidder, now, room.id)


def test_a_grant_lifts_nobody_over_the_nda_and_shows_nothing_of_the_exchange(exchange: Exchange) -> None:
    room = a_room(exchange)
    bidder = a_bidder(exchange)
    granted(room, bidder, GrantEffect.ALLOW)
    assert seen_codes(room, bidder) == {PUBLIC, QUALIFIED}
    inside = a_bidder_inside(room)
    granted(room, inside, GrantEffect.ALLOW)
    assert seen_codes(room, inside) == {PUBLIC, QUALIFIED, NDA, SHORTLIST}
    with pytest.raises(GrantSubjectInvalid):
        granted(room, room.deal.gp, GrantEffect.DENY)
    wanted = Grant(bidder.organisation_id, GrantEffect.ALLOW, "mine")
    with at_work() as (tx, now), pytest.raises(NotRoomSide):
        grants.grant(tx, bidder, now, room_id=room.id, wanted=wanted)


def test_an_adviser_sees_what_it_was_granted(exchange: Exchange) -> None:
    room = a_room(exchange)
    adviser = a_user(exchange, an_organisation(exchange, OrganisationKind.ADVISER), Role.ADVISER)
    assert seen_codes(room, adviser) == {PUBLIC}
    granted(room, adviser, GrantEffect.ALLOW, item_code=NDA)
    assert seen_codes(room, adviser) == {PUBLIC, NDA}


def test_a_new_version_waits_for_its_review_and_the_old_one_stays_for_who_saw_it(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    saw, late = a_bidder_inside(room), a_bidder_inside(room)
    with at_work() as (tx, _):
        first = documents.version_facts(tx, room.documents[NDA], 1).sha256
    page(room, saw, NDA)
    a_filed_paper(room, NDA, document_id=room.documents[NDA], is_accepted=False)
    with pytest.raises(RoomDocumentNotFound):
        page(room, saw, NDA, number=2)
    assert page(room, room.deal.seller, NDA, number=2).content
    decide(room, NDA, ItemEvent.ACCEPT)
    assert page(room, late, NDA, number=2).content
    assert page(room, saw, NDA, number=1).content
    with pytest.raises(RoomDocumentNotFound):
        page(room, late, NDA, number=1)
    with at_work() as (tx, _):
        assert documents.version_facts(tx, room.documents[NDA], 1).sha256 == first


def test_a_returned_paper_is_gone_for_who_did_not_see_it(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    saw, late = a_bidder_inside(room), a_bidder_inside(room)
    page(room, saw, NDA)
    decide(room, NDA, ItemEvent.RETURN)
    assert seen_codes(room, late) == set()
    assert page(room, saw, NDA).content
    with pytest.raises(RoomDocumentNotFound):
        page(room, late, NDA)


def test_viewers_get_the_redacted_rendition_and_its_owner_the_original(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    bidder = a_bidder_inside(room)
    document_id = room.documents[NDA]
    with at_work() as (tx, now):
        regions = [Region(1, 0, 0, 1000, 300)]
        documents.redact(tx, room.deal.gp, now, document_id=document_id, number=1, regions=regions, reason="names")

    def text_for(who: Actor) -> str:
        with at_work() as (tx, now):
            taken = pages.file_of(tx, who, now, document_id=document_id, number=1)
        return PdfReader(BytesIO(taken.content)).pages[0].extract_text()

    assert "C01 req_" in text_for(room.deal.gp)
    assert "C01 req_" not in text_for(bidder)
    assert "C01 req_" not in text_for(room.deal.seller)


def test_files_carry_the_mark_of_their_reader_on_every_page(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    bidder = a_bidder_inside(room)
    with at_work() as (tx, now):
        taken = pages.file_of(tx, bidder, now, document_id=room.documents[NDA], number=1)
    texts = [sheet.extract_text() for sheet in PdfReader(BytesIO(taken.content)).pages]
    code = pages.deal_code(room.listing_id)
    for number, text in enumerate(texts, 1):
        assert "Person" in text
        assert code in "".join(text.split())
        assert f"{number}/2" in text


def test_views_are_logged_by_page_with_seconds_and_shown_by_right(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    bidder, other = a_bidder_inside(room), a_bidder_inside(room)
    view_id = str(page(room, bidder, NDA, page=2).view_id)
    with at_work() as (tx, now):
        assert pages.note_dwell(tx, bidder, now, view_id=view_id, seconds=12).seconds == 12
        assert pages.note_dwell(tx, bidder, now, view_id=view_id, seconds=99).seconds == 12
        with pytest.raises(NotFound):
            pages.note_dwell(tx, other, now, view_id=view_id, seconds=1)
    page(room, exchange.checker, NDA)
    with at_work() as (tx, now):

        def seen_by(who: Actor) -> list[tuple[str, str | None]]:
            return [(line.row.organisation_id, line.user_id) for line in room_log.views_of(tx, who, now, room.id)]

        assert len(seen_by(exchange.maker)) == 2
        assert (bidder.organisation_id, bidder.user_id) in seen_by(exchange.maker)
        assert seen_by(room.deal.seller) == [(bidder.organisation_id, None)]  # not that the exchange looked
        assert seen_by(other) == []
        line = room_log.views_of(tx, bidder, now, room.id)[0]
        assert (line.row.page, line.seconds, line.row.kind) == (2, 12, ViewKind.PAGE)


def test_losers_leave_at_the_award_and_everybody_at_the_end(exchange: Exchange) -> None:
    room = a_room(exchange, [PUBLIC, NDA])
    winner, loser = a_bidder_inside(room), a_bidder_inside(room)
    confirmed = Event(
        "proposal.confirmed",
        "prp",
        (),
        {"buyer_organisation_id": winner.organisation_id},
        listing_id=room.listing_id,
    )
    with at_work() as (tx, now):
        jobs.bidding_ended(tx, now, Event("listing.completed", room.listing_id))
        jobs.proposal_confirmed(tx, now, confirmed)  # the two may be heard of in any order
    assert seen_codes(room, winner) == {PUBLIC, NDA}
    for outsider in (loser, a_bidder(exchange)):
        with at_work() as (tx, now), pytest.raises(RoomNotFound):
            rooms.seat_of(tx, outsider, now, room.id)
    with pytest.raises(RoomDocumentNotFound):
        page(room, loser, NDA)
    with at_work() as (tx, now):
        rooms.reopen(tx, exchange.maker, now, room_id=room.id, reason="the buyer fell away")
    assert seen_codes(room, loser) == {PUBLIC, NDA}


def test_a_room_without_a_buyer_closes_for_all_but_the_exchange_and_the_owners(exchange: Exchange) -> None:
    room = a_room(exchange, [PUBLIC, NDA, QUALIFIED])
    bidder = a_bidder_inside(room)
    with at_work() as (tx, now):
        jobs.bidding_ended(tx, now, Event("listing.withdrawn", room.listing_id))
    with at_work() as (tx, now), pytest.raises(RoomNotFound):
        rooms.seat_of(tx, bidder, now, room.id)
    assert seen_codes(room, room.deal.gp) == {PUBLIC, NDA}
    assert seen_codes(room, room.deal.seller) == {QUALIFIED}
    assert seen_codes(room, exchange.checker) == {PUBLIC, NDA, QUALIFIED}


def test_what_came_since_the_last_visit_is_marked(exchange: Exchange) -> None:
    room = a_room(exchange, [NDA])
    bidder = a_bidder_inside(room)

    def new_codes() -> set[str]:
        with at_work() as (tx, now):
            folders = room_index.tree_of(tx, bidder, now, room.id).folders
        branches = [branch for folder in folders for branch in folder.branches]
        return {branch.code for branch in branches if any(leaf.is_new for leaf in branch.leaves)}

    with at_work() as (tx, now):
        room_index.come_in(tx, bidder, now, room.id)
    assert new_codes() == set()
    move_on(1)
    room.documents["C06"] = a_filed_paper(room, "C06")
    with at_work() as (tx, now):
        room_index.come_in(tx, bidder, now, room.id)
    assert new_codes() == {"C06", "G06"}
