"""A pledge binds from its registration to its release; what it binds is never listed, frozen or sold."""

import io
import random
import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from exchange.access.actor import Actor
from exchange.access.errors import SamePerson
from exchange.core.errors import ExchangeError, Forbidden, IllegalTransition
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.custody.errors import (
    HoldingBelowEncumbrance,
    HoldingNotFound,
    InterestNotFree,
    PledgeInvalid,
    PledgeNotFound,
)
from exchange.custody.pledge import PledgeReason, PledgeStatus, PledgeTerms
from exchange.custody.roll import Holding, HoldingRecord
from exchange.custody.service import certificates, pledges
from exchange.custody.service.pledges import PledgeRow
from exchange.diligence.document import FileKind
from exchange.diligence.document_errors import DocumentNotFound
from exchange.diligence.errors import PledgePapersMissing, PledgePaperUnknown
from exchange.diligence.pledge_papers import HandedIn
from exchange.diligence.service import documents, pledge_papers
from exchange.infra.database import transaction
from tests.builders import Exchange, a_fund, a_gp, a_holding, an_investor, at_work
from tests.files import a_pdf

MILLION = 1_000_000_00
CODES = ("W01", "W02", "W03")


def a_document(owner: Actor, words: str = "paper") -> str:
    """A clean document of somebody."""
    with at_work() as (tx, now):
        made = documents.generated(
            tx, now, content=a_pdf(words=words), kind=FileKind.PDF, title=words, file_name=f"{words}.pdf",
            owner_organisation_id=owner.organisation_id,
        )  # fmt: skip
        return made.document_id


def papers_of(owner: Actor) -> list[HandedIn]:
    """Every paper of the checklist."""
    return [HandedIn(code, a_document(owner, code)) for code in CODES]


def terms(amount: int, *, ends_on: date = date(2030, 1, 1)) -> PledgeTerms:
    """A loan of the same amount from a bank."""
    return PledgeTerms(amount, "Bank of Tests", "91110000100000000X", amount, ends_on, "L-1", "clause 9.2")


def ask(holder: Actor, held: Holding, amount: int, papers: list[HandedIn] | None = None) -> PledgeRow:
    """Ask with all papers."""
    found = papers_of(holder) if papers is None else papers
    with at_work() as (tx, now):
        return pledge_papers.request_pledge(tx, holder, now, holding_id=held.id, terms=terms(amount), papers=found)


def register(operator: Actor, row: PledgeRow) -> PledgeRow:
    """An operator enters it."""
    with at_work() as (tx, now):
        return pledges.register_pledge(tx, operator, now, pledge_id=row.id)


def let_go(holder: Actor, operator: Actor, row: PledgeRow) -> PledgeRow:
    """The creditor lets go and an operator has read it."""
    letter = a_document(holder, "letter")
    with at_work() as (tx, now):
        pledge_papers.request_release(tx, holder, now, pledge_id=row.id, document_id=letter)
    with at_work() as (tx, now):
        return pledges.release_pledge(tx, operator, now, pledge_id=row.id)


def standing(held: Holding) -> Holding:
    """The holding as it is."""
    with transaction() as tx:
        return custody.holding_facts(tx, held.id)


@pytest.fixture
def world(exchange: Exchange) -> tuple[Exchange, Actor, Actor, Holding]:
    """An exchange, a manager, a holder, and its interest of 100 million."""
    gp, holder = a_gp(exchange), an_investor(exchange)
    return exchange, gp, holder, a_holding(a_fund(gp), gp, holder)


World = tuple[Exchange, Actor, Actor, Holding]


def test_a_pledge_binds_from_its_registration_to_its_release(world: World) -> None:
    exchange, gp, holder, held = world
    row = ask(holder, held, 60 * MILLION)
    assert (row.status, standing(held).free_minor) == (PledgeStatus.REQUESTED, 100 * MILLION)
    assert sorted(row.papers) == list(CODES)
    register(exchange.maker, row)
    assert (standing(held).pledged_minor, standing(held).free_minor) == (60 * MILLION, 40 * MILLION)
    with at_work() as (tx, now):
        with pytest.raises(InterestNotFree) as refused:
            custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=41 * MILLION, reference_id="lst")
        assert refused.value.parameters["free"] == "40000000.00"
        low = HoldingRecord(held.fund_id, holder.organisation_id, 59 * MILLION, 59 * MILLION, 0)
        with pytest.raises(HoldingBelowEncumbrance):
            custody.record_holding(tx, gp, now, record=low, reference_id="correction")
    assert let_go(holder, exchange.checker, row).status is PledgeStatus.RELEASED
    assert standing(held).free_minor == 100 * MILLION


