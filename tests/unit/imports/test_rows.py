import csv

from exchange.core.encoding import detect
from exchange.imports.columns import TEMPLATES, known_headers, normal_header
from exchange.imports.export import csv_lines, safe_cell
from exchange.imports.kinds import ImportKind
from exchange.imports.rows import Doubles, ParsedRow, natural_key, read_header, read_rows

HEADER = ["fund_code", "notice_no", "date", "类型", "金额", "来源"]


def rows(*lines: list[object], header: list[str] = HEADER) -> list[ParsedRow]:
    found = read_header(ImportKind.CASH_FLOWS, header)
    assert found.errors == ()
    return list(read_rows(found, enumerate(lines, start=2)))


def test_headers_are_known_in_both_languages_and_any_spelling() -> None:
    known = known_headers(ImportKind.NAV_HISTORY)
    for word in ("Fund Code", "fund_code", "基金代码", "\ufeffFUND-CODE"):
        assert known[normal_header(word)].name == "fund_code"


def test_no_two_columns_of_a_template_share_a_header() -> None:
    for kind, columns in TEMPLATES.items():
        words = [normal_header(word) for column in columns for word in {column.name, column.title_zh, *column.synonyms}]
        names = {word: known_headers(kind)[word].name for word in words}
        for column in columns:
            assert names[normal_header(column.name)] == column.name


def test_a_row_becomes_typed_values() -> None:
    (row,) = rows(["F-1", "N-1", "2026-03-31", "缴款", "12.50", "notice"])
    assert row.errors == []
    assert row.values == {
        "fund_code": "F-1", "notice_no": "N-1", "occurred_on": "2026-03-31", "kind": "contribution",
        "amount": 1250, "source": "notice",
    }  # fmt: skip
    assert natural_key(ImportKind.CASH_FLOWS, row.values) == "F-1|N-1"


def test_every_wrong_cell_of_a_row_is_named_with_its_row_number() -> None:
    _, row = rows(["F-1", "N-1", "2026-03-31", "call", "1", "s"], ["F-1", "", 46112.0, "loan", "１２", "s", "surplus"])
    assert [(error.row, error.column, error.code) for error in row.errors] == [
        (3, "notice_no", "CELL_EMPTY"),
        (3, "occurred_on", "DATE_IS_SERIAL"),
        (3, "kind", "CHOICE_UNKNOWN"),
        (3, "amount", "DIGITS_FULL_WIDTH"),
        (3, "", "CELL_WITHOUT_COLUMN"),
    ]
    assert natural_key(ImportKind.CASH_FLOWS, row.values) == ""


def test_blank_rows_are_left_out_and_numbers_stay() -> None:
    assert [row.number for row in rows(["", None, " "], ["F", "N", "2026-01-01", "call", "1", "s"])] == [3]


def test_a_wrong_header_is_told_whole() -> None:
    found = read_header(ImportKind.CASH_FLOWS, ["fund_code", "基金代码", "colour", "", "kind", "amount", "source"])
    assert [(error.column, error.code) for error in found.errors] == [
        ("fund_code", "COLUMN_DOUBLED"),
        ("colour", "COLUMN_UNKNOWN"),
        ("notice_no", "COLUMN_MISSING"),
        ("occurred_on", "COLUMN_MISSING"),
    ]


def test_a_key_given_twice_is_seen_at_the_second_row() -> None:
    doubles = Doubles()
    first, second = ParsedRow(2, {"fund_code": "F"}), ParsedRow(9, {"fund_code": "F"})
    doubles.check("F|N", first, "fund_code")
    doubles.check("F|N", second, "fund_code")
    assert first.errors == []
    assert second.errors[0].as_json() == {
        "row": 9, "column": "fund_code", "value": "F", "code": "ROW_DOUBLED", "hint": "2"
    }  # fmt: skip


def test_encodings_are_told_apart() -> None:
    text = "基金代码,金额\r\nF,1\r\n"
    assert detect([text.encode("utf-8")]) == "utf-8-sig"
    assert detect([text.encode("utf-8-sig")]) == "utf-8-sig"
    assert detect([text.encode("gb18030")]) == "gb18030"
    assert detect([text.encode("utf-8")[:1], text.encode("utf-8")[1:]]) == "utf-8-sig"
    assert detect([text.encode("utf-16")]) is None
    assert detect([b"\xff\xff\xff"]) is None
    assert detect(["基金库".encode()[:7], b"\xff"]) is None
    assert detect(["基".encode("gb18030")[:1]]) is None
    assert detect([]) == "utf-8-sig"


def test_no_cell_of_an_export_can_run() -> None:
    assert safe_cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert safe_cell("@x") == "'@x"
    assert safe_cell("＝1") == "'＝1"
    assert safe_cell("-5.25") == "-5.25"
    assert safe_cell("-5+cmd") == "'-5+cmd"
    assert safe_cell(None) == ""
    lines = list(csv_lines(["a", "b"], [['say "hi"', 7]]))
    assert lines[0].startswith("\ufeff")
    assert next(csv.reader([lines[1]])) == ['say "hi"', "7"]
