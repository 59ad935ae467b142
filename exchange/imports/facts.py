"""From typed values to the facts that funds and custody record, with what only the registers can tell.

Example: values ``fund_code F1, as_of 2026-03-31, nav 1250 ...`` and the fund F1 in USD -> a NavStatement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeAlias

from exchange.core.errors import FieldError
from exchange.core.terms import SourceMark
from exchange.custody.roll import HoldingRecord, check_record
from exchange.funds.cash_flow import CashFlow, check_cash_flow, effect_on_unfunded
from exchange.funds.fund import Fund, check_fund
from exchange.funds.kinds import CashFlowKind, LegalForm
from exchange.funds.nav_statement import NavStatement, check_nav_statement, implied_unfunded
from exchange.imports.cells import Stored
from exchange.imports.kinds import ImportKind, RowAction
from exchange.imports.rows import ParsedRow

Fact: TypeAlias = Fund | NavStatement | CashFlow | HoldingRecord
Values: TypeAlias = Mapping[str, Stored]

_DEFAULT_RISK_RATING = 3


@dataclass(frozen=True, slots=True)
class FundReference:
    """What a row needs to know of the fund it names."""

    id: str
    currency: str
    may_report: bool


@dataclass(frozen=True, slots=True)
class Registers:
    """What the registers say of everything a chunk of rows names. ``managers`` and ``holders`` by credit code."""

    today: date
    own_organisation_id: str
    may_name_manager: bool
    funds: Mapping[str, FundReference]
    organisations: Mapping[str, str]
    simulated: frozenset[str]


def fact_of(kind: ImportKind, row: ParsedRow, known: Registers) -> Fact | None:
    """The fact of an error-free row, or None after noting what is wrong with it."""
    if row.errors:
        return None
    if kind is ImportKind.FUNDS:
        return _fund(row, known)
    fund = known.funds.get(str(row.values["fund_code"]))
    if fund is None:
        row.wrong("fund_code", "FUND_CODE_UNKNOWN")
        return None
    if not fund.may_report:
        row.wrong("fund_code", "FUND_OF_ANOTHER_MANAGER")
        return None
    if row.values.get("currency") not in {None, fund.currency}:
        row.wrong("currency", "CURRENCY_DIFFERS", fund.currency)
        return None
    if kind is ImportKind.NAV_HISTORY:
        return _nav_statement(row, fund, known)
    if kind is ImportKind.CASH_FLOWS:
        return _cash_flow(row, fund, known)
    return _holding(row, fund, known)


def action_of(fact: Fact, current: object | None) -> RowAction:
    """What recording the fact would do, compared with what is recorded."""
    if current is None:
        return RowAction.ADD
    return RowAction.UNCHANGED if fact == current else RowAction.CHANGE


def differences(fact: Fact, current: object | None) -> dict[str, str | int | None]:
    """The recorded values that the fact would replace, by name."""
    if current is None:
        return {}
    names = [item.name for item in fields(fact)]
    before = {
        name: getattr(current, name, None) for name in names if getattr(fact, name) != getattr(current, name, None)
    }
    return {name: value if isinstance(value, int) or value is None else str(value) for name, value in before.items()}


def _fund(row: ParsedRow, known: Registers) -> Fund | None:
    values = row.values
    manager = known.own_organisation_id
    code = values.get("manager_code")
    if code is not None:
        found = known.organisations.get(str(code))
        if found is None or not (known.may_name_manager or found == known.own_organisation_id):
            row.wrong("manager_code", "ORGANISATION_UNKNOWN")
            return None
        manager = found
    stored = known.funds.get(str(values["code"]))
    if stored is not None and not stored.may_report:
        row.wrong("code", "FUND_OF_ANOTHER_MANAGER")
        return None
    if stored is not None and stored.currency != values["currency"]:
        row.wrong("currency", "CURRENCY_DIFFERS", stored.currency)
        return None
    fund = Fund(
        code=str(values["code"]),
        name=str(values["name"]),
        manager_organisation_id=manager,
        legal_form=LegalForm(str(values.get("legal_form", LegalForm.PARTNERSHIP))),
        vintage=_integer(values["vintage"]),
        currency=str(values["currency"]),
        strategy=str(values.get("strategy", "")),
        risk_rating=_integer(values.get("risk_rating", _DEFAULT_RISK_RATING)),
        sci_tech_ppm=_integer(values.get("sci_tech_ratio", 0)),
        source_mark=_mark(values),
        source=str(values["source"]),
        warning=str(values.get("warning", "")),
        registered_region=str(values.get("registered_region", "")),
        filing_code=str(values.get("filing_code", "")),
    )
    return fund if _accepted(row, check_fund(fund, known.today.year)) else None


def _nav_statement(row: ParsedRow, fund: FundReference, known: Registers) -> NavStatement | None:
    values = row.values
    subscribed, paid_in = _integer(values["subscribed"]), _integer(values["paid_in"])
    unfunded = values.get("unfunded")
    statement = NavStatement(
        fund_id=fund.id,
        as_of=date.fromisoformat(str(values["as_of"])),
        nav_minor=_integer(values["nav"]),
        subscribed_minor=subscribed,
        paid_in_minor=paid_in,
        distributed_minor=_integer(values["distributed"]),
        unfunded_minor=implied_unfunded(subscribed, paid_in) if unfunded is None else _integer(unfunded),
        tvpi_ppm=_optional(values.get("tvpi")),
        irr_ppm=_optional(values.get("irr")),
        source_mark=_mark(values),
        source=str(values["source"]),
    )
    return statement if _accepted(row, check_nav_statement(statement, known.today)) else None


def _cash_flow(row: ParsedRow, fund: FundReference, known: Registers) -> CashFlow | None:
    values = row.values
    kind = CashFlowKind(str(values["kind"]))
    amount = _integer(values["amount"])
    effect = values.get("effect_on_unfunded")
    derived = effect_on_unfunded(kind, amount, _integer(values.get("recallable", 0)))
    flow = CashFlow(
        fund_id=fund.id,
        notice_no=str(values["notice_no"]),
        occurred_on=date.fromisoformat(str(values["occurred_on"])),
        kind=kind,
        amount_minor=amount,
        effect_on_unfunded_minor=derived if effect is None else _integer(effect),
        source_mark=_mark(values),
        source=str(values["source"]),
    )
    return flow if _accepted(row, check_cash_flow(flow, known.today)) else None


def _holding(row: ParsedRow, fund: FundReference, known: Registers) -> HoldingRecord | None:
    values = row.values
    holder = known.organisations.get(str(values["holder_code"]))
    if holder is None:
        row.wrong("holder_code", "ORGANISATION_UNKNOWN")
        return None
    subscribed, paid_in = _integer(values["subscribed"]), _integer(values["paid_in"])
    unfunded = values.get("unfunded")
    record = HoldingRecord(
        fund_id=fund.id,
        holder_organisation_id=holder,
        subscribed_minor=subscribed,
        paid_in_minor=paid_in,
        unfunded_minor=implied_unfunded(subscribed, paid_in) if unfunded is None else _integer(unfunded),
        is_simulated=holder in known.simulated,
    )
    return record if _accepted(row, check_record(record)) else None


def _accepted(row: ParsedRow, errors: tuple[FieldError, ...]) -> bool:
    for error in errors:
        row.wrong(error.pointer.lstrip("/"), error.code)
    return not errors


def _mark(values: Values) -> SourceMark:
    return SourceMark(str(values.get("source_mark", SourceMark.REPORTED)))


def _integer(value: Stored) -> int:
    if not isinstance(value, int):
        raise TypeError("a number column holds no number")
    return value


def _optional(value: Stored) -> int | None:
    return None if value is None else _integer(value)
