"""Ask funds, custody and parties about everything a chunk of rows names, and record a chunk of facts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.custody import service as custody
from exchange.custody.roll import HoldingRecord
from exchange.funds import service as funds
from exchange.funds.cash_flow import CashFlow
from exchange.funds.fund import Fund
from exchange.funds.nav_statement import NavStatement
from exchange.funds.recorded import Recorded
from exchange.imports.facts import Fact, FundReference, Registers
from exchange.imports.kinds import ImportKind
from exchange.imports.rows import ParsedRow
from exchange.infra.database import Tx
from exchange.parties import service as parties

F = TypeVar("F")


def registers_for(tx: Tx, actor: Actor, now: datetime, kind: ImportKind, rows: Sequence[ParsedRow]) -> Registers:
    """What the registers say of the funds and organisations these rows name, in two queries."""
    column = "code" if kind is ImportKind.FUNDS else "fund_code"
    known = funds.funds_by_code(tx, _named(rows, column))
    organisations = parties.organisations_by_credit_code(
        tx, sorted({*_named(rows, "manager_code"), *_named(rows, "holder_code")})
    )
    return Registers(
        today=market_date(now),
        own_organisation_id=actor.organisation_id,
        may_name_manager=actor.sees_everything,
        funds={
            code: FundReference(fund.id, fund.currency, funds.may_report(actor, fund)) for code, fund in known.items()
        },
        organisations={code: row.id for code, row in organisations.items()},
        simulated=frozenset(row.id for row in organisations.values() if row.is_simulated),
    )


def current_facts(tx: Tx, facts: Sequence[Fact]) -> dict[object, Fact]:
    """What is recorded under the natural keys of these facts (all of one kind)."""
    found: dict[object, Fact] = {}
    if codes := [fact.code for fact in facts if isinstance(fact, Fund)]:
        found |= dict[object, Fact](funds.current_funds(tx, codes).items())
    if days := [fact.key for fact in facts if isinstance(fact, NavStatement)]:
        found |= dict[object, Fact](funds.current_nav_statements(tx, days).items())
    if notices := [fact.key for fact in facts if isinstance(fact, CashFlow)]:
        found |= dict[object, Fact](funds.current_cash_flows(tx, notices).items())
    if records := {fact.key: fact for fact in facts if isinstance(fact, HoldingRecord)}:
        for key, held in custody.current_holdings(tx, list(records)).items():
            found[key] = replace(
                records[key],
                subscribed_minor=held.subscribed_minor,
                paid_in_minor=held.paid_in_minor,
                unfunded_minor=held.unfunded_minor,
            )
    return found


def key_of(fact: Fact) -> object:
    """The natural key of a fact."""
    return fact.code if isinstance(fact, Fund) else fact.key


def record(tx: Tx, actor: Actor, now: datetime, facts: Sequence[Fact], import_id: str) -> Recorded:
    """Record facts of one kind through the service that keeps them."""
    if statements := _of(facts, NavStatement):
        return funds.record_nav_statements(tx, actor, now, statements=statements, import_id=import_id)
    if flows := _of(facts, CashFlow):
        return funds.record_cash_flows(tx, actor, now, flows=flows, import_id=import_id)
    if records := _of(facts, HoldingRecord):
        return custody.record_holdings(tx, actor, now, records=records, reference_id=import_id)
    return funds.record_funds(tx, actor, now, funds=_of(facts, Fund))


def _of(facts: Sequence[Fact], kind: type[F]) -> list[F]:
    return [fact for fact in facts if isinstance(fact, kind)]


def _named(rows: Sequence[ParsedRow], column: str) -> list[str]:
    found: Mapping[str, None] = {str(row.values[column]): None for row in rows if row.values.get(column) is not None}
    return list(found)
