"""Commands and queries about funds: who manages them, what they report, corrections as new versions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.events import MARKET, Event
from exchange.funds.cash_flow import CashFlow, check_cash_flow
from exchange.funds.errors import (
    CashFlowInvalid,
    FilingCodeTaken,
    FundCodeTaken,
    FundInvalid,
    FundNotFound,
    NavStatementInvalid,
    NavStatementNotFound,
    NotFundManager,
)
from exchange.funds.fund import Fund, check_fund
from exchange.funds.kinds import LegalForm
from exchange.funds.nav_statement import NavStatement, check_nav_statement
from exchange.funds.recorded import Recorded, due_versions
from exchange.funds.store import reporting as store
from exchange.funds.tables import CashFlowRow as CashFlowRow
from exchange.funds.tables import FundRow as FundRow
from exchange.funds.tables import NavStatementRow as NavStatementRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit

EDITABLE = ("name", "strategy", "risk_rating", "sci_tech_ppm", "warning", "registered_region", "filing_code")


def fund_facts(tx: Tx, fund_id: str) -> FundRow:
    """A fund without asking who wants to know; for other services."""
    row = store.fund(tx, fund_id)
    if row is None:
        raise FundNotFound
    return row


def fund_of(tx: Tx, actor: Actor, fund_id: str) -> FundRow:
    """A fund; every signed-in participant may read it."""
    actor.require("funds:read")
    return fund_facts(tx, fund_id)


def funds_of(
    tx: Tx,
    actor: Actor,
    *,
    manager_id: str | None = None,
    currency: str | None = None,
    after: str | None = None,
    limit: int = 200,
) -> list[FundRow]:
    """Funds in id order."""
    actor.require("funds:read")
    return store.funds(tx, manager_id=manager_id, currency=currency, after=after, limit=limit)


def funds_by_id(tx: Tx, fund_ids: Sequence[str]) -> dict[str, FundRow]:
    """Several funds by id; for views of other packages."""
    return store.funds_by_id(tx, fund_ids)


def funds_by_code(tx: Tx, codes: Sequence[str]) -> dict[str, FundRow]:
    """Several funds by code; missing ones are absent."""
    return store.funds_by_code(tx, codes)


def managed_fund(tx: Tx, actor: Actor, fund_id: str) -> FundRow:
    """A fund about which the caller may report: its manager or an operator. NOT_FUND_MANAGER otherwise."""
    row = fund_facts(tx, fund_id)
    if not may_report(actor, row):
        raise NotFundManager(fund=row.name)
    return row


def may_report(actor: Actor, fund: FundRow) -> bool:
    """True for the fund's manager and for operators."""
    return actor.sees_everything or fund.manager_organisation_id == actor.organisation_id


def managed_fund_ids(tx: Tx, organisation_id: str) -> list[str]:
    """Ids of the funds an organisation manages."""
    return store.managed_fund_ids(tx, organisation_id)


def lock_funds(tx: Tx, fund_ids: Sequence[str]) -> None:
    """Lock funds in id order: the first lock of whatever changes their registers."""
    store.lock_funds(tx, fund_ids)


def record_fund(tx: Tx, actor: Actor, now: datetime, *, fund: Fund) -> FundRow:
    """A new fund of the caller (operators: of any manager). FUND_CODE_TAKEN when the code is known."""
    actor.require("funds:write")
    if not actor.sees_everything and fund.manager_organisation_id != actor.organisation_id:
        raise NotFundManager(fund=fund.name)
    if fields := check_fund(fund, market_date(now).year):
        raise FundInvalid(fields=fields)
    store.lock_codes(tx)
    if store.funds_by_code(tx, [fund.code]):
        raise FundCodeTaken(code=fund.code)
    _require_free_filing_codes(tx, {fund.code: fund.filing_code})
    row = store.add_fund(tx, fund, now)
    tx.flush()
    _emit_fund(tx, actor, now, row, {})
    return row


def edit_fund(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    fund_id: str,
    check_version: Callable[[int], None],
    changes: Mapping[str, str | int],
) -> FundRow:
    """Change what a manager may change of a fund. ``check_version`` judges the version read by the caller."""
    actor.require("funds:write")
    if "filing_code" in changes:
        store.lock_codes(tx)
    row = store.lock_fund(tx, fund_id)
    if row is None:
        raise FundNotFound
    if not may_report(actor, row):
        raise NotFundManager(fund=row.name)
    check_version(row.version)
    before = {name: getattr(row, name) for name in EDITABLE}
    after = before | {name: value for name, value in changes.items() if name in EDITABLE}
    if after == before:
        return row
    _apply(row, after)
    if fields := check_fund(fund_as_reported(row), market_date(now).year):
        raise FundInvalid(fields=fields)
    _require_free_filing_codes(tx, {row.code: row.filing_code})
    row.version += 1
    tx.flush()
    _emit_fund(tx, actor, now, row, {name: before[name] for name in EDITABLE if before[name] != after[name]})
    return row


