"""Open an uploaded file: hash it, tell CSV from XLSX, and give its rows one by one."""

import codecs
import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from exchange.core.encoding import detect
from exchange.imports.cells import Cell
from exchange.imports.errors import FileTooLarge, FileUnreadable
from exchange.imports.workbook import ROWS_MAX, inspect

PIECE = 1 << 18
LINE_MAX = 100_000
ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"

NumberedRow = tuple[int, Sequence[Cell]]


def hash_of(file: IO[bytes]) -> str:
    """sha256 of the whole file in hexadecimal."""
    file.seek(0)
    digest = hashlib.sha256()
    for piece in pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def rows_of(file: IO[bytes]) -> Iterator[NumberedRow]:
    """Rows with the numbers people see, the header being row 1. FILE_UNREADABLE or FILE_TOO_LARGE otherwise."""
    file.seek(0)
    start = file.read(4)
    if start.startswith(OLD_EXCEL_MAGIC):
        raise FileUnreadable(reason="xls")
    rows = _workbook_rows(file) if start == ZIP_MAGIC else _csv_rows(file)
    return _limited(rows)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file from here in pieces."""
    while piece := file.read(PIECE):
        yield piece


def _limited(rows: Iterable[NumberedRow]) -> Iterator[NumberedRow]:
    for number, cells in rows:
        if number > ROWS_MAX + 1:
            raise FileTooLarge(limit=ROWS_MAX)
        yield number, cells


def _csv_rows(file: IO[bytes]) -> Iterator[NumberedRow]:
    file.seek(0)
    encoding = detect(pieces(file))
    if encoding is None:
        raise FileUnreadable(reason="encoding")
    file.seek(0)
    lines = _lines(file, encoding)
    first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(_chain(first, lines), delimiter=delimiter, strict=True)
    try:
        # Records are counted, not lines: a quoted cell may hold line breaks.
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise FileUnreadable(reason="csv") from error


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Lines with their endings, decoded in pieces; one over the limit is refused before it is held."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    rest = ""
    for piece in pieces(file):
        parts = (rest + decoder.decode(piece)).splitlines(keepends=True)
        rest = parts.pop() if parts else ""
        if len(rest) > LINE_MAX:
            raise FileTooLarge(limit=LINE_MAX)
        yield from parts
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _workbook_rows(file: IO[bytes]) -> Iterator[NumberedRow]:
    if (fault := inspect(file)) is not None:
        raise FileTooLarge(limit=fault.reason) if fault.is_size else FileUnreadable(reason=fault.reason)
    file.seek(0)
    try:
        with CalamineWorkbook.from_filelike(file) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            first = (sheet.start or (0, 0))[0] + 1
            yield from enumerate(sheet.iter_rows(), start=first)
    except (CalamineError, OSError, IndexError) as error:
        raise FileUnreadable(reason="workbook") from error