def test_a_pledge_asks_for_every_paper_of_its_checklist(world: World) -> None:
    _, gp, holder, held = world
    papers = papers_of(holder)
    with pytest.raises(PledgePapersMissing) as refused:
        ask(holder, held, MILLION, papers[:1])
    assert refused.value.parameters["codes"] == "W02, W03"
    with pytest.raises(PledgePaperUnknown):
        ask(holder, held, MILLION, [*papers, HandedIn("Z09", papers[0].document_id)])
    with pytest.raises(PledgePaperUnknown):
        ask(holder, held, MILLION, [*papers, papers[0]])
    with pytest.raises(DocumentNotFound):
        ask(holder, held, MILLION, [*papers[:2], HandedIn("W03", a_document(gp))])
    with transaction() as tx:
        assert pledges.pledges_of(tx, holder) == []


def test_more_than_is_free_a_term_in_the_past_and_another_s_holding_are_refused(world: World) -> None:
    exchange, _, holder, held = world
    with pytest.raises(InterestNotFree):
        ask(holder, held, 100 * MILLION + 1)
    other = an_investor(exchange)
    with pytest.raises(HoldingNotFound):
        ask(other, held, MILLION)
    over = terms(MILLION, ends_on=date(2020, 1, 1))
    with at_work() as (tx, now), pytest.raises(PledgeInvalid):
        pledges.request_pledge(tx, holder, now, holding_id=held.id, terms=over, papers={})


def test_what_was_listed_meanwhile_cannot_be_registered(world: World) -> None:
    exchange, gp, holder, held = world
    row = ask(holder, held, 60 * MILLION)
    with at_work() as (tx, now):
        custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=50 * MILLION, reference_id="lst")
    with pytest.raises(InterestNotFree):
        register(exchange.maker, row)
    with transaction() as tx:
        assert pledges.pledge_of(tx, holder, row.id).status is PledgeStatus.REQUESTED


def test_who_registered_a_pledge_does_not_release_it(world: World) -> None:
    exchange, _, holder, held = world
    row = register(exchange.maker, ask(holder, held, MILLION))
    with pytest.raises(SamePerson):
        let_go(holder, exchange.maker, row)
    assert standing(held).pledged_minor == MILLION


def test_refused_withdrawn_and_kept_pledges_say_so(world: World) -> None:
    exchange, _, holder, held = world
    refused, withdrawn, kept = (ask(holder, held, MILLION) for _ in range(3))
    register(exchange.maker, kept)
    with at_work() as (tx, now):
        pledges.refuse_pledge(
            tx, exchange.maker, now, pledge_id=refused.id, reason=PledgeReason.AGREEMENT_FORBIDS, note="9.2"
        )
        pledges.withdraw_request(tx, holder, now, pledge_id=withdrawn.id)
    letter = a_document(holder, "letter")
    with at_work() as (tx, now):
        pledge_papers.request_release(tx, holder, now, pledge_id=kept.id, document_id=letter)
        pledges.refuse_release(
            tx, exchange.maker, now, pledge_id=kept.id, reason=PledgeReason.CREDITOR_NOT_CONFIRMED, note=""
        )
    with transaction() as tx:
        found = {row.id: (row.status, row.reason) for row in pledges.pledges_of(tx, holder)}
    assert found == {
        refused.id: (PledgeStatus.REFUSED, PledgeReason.AGREEMENT_FORBIDS),
        withdrawn.id: (PledgeStatus.WITHDRAWN, None),
        kept.id: (PledgeStatus.REGISTERED, PledgeReason.CREDITOR_NOT_CONFIRMED),
    }
    with pytest.raises(IllegalTransition):
        register(exchange.maker, withdrawn)
    assert standing(held).pledged_minor == MILLION


def test_only_the_two_sides_and_operators_see_a_pledge_and_only_its_people_act(world: World) -> None:
    exchange, gp, holder, held = world
    row = ask(holder, held, MILLION)
    stranger = an_investor(exchange)
    with at_work() as (tx, now):
        assert [pledges.pledge_of(tx, who, row.id).id for who in (holder, gp, exchange.maker)] == [row.id] * 3
        with pytest.raises(PledgeNotFound):
            pledges.pledge_of(tx, stranger, row.id)
        assert pledges.pledges_of(tx, stranger) == []
        with pytest.raises(Forbidden):
            pledges.register_pledge(tx, holder, now, pledge_id=row.id)
        with pytest.raises(PledgeNotFound):
            pledges.withdraw_request(tx, stranger, now, pledge_id=row.id)


