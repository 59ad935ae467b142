"""Handing papers in: whose they may be, what is refused, many at once, and never by two rules at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event

from exchange.access.actor import SYSTEM, Actor
from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError, Forbidden, IllegalTransition
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.errors import (
    ChecklistNotFound,
    DocumentNotClean,
    DocumentNotOwn,
    FileKindNotAccepted,
    ItemNotFound,
    NotItemProvider,
    PaperExpired,
    PapersInvalid,
    ReasonMissing,
)
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemEvent, ItemState, PartyRole
from exchange.diligence.service import items
from exchange.diligence.service.items import Decision, Paper
from exchange.diligence.service.templates import template
from exchange.infra.database import engine, run_in_transaction
from tests.builders import Exchange, an_investor, at_work
from tests.integration.diligence.deal_world import Deal, a_deal, a_document, hand_in, settle, settle_up_to


def submit(deal: Deal, by: Actor, *papers: Paper) -> None:
    with at_work() as (tx, now):
        items.submit_papers(tx, by, now, listing_id=deal.listing_id, organisation_id=None, papers=papers)


def refused(deal: Deal, by: Actor, *papers: Paper) -> ExchangeError:
    with pytest.raises(ExchangeError) as refusal:
        submit(deal, by, *papers)
    return refusal.value


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Every statement that the ORM sends meanwhile."""
    sent: list[str] = []

    def count(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", count)
    yield sent
    event.remove(engine(), "before_cursor_execute", count)


def test_a_paper_is_refused_with_what_is_wrong_with_it(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    stranger = an_investor(exchange)
    with at_work() as (tx, now):
        today = market_date(now)
        own = a_document(tx, now, deal.gp, deal.listing_id)
        sheet = a_document(tx, now, deal.gp, deal.listing_id, kind=FileKind.XLSX)
        pending = a_document(tx, now, deal.gp, deal.listing_id, scan=ScanState.PENDING)
        infected = a_document(tx, now, deal.gp, deal.listing_id, scan=ScanState.QUARANTINED)
        sellers = a_document(tx, now, deal.seller, deal.listing_id)
        elsewhere = a_document(tx, now, deal.gp, None)
    good = Paper("C01", own, 1, today, today)
    tomorrow, long_ago = today + timedelta(days=1), today - timedelta(days=500)
    expected: list[tuple[Paper, type[ExchangeError]]] = [
        (replace(good, code="Q99"), ItemNotFound),
        (replace(good, code="A03"), NotItemProvider),
        (replace(good, document_version=2), DocumentNotOwn),
        (replace(good, document_id=sellers), DocumentNotOwn),
        (replace(good, document_id=elsewhere), DocumentNotOwn),
        (replace(good, document_id=pending), DocumentNotClean),
        (replace(good, document_id=infected), DocumentNotClean),
        (replace(good, document_id=sheet), FileKindNotAccepted),
        (replace(good, issued_on=tomorrow), PapersInvalid),
        (replace(good, code="C07", as_of=None), PapersInvalid),
        (replace(good, code="C02", as_of=long_ago), PaperExpired),
        (replace(good, code="C05", as_of=long_ago), PaperExpired),
    ]
    for paper, kind in expected:
        assert type(refused(deal, deal.gp, paper)) is kind, paper
    assert isinstance(refused(deal, deal.bidder, good), NotItemProvider)
    assert isinstance(refused(deal, stranger, good), ChecklistNotFound)
    several = refused(deal, deal.gp, good, replace(good, code="A03"), replace(good, code="C07", as_of=None))
    assert [(field.pointer, field.code) for field in several.fields] == [
        ("/papers/1", "NOT_ITEM_PROVIDER"),
        ("/papers/2/as_of", "PAPER_DATE_MISSING"),
    ]
    assert set(deal.states().values()) == {ItemState.NOT_REQUESTED}
    submit(deal, deal.gp, good)
    assert isinstance(refused(deal, deal.gp, good), IllegalTransition)
    with pytest.raises(ChecklistNotFound), at_work() as (tx, now):
        items.submit_papers(tx, stranger, now, listing_id="lst_none", organisation_id=None, papers=[good])
    watcher = replace(deal.gp, permissions=frozenset({"diligence:read"}))
    with pytest.raises(Forbidden), at_work() as (tx, now):
        items.submit_papers(tx, watcher, now, listing_id=deal.listing_id, organisation_id=None, papers=[good])


def test_many_papers_take_a_few_statements(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    position = deal.position()
    codes = [code for code, row in position.items[None].items() if row.state is ItemState.NOT_REQUESTED]
    asked = [template().spec("lp_transfer", code) for code in codes]
    specs = [spec for spec in asked if PartyRole.GP in spec.providers]
    with at_work() as (tx, now):
        today = market_date(now)
        papers = [
            Paper(spec.code, a_document(tx, now, deal.gp, deal.listing_id, kind=spec.files[0]), 1, today, today)
            for spec in specs
        ]
    counts = []
    for bundle in (papers[:1], papers[1:]):
        with counted_statements() as sent:
            submit(deal, deal.gp, *bundle)
        counts.append(len(sent))
    assert len(papers) > 12
    assert counts[1] < 30
    assert counts[1] <= counts[0] + 6
    with counted_statements() as sent, at_work() as (tx, now):
        ids = [deal.item(spec.code, position=position).id for spec in specs]
        reviewed = [i for spec, i in zip(specs, ids, strict=True) if PartyRole.EXCHANGE in spec.reviewers]
        items.decide(tx, exchange.maker, now, [Decision(item_id, ItemEvent.ACCEPT) for item_id in reviewed])
    assert len(sent) < 45


def test_decisions_are_refused_out_of_order_and_without_their_reason(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    hand_in(deal, ["C07"])
    item = deal.item("C07")
    stranger = an_investor(exchange)
    with pytest.raises(ReasonMissing), at_work() as (tx, now):
        items.return_(tx, exchange.maker, now, item_id=item.id, reason="  ")
    with pytest.raises(ItemNotFound), at_work() as (tx, now):
        items.accept(tx, stranger, now, item_id=item.id)
    with pytest.raises(IllegalTransition), at_work() as (tx, now):
        items.waive(tx, exchange.maker, now, item_id=deal_waivable(deal), reason="in review")
    with at_work() as (tx, now):
        items.accept(tx, exchange.maker, now, item_id=item.id)
    with pytest.raises(IllegalTransition), at_work() as (tx, now):
        items.accept(tx, exchange.maker, now, item_id=item.id)
    with at_work() as (tx, now):
        items.return_(tx, exchange.maker, now, item_id=item.id, reason="a figure is wrong")
    assert deal.item("C07").state is ItemState.RETURNED
    assert deal.item("C07").reason == "a figure is wrong"
    before = deal.states()
    decisions = [Decision(deal.item("A03").id, ItemEvent.REQUEST), Decision(deal.item("C01").id, ItemEvent.ACCEPT)]
    with pytest.raises(IllegalTransition), at_work() as (tx, now):
        items.decide(tx, exchange.maker, now, decisions)
    assert deal.states() == before


def deal_waivable(deal: Deal) -> str:
    """An item that the exchange may waive, while it is being reviewed."""
    hand_in(deal, ["C05"])
    return deal.item("C05").id


def test_two_reviewers_at_once_make_one_decision(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    hand_in(deal, ["C07"])
    item_id = deal.item("C07").id
    start = Barrier(2)
    outcomes: list[ItemEvent | None] = []

    def review(actor: Actor, event_: ItemEvent) -> None:
        start.wait()
        try:
            with at_work() as (_, now):
                run_in_transaction(lambda tx: items.decide(tx, actor, now, [Decision(item_id, event_, "seen")]))
            outcomes.append(event_)
        except IllegalTransition:
            outcomes.append(None)

    threads = [
        Thread(target=review, args=(exchange.maker, ItemEvent.TAKE_UP)),
        Thread(target=review, args=(exchange.checker, ItemEvent.TAKE_UP)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(outcome) for outcome in outcomes) == ["None", "take_up"]


def test_an_account_is_kept_once_and_clears_every_deal(exchange: Exchange) -> None:
    one = a_deal(exchange)
    settle_up_to(one, Gate.BID)
    assert one.clear_until() is not None
    with at_work() as (tx, now):
        items.return_(tx, exchange.maker, now, item_id=one.item("P04").id, reason="figures of another year")
    assert one.clear_until() is None
    settle(one, ["P04"], owner=one.bidder.organisation_id)
    assert one.clear_until() is not None
    with pytest.raises(ChecklistNotFound), at_work() as (tx, now):
        items.submit_papers(tx, one.seller, now, listing_id=None, organisation_id=one.bidder.organisation_id, papers=[])
    with at_work() as (tx, now):
        items.submit_papers(tx, SYSTEM, now, listing_id=one.listing_id, organisation_id=None, papers=[])
