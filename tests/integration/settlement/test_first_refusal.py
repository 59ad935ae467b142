"""Notice and right of first refusal: served on every other partner, waived, lapsed, exercised by one and by two."""

from datetime import timedelta

import pytest

from exchange.access.actor import SYSTEM
from exchange.core.errors import Forbidden, IllegalTransition
from exchange.custody import service as custody
from exchange.funds import service as funds
from exchange.funds.transfer_terms import TransferTerms
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.ledger import service as ledger
from exchange.ledger.errors import FundsNotCovered
from exchange.settlement.deal import DealOrigin, DealStatus
from exchange.settlement.errors import AnswerInvalid, AnswerTooLate, DealNotFound, PartnerAnswered
from exchange.settlement.pre_emption import AnswerKind, ServiceMethod
from exchange.settlement.service import notices
from exchange.settlement.store import deals as deal_store
from exchange.settlement.tables.deals import DealRow
from tests.integration.matching.exchange_world import MILLION, Market, settle, wait
from tests.integration.settlement.deal_world import a_deal, cash, deal, status_of

MONTH = timedelta(days=31)


def make_partner(market: Market, name: str, amount: int) -> None:
    """A buyer of the market becomes a partner: so many million go over to it from the seller."""
    with transaction() as tx:
        now = business_now(tx)
        held = custody.holding_facts(tx, market.holding_id)
        custody.freeze(tx, SYSTEM, now, holding_id=held.id, amount_minor=amount * MILLION, reference_id=f"gift {name}")
        custody.transfer_interest(
            tx,
            SYSTEM,
            now,
            from_holding_id=held.id,
            to_organisation_id=market.buyers[name].organisation_id,
            amount_minor=amount * MILLION,
            frozen_reference_id=f"gift {name}",
            reference_id=f"gift {name}",
        )


def a_noticed_deal(market: Market, partners: dict[str, int], *, amount: int = 20) -> DealRow:
    """A deal of an outsider with other partners on the roll, the notice served."""
    for name, held in partners.items():
        make_partner(market, name, held)
    row = a_deal(market, amount=amount)
    serve(market, row)
    return deal(row.id)


def serve(market: Market, row: DealRow) -> None:
    """The manager serves the notice."""
    with transaction() as tx:
        notices.serve(
            tx,
            market.seller,
            business_now(tx),
            deal_id=row.id,
            method=ServiceMethod.EXCHANGE_INBOX,
            proof="inbox",
        )
    settle()


def answer(market: Market, row: DealRow, name: str, kind: AnswerKind, amount: int = 0) -> None:
    """A partner answers."""
    with transaction() as tx:
        notices.answer(
            tx,
            market.buyers[name],
            business_now(tx),
            deal_id=row.id,
            kind=kind,
            asked_minor=amount * MILLION,
        )
    settle()


def replacements(row: DealRow) -> dict[str, DealRow]:
    """The deals that took another's place, by buyer."""
    with transaction() as tx:
        found = deal_store.deals(tx, organisation_id=None, listing_id=row.listing_id)
    return {item.buyer_organisation_id: item for item in found if item.replaces_deal_id == row.id}


def test_without_another_partner_the_right_is_cleared_at_once(market: Market) -> None:
    row = a_noticed_deal(market, {})
    assert (row.status, row.status_reason) == (DealStatus.ROFR_CLEARED, "no_other_partner")
    assert row.notice_served_at is not None


def test_a_buyer_who_is_a_partner_needs_no_notice(market: Market) -> None:
    make_partner(market, "social", 5)
    row = a_deal(market, amount=20)
    assert row.buyer_is_partner
    serve(market, row)
    assert (status_of(row.id), deal(row.id).notice_served_at) == (DealStatus.ROFR_CLEARED, None)


def test_all_who_waive_clear_the_right_early(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 5, "guidance": 5})
    assert row.status is DealStatus.NOTICED
    answer(market, row, "second", AnswerKind.WAIVE)
    assert status_of(row.id) is DealStatus.NOTICED
    answer(market, row, "guidance", AnswerKind.WAIVE)
    assert (status_of(row.id), deal(row.id).status_reason) == (DealStatus.ROFR_CLEARED, "waived")


def test_silence_waits_for_an_operator_unless_the_agreement_makes_it_a_waiver(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 5})
    with transaction() as tx, pytest.raises(AnswerInvalid):
        notices.record_lapse(tx, market.operator, business_now(tx), deal_id=row.id)
    wait(MONTH)
    assert status_of(row.id) is DealStatus.NOTICED
    with pytest.raises(AnswerTooLate):
        answer(market, row, "second", AnswerKind.WAIVE)
    with transaction() as tx:
        notices.record_lapse(tx, market.operator, business_now(tx), deal_id=row.id)
    assert deal(row.id).status_reason == "lapse_recorded"


