"""Ids, lifecycles, the market's dates, and the canonical text of an event."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import IllegalTransition
from exchange.core.events import Event, canonical_json, chained_content
from exchange.core.ids import PREFIXES, encode_ulid, is_id, new_id
from exchange.core.lifecycle import advance, allowed_events
from exchange.core.terms import BuyerClass
from exchange.listings.lifecycle import LISTING_LIFECYCLE, ListingEvent, ListingStatus


def test_every_kind_has_a_prefix_of_its_own() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


@pytest.mark.parametrize("kind", sorted(PREFIXES))
def test_a_new_id_is_of_its_kind_and_of_no_other(kind: str) -> None:
    made = new_id(kind)
    assert [other for other in PREFIXES if is_id(other, made)] == [kind]


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1), st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1))
def test_ids_sort_by_time(first: int, chance: int, second: int, other: int) -> None:
    assert ((first, chance) < (second, other)) == (encode_ulid(first, chance) < encode_ulid(second, other))


def test_ids_of_one_moment_differ_and_use_every_letter() -> None:
    made = [new_id("event") for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert set("".join(text[-16:] for text in made)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_a_forked_child_draws_ids_of_its_own() -> None:
    new_id("event")  # some are drawn ahead now, in this process
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, "".join(new_id("event")[-16:] for _ in range(100)).encode())
        os._exit(0)
    ours = {new_id("event")[-16:] for _ in range(100)}
    os.waitpid(child, 0)
    theirs = os.read(reading, 1_600).decode()
    os.close(reading)
    os.close(writing)
    assert len(theirs) == 1_600
    assert ours.isdisjoint(theirs[at : at + 16] for at in range(0, 1_600, 16))


@pytest.mark.parametrize(
    "text", ["", "ord_", "ord_" + "0" * 25, "ord_8" + "0" * 25, "ord_" + "0" * 25 + "I", "lst_" + "0" * 26]
)
def test_malformed_ids_are_refused(text: str) -> None:
    assert not is_id("order", text)


def test_an_event_out_of_order_names_what_is_allowed() -> None:
    with pytest.raises(IllegalTransition) as refused:
        advance(LISTING_LIFECYCLE, ListingStatus.RETURNED, ListingEvent.OPEN)
    assert refused.value.parameters == {"status": "returned", "event": "open", "allowed": "submit, withdraw, reject"}


@pytest.mark.parametrize("status", list(ListingStatus))
@pytest.mark.parametrize("event", list(ListingEvent))
def test_every_pair_of_status_and_event_is_listed_or_refused(status: ListingStatus, event: ListingEvent) -> None:
    if event.value in allowed_events(LISTING_LIFECYCLE, status):
        assert advance(LISTING_LIFECYCLE, status, event) is LISTING_LIFECYCLE[status, event]
    else:
        with pytest.raises(IllegalTransition):
            advance(LISTING_LIFECYCLE, status, event)


def test_the_markets_day_ends_at_midnight_in_shanghai() -> None:
    end = end_of_market_day(date(2026, 7, 15))
    assert end == datetime(2026, 7, 15, 16, tzinfo=UTC)
    assert market_date(end - timedelta(microseconds=1)) == date(2026, 7, 15)
    assert market_date(end) == date(2026, 7, 16)


def test_guidance_funds_rank_first() -> None:
    assert [kind.rank for kind in BuyerClass] == [0, 1, 2, 3]
    assert BuyerClass.GUIDANCE_FUND.rank == 0


def test_the_chained_text_of_an_event_depends_on_nothing_but_the_event() -> None:
    event = Event("order.accepted", "ord_1", ("org_1",), {"b": 1, "a": "份额"})
    at = datetime(2026, 7, 15, 2, tzinfo=UTC)
    text = chained_content(event_id="evt_1", event=event, at=at, actor_id=None)
    moved = at.astimezone(datetime.fromisoformat("2026-07-15T10:00:00+08:00").tzinfo)
    assert chained_content(event_id="evt_1", event=event, at=moved, actor_id=None) == text
    assert '"data":{"a":"份额","b":1}' in text


def test_canonical_json_refuses_what_is_not_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))
