"""Whose items, facts and findings exist for whom."""

from datetime import timedelta

import pytest

from exchange.access.actor import Actor
from exchange.diligence.errors import (
    ChecklistNotFound,
    FactOfTheRegisters,
    FactUnknown,
    FindingBySubject,
    FindingNotFound,
    GateBlocked,
    GateNeedsBidder,
    ItemNotFound,
    TypeFixed,
)
from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemEvent, ItemState, TaskKind
from exchange.diligence.service import checklists, findings, gates, items, reading
from exchange.diligence.service.findings import Observation
from exchange.diligence.service.tasks import tasks_of
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.deal_world import (
    Deal,
    a_deal,
    events_of,
    hand_in,
    move_on,
    settle,
    settle_up_to,
    work_through,
)


def codes(deal: Deal, actor: Actor, organisation_id: str | None = None) -> set[str]:
    with at_work() as (tx, now):
        view = reading.checklist_of(tx, actor, now, deal.listing_id, organisation_id)
    return {item.spec.code for item in view.items}


def test_each_side_sees_its_own_and_strangers_nothing(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    rival, stranger = an_investor(exchange), an_investor(exchange)
    with at_work() as (tx, now):
        checklists.open_bidder(tx, now, deal.listing_id, rival.organisation_id)
    bidder = deal.bidder.organisation_id
    all_of_listing = codes(deal, exchange.maker)
    assert {"A03", "A05", "C07", "B04"} <= all_of_listing
    assert "G06" not in all_of_listing
    assert codes(deal, deal.seller) == codes(deal, deal.gp) == all_of_listing
    assert codes(deal, exchange.maker, bidder) >= all_of_listing | {"G06", "G08", "I02"}
    sides = codes(deal, deal.seller, bidder)
    assert "I02" in sides
    assert "G08" not in sides  # the exchange alone
    own = codes(deal, deal.bidder)
    assert {"A05", "C02", "G06", "G08", "I02"} <= own
    assert own.isdisjoint({"A03", "C07", "B04"})  # not before the agreement is signed, or never
    for actor, organisation_id in ((stranger, None), (rival, bidder), (deal.bidder, rival.organisation_id)):
        with pytest.raises(ChecklistNotFound), at_work() as (tx, now):
            reading.checklist_of(tx, actor, now, deal.listing_id, organisation_id)
    hidden = (deal.item("A03"), deal.item("G08"))
    for item in hidden:
        with pytest.raises(ItemNotFound), at_work() as (tx, now):
            reading.item_of(tx, rival, now, item.id)
    settle(deal, ["C02"])
    with at_work() as (tx, now):
        seen = reading.item_of(tx, deal.bidder, now, deal.item("C02").id)
        assert (seen.item.state, seen.item.shows_paper, list(seen.submissions)) == (ItemState.ACCEPTED, False, [])
        assert len(reading.item_of(tx, deal.gp, now, deal.item("C02").id).submissions) == 1
        account = reading.account_checklist(tx, deal.seller, now)
        assert {item.spec.code for item in account.items} == {"P01", "P02", "P03", "P04", "P05"}
        managers = reading.account_checklist(tx, deal.gp, now)
        assert {item.spec.code for item in managers.items} == {"P01", "P02", "P03", "P06"}
    with pytest.raises(ChecklistNotFound), at_work() as (tx, now):
        reading.account_checklist(tx, deal.seller, now, deal.gp.organisation_id)


def test_facts_are_declared_by_their_side_and_never_for_the_registers(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    stranger = an_investor(exchange)

    def declare(by: Actor, facts: dict[str, bool], **more: str) -> None:
        with at_work() as (tx, now):
            checklists.declare_facts(tx, by, now, listing_id=deal.listing_id, facts=facts, **more)

    with pytest.raises(FactOfTheRegisters):
        declare(deal.gp, {"large_deal": True})
    with pytest.raises(FactUnknown):
        declare(deal.gp, {"weather": True})
    with pytest.raises(FactUnknown):
        declare(deal.gp, {"buyer_foreign": True})
    with pytest.raises(ChecklistNotFound):
        declare(stranger, {"buyer_foreign": True})
    with pytest.raises(ChecklistNotFound):
        declare(deal.seller, {"buyer_foreign": True}, organisation_id=deal.bidder.organisation_id)
    declare(deal.bidder, {"buyer_foreign": True})
    assert "G05" in deal.states(deal.bidder.organisation_id)
    declare(deal.gp, {"fund_has_debt": True})
    assert {"C10"} <= deal.states().keys()
    assert "H04" in deal.states(deal.bidder.organisation_id)
    assert events_of(deal.listing_id).count("checklist.facts_changed") == 2
    declare(deal.gp, {"fund_has_debt": True})
    assert events_of(deal.listing_id).count("checklist.facts_changed") == 2
    settle_up_to(deal, Gate.LIST_SUBMIT)
    deal.pass_gate(Gate.LIST_SUBMIT)
    with pytest.raises(TypeFixed):
        declare(deal.gp, {}, transaction_type="company_equity")


def test_a_published_listing_is_open_to_bidders_and_gates_are_asked_for_one_of_them(exchange: Exchange) -> None:
    deal = a_deal(exchange, with_bidder=False)
    with pytest.raises(ChecklistNotFound), at_work() as (tx, now):
        checklists.open_own(tx, deal.bidder, now, listing_id=deal.listing_id)
    settle_up_to(deal, Gate.LIST_PUBLISH)
    with at_work() as (tx, now):
        gates.pass_gate(tx, exchange.maker, now, listing_id=deal.listing_id, gate=Gate.LIST_SUBMIT)
        first = gates.pass_gate(tx, exchange.maker, now, listing_id=deal.listing_id, gate=Gate.LIST_PUBLISH)
        again = gates.pass_gate(tx, exchange.checker, now, listing_id=deal.listing_id, gate=Gate.LIST_PUBLISH)
    assert first.id == again.id
    assert codes(deal, deal.bidder) >= {"G06", "C02", "A05"}
    with at_work() as (tx, now):
        assert checklists.open_own(tx, deal.bidder, now, listing_id=deal.listing_id).clear_until is None
    with pytest.raises(ChecklistNotFound), at_work() as (tx, now):
        checklists.open_own(tx, deal.seller, now, listing_id=deal.listing_id)
    with pytest.raises(GateNeedsBidder), at_work() as (tx, now):
        gates.require_gate(tx, now, listing_id=deal.listing_id, gate=Gate.BID)


def test_a_blocking_finding_shuts_the_bid_until_another_than_its_subject_resolves_it(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle_up_to(deal, Gate.BID)
    assert deal.clear_until() is not None
    seen = Observation(deal.listing_id, "observation", Severity.BLOCK, "The register names another owner.")
    with at_work() as (tx, now):
        found = findings.open_finding(tx, exchange.maker, now, seen)
    assert deal.clear_until() is None
    assert [finding.id for finding in deal.gate(Gate.BID).findings] == [found.id]
    with pytest.raises(FindingNotFound), at_work() as (tx, now):
        findings.resolve_finding(tx, deal.bidder, now, finding_id=found.id, resolution="no")
    with pytest.raises(FindingBySubject), at_work() as (tx, now):
        findings.resolve_finding(tx, deal.gp, now, finding_id=found.id, resolution="it is us")
    with at_work() as (tx, now):
        findings.resolve_finding(tx, exchange.checker, now, finding_id=found.id, resolution="a new extract is in")
        listed = findings.findings_of(tx, deal.gp, now, listing_id=deal.listing_id)
        assert [row.state for row in listed] == [FindingState.RESOLVED]
    assert deal.clear_until() is not None
    own = Observation(deal.listing_id, "observation", Severity.BLOCK, "I want to see more.")
    with at_work() as (tx, now):
        row = findings.open_finding(tx, deal.bidder, now, own)
    assert row.organisation_id == deal.bidder.organisation_id
    assert deal.gate(Gate.LIST_PUBLISH, None).findings != ()
    with at_work() as (tx, now):
        assert gates.require_gate(tx, now, listing_id=deal.listing_id, gate=Gate.LIST_PUBLISH).is_open


def test_figures_that_do_not_agree_open_a_finding_and_close_it_when_they_do(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    figures = {"commitment": "100.00", "paid_in": "60.00", "unfunded": "50.00"}
    hand_in(deal, ["C07"], structured=figures)
    with at_work() as (tx, now):
        items.accept(tx, exchange.maker, now, item_id=deal.item("C07").id)
        (found,) = findings.findings_of(tx, exchange.maker, now, listing_id=deal.listing_id)
    assert (found.code, found.severity, found.item_id) == (
        "unfunded_mismatch",
        Severity.BLOCK,
        deal.item("C07").id,
    )
    assert found.detail == {"implied": "40.00", "stated": "50.00"}
    hand_in(deal, ["C07"], structured=figures | {"unfunded": "40.00"})
    with at_work() as (tx, now):
        items.accept(tx, exchange.maker, now, item_id=deal.item("C07").id)
        (found,) = findings.findings_of(tx, exchange.maker, now, listing_id=deal.listing_id)
    assert found.state is FindingState.RESOLVED
    move_on(181)
    work_through()
    with at_work() as (tx, now):
        (stale,) = findings.findings_of(tx, exchange.maker, now, listing_id=deal.listing_id, state=FindingState.OPEN)
    assert (stale.code, stale.severity) == ("nav_stale", Severity.WARN)
    move_on(90)
    work_through()
    with at_work() as (tx, now):
        (stale,) = findings.findings_of(tx, exchange.maker, now, listing_id=deal.listing_id, state=FindingState.OPEN)
    assert (stale.code, stale.severity) == ("nav_stale", Severity.BLOCK)


def test_tasks_say_what_waits_for_whom_soonest_due_first(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    with at_work() as (tx, now):
        day = now.date()
        for code, days in (("C12", 9), ("C13", 5)):
            items.request_items(
                tx, exchange.maker, now, item_ids=[deal.item(code).id], due_on=day + timedelta(days=days)
            )
        tasks = tasks_of(tx, deal.gp, now)
    assert [task.item.spec.code for task in tasks[:2]] == ["C13", "C12"]
    assert {task.kind for task in tasks} == {TaskKind.PROVIDE}
    assert "A05" in {task.item.spec.code for task in tasks}
    assert "C07" not in {task.item.spec.code for task in tasks}  # the listing is not yet that far
    hand_in(deal, ["C07"])
    with at_work() as (tx, now):
        assert [task.item.spec.code for task in tasks_of(tx, exchange.maker, now)] == ["C07"]
        assert tasks_of(tx, exchange.maker, now)[0].kind is TaskKind.REVIEW
        assert ItemEvent.ACCEPT in tasks_of(tx, exchange.maker, now)[0].item.actions
    stranger = an_investor(exchange)
    with at_work() as (tx, now):
        assert tasks_of(tx, stranger, now) == []
    move_on(7)
    work_through()
    assert "item.overdue" in events_of(deal.item("C13").id)
    assert "item.overdue" not in events_of(deal.item("C12").id)


def test_a_bidder_is_told_of_its_own_papers_and_how_many_others_stand_open(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    bidder = deal.bidder.organisation_id
    with at_work() as (tx, now):
        told = gates.gate_states(tx, now, listing_id=deal.listing_id, organisation_id=bidder, actor=deal.bidder)
        whole = gates.gate_states(tx, now, listing_id=deal.listing_id, organisation_id=bidder, actor=deal.seller)
    own = next(found for found in told if found.gate is Gate.BID)
    full = next(found for found in whole if found.gate is Gate.BID)
    assert {item.code for item in own.missing} == {"G06", "P01", "P02", "P03", "P04", "P05"}
    assert {item.organisation_id for item in own.missing} == {bidder}
    assert own.hidden == len(full.missing) - 6 > 10
    assert full.hidden == 0
    with pytest.raises(GateBlocked) as refused, at_work() as (tx, now):
        gates.require_gate(
            tx, now, listing_id=deal.listing_id, gate=Gate.BID, organisation_id=bidder, actor=deal.bidder
        )
    assert refused.value.members["hidden"] == own.hidden
    assert refused.value.parameters["n"] == str(len(full.missing))
