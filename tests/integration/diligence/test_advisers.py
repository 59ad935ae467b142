"""The directory: applied for, admitted for a time, suspended, lapsed, renewed; relations that are the adviser's own."""

from datetime import timedelta

import pytest

from exchange.access.actor import Actor
from exchange.core.clock import end_of_market_day
from exchange.core.errors import Forbidden, IllegalTransition, Stale
from exchange.diligence.advice_errors import AdviserEntryInvalid, AdviserNotFound, NotAdviserOrganisation
from exchange.diligence.adviser_entry import Licence
from exchange.diligence.engagement import AdviserKind, AdviserState, RelationKind
from exchange.diligence.service import adviser_relations, advisers
from exchange.diligence.tables.advice import AdviserRow
from exchange.rest.etags import require_match
from tests.builders import Exchange, a_gp, an_investor, at_work
from tests.integration.diligence.advice_world import (
    a_relation,
    an_adviser,
    an_applicant,
    an_entry,
    declare_relations,
    move_to,
    today_and_now,
)


def row_of(by: Actor, organisation_id: str) -> AdviserRow:
    with at_work() as (tx, _):
        return advisers.adviser_of(tx, by, organisation_id).row


def state_of(by: Actor, adviser: Actor) -> AdviserState:
    return row_of(by, adviser.organisation_id).state


def test_an_applicant_is_known_to_itself_and_the_exchange_until_it_is_admitted(exchange: Exchange) -> None:
    applicant, reader = an_applicant(exchange, AdviserKind.LAW), an_investor(exchange)
    assert state_of(applicant, applicant) is AdviserState.APPLIED
    with pytest.raises(AdviserNotFound):
        row_of(reader, applicant.organisation_id)
    with at_work() as (tx, _):
        assert advisers.advisers_of(tx, reader) == []
        assert len(advisers.advisers_of(tx, exchange.checker, state=AdviserState.APPLIED)) == 1
    with pytest.raises(Forbidden), at_work() as (tx, now):
        advisers.admit(tx, applicant, now, organisation_id=applicant.organisation_id)
    with at_work() as (tx, now):
        advisers.admit(tx, exchange.maker, now, organisation_id=applicant.organisation_id, is_state_shortlisted=True)
    with at_work() as (tx, _):
        (found,) = advisers.advisers_of(tx, reader, kind=AdviserKind.LAW, is_state_shortlisted=True)
        assert advisers.advisers_of(tx, reader, kind=AdviserKind.TAX) == []
    assert (found.row.state, found.is_inside, found.rating.count) == (AdviserState.ADMITTED, False, 0)


def test_only_admitted_organisations_of_advisers_apply_and_only_with_a_complete_entry(exchange: Exchange) -> None:
    today, _ = today_and_now()
    manager = a_gp(exchange)
    outsider = Actor(
        manager.user_id, manager.organisation_id, manager.roles, manager.permissions | {"engagements:work"}
    )
    with pytest.raises(NotAdviserOrganisation), at_work() as (tx, now):
        advisers.apply(tx, outsider, now, entry=an_entry(AdviserKind.LAW, today=today))
    with pytest.raises(AdviserEntryInvalid) as caught:
        an_applicant(exchange, AdviserKind.LAW, licences=())
    assert [(each.pointer, each.code) for each in caught.value.fields] == [("/licences", "LICENCE_MISSING")]


def test_an_admission_lapses_on_its_day_unless_it_was_renewed(exchange: Exchange) -> None:
    lapsing, renewed = (an_adviser(exchange, AdviserKind.LAW) for _ in range(2))
    until = row_of(exchange.maker, lapsing.organisation_id).admitted_until
    today, _ = today_and_now()
    assert until == today + timedelta(days=365)
    move_to(end_of_market_day(until - timedelta(days=1)))
    with at_work() as (tx, now):
        advisers.renew(tx, exchange.maker, now, organisation_id=renewed.organisation_id)
    move_to(end_of_market_day(until))
    assert state_of(exchange.maker, lapsing) is AdviserState.LAPSED
    assert state_of(exchange.maker, renewed) is AdviserState.ADMITTED
    with at_work() as (tx, now):
        advisers.renew(tx, exchange.maker, now, organisation_id=lapsing.organisation_id)
    assert state_of(exchange.maker, lapsing) is AdviserState.ADMITTED


