"""Tables that a spreadsheet may open without running anything that stands in a cell.

A text that begins like a formula gets an apostrophe in front. Example: ``=1+1`` -> ``'=1+1``; ``-5`` stays.
Source: CSV injection (OWASP); the apostrophe is what spreadsheets read as "text".
"""

import re
from collections.abc import Iterable, Iterator, Sequence

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def safe_cell(value: str | int | None) -> str:
    """One cell as harmless text."""
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA_START) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> Iterator[str]:
    """Lines of a CSV file with byte-order mark, every cell quoted and harmless."""
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[str | int | None]) -> str:
    return ",".join('"{}"'.format(safe_cell(cell).replace('"', '""')) for cell in cells) + "\r\n"