def test_a_pledge_and_a_freeze_at_once_never_bind_more_than_there_is(world: World) -> None:
    exchange, gp, holder, held = world
    asked = [ask(holder, held, 60 * MILLION) for _ in range(2)]
    codes: list[str] = []

    def freeze() -> None:
        with at_work() as (tx, now):
            custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=60 * MILLION, reference_id="lst")

    def attempt(work: Callable[[], object]) -> None:
        try:
            work()
            codes.append("OK")
        except ExchangeError as refusal:
            codes.append(refusal.code)

    works: list[Callable[[], object]] = [lambda row=row: register(exchange.maker, row) for row in asked]  # type: ignore[misc]
    threads = [threading.Thread(target=attempt, args=(work,)) for work in (*works, freeze)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["INTEREST_NOT_FREE", "INTEREST_NOT_FREE", "OK"]
    assert standing(held).free_minor == 40 * MILLION


@pytest.mark.parametrize("seed", [1, 2])
def test_random_pledges_freezes_and_transfers_lose_nothing_and_bind_only_what_is_there(world: World, seed: int) -> None:
    exchange, gp, holder, held = world
    chance = random.Random(seed)
    buyer = an_investor(exchange)
    papers = papers_of(holder)
    letter = a_document(holder, "letter")
    waiting: list[PledgeRow] = []
    bound: list[PledgeRow] = []
    listings: dict[str, int] = {}

    def step() -> None:
        amount = chance.randint(1, 40) * MILLION
        kind = chance.choice(["ask", "register", "release", "freeze", "unfreeze", "transfer"])
        with at_work() as (tx, now):
            if kind == "ask":
                waiting.append(
                    pledge_papers.request_pledge(
                        tx, holder, now, holding_id=held.id, terms=terms(amount), papers=papers
                    )
                )
            elif kind == "register" and waiting:
                pledges.register_pledge(tx, exchange.maker, now, pledge_id=waiting[0].id)
                bound.append(waiting.pop(0))
            elif kind == "release" and bound:
                pledge_papers.request_release(tx, holder, now, pledge_id=bound[0].id, document_id=letter)
                pledges.release_pledge(tx, exchange.checker, now, pledge_id=bound.pop(0).id)
            elif kind == "freeze":
                reference = new_id("listing")
                custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=amount, reference_id=reference)
                listings[reference] = amount
            elif kind == "unfreeze" and listings:
                reference, frozen = listings.popitem()
                custody.release(tx, gp, now, holding_id=held.id, amount_minor=frozen, reference_id=reference)
            elif kind == "transfer" and listings:
                reference, frozen = listings.popitem()
                custody.transfer_interest(
                    tx, exchange.maker, now, from_holding_id=held.id, to_organisation_id=buyer.organisation_id,
                    amount_minor=frozen, frozen_reference_id=reference, reference_id=new_id("deal"),
                )  # fmt: skip

    refused = 0
    for _ in range(60):
        try:
            step()
        except InterestNotFree:
            refused += 1
        seen = standing(held)
        assert seen.pledged_minor == sum(row.amount_minor for row in bound)
        assert seen.frozen_minor == sum(listings.values())
        assert seen.free_minor >= 0
        with transaction() as tx:
            assert sum(row.subscribed_minor for row in custody.partners_of(tx, held.fund_id)) == 100 * MILLION
    assert refused


def test_a_certificate_says_what_the_roll_says_and_keeps_its_bytes(world: World) -> None:
    exchange, gp, holder, held = world
    register(exchange.maker, ask(holder, held, 25 * MILLION))
    with at_work() as (tx, now):
        first = certificates.issue_certificate(tx, holder, now, holding_id=held.id)
        again = certificates.issue_certificate(tx, gp, now + timedelta(days=1), holding_id=held.id)
        assert again.id == first.id
    with transaction() as tx:
        row, content = certificates.certificate_file(tx, holder, first.id)
        assert certificates.certificate_of(tx, gp, first.id)[1]
        with pytest.raises(ExchangeError):
            certificates.certificate_of(tx, an_investor(exchange), first.id)
    reader = PdfReader(io.BytesIO(content))
    said = "".join(page.extract_text() for page in reader.pages).replace(" ", "").replace("\n", "")
    for words in ("基金份额持有凭证", "100,000,000.00", "25,000,000.00", "75,000,000.00", first.id):
        assert words in said, words
    assert "pdfaid" in content.decode("latin-1")
    assert row.state["free_minor"] == 75 * MILLION
    with at_work() as (tx, now):
        custody.freeze(tx, gp, now, holding_id=held.id, amount_minor=MILLION, reference_id="lst")
        later = certificates.issue_certificate(tx, holder, now, holding_id=held.id)
        assert later.id != first.id
        assert not certificates.certificate_of(tx, holder, first.id)[1]
