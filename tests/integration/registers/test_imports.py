import csv
import io
from collections.abc import Sequence
from datetime import date

import pytest
from openpyxl import Workbook

from exchange.access.actor import Actor
from exchange.core.errors import Forbidden
from exchange.core.terms import SourceMark
from exchange.funds import service as funds
from exchange.imports import service as imports
from exchange.imports.errors import (
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    ImportNotFound,
    ImportNotOpen,
    ImportOutdated,
    ImportRowErrors,
    MappingInvalid,
)
from exchange.imports.kinds import AmountUnit, ImportKind, ImportStatus, RowAction
from exchange.imports.service import ImportRow
from exchange.infra.database import cursor, transaction
from tests.builders import Exchange, a_fund, a_fund_as_reported, a_gp, a_statement_as_reported, an_investor, at_work

NAV_HEADER = ["fund_code", "as_of", "nav", "subscribed", "paid_in", "distributed", "source"]


def a_csv(*rows: Sequence[object], header: Sequence[str] = NAV_HEADER, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def upload(by: Actor, content: bytes, kind: ImportKind = ImportKind.NAV_HISTORY) -> ImportRow:
    with at_work() as (tx, now):
        return imports.upload(tx, by, now, kind=kind, file_name="file", file=io.BytesIO(content))


def commit(by: Actor, import_id: str) -> ImportRow:
    with at_work() as (tx, now):
        return imports.commit(tx, by, now, import_id=import_id)


def counts(row: ImportRow) -> tuple[int, int, int, int]:
    return row.add_count, row.change_count, row.unchanged_count, row.error_count


def a_coded_fund(by: Actor, code: str = "F-1") -> str:
    return a_fund(by, code=code)


def current(fund_id: str) -> list[tuple[str, int, int]]:
    with transaction() as tx:
        rows = funds.latest_nav_statements(tx, [fund_id])
        return [(row.as_of.isoformat(), row.nav_minor, row.version) for row in rows.values()]


def number_of(table: str) -> int:
    with transaction() as tx, cursor(tx) as sql:
        sql.execute(f"SELECT count(*) FROM {table}")
        (found,) = sql.fetchone() or (None,)
        assert isinstance(found, int)
        return found


def a_row(as_of: str = "2026-03-31", nav: object = "88.00", code: str = "F-1") -> list[object]:
    return [code, as_of, nav, "100.00", "90.00", "0.00", "report"]


def test_a_file_is_previewed_committed_and_changes_nothing_the_second_time(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    content = a_csv(a_row(), a_row("2025-12-31"))
    row = upload(gp, content)
    assert (row.status, counts(row)) == (ImportStatus.VALIDATED, (2, 0, 0, 0))
    assert number_of("nav_statement") == 0
    assert upload(gp, content).id == row.id
    commit(gp, row.id)
    assert current(fund_id) == [("2026-03-31", 88_00, 1)]
    again = upload(gp, content)
    assert counts(again) == (0, 0, 2, 0)
    commit(gp, again.id)
    assert number_of("nav_statement") == 2
    with pytest.raises(ImportNotOpen):
        commit(gp, again.id)


def test_a_correction_is_a_new_version_and_the_preview_shows_what_it_replaces(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    commit(gp, upload(gp, a_csv(a_row(), a_row("2025-12-31"))).id)
    row = upload(gp, a_csv(a_row(nav="87.50"), a_row("2025-12-31")))
    assert counts(row) == (0, 1, 1, 0)
    with transaction() as tx:
        (change,) = imports.staged_rows_of(tx, gp, row.id, action=RowAction.CHANGE, after=None, limit=9)
        assert change.values["before"] == {"nav_minor": 88_00}
    commit(gp, row.id)
    assert current(fund_id) == [("2026-03-31", 87_50, 2)]
    with transaction() as tx:
        versions = funds.nav_statements_of(tx, gp, fund_id, every_version=True)
    assert [(item.as_of.month, item.version, item.is_current) for item in versions] == [
        (3, 2, True), (3, 1, False), (12, 1, True)
    ]  # fmt: skip


def test_one_wrong_row_and_nothing_is_written(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    a_coded_fund(gp)
    content = a_csv(
        a_row(),
        a_row(),
        a_row("46112"),
        a_row(nav="１２"),
        a_row(code="NONE"),
        a_row("2030-01-01"),
        a_row("2025-06-30"),
    )
    row = upload(gp, content)
    assert (row.status, counts(row)) == (ImportStatus.INVALID, (2, 0, 0, 5))
    with transaction() as tx:
        rows = imports.staged_rows_of(tx, gp, row.id, action=RowAction.ERROR, after=None, limit=9)
        found = [(item.row_number, item.errors[0]["column"], item.errors[0]["code"]) for item in rows]
        text = "".join(imports.row_errors_csv(tx, gp, row.id))
    assert found == [
        (3, "fund_code", "ROW_DOUBLED"), (4, "as_of", "DATE_IS_SERIAL"), (5, "nav", "DIGITS_FULL_WIDTH"),
        (6, "fund_code", "FUND_CODE_UNKNOWN"), (7, "as_of", "DATE_IN_FUTURE"),
    ]  # fmt: skip
    assert "应改为：2026-03-31" in text
    assert "probably meant: 12" in text
    with pytest.raises(ImportRowErrors) as refused:
        commit(gp, row.id)
    assert refused.value.parameters["rows"] == "3, 4, 5, 6, 7"
    assert number_of("nav_statement") == 0


def test_a_wrong_header_is_an_error_of_row_one(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    row = upload(gp, a_csv(["x"], header=["fund_code", "colour"]))
    assert row.status is ImportStatus.INVALID
    with transaction() as tx:
        rows = imports.staged_rows_of(tx, gp, row.id, action=None, after=None, limit=9)
    errors = [(item.errors[0]["row"], item.errors[0]["code"]) for item in rows]
    assert sorted(set(errors)) == [(1, "COLUMN_MISSING"), (1, "COLUMN_UNKNOWN")]


def test_what_changed_since_the_preview_is_not_overwritten(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    row = upload(gp, a_csv(a_row()))
    with at_work() as (tx, now):
        statement = a_statement_as_reported(fund_id, date(2026, 3, 31))
        funds.record_nav_statement(tx, gp, now, statement=statement)
    with pytest.raises(ImportOutdated):
        commit(gp, row.id)
    assert current(fund_id) == [("2026-03-31", 88_000_000_00, 1)]
    with at_work() as (tx, now):
        assert imports.discard(tx, gp, now, import_id=row.id).status is ImportStatus.DISCARDED
    assert number_of("import_staged_row") == 0


def test_a_manager_reports_about_its_own_funds_only(exchange: Exchange) -> None:
    gp, other = a_gp(exchange), a_gp(exchange)
    a_coded_fund(gp)
    row = upload(other, a_csv(a_row()))
    with transaction() as tx:
        (wrong,) = imports.staged_rows_of(tx, other, row.id, action=None, after=None, limit=9)
        assert wrong.errors[0]["code"] == "FUND_OF_ANOTHER_MANAGER"
        with pytest.raises(ImportNotFound):
            imports.import_of(tx, gp, row.id)
    with pytest.raises(Forbidden):
        upload(an_investor(exchange), a_csv(a_row()))


def test_gb18030_and_chinese_headers_are_read(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    header = ["基金代码", "基准日", "净值", "认缴出资", "实缴出资", "累计分配", "数据来源"]
    a_coded_fund(gp)
    row = upload(gp, a_csv([*a_row()[:-1], "管理人报告"], header=header, encoding="gb18030"))
    assert counts(row) == (1, 0, 0, 0)


def test_a_workbook_is_read_exactly(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    book = Workbook()
    book.active.append(NAV_HEADER)
    book.active.append(["F-1", date(2026, 3, 31), 88.07, 100, 90.5, 0, "report"])
    file = io.BytesIO()
    book.save(file)
    row = upload(gp, file.getvalue())
    assert counts(row) == (1, 0, 0, 0)
    commit(gp, row.id)
    assert current(fund_id) == [("2026-03-31", 88_07, 1)]


def test_templates_come_back_as_empty_files(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    for kind in ImportKind:
        assert imports.template(kind, "csv").startswith("\ufeff".encode())
        with pytest.raises(FileEmpty):
            upload(gp, imports.template(kind, "xlsx"), kind)
    assert number_of("import") == 0


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileEmpty),
        (b"\xd0\xcf\x11\xe0 old excel", FileUnreadable),
        (b"PK\x03\x04 nothing", FileUnreadable),
        (b"\xff\xfea\x00", FileUnreadable),
        (b'fund_code,"as_of\n', FileUnreadable),
        (b"x" * 200_001, FileTooLarge),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    exchange: Exchange, content: bytes, refusal: type[Exception]
) -> None:
    gp = a_gp(exchange)
    with pytest.raises(refusal):
        upload(gp, content)
    assert number_of("import") == 0


def test_funds_and_registers_are_imported_with_codes_of_organisations(exchange: Exchange) -> None:
    gp, holder = a_gp(exchange), an_investor(exchange)
    header = ["code", "name", "vintage", "currency", "source"]
    content = a_csv(["F-9", "基金九 【模拟】", "2019", "CNY", "report"], header=header)
    commit(gp, upload(gp, content, ImportKind.FUNDS).id)
    with transaction() as tx, cursor(tx) as sql:
        row = funds.funds_by_code(tx, ["F-9"])["F-9"]
        assert (row.manager_organisation_id, row.source_mark) == (gp.organisation_id, SourceMark.REPORTED)
        sql.execute("SELECT credit_code FROM organisation WHERE id = %s", (holder.organisation_id,))
        (credit_code,) = sql.fetchone() or ("",)
    register = ["fund_code", "holder_code", "subscribed", "paid_in"]
    content = a_csv(["F-9", credit_code, "100.00", "60.00"], header=register)
    first = upload(gp, content, ImportKind.PARTNER_REGISTER)
    assert counts(first) == (1, 0, 0, 0)
    commit(gp, first.id)
    assert counts(upload(gp, content, ImportKind.PARTNER_REGISTER)) == (0, 0, 1, 0)
    changed = a_csv(["F-9", credit_code, "120.00", "60.00"], header=register)
    commit(gp, upload(gp, changed, ImportKind.PARTNER_REGISTER).id)
    with transaction() as tx, cursor(tx) as sql:
        sql.execute("SELECT kind, subscribed_delta_minor, unfunded_delta_minor FROM custody_entry ORDER BY id")
        assert sql.fetchall() == [("recorded", 100_00, 40_00), ("corrected", 20_00, 20_00)]


def test_cash_flows_derive_their_effect_on_unfunded(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    header = ["fund_code", "notice_no", "occurred_on", "kind", "amount", "recallable", "source"]
    content = a_csv(
        ["F-1", "C-1", "2026-01-31", "call", "5.00", "", "n"],
        ["F-1", "D-1", "2026-02-28", "分配", "8.00", "2.00", "n"],
        ["F-1", "R-1", "2026-03-31", "restatement", "-1.00", "", "n"],
        header=header,
    )
    commit(gp, upload(gp, content, ImportKind.CASH_FLOWS).id)
    with transaction() as tx:
        flows = funds.cash_flows_of(tx, gp, fund_id)
    assert [row.effect_on_unfunded_minor for row in flows] == [-5_00, 2_00, 1_00]


def test_a_fund_as_reported_is_the_same_as_the_fund_recorded(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    reported = a_fund_as_reported(gp)
    with at_work() as (tx, now):
        row = funds.record_fund(tx, gp, now, fund=reported)
        assert funds.fund_as_reported(row) == reported


def test_an_organisations_own_headers_are_kept_and_read_at_every_upload(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    theirs = "编号,估值日,期末净值,总承诺,已到位,已分,出处,备注\nF-1,2026-03-31,88.00,100.00,90.00,0.00,report,ours\n"
    with at_work() as (tx, now):
        wrong = imports.upload(
            tx, gp, now, kind=ImportKind.NAV_HISTORY, file_name="a.csv", file=io.BytesIO(theirs.encode())
        )
        assert wrong.status is ImportStatus.INVALID
        imports.save_mapping(
            tx,
            gp,
            now,
            kind=ImportKind.NAV_HISTORY,
            columns={
                "编号": "fund_code", "估值日": "as_of", "期末净值": "nav", "总承诺": "subscribed",
                "已到位": "paid_in", "已分": "distributed", "出处": "source", "备注": None,
            },
        )  # fmt: skip
    row = upload(gp, theirs.encode())
    assert (row.status, counts(row)) == (ImportStatus.VALIDATED, (1, 0, 0, 0))
    commit(gp, row.id)
    assert current(fund_id) == [("2026-03-31", 88_00, 1)]
    other = a_gp(exchange)
    with at_work() as (tx, now):
        assert imports.mapping_of(tx, other, kind=ImportKind.NAV_HISTORY) == {}
        with pytest.raises(MappingInvalid):
            imports.save_mapping(tx, gp, now, kind=ImportKind.NAV_HISTORY, columns={"x": "no_column"})


def test_amounts_in_ten_thousands_are_scaled_exactly(exchange: Exchange) -> None:
    gp = a_gp(exchange)
    fund_id = a_coded_fund(gp)
    content = a_csv(["F-1", "2026-03-31", "1234.567891", "10000", "9000", "0", "report"])
    with at_work() as (tx, now):
        plain = imports.upload(tx, gp, now, kind=ImportKind.NAV_HISTORY, file_name="a.csv", file=io.BytesIO(content))
        assert plain.status is ImportStatus.INVALID
        row = imports.upload(
            tx,
            gp,
            now,
            kind=ImportKind.NAV_HISTORY,
            file_name="a.csv",
            file=io.BytesIO(content),
            unit=AmountUnit.TEN_THOUSAND,
        )
        assert (row.status, row.unit) == (ImportStatus.VALIDATED, AmountUnit.TEN_THOUSAND)
    commit(gp, row.id)
    assert current(fund_id) == [("2026-03-31", 12_345_678_91, 1)]
