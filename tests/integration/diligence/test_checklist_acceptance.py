"""The eight acceptance tests of the diligence service."""

import io
import itertools
from datetime import date

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from exchange.access.actor import SYSTEM
from exchange.core.clock import market_date
from exchange.diligence.errors import GateBlocked, NotItemReviewer, WaiverForbidden
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemState, PartyRole
from exchange.diligence.service import checklists, gates, items, reading, workbook
from exchange.diligence.service.items import Paper
from exchange.diligence.store import checklists as store
from exchange.infra.database import transaction
from tests.builders import Exchange, at_work
from tests.integration.diligence.deal_world import (
    Deal,
    a_deal,
    a_document,
    events_of,
    hand_in,
    move_on,
    settle,
    settle_accounts,
    settle_up_to,
    work_through,
)


def test_1_a_changed_fact_derives_the_list_anew_and_deletes_nothing(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle(deal, ["C07"])
    before = deal.states()
    assert "F02" not in before
    with at_work() as (tx, now):
        checklists.restate_facts(tx, now, listing_id=deal.listing_id, register_facts={"seller_state_owned": True})
    assert deal.states() == before | {"F02": ItemState.NOT_REQUESTED}
    assert deal.item("F02").is_required

    with at_work() as (tx, now):
        checklists.restate_facts(tx, now, listing_id=deal.listing_id, register_facts={"seller_state_owned": False})
    assert deal.states()["F02"] is ItemState.NOT_APPLICABLE
    assert deal.states()["C07"] is ItemState.ACCEPTED
    with at_work() as (tx, now):
        checklists.restate_facts(tx, now, listing_id=deal.listing_id, register_facts={"seller_state_owned": True})
    assert deal.states()["F02"] is ItemState.REQUESTED


def test_1_another_type_keeps_what_was_accepted(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle(deal, ["B01", "B03"])
    with at_work() as (tx, now):
        checklists.declare_facts(
            tx, deal.gp, now, listing_id=deal.listing_id, facts={}, transaction_type="gp_led_continuation"
        )
    states = deal.states()
    assert (states["B01"], states["B03"]) == (ItemState.ACCEPTED, ItemState.ACCEPTED)
    assert not deal.item("B03").is_required
    assert states["A03"] is ItemState.NOT_APPLICABLE
    assert states["K01"] is ItemState.NOT_REQUESTED
    assert deal.item("K01").is_required


def test_2_a_shut_gate_says_why(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle_accounts(deal)
    with pytest.raises(GateBlocked) as refused, at_work() as (tx, now):
        gates.require_gate(tx, now, listing_id=deal.listing_id, gate=Gate.LIST_SUBMIT)
    members = refused.value.members
    assert members["gate"] == "list_submit"
    listed = members["items"]
    assert isinstance(listed, list)
    (item,) = listed
    assert item["code"] == "A05"
    assert item["state"] == "not_requested"
    assert item["name_zh"].startswith("转让申请书")
    assert item["waits_for"] == [
        {"role": "seller", "organisation_id": deal.seller.organisation_id},
        {"role": "gp", "organisation_id": deal.gp.organisation_id},
    ]
    assert item["since"].endswith("Z")
    assert refused.value.parameters["n"] == "1"


def test_3_an_expired_paper_shuts_later_gates_and_passed_ones_stay_passed(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle_up_to(deal, Gate.LIST_PUBLISH)
    deal.pass_gate(Gate.LIST_SUBMIT)
    deal.pass_gate(Gate.LIST_PUBLISH)
    settle_up_to(deal, Gate.AWARD)
    assert deal.gate(Gate.AWARD).is_open
    until = deal.item("B01").valid_until
    assert until is not None

    move_on((until - today()).days + 1)
    work_through()
    assert deal.states()["B01"] is ItemState.EXPIRED
    assert deal.gate(Gate.LIST_PUBLISH).is_passed
    assert "B01" not in {item.code for item in deal.gate(Gate.AWARD).missing}
    assert "B01" in {item.code for item in deal.gate(Gate.SIGN).missing}


def test_3_a_late_worker_changes_nothing_about_what_counts(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle_up_to(deal, Gate.BID)
    last = deal.clear_until()
    assert last is not None
    move_on((last - today()).days)
    assert deal.gate(Gate.BID).is_open
    move_on(1)
    shut = deal.gate(Gate.BID)
    assert {item.state for item in shut.missing} == {ItemState.EXPIRED}
    assert ItemState.EXPIRED not in deal.states().values()  # the rows follow when the worker comes


def test_4_what_cannot_be_waived_is_waived_through_no_path(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    b01 = deal.item("B01")
    for actor in (exchange.maker, deal.seller, deal.gp, SYSTEM):
        with pytest.raises(WaiverForbidden), at_work() as (tx, now):
            items.waive(tx, actor, now, item_id=b01.id, reason="because")
    target = a_deal(exchange)
    with at_work() as (tx, now):
        items.waive(tx, exchange.maker, now, item_id=deal.item("B04").id, reason="no side letter")
        content = workbook.export_workbook(tx, exchange.maker, now, listing_id=deal.listing_id)
    forged = changed_cell(content, code="B01", column="state", value="waived")
    with pytest.raises(WaiverForbidden), at_work() as (tx, now):
        workbook.import_workbook(tx, exchange.maker, now, listing_id=target.listing_id, content=forged)
    assert target.states()["B01"] is ItemState.NOT_REQUESTED


def test_4_a_waiver_shows_to_the_buyer_with_reason_and_role(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    with at_work() as (tx, now):
        items.waive(tx, exchange.maker, now, item_id=deal.item("B04").id, reason="no side letter")
        view = reading.checklist_of(tx, deal.bidder, now, deal.listing_id)
    seen = {item.spec.code: item for item in view.items}
    assert "C12" not in seen  # short list only, like B04
    row = seen["B04"].row
    assert row is not None
    assert (row.state, row.reason, row.reviewer_role) == (ItemState.WAIVED, "no side letter", PartyRole.EXCHANGE)


def test_5_nobody_accepts_what_its_own_organisation_handed_in(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    hand_in(deal, ["X05", "C07", "F03"])
    for code, actor, refusal in (
        ("X05", exchange.maker, NotItemReviewer),
        ("C07", deal.gp, NotItemReviewer),
        ("F03", deal.seller, NotItemReviewer),
        ("C07", SYSTEM, NotItemReviewer),
    ):
        with pytest.raises(refusal), at_work() as (tx, now):
            items.accept(tx, actor, now, item_id=deal.item(code).id)


def test_5_a_house_that_handed_a_paper_in_is_told_that_another_reviews(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    with at_work() as (tx, now):
        checklists.declare_facts(tx, deal.bidder, now, listing_id=deal.listing_id, facts={"deferred_payment": True})
    hand_in(deal, ["I05", "X02"])
    with pytest.raises(NotItemReviewer), at_work() as (tx, now):
        items.accept(tx, deal.bidder, now, item_id=deal.item("I05").id)
    with at_work() as (tx, now):
        items.accept(tx, deal.seller, now, item_id=deal.item("I05").id)
        items.accept(tx, deal.bidder, now, item_id=deal.item("X02").id)


def test_5_the_system_accepts_at_once_only_what_it_alone_reviews(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    hand_in(deal, ["G06", "C02", "C08"])
    assert deal.item("G06").state is ItemState.ACCEPTED
    assert deal.item("G06").reviewer_role is PartyRole.SYSTEM
    assert deal.item("C02").state is ItemState.SUBMITTED
    assert deal.item("C08").state is ItemState.SUBMITTED


def test_6_a_new_version_is_reviewed_again_and_the_old_one_stays(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle_up_to(deal, Gate.BID)
    item = deal.item("C12")
    with at_work() as (tx, now):
        document = a_document(tx, now, deal.gp, deal.listing_id, versions=2)
        day = market_date(now)
        items.submit_papers(
            tx,
            deal.gp,
            now,
            listing_id=deal.listing_id,
            organisation_id=None,
            papers=[Paper("C12", document, 2, day, day)],
        )
    again = deal.item("C12")
    assert again.state is ItemState.IN_REVIEW
    assert not deal.gate(Gate.BID).is_open
    assert deal.clear_until() is None
    with transaction() as tx:
        handed_in = store.submissions(tx, [item.id])
    assert [row.sha256 for row in handed_in] == [item.sha256, again.sha256]
    assert "item.replaced" in events_of(item.id)


def test_7_every_change_is_kept_with_who_in_which_role_and_over_which_bytes(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    hand_in(deal, ["C07"])
    row = deal.item("C07")
    with at_work() as (tx, now):
        items.take_up(tx, exchange.maker, now, item_id=row.id)
        items.return_(tx, exchange.maker, now, item_id=row.id, reason="page 3 is missing")
    settle(deal, ["C07"])
    with transaction() as tx:
        kept = store.decisions(tx, [row.id])
    steps = [ItemState.NOT_REQUESTED, ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.RETURNED]
    steps += [ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.ACCEPTED]
    assert [(d.state_before, d.state_after) for d in kept] == list(itertools.pairwise(steps))
    assert [d.role for d in kept[:3]] == [PartyRole.GP, PartyRole.EXCHANGE, PartyRole.EXCHANGE]
    assert kept[2].reason == "page 3 is missing"
    assert kept[2].user_id == exchange.maker.user_id
    assert all(d.sha256 for d in kept)
    assert len({d.sha256 for d in kept}) == 2
    names = ["submitted", "taken_up", "returned", "submitted", "taken_up", "accepted"]
    assert events_of(row.id) == [f"item.{name}" for name in names]


def test_7_a_role_that_stands_in_for_another_is_kept_so(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    settle(deal, ["D04"])
    with transaction() as tx:
        last = store.decisions(tx, [deal.item("D04").id])[-1]
    assert (last.role, last.in_place_of) == (PartyRole.EXCHANGE, PartyRole.APPRAISAL)


def test_8_a_checklist_goes_out_and_into_an_empty_instance_with_the_same_state(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    with at_work() as (tx, now):
        checklists.declare_facts(tx, deal.gp, now, listing_id=deal.listing_id, facts={"fund_has_debt": True})
    settle(deal, ["A05", "C01", "C07", "G06", "G08", "X01", "I02"])
    hand_in(deal, ["C05", "C06"])
    with at_work() as (tx, now):
        items.take_up(tx, exchange.maker, now, item_id=deal.item("C05").id)
        items.request_items(tx, exchange.maker, now, item_ids=[deal.item("C09").id], due_on=market_date(now))
        items.waive(tx, exchange.maker, now, item_id=deal.item("B04").id, reason="=HYPERLINK(1)")
        items.return_(tx, exchange.maker, now, item_id=deal.item("C06").id, reason="-2 pages")
    target = a_deal(exchange)
    with at_work() as (tx, now):
        content = workbook.export_workbook(
            tx, exchange.maker, now, listing_id=deal.listing_id, organisation_id=deal.bidder.organisation_id
        )
        moved = workbook.import_workbook(
            tx,
            exchange.maker,
            now,
            listing_id=target.listing_id,
            content=content,
            organisation_id=target.bidder.organisation_id,
        )
    assert moved == 11
    assert effective(target, exchange) == effective(deal, exchange)
    assert target.item("B04").reason == "=HYPERLINK(1)"
    with at_work() as (tx, now):
        again = workbook.export_workbook(
            tx, exchange.maker, now, listing_id=target.listing_id, organisation_id=target.bidder.organisation_id
        )
    assert cells_of(again) == cells_of(content)


def effective(deal: Deal, exchange: Exchange) -> dict[str, tuple[ItemState, bool, date | None, str]]:
    with at_work() as (tx, now):
        view = reading.checklist_of(tx, exchange.maker, now, deal.listing_id, deal.bidder.organisation_id)
    return {
        item.spec.code: (
            item.state,
            item.is_required,
            item.row.valid_until if item.row else None,
            item.row.reason if item.row and item.state in {ItemState.WAIVED, ItemState.RETURNED} else "",
        )
        for item in view.items
    }


def today() -> date:
    with at_work() as (_, now):
        return market_date(now)


def cells_of(content: bytes) -> list[tuple[str, ...]]:
    """What an export says of each item, without moments, bytes and notes of the way."""
    wanted = ("code", "scope", "gate", "required", "state", "due_on", "issued_on", "as_of", "valid_until")
    return [tuple(line[name] for name in wanted) for line in lines_of(content)]


def lines_of(content: bytes) -> list[dict[str, str]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("items").to_python()
    return [dict(zip(map(str, rows[0]), map(str, row), strict=True)) for row in rows[1:]]


def changed_cell(content: bytes, *, code: str, column: str, value: str) -> bytes:
    book = load_workbook(io.BytesIO(content))
    sheet = book["items"]
    names = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == code)
    row[names.index(column)].value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