def test_an_admission_ends_with_the_licence_it_rests_on(exchange: Exchange) -> None:
    today, _ = today_and_now()
    licence = Licence(AdviserKind.LAW, "bureau", "7", today + timedelta(days=40))
    adviser = an_adviser(exchange, AdviserKind.LAW, licences=(licence,))
    assert row_of(exchange.maker, adviser.organisation_id).admitted_until == licence.expires_on
    move_to(end_of_market_day(today + timedelta(days=40)))
    assert state_of(exchange.maker, adviser) is AdviserState.LAPSED
    with pytest.raises(AdviserEntryInvalid), at_work() as (tx, now):
        advisers.renew(tx, exchange.maker, now, organisation_id=adviser.organisation_id)


def test_what_an_admitted_adviser_applies_with_stands_only_after_the_next_decision(exchange: Exchange) -> None:
    adviser = an_adviser(exchange, AdviserKind.LAW)
    today, _ = today_and_now()
    with at_work() as (tx, now):
        advisers.apply(tx, adviser, now, entry=an_entry(AdviserKind.LAW, AdviserKind.TAX, today=today))
    assert row_of(adviser, adviser.organisation_id).kinds == ["law"]
    with at_work() as (tx, now):
        advisers.renew(tx, exchange.maker, now, organisation_id=adviser.organisation_id)
    row = row_of(adviser, adviser.organisation_id)
    assert (row.kinds, row.application) == (["law", "tax"], None)


def test_a_suspended_adviser_leaves_the_directory_and_is_admitted_anew(exchange: Exchange) -> None:
    adviser, reader = an_adviser(exchange, AdviserKind.LAW), an_investor(exchange)
    with at_work() as (tx, now):
        advisers.suspend(tx, exchange.maker, now, organisation_id=adviser.organisation_id, reason="complaint")
    with pytest.raises(AdviserNotFound):
        row_of(reader, adviser.organisation_id)
    with pytest.raises(IllegalTransition), at_work() as (tx, now):
        advisers.renew(tx, exchange.maker, now, organisation_id=adviser.organisation_id)
    with at_work() as (tx, now):
        advisers.admit(tx, exchange.maker, now, organisation_id=adviser.organisation_id)
    assert state_of(reader, adviser) is AdviserState.ADMITTED


def test_relations_are_replaced_as_a_list_and_those_left_out_stay_as_ended(exchange: Exchange) -> None:
    adviser, reader = an_adviser(exchange, AdviserKind.LAW), an_investor(exchange)
    kept = a_relation(RelationKind.CLIENT, organisation_id=reader.organisation_id)
    ended = a_relation(RelationKind.AFFILIATE, name="Chips Inc.")
    declare_relations(adviser, kept, ended)
    declare_relations(adviser, kept)
    declare_relations(adviser, kept)
    today, _ = today_and_now()
    with at_work() as (tx, _):
        row, found = adviser_relations.relations_of(tx, adviser, organisation_id=adviser.organisation_id)
        assert {each.kind: each.valid_until for each in found} == {
            RelationKind.CLIENT: None,
            RelationKind.AFFILIATE: today - timedelta(days=1),
        }
        assert len(found) == 2
        with pytest.raises(AdviserNotFound):
            adviser_relations.relations_of(tx, reader, organisation_id=adviser.organisation_id)
        assert adviser_relations.relations_of(tx, exchange.checker, organisation_id=adviser.organisation_id)[0] is row
    with pytest.raises(Stale), at_work() as (tx, now):
        adviser_relations.declare_relations(
            tx,
            adviser,
            now,
            organisation_id=adviser.organisation_id,
            relations=[],
            check_version=lambda version: require_match('"1"', version),
        )


def test_a_relation_with_nobody_or_from_tomorrow_on_is_refused(exchange: Exchange) -> None:
    adviser = an_adviser(exchange, AdviserKind.LAW)
    with pytest.raises(AdviserEntryInvalid) as caught:
        declare_relations(adviser, a_relation(RelationKind.CLIENT, organisation_id="org_" + "0" * 26))
    assert [each.pointer for each in caught.value.fields] == ["/relations/0/organisation_id"]
