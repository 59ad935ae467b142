"""SQL of funds. A correction is a new version; the old one stays and is no longer current."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from exchange.core.ids import new_id
from exchange.funds.cash_flow import CashFlow
from exchange.funds.fund import Fund
from exchange.funds.kinds import LegalForm
from exchange.funds.nav_statement import NavStatement
from exchange.funds.tables import CashFlowRow, FundRow, NavStatementRow
from exchange.infra.database import Tx

_LOCK = text("SELECT id FROM fund WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")

_CURRENT_NAVS = text(
    "SELECT n.fund_id, n.as_of, n.version, n.nav_minor, n.subscribed_minor, n.paid_in_minor, n.distributed_minor, "
    "n.unfunded_minor, n.tvpi_ppm, n.irr_ppm, n.source_mark, n.source FROM nav_statement n "
    "JOIN unnest(CAST(:fund_ids AS text[]), CAST(:dates AS date[])) AS w(fund_id, as_of) "
    "ON n.fund_id = w.fund_id AND n.as_of = w.as_of WHERE n.is_current"
)

_RETIRE_NAVS = text(
    "UPDATE nav_statement n SET is_current = false "
    "FROM unnest(CAST(:fund_ids AS text[]), CAST(:dates AS date[])) AS w(fund_id, as_of) "
    "WHERE n.fund_id = w.fund_id AND n.as_of = w.as_of AND n.is_current"
)

_INSERT_NAVS = text(
    "INSERT INTO nav_statement (id, fund_id, as_of, version, is_current, nav_minor, subscribed_minor, paid_in_minor, "
    "distributed_minor, unfunded_minor, tvpi_ppm, irr_ppm, source_mark, source, import_id, recorded_at) "
    "SELECT r.id, r.fund_id, r.as_of, r.version, true, r.nav, r.subscribed, r.paid_in, r.distributed, r.unfunded, "
    "r.tvpi, r.irr, r.mark, r.source, :import_id, :now "
    "FROM unnest(CAST(:ids AS text[]), CAST(:fund_ids AS text[]), CAST(:dates AS date[]), CAST(:versions AS int[]), "
    "CAST(:navs AS bigint[]), CAST(:subscribed AS bigint[]), CAST(:paid_in AS bigint[]), "
    "CAST(:distributed AS bigint[]), CAST(:unfunded AS bigint[]), CAST(:tvpis AS bigint[]), CAST(:irrs AS bigint[]), "
    "CAST(:marks AS text[]), CAST(:sources AS text[])) "
    "AS r(id, fund_id, as_of, version, nav, subscribed, paid_in, distributed, unfunded, tvpi, irr, mark, source)"
)

_CURRENT_FLOWS = text(
    "SELECT f.fund_id, f.notice_no, f.version, f.occurred_on, f.kind, f.amount_minor, f.effect_on_unfunded_minor, "
    "f.source_mark, f.source FROM cash_flow f "
    "JOIN unnest(CAST(:fund_ids AS text[]), CAST(:notices AS text[])) AS w(fund_id, notice_no) "
    "ON f.fund_id = w.fund_id AND f.notice_no = w.notice_no WHERE f.is_current"
)

_RETIRE_FLOWS = text(
    "UPDATE cash_flow f SET is_current = false "
    "FROM unnest(CAST(:fund_ids AS text[]), CAST(:notices AS text[])) AS w(fund_id, notice_no) "
    "WHERE f.fund_id = w.fund_id AND f.notice_no = w.notice_no AND f.is_current"
)

_INSERT_FLOWS = text(
    "INSERT INTO cash_flow (id, fund_id, notice_no, version, is_current, occurred_on, kind, amount_minor, "
    "effect_on_unfunded_minor, source_mark, source, import_id, recorded_at) "
    "SELECT r.id, r.fund_id, r.notice_no, r.version, true, r.occurred_on, r.kind, r.amount, r.effect, r.mark, "
    "r.source, :import_id, :now "
    "FROM unnest(CAST(:ids AS text[]), CAST(:fund_ids AS text[]), CAST(:notices AS text[]), CAST(:versions AS int[]), "
    "CAST(:dates AS date[]), CAST(:kinds AS text[]), CAST(:amounts AS bigint[]), CAST(:effects AS bigint[]), "
    "CAST(:marks AS text[]), CAST(:sources AS text[])) "
    "AS r(id, fund_id, notice_no, version, occurred_on, kind, amount, effect, mark, source)"
)


def fund(tx: Tx, fund_id: str) -> FundRow | None:
    """One fund, read anew."""
    return tx.get(FundRow, fund_id, populate_existing=True)


def lock_fund(tx: Tx, fund_id: str) -> FundRow | None:
    """One fund, locked until the end of the transaction."""
    return tx.get(FundRow, fund_id, with_for_update={"key_share": True}, populate_existing=True)


def lock_funds(tx: Tx, fund_ids: Sequence[str]) -> None:
    """Lock funds in id order until the end of the transaction."""
    tx.connection().execute(_LOCK, {"ids": sorted(set(fund_ids))})


def funds(
    tx: Tx, *, manager_id: str | None = None, currency: str | None = None, after: str | None = None, limit: int = 200
) -> list[FundRow]:
    """Funds in id order."""
    query = select(FundRow).order_by(col(FundRow.id)).limit(limit)
    if manager_id is not None:
        query = query.where(FundRow.manager_organisation_id == manager_id)
    if currency is not None:
        query = query.where(FundRow.currency == currency)
    if after is not None:
        query = query.where(col(FundRow.id) > after)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def funds_by_id(tx: Tx, fund_ids: Sequence[str]) -> dict[str, FundRow]:
    """Several funds by id."""
    query = select(FundRow).where(col(FundRow.id).in_(fund_ids))
    return {row.id: row for row in tx.exec(query, execution_options={"populate_existing": True}).all()}


def funds_by_code(tx: Tx, codes: Sequence[str]) -> dict[str, FundRow]:
    """Several funds by code."""
    query = select(FundRow).where(col(FundRow.code).in_(codes))
    return {row.code: row for row in tx.exec(query, execution_options={"populate_existing": True}).all()}


def lock_codes(tx: Tx) -> None:
    """Be the only one who gives codes to funds until the end of the transaction; taken before any fund is locked."""
    tx.connection().execute(text("SELECT pg_advisory_xact_lock(hashtextextended('fund codes', 0))"))


def fund_codes_by_filing(tx: Tx, filing_codes: Collection[str]) -> dict[str, str]:
    """Which funds have these filing codes as stored: code of the fund by filing code."""
    query = select(FundRow.filing_code, FundRow.code).where(col(FundRow.filing_code).in_(filing_codes))
    with tx.no_autoflush:
        return dict(tx.exec(query).all())


def managed_fund_ids(tx: Tx, organisation_id: str) -> list[str]:
    """Ids of the funds an organisation manages."""
    return list(tx.exec(select(FundRow.id).where(FundRow.manager_organisation_id == organisation_id)).all())


def add_fund(tx: Tx, fund: Fund, now: datetime) -> FundRow:
    """A new fund."""
    row = FundRow(
        id=new_id("fund"),
        code=fund.code,
        name=fund.name,
        manager_organisation_id=fund.manager_organisation_id,
        legal_form=LegalForm(fund.legal_form),
        vintage=fund.vintage,
        currency=fund.currency,
        strategy=fund.strategy,
        risk_rating=fund.risk_rating,
        sci_tech_ppm=fund.sci_tech_ppm,
        source_mark=fund.source_mark,
        source=fund.source,
        warning=fund.warning,
        registered_region=fund.registered_region,
        filing_code=fund.filing_code,
        created_at=now,
    )
    tx.add(row)
    return row


def nav_statement(tx: Tx, nav_statement_id: str) -> NavStatementRow | None:
    """One version of a statement."""
    return tx.get(NavStatementRow, nav_statement_id, populate_existing=True)


def nav_statements_by_id(tx: Tx, nav_statement_ids: Sequence[str]) -> dict[str, NavStatementRow]:
    """Several versions of statements by id."""
    query = select(NavStatementRow).where(col(NavStatementRow.id).in_(nav_statement_ids))
    return {row.id: row for row in tx.exec(query).all()}


def nav_statements(
    tx: Tx, fund_id: str, *, every_version: bool = False, before: date | None = None, limit: int = 200
) -> list[NavStatementRow]:
    """Statements of a fund, newest reference date first, current versions only unless asked."""
    query = select(NavStatementRow).where(NavStatementRow.fund_id == fund_id)
    if not every_version:
        query = query.where(col(NavStatementRow.is_current))
    if before is not None:
        query = query.where(col(NavStatementRow.as_of) < before)
    order = (col(NavStatementRow.as_of).desc(), col(NavStatementRow.version).desc())
    rows = tx.exec(query.order_by(*order).limit(limit), execution_options={"populate_existing": True})
    return list(rows.all())


def latest_nav_statements(tx: Tx, fund_ids: Sequence[str]) -> dict[str, NavStatementRow]:
    """The current statement with the newest reference date of each fund."""
    query = (
        select(NavStatementRow)
        .where(col(NavStatementRow.fund_id).in_(fund_ids), col(NavStatementRow.is_current))
        .ext(distinct_on(col(NavStatementRow.fund_id)))
        .order_by(col(NavStatementRow.fund_id), col(NavStatementRow.as_of).desc())
    )
    return {row.fund_id: row for row in tx.exec(query, execution_options={"populate_existing": True}).all()}


def current_navs(tx: Tx, keys: Sequence[tuple[str, date]]) -> dict[tuple[str, date], tuple[int, NavStatement]]:
    """Current statements by (fund, reference date), each with its version."""
    tx.flush()
    parameters = {"fund_ids": [key[0] for key in keys], "dates": [key[1] for key in keys]}
    found = {}
    for row in tx.connection().execute(_CURRENT_NAVS, parameters):
        found[row[0], row[1]] = (int(row[2]), NavStatement(row[0], row[1], *row[3:]))
    return found


def add_nav_versions(
    tx: Tx, versions: Sequence[tuple[int, NavStatement]], import_id: str | None, now: datetime
) -> list[str]:
    """Write statements as the current versions; those they replace stay. The funds are locked. Returns ids."""
    tx.flush()
    statements = [statement for _, statement in versions]
    ids = [new_id("nav_statement") for _ in statements]
    keys = {"fund_ids": [row.fund_id for row in statements], "dates": [row.as_of for row in statements]}
    tx.connection().execute(_RETIRE_NAVS, keys)
    tx.connection().execute(
        _INSERT_NAVS,
        keys
        | {
            "ids": ids,
            "versions": [version for version, _ in versions],
            "navs": [row.nav_minor for row in statements],
            "subscribed": [row.subscribed_minor for row in statements],
            "paid_in": [row.paid_in_minor for row in statements],
            "distributed": [row.distributed_minor for row in statements],
            "unfunded": [row.unfunded_minor for row in statements],
            "tvpis": [row.tvpi_ppm for row in statements],
            "irrs": [row.irr_ppm for row in statements],
            "marks": [str(row.source_mark) for row in statements],
            "sources": [row.source for row in statements],
            "import_id": import_id,
            "now": now,
        },
    )
    return ids


def cash_flows(tx: Tx, fund_id: str, *, after: tuple[date, str] | None = None, limit: int = 200) -> list[CashFlowRow]:
    """Current flows of a fund by date and notice."""
    query = select(CashFlowRow).where(CashFlowRow.fund_id == fund_id, col(CashFlowRow.is_current))
    if after is not None:
        day, notice = after
        later = col(CashFlowRow.occurred_on) > day
        same_day = (col(CashFlowRow.occurred_on) == day) & (col(CashFlowRow.notice_no) > notice)
        query = query.where(later | same_day)
    query = query.order_by(col(CashFlowRow.occurred_on), col(CashFlowRow.notice_no)).limit(limit)
    return list(tx.exec(query, execution_options={"populate_existing": True}).all())


def flows_between(tx: Tx, fund_id: str, *, after: date, until: date) -> list[CashFlowRow]:
    """Current flows of a fund after a day and up to another, by date and notice."""
    query = select(CashFlowRow).where(
        CashFlowRow.fund_id == fund_id,
        col(CashFlowRow.is_current),
        col(CashFlowRow.occurred_on) > after,
        col(CashFlowRow.occurred_on) <= until,
    )
    return list(tx.exec(query.order_by(col(CashFlowRow.occurred_on), col(CashFlowRow.notice_no))))


def current_flows(tx: Tx, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, CashFlow]]:
    """Current flows by (fund, notice number), each with its version."""
    tx.flush()
    parameters = {"fund_ids": [key[0] for key in keys], "notices": [key[1] for key in keys]}
    found = {}
    for row in tx.connection().execute(_CURRENT_FLOWS, parameters):
        found[row[0], row[1]] = (int(row[2]), CashFlow(row[0], row[1], *row[3:]))
    return found


def add_flow_versions(
    tx: Tx, versions: Sequence[tuple[int, CashFlow]], import_id: str | None, now: datetime
) -> list[str]:
    """Write flows as the current versions; those they replace stay. The funds are locked. Returns ids."""
    tx.flush()
    flows = [flow for _, flow in versions]
    ids = [new_id("cash_flow") for _ in flows]
    keys = {"fund_ids": [row.fund_id for row in flows], "notices": [row.notice_no for row in flows]}
    tx.connection().execute(_RETIRE_FLOWS, keys)
    tx.connection().execute(
        _INSERT_FLOWS,
        keys
        | {
            "ids": ids,
            "versions": [version for version, _ in versions],
            "dates": [row.occurred_on for row in flows],
            "kinds": [str(row.kind) for row in flows],
            "amounts": [row.amount_minor for row in flows],
            "effects": [row.effect_on_unfunded_minor for row in flows],
            "marks": [str(row.source_mark) for row in flows],
            "sources": [row.source for row in flows],
            "import_id": import_id,
            "now": now,
        },
    )
    return ids


def current_flow(tx: Tx, fund_id: str, notice_no: str) -> CashFlowRow:
    """The current version of one flow, which exists."""
    query = select(CashFlowRow).where(
        CashFlowRow.fund_id == fund_id, CashFlowRow.notice_no == notice_no, col(CashFlowRow.is_current)
    )
    return tx.exec(query, execution_options={"populate_existing": True}).one()


def nav_histories(tx: Tx, fund_ids: Sequence[str], until: date) -> dict[str, list[NavStatementRow]]:
    """Current statements of several funds up to a date, oldest first."""
    query = select(NavStatementRow).where(
        col(NavStatementRow.fund_id).in_(fund_ids), col(NavStatementRow.is_current), col(NavStatementRow.as_of) <= until
    )
    found: dict[str, list[NavStatementRow]] = {fund_id: [] for fund_id in fund_ids}
    for row in tx.exec(query.order_by(col(NavStatementRow.fund_id), col(NavStatementRow.as_of))):
        found[row.fund_id].append(row)
    return found


def flow_histories(tx: Tx, fund_ids: Sequence[str], until: date) -> dict[str, list[CashFlowRow]]:
    """Current flows of several funds up to a date, by date and notice."""
    query = select(CashFlowRow).where(
        col(CashFlowRow.fund_id).in_(fund_ids), col(CashFlowRow.is_current), col(CashFlowRow.occurred_on) <= until
    )
    order = (col(CashFlowRow.fund_id), col(CashFlowRow.occurred_on), col(CashFlowRow.notice_no))
    found: dict[str, list[CashFlowRow]] = {fund_id: [] for fund_id in fund_ids}
    for row in tx.exec(query.order_by(*order)):
        found[row.fund_id].append(row)
    return found


def all_fund_ids(tx: Tx) -> list[str]:
    """Ids of all funds, in order."""
    return list(tx.exec(select(FundRow.id).order_by(col(FundRow.id))).all())