def test_silence_is_a_waiver_where_the_agreement_says_so(market: Market) -> None:
    with transaction() as tx:
        terms = TransferTerms(has_first_refusal=True, silence_waives=True, clause="12.3")
        funds.set_transfer_terms(tx, market.seller, business_now(tx), fund_id=market.fund_id, terms=terms)
    row = a_noticed_deal(market, {"second": 5})
    wait(MONTH)
    assert (status_of(row.id), deal(row.id).status_reason) == (DealStatus.ROFR_CLEARED, "waived")


def test_one_partner_takes_the_outsiders_place_on_the_same_terms(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 5})
    answer(market, row, "second", AnswerKind.EXERCISE, 20)
    assert (status_of(row.id), deal(row.id).deposit_minor) == (DealStatus.ROFR_EXERCISED, 0)
    assert cash(row.buyer_organisation_id) == (100 * MILLION, 0)
    (new,) = replacements(row).values()
    assert (new.origin, new.status, new.buyer_is_partner) == (DealOrigin.ROFR, DealStatus.ROFR_CLEARED, True)
    assert (new.amount_minor, new.base_minor, new.price_ppm) == (row.amount_minor, row.base_minor, row.price_ppm)
    assert cash(new.buyer_organisation_id)[1] == new.deposit_minor == row.deposit_minor


def test_two_partners_share_by_contribution_to_the_fen(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 20, "guidance": 10})
    answer(market, row, "second", AnswerKind.EXERCISE, 20)
    answer(market, row, "guidance", AnswerKind.EXERCISE, 20)
    assert (status_of(row.id), deal(row.id).status_reason) == (DealStatus.NOTICED, notices.AGREEING)
    wait(timedelta(days=10))
    assert status_of(row.id) is DealStatus.ROFR_EXERCISED
    found = replacements(row)
    amounts = {name: found[market.buyers[name].organisation_id].amount_minor for name in ("second", "guidance")}
    assert amounts == {"second": 13_333_333_33, "guidance": 6_666_666_67}
    assert sum(item.base_minor for item in found.values()) == row.base_minor


def test_an_agreement_of_the_partners_goes_before_the_contribution(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 20, "guidance": 10})
    for name in ("second", "guidance"):
        answer(market, row, name, AnswerKind.EXERCISE, 20)
    shares = {
        market.buyers["second"].organisation_id: 8 * MILLION,
        market.buyers["guidance"].organisation_id: 12 * MILLION,
    }
    with transaction() as tx:
        notices.agree(tx, market.seller, business_now(tx), deal_id=row.id, shares=shares)
    assert {buyer: item.amount_minor for buyer, item in replacements(row).items()} == shares


def test_less_than_the_whole_is_no_exercise_on_equal_terms(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 5})
    answer(market, row, "second", AnswerKind.EXERCISE, 10)
    assert (status_of(row.id), deal(row.id).status_reason) == (DealStatus.ROFR_CLEARED, "quantity_not_met")
    assert cash(market.buyers["second"].organisation_id)[1] == 0


def test_a_partner_without_the_money_does_not_exercise(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 5})
    with transaction() as tx:
        ledger.hold(
            tx,
            business_now(tx),
            account_id=market.accounts["second"],
            amount_minor=100 * MILLION,
            reference_id="elsewhere",
        )
    with pytest.raises(FundsNotCovered):
        answer(market, row, "second", AnswerKind.EXERCISE, 20)
    assert status_of(row.id) is DealStatus.NOTICED
    with transaction() as tx:
        ledger.release(
            tx,
            business_now(tx),
            account_id=market.accounts["second"],
            amount_minor=100 * MILLION,
            reference_id="elsewhere",
        )


def test_only_who_was_served_answers_and_only_once(market: Market) -> None:
    row = a_noticed_deal(market, {"second": 5, "guidance": 5})
    with pytest.raises(DealNotFound):
        answer(market, row, "guidance2", AnswerKind.WAIVE)
    with pytest.raises(AnswerInvalid):
        answer(market, row, "second", AnswerKind.EXERCISE, 21)
    answer(market, row, "second", AnswerKind.WAIVE)
    with pytest.raises(PartnerAnswered):
        answer(market, row, "second", AnswerKind.WAIVE)
    with transaction() as tx, pytest.raises(Forbidden):
        notices.serve(
            tx,
            market.buyers["social"],
            business_now(tx),
            deal_id=row.id,
            method=ServiceMethod.EXCHANGE_INBOX,
            proof="-",
        )
    with pytest.raises(IllegalTransition):
        serve(market, row)