def record_funds(tx: Tx, actor: Actor, now: datetime, *, funds: Sequence[Fund]) -> Recorded:
    """Record many funds, all or nothing: new ones are added, differing ones get a new version.

    The caller has checked the figures and the right to each fund.
    """
    store.lock_codes(tx)
    known = store.funds_by_code(tx, [fund.code for fund in funds])
    store.lock_funds(tx, [row.id for row in known.values()])
    _require_free_filing_codes(tx, {fund.code: fund.filing_code for fund in funds})
    known = store.funds_by_code(tx, [fund.code for fund in funds])
    added = changed = 0
    for fund in funds:
        row = known.get(fund.code)
        if row is None:
            row = store.add_fund(tx, fund, now)
            added += 1
        elif fund_as_reported(row) != fund:
            row.name, row.strategy, row.warning = fund.name, fund.strategy, fund.warning
            row.legal_form, row.vintage, row.currency = LegalForm(fund.legal_form), fund.vintage, fund.currency
            row.risk_rating, row.sci_tech_ppm = fund.risk_rating, fund.sci_tech_ppm
            row.source_mark, row.source = fund.source_mark, fund.source
            row.registered_region, row.filing_code = fund.registered_region, fund.filing_code
            row.version += 1
            changed += 1
        else:
            continue
        tx.flush()
        _emit_fund(tx, actor, now, row, {})
    return Recorded(added, changed, len(funds) - added - changed)


def current_funds(tx: Tx, codes: Sequence[str]) -> dict[str, Fund]:
    """Funds as reported, by code; for comparing."""
    return {code: fund_as_reported(row) for code, row in store.funds_by_code(tx, codes).items()}


def fund_as_reported(row: FundRow) -> Fund:
    """The comparable figures of a fund."""
    return Fund(
        code=row.code,
        name=row.name,
        manager_organisation_id=row.manager_organisation_id,
        legal_form=row.legal_form,
        vintage=row.vintage,
        currency=row.currency,
        strategy=row.strategy,
        risk_rating=row.risk_rating,
        sci_tech_ppm=row.sci_tech_ppm,
        source_mark=row.source_mark,
        source=row.source,
        warning=row.warning,
        registered_region=row.registered_region,
        filing_code=row.filing_code,
    )


def record_nav_statement(tx: Tx, actor: Actor, now: datetime, *, statement: NavStatement) -> NavStatementRow:
    """One statement from the fund's manager; a differing one for the same date becomes the next version."""
    actor.require("funds:write")
    managed_fund(tx, actor, statement.fund_id)
    if fields := check_nav_statement(statement, market_date(now)):
        raise NavStatementInvalid(fields=fields)
    done = record_nav_statements(tx, actor, now, statements=[statement], import_id=None)
    rows = store.nav_statements(tx, statement.fund_id)
    row = next(row for row in rows if row.as_of == statement.as_of)
    if done.added or done.changed:
        data = {"fund_id": row.fund_id, "as_of": row.as_of.isoformat(), "version": row.version}
        emit(tx, now, Event("nav_statement.recorded", row.id, (MARKET,), data), actor_id=actor.user_id)
    return row


def record_nav_statements(
    tx: Tx, actor: Actor, now: datetime, *, statements: Sequence[NavStatement], import_id: str | None
) -> Recorded:
    """Record many statements set-wise. The caller has checked them and the right to each fund."""
    store.lock_funds(tx, [statement.fund_id for statement in statements])
    current = store.current_navs(tx, [statement.key for statement in statements])
    due, recorded = due_versions([(statement.key, statement) for statement in statements], current)
    if due:
        store.add_nav_versions(tx, due, import_id, now)
    return recorded


