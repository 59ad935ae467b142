"""Is a workbook safe to open? Judged on its raw bytes before any parser allocates for it.

A workbook is a zip of XML. Besides what makes any archive unsafe: a sheet with one cell far out, for which a reader
would allocate every cell in between.
Example: two cells A1 and XFD1048576 are 17 thousand million cells to a reader -> refused by the column alone.
"""

import re
from zipfile import ZipInfo

from exchange.core import archive
from exchange.core.archive import Fault, Look, Readable

ROWS_MAX = 200_000
_OVERLAP = 64
# A cell or row reference that is not one letter (A..Z) and a number up to 209,999, or hides behind an entity.
_FAR_AWAY = re.compile(
    rb"""\br\s*=\s*["'](?:[^"'<]*&|[A-Za-z]{2,}|[A-Za-z]?(?:[0-9]{7}|[3-9][0-9]{5}|2[1-9][0-9]{4}))"""
)


def inspect(file: Readable) -> Fault | None:
    """The first fault of a workbook, or None when it may be opened. The file is left at an unknown place."""
    fault = archive.inspect(file, _look_at)
    return Fault("not a workbook") if fault == archive.NO_ARCHIVE else fault


def _look_at(member: ZipInfo) -> Look | None:
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    return _sheet_look() if is_sheet else None


def _sheet_look() -> Look:
    tail = b""

    def look(piece: bytes) -> Fault | None:
        nonlocal tail
        if b"\x00" in piece:
            return Fault("sheet is not UTF-8")
        if _FAR_AWAY.search(tail + piece):
            return Fault("cells beyond column Z or row 209,999", is_size=True)
        tail = piece[-_OVERLAP:]
        return None

    return look
