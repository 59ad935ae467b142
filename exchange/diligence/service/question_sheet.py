"""Questions and answers as a sheet that a spreadsheet may open without running anything that stands in a cell."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from openpyxl import Workbook

from exchange.diligence.store.room_values import Thread
from exchange.imports.export import csv_lines, safe_cell

HEADER = ("id", "asker", "document", "page", "item", "state", "faq", "published_at", "question", "answer")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def written(threads: Sequence[Thread], file_format: str) -> tuple[bytes, str]:
    """The sheet and its media type: one line a question, as the caller may see it. ``file_format``: csv or xlsx."""
    if file_format == "csv":
        return "".join(csv_lines(HEADER, _rows(threads))).encode(), CSV_TYPE
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Q&A")
    sheet.append(list(HEADER))
    for row in _rows(threads):
        sheet.append([safe_cell(cell) for cell in row])
    target = BytesIO()
    book.save(target)
    return target.getvalue(), XLSX_TYPE


def _rows(threads: Sequence[Thread]) -> Iterator[tuple[str | int | None, ...]]:
    for thread in threads:
        row = thread.row
        asked = [message.text for message in thread.messages if message.kind in {"question", "reopened"}]
        answers = [message.text for message in thread.messages if message.kind in {"answer", "refusal"}]
        knows = thread.asker_organisation_id is not None
        yield (
            thread.public_id,
            thread.asker_organisation_id,
            row.document_id,
            row.page,
            row.item_code,
            row.state.value if knows else "published",
            "yes" if row.is_faq else "",
            row.published_at.isoformat() if row.published_at else None,
            "\n".join(asked),
            "\n".join(answers),
        )
