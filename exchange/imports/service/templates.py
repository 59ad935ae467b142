"""Empty files to fill in: CSV with the headers, XLSX with a dictionary sheet."""

from io import BytesIO

from openpyxl import Workbook

from exchange.imports.columns import TEMPLATES, CellKind, Column
from exchange.imports.export import csv_lines
from exchange.imports.kinds import ImportKind

FORMATS = {
    CellKind.CODE: "A-Z a-z 0-9 . _ - /",
    CellKind.TEXT: "text / 文字",
    CellKind.DATE: "2026-03-31",
    CellKind.AMOUNT: "72600000.00",
    CellKind.SIGNED_AMOUNT: "-1250000.00",
    CellKind.RATIO: "0.855",
    CellKind.SIGNED_RATIO: "-0.012",
    CellKind.WHOLE: "2019",
}


def template(kind: ImportKind, file_format: str) -> bytes:
    """The template of a kind as ``csv`` or ``xlsx`` bytes."""
    columns = TEMPLATES[kind]
    if file_format == "csv":
        return "".join(csv_lines([column.name for column in columns], [])).encode("utf-8")
    book = Workbook()
    data = book.active
    data.title = kind.value
    data.append([column.name for column in columns])
    words = book.create_sheet("dictionary 字典")
    words.append(["column", "中文", "required 必填", "format 格式"])
    for column in columns:
        words.append([column.name, column.title_zh, "yes 是" if column.is_required else "no 否", _format(column)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _format(column: Column) -> str:
    if column.choices:
        return " | ".join(dict.fromkeys(column.choices.values()))
    return FORMATS[column.kind]