def record_cash_flow(tx: Tx, actor: Actor, now: datetime, *, flow: CashFlow) -> CashFlowRow:
    """One notice from the fund's manager; a differing one under the same number becomes the next version."""
    actor.require("funds:write")
    managed_fund(tx, actor, flow.fund_id)
    if fields := check_cash_flow(flow, market_date(now)):
        raise CashFlowInvalid(fields=fields)
    done = record_cash_flows(tx, actor, now, flows=[flow], import_id=None)
    row = store.current_flow(tx, flow.fund_id, flow.notice_no)
    if done.added or done.changed:
        data = {"fund_id": row.fund_id, "notice_no": row.notice_no, "version": row.version}
        emit(tx, now, Event("cash_flow.recorded", row.id, (MARKET,), data), actor_id=actor.user_id)
    return row


def record_cash_flows(
    tx: Tx, actor: Actor, now: datetime, *, flows: Sequence[CashFlow], import_id: str | None
) -> Recorded:
    """Record many flows set-wise. The caller has checked them and the right to each fund."""
    store.lock_funds(tx, [flow.fund_id for flow in flows])
    current = store.current_flows(tx, [flow.key for flow in flows])
    due, recorded = due_versions([(flow.key, flow) for flow in flows], current)
    if due:
        store.add_flow_versions(tx, due, import_id, now)
    return recorded


def current_nav_statements(tx: Tx, keys: Sequence[tuple[str, date]]) -> dict[tuple[str, date], NavStatement]:
    """Current statements by (fund id, reference date); for comparing."""
    return {key: statement for key, (_, statement) in store.current_navs(tx, keys).items()}


def current_cash_flows(tx: Tx, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], CashFlow]:
    """Current flows by (fund id, notice number); for comparing."""
    return {key: flow for key, (_, flow) in store.current_flows(tx, keys).items()}


def nav_statements_of(
    tx: Tx,
    actor: Actor,
    fund_id: str,
    *,
    every_version: bool = False,
    before: date | None = None,
    limit: int = 200,
) -> list[NavStatementRow]:
    """NAV history of a fund, newest first; corrected versions too when asked."""
    fund_of(tx, actor, fund_id)
    return store.nav_statements(tx, fund_id, every_version=every_version, before=before, limit=limit)


def nav_statement_facts(tx: Tx, nav_statement_id: str) -> NavStatementRow:
    """One version of a statement without asking who wants to know; for pinning a book to it."""
    row = store.nav_statement(tx, nav_statement_id)
    if row is None:
        raise NavStatementNotFound
    return row


def nav_statements_by_id(tx: Tx, nav_statement_ids: Sequence[str]) -> dict[str, NavStatementRow]:
    """Several versions of statements by id; for views of other packages."""
    return store.nav_statements_by_id(tx, nav_statement_ids)


def latest_nav_statements(tx: Tx, fund_ids: Sequence[str]) -> dict[str, NavStatementRow]:
    """The newest current statement of each fund that has one."""
    return store.latest_nav_statements(tx, fund_ids)


def cash_flows_of(
    tx: Tx, actor: Actor, fund_id: str, *, after: tuple[date, str] | None = None, limit: int = 200
) -> list[CashFlowRow]:
    """Cash flows of a fund by date, corrected ones left out."""
    fund_of(tx, actor, fund_id)
    return store.cash_flows(tx, fund_id, after=after, limit=limit)


def cash_flows_between(tx: Tx, fund_id: str, *, after: date, until: date) -> list[CashFlowRow]:
    """Current cash flows of a fund whose cash moved after a day and up to another, by date; for other services."""
    return store.flows_between(tx, fund_id, after=after, until=until)


def all_fund_ids(tx: Tx) -> list[str]:
    """Ids of all funds, in order; for work on the whole market."""
    return store.all_fund_ids(tx)


def _apply(row: FundRow, values: Mapping[str, str | int]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _require_free_filing_codes(tx: Tx, codes: Mapping[str, str]) -> None:
    """FILING_CODE_TAKEN when a filing belongs to another fund; ``codes`` are filing codes by the code of the fund."""
    wanted = Counter(code for code in codes.values() if code)
    taken = store.fund_codes_by_filing(tx, wanted)
    for fund_code, filing_code in codes.items():
        if filing_code and (taken.get(filing_code, fund_code) != fund_code or wanted[filing_code] > 1):
            raise FilingCodeTaken(code=filing_code)


def _emit_fund(tx: Tx, actor: Actor, now: datetime, row: FundRow, before: Mapping[str, str | int]) -> None:
    data = {"code": row.code, "version": row.version, "before": dict(before)}
    emit(tx, now, Event("fund.recorded", row.id, (MARKET,), data), actor_id=actor.user_id)
