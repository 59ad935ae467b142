"""When a gate stands open, when it is shut, and until when it stays open."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.diligence.duty import Sides
from exchange.diligence.gate import OF_A_BIDDER, OF_THE_LISTING, Gate
from exchange.diligence.item import FULFILLED, ItemState, PartyRole
from exchange.diligence.service.templates import template
from exchange.diligence.template import ItemSpec
from exchange.diligence.verdict import (
    NO_END,
    GateVerdict,
    OpenFinding,
    Standing,
    clear_until,
    does_expiry_matter,
    verdict,
)

TODAY = date(2026, 7, 15)
NOW = datetime(2026, 7, 15, 4, tzinfo=UTC)
SIDES = Sides("seller", "manager", "bidder")


def spec(code: str) -> ItemSpec:
    return template().effective("lp_transfer")[code]


def standing(
    code: str, state: ItemState = ItemState.ACCEPTED, *, ends_in: int | None = None, is_required: bool = True
) -> Standing:
    ends = None if ends_in is None else TODAY + timedelta(days=ends_in)
    return Standing(spec(code), spec(code).scope, SIDES, state, is_required, valid_until=ends, since=NOW)


def judged(gate: Gate, *items: Standing, passed: tuple[Gate, ...] = ()) -> GateVerdict:
    return verdict(gate, items, passed=frozenset(passed), findings=(), today=TODAY)


def test_a_gate_waits_for_its_own_papers_and_those_of_earlier_gates_and_for_no_later_ones() -> None:
    found = judged(
        Gate.DATAROOM,
        standing("A05", ItemState.REQUESTED),
        standing("C12", ItemState.SUBMITTED),
        standing("G08", ItemState.REQUESTED),
    )
    assert [item.code for item in found.missing] == ["A05", "C12"]
    assert not found.is_open
    assert found.open_until is None


@pytest.mark.parametrize("state", ItemState)
def test_only_accepted_and_waived_papers_open_a_gate(state: ItemState) -> None:
    assert judged(Gate.LIST_PUBLISH, standing("C01", state)).is_open == (state in FULFILLED)


def test_a_paper_that_is_not_required_shuts_nothing() -> None:
    assert judged(Gate.LIST_PUBLISH, standing("C11", ItemState.REQUESTED, is_required=False)).is_open


def test_what_is_missing_says_who_must_act_and_since_when() -> None:
    waiting, reviewing = judged(
        Gate.LIST_PUBLISH, standing("A03", ItemState.RETURNED), standing("C07", ItemState.IN_REVIEW)
    ).missing
    assert (waiting.code, waiting.state, waiting.since) == ("A03", ItemState.RETURNED, NOW)
    assert waiting.zh.startswith("转让方内部决策文件")
    assert [(duty.role, duty.organisation_id) for duty in waiting.waits_for] == [(PartyRole.SELLER, "seller")]
    assert PartyRole.EXCHANGE in {duty.role for duty in reviewing.waits_for}
    assert PartyRole.GP not in {duty.role for duty in reviewing.waits_for}


def test_a_paper_is_good_on_its_last_day_and_not_on_the_next() -> None:
    assert judged(Gate.LIST_PUBLISH, standing("C01", ends_in=0)).is_open
    found = judged(Gate.LIST_PUBLISH, standing("C01", ends_in=-1))
    assert [item.state for item in found.missing] == [ItemState.EXPIRED]


def test_after_its_own_gate_the_end_of_a_paper_counts_from_its_refresh_gate_on() -> None:
    old = standing("C07", ends_in=-1)
    behind = (Gate.LIST_SUBMIT, Gate.LIST_PUBLISH)
    assert judged(Gate.BID, old, passed=behind).is_open
    assert not judged(Gate.AWARD, old, passed=behind).is_open
    assert not judged(Gate.SIGN, old, passed=behind).is_open
    assert not judged(Gate.BID, old).is_open


def test_a_paper_without_a_refresh_gate_is_never_asked_for_again() -> None:
    old = standing("C06", ItemState.EXPIRED)
    assert judged(Gate.RELEASE, old, passed=(Gate.LIST_PUBLISH,)).is_open


def test_a_returned_paper_shuts_every_gate_that_was_not_passed() -> None:
    returned = standing("C06", ItemState.RETURNED)
    assert not judged(Gate.SIGN, returned, passed=(Gate.LIST_PUBLISH,)).is_open
    assert judged(Gate.LIST_PUBLISH, returned, passed=(Gate.LIST_PUBLISH,)).is_open


def test_a_blocking_finding_shuts_the_gates_from_its_items_on() -> None:
    finding = OpenFinding("fin", "pcap_vs_ledger", NOW, "C12", Gate.DATAROOM)
    for gate, is_open in ((Gate.LIST_PUBLISH, True), (Gate.DATAROOM, False), (Gate.RELEASE, False)):
        found = verdict(gate, (), passed=frozenset(), findings=(finding,), today=TODAY)
        assert found.is_open is is_open
    everywhere = OpenFinding("fin", "observation", NOW)
    assert not verdict(Gate.LIST_SUBMIT, (), passed=frozenset(), findings=(everywhere,), today=TODAY).is_open


def test_what_belongs_to_the_time_after_closing_shuts_nothing() -> None:
    assert judged(Gate.POST, standing("J01", ItemState.NOT_REQUESTED)).is_open
    assert judged(Gate.RELEASE, standing("J01", ItemState.NOT_REQUESTED)).is_open


def test_an_open_gate_closes_with_the_first_paper_that_counts() -> None:
    items = (standing("C07", ends_in=9), standing("C06", ends_in=3), standing("G06", ends_in=30), standing("A05"))
    assert judged(Gate.DATAROOM, *items).open_until == TODAY + timedelta(days=3)
    assert judged(Gate.DATAROOM, *items, passed=(Gate.LIST_PUBLISH,)).open_until == TODAY + timedelta(days=30)
    assert judged(Gate.AWARD, *items, passed=(Gate.LIST_PUBLISH,)).open_until == TODAY + timedelta(days=9)
    assert judged(Gate.LIST_SUBMIT, standing("A05")).open_until == NO_END


def test_an_earlier_bid_clears_no_later_one() -> None:
    old = standing("G06", ends_in=-1)
    passed = frozenset({Gate.LIST_PUBLISH, Gate.BID})
    assert clear_until([old], passed=passed, findings=(), today=TODAY) is None
    fresh = standing("G06", ends_in=5)
    assert clear_until([fresh], passed=passed, findings=(), today=TODAY) == TODAY + timedelta(days=5)


GATES = [*OF_THE_LISTING, *OF_A_BIDDER]
CODES = sorted(template().deal_items("lp_transfer"))


@st.composite
def deals(draw: st.DrawFn) -> tuple[list[Standing], frozenset[Gate]]:
    facts = {name: draw(st.booleans()) for name in template().facts}
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=12, unique=True))
    items = [
        standing(
            code,
            draw(st.sampled_from([*ItemState, ItemState.ACCEPTED, ItemState.ACCEPTED])),
            ends_in=draw(st.none() | st.integers(-40, 40)),
            is_required=spec(code).is_required(facts),
        )
        for code in codes
    ]
    return items, frozenset(GATES[: draw(st.integers(0, len(GATES) - 1))])


@given(deals(), st.sampled_from(GATES), st.integers(0, 60))
def test_no_gate_ever_stands_open_while_a_required_paper_is_missing(
    deal: tuple[list[Standing], frozenset[Gate]], gate: Gate, later: int
) -> None:
    items, passed = deal
    today = TODAY + timedelta(days=later)
    found = verdict(gate, items, passed=passed, findings=(), today=today)
    if gate in passed:
        assert found.is_open
        return
    for item in items:
        if item.is_required and item.spec.gate.is_up_to(gate):
            state = item.state_on(today)
            is_old_news = state is ItemState.EXPIRED and not does_expiry_matter(item.spec, gate, passed)
            assert state in FULFILLED or is_old_news or not found.is_open
    assert found.is_open == (found.open_until is not None)


@given(deals(), st.sampled_from(GATES))
def test_an_open_gate_stays_open_until_the_day_it_says_and_is_shut_on_the_next(
    deal: tuple[list[Standing], frozenset[Gate]], gate: Gate
) -> None:
    items, passed = deal
    found = verdict(gate, items, passed=passed, findings=(), today=TODAY)
    if gate in passed or found.open_until in {None, NO_END} or found.open_until is None:
        return
    assert found.open_until >= TODAY
    for day, is_open in ((found.open_until, True), (found.open_until + timedelta(days=1), False)):
        assert verdict(gate, items, passed=passed, findings=(), today=day).is_open is is_open


@given(deals(), st.sampled_from(GATES))
def test_passing_more_gates_never_shuts_one(deal: tuple[list[Standing], frozenset[Gate]], gate: Gate) -> None:
    items, passed = deal
    if verdict(gate, items, passed=passed, findings=(), today=TODAY).is_open:
        further = passed | {next(g for g in GATES if g not in passed)}
        assert verdict(gate, items, passed=further, findings=(), today=TODAY).is_open
