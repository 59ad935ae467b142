"""An adviser at work sees its part of the data room: no earlier, no more, and no longer than its client may."""

from datetime import timedelta
from typing import Any

import pytest

from exchange.access.actor import Actor
from exchange.core.clock import end_of_market_day
from exchange.diligence.advice_errors import EngagementInvalid, RoomScopeTooWide
from exchange.diligence.engagement import AdviserKind
from exchange.diligence.service import checklists, engagements, grants, rooms
from tests.builders import Exchange, at_work
from tests.integration.diligence.advice_world import (
    DAYS_TO_DELIVER,
    Advised,
    a_request,
    an_adviser,
    award,
    declare,
    engage,
    give_quote,
    let_quotes_end,
    move_to,
    start,
    today_and_now,
    work_through,
)
from tests.integration.diligence.deal_world import a_deal
from tests.integration.diligence.room_world import NDA, PUBLIC, SHORTLIST, Room, a_bidder_inside, a_room, seen_codes

OF_THE_SELLER: dict[str, Any] = {"kind": AdviserKind.LAW, "item_codes": ("H01",), "room_codes": (NDA, SHORTLIST)}
OF_A_BIDDER: dict[str, Any] = {"kind": AdviserKind.LAW, "item_codes": ("F04",), "room_codes": (NDA,)}


def a_lawyer(exchange: Exchange) -> Actor:
    return an_adviser(exchange, AdviserKind.LAW)


def a_client_inside(room: Room, *, is_shortlisted: bool = False) -> Actor:
    """A bidder that has signed, is through its gate and has a checklist."""
    bidder = a_bidder_inside(room, is_shortlisted=is_shortlisted)
    with at_work() as (tx, now):
        checklists.open_bidder(tx, now, room.listing_id, bidder.organisation_id)
    return bidder


def test_an_adviser_sees_what_the_request_names_from_the_start_until_the_end(exchange: Exchange) -> None:
    room, lawyer = a_room(exchange), a_lawyer(exchange)
    advised = Advised(exchange, room.deal)
    a_request(advised, [lawyer], **OF_THE_SELLER)
    engage(advised, lawyer, started=False)
    assert not seen_codes(room, lawyer) - {PUBLIC}
    start(advised)
    assert seen_codes(room, lawyer) - {PUBLIC} == {NDA, SHORTLIST}
    today, _ = today_and_now()
    move_to(end_of_market_day(today + timedelta(days=DAYS_TO_DELIVER)))
    assert not seen_codes(room, lawyer) - {PUBLIC}


def test_cancelling_ends_the_access_at_once(exchange: Exchange) -> None:
    room, lawyer = a_room(exchange), a_lawyer(exchange)
    advised = Advised(exchange, room.deal)
    a_request(advised, [lawyer], **OF_THE_SELLER)
    engage(advised, lawyer)
    with at_work() as (tx, now):
        engagements.cancel(tx, room.deal.seller, now, engagement_id=advised.engagement_id, reason="not needed")
    assert not seen_codes(room, lawyer) - {PUBLIC}


def test_a_bidders_adviser_sees_no_more_than_its_client_and_leaves_with_it(exchange: Exchange) -> None:
    room, lawyer = a_room(exchange), a_lawyer(exchange)
    advised, client = Advised(exchange, room.deal), a_client_inside(room)
    with pytest.raises(EngagementInvalid):
        a_request(advised, [lawyer], client=client, **{**OF_A_BIDDER, "room_codes": (NDA, SHORTLIST)})
    a_request(advised, [lawyer], client=client, **OF_A_BIDDER)
    engage(advised, lawyer, client=client)
    assert seen_codes(room, lawyer) - {PUBLIC} == {NDA}
    with at_work() as (tx, now):
        assert grants.grants_of(tx, room.deal.seller, now, room.id) == []
        assert [each.item_code for each in grants.grants_of(tx, exchange.maker, now, room.id)] == [NDA]
    other = a_client_inside(room)
    with at_work() as (tx, now):
        rooms.record_buyer(tx, now, listing_id=room.listing_id, organisation_id=other.organisation_id)
        rooms.end_bidding(tx, now, listing_id=room.listing_id)
    work_through()
    assert not seen_codes(room, lawyer) - {PUBLIC}


def test_a_bidder_that_has_left_the_shortlist_opens_nothing_of_it(exchange: Exchange) -> None:
    room, lawyer = a_room(exchange), a_lawyer(exchange)
    advised, client = Advised(exchange, room.deal), a_client_inside(room, is_shortlisted=True)
    a_request(advised, [lawyer], client=client, **{**OF_A_BIDDER, "room_codes": (SHORTLIST,)})
    assert declare(advised, lawyer)
    quote_id = give_quote(advised, lawyer)
    let_quotes_end()
    award(advised, quote_id, client=client)
    with at_work() as (tx, now):
        rooms.set_shortlist(tx, room.deal.seller, now, room_id=room.id, organisation_ids=[])
    with pytest.raises(RoomScopeTooWide):
        start(advised, client=client)


def test_who_began_before_the_room_was_opened_gets_in_when_it_opens(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    lawyer = a_lawyer(exchange)
    advised = Advised(exchange, deal)
    a_request(advised, [lawyer], **OF_THE_SELLER)
    engage(advised, lawyer)
    with at_work() as (tx, now):
        opened = rooms.open_room(tx, now, listing_id=deal.listing_id)
    assert opened is not None
    work_through()
    with at_work() as (tx, now):
        found = grants.grants_of(tx, deal.seller, now, opened.id)
    assert sorted(str(each.item_code) for each in found) == sorted([NDA, SHORTLIST])
    assert {each.organisation_id for each in found} == {lawyer.organisation_id}
