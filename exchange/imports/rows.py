"""From a header and rows of cells to typed values with every error of every row.

Example: header ``fund_code, as_of, nav`` and row ``F1, 2026-03-31, 12.50`` -> fund F1, that date, 1250 minor units.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from exchange.imports.cells import Cell, Stored, Wrong, is_empty, parse_cell, shown
from exchange.imports.columns import NATURAL_KEYS, TEMPLATES, Column, known_headers, normal_header
from exchange.imports.kinds import AmountUnit, ImportKind

HEADER_ROW = 1
KEY_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class RowError:
    """One wrong cell (or row): where, what stands there, why, and what was probably meant."""

    row: int
    column: str
    value: str
    code: str
    hint: str = ""

    def as_json(self) -> dict[str, str | int]:
        """As it is kept with the staged row."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "hint": self.hint,
        }


@dataclass(slots=True)
class ParsedRow:
    """One row of the file. ``values`` holds what could be read even when there are errors."""

    number: int
    values: dict[str, Stored]
    errors: list[RowError] = field(default_factory=list)

    def wrong(self, column: str, code: str, hint: str = "") -> None:
        """Note an error of a column."""
        value = self.values.get(column)
        self.errors.append(RowError(self.number, column, shown(value), code, hint))


@dataclass(frozen=True, slots=True)
class Header:
    """Which column of the template stands at which position."""

    positions: Mapping[int, Column]
    errors: tuple[RowError, ...]
    unit: AmountUnit = AmountUnit.ONE
    ignored: frozenset[int] = frozenset()


ColumnMapping = Mapping[str, str | None]
"""An organisation's own headers, normalised, and the column of ours each stands for; None: a column to leave out."""


def read_header(
    kind: ImportKind,
    cells: Sequence[Cell],
    mapping: ColumnMapping = MappingProxyType({}),
    unit: AmountUnit = AmountUnit.ONE,
) -> Header:
    """Match the first row, by the organisation's ``mapping`` before our own names.

    Unknown, doubled and missing columns are errors; nothing is read then.
    """
    columns = {column.name: column for column in TEMPLATES[kind]}
    known = known_headers(kind) | {header: columns[name] for header, name in mapping.items() if name is not None}
    left_out = {header for header, name in mapping.items() if name is None}
    ignored: set[int] = set()
    positions: dict[int, Column] = {}
    errors = []
    for position, cell in enumerate(cells):
        if is_empty(cell):
            continue
        header = normal_header(str(cell))
        if header in left_out:
            ignored.add(position)
            continue
        column = known.get(header)
        if column is None:
            errors.append(RowError(HEADER_ROW, shown(cell), shown(cell), "COLUMN_UNKNOWN", _names(kind)))
        elif column in positions.values():
            errors.append(RowError(HEADER_ROW, column.name, shown(cell), "COLUMN_DOUBLED"))
        else:
            positions[position] = column
    for column in TEMPLATES[kind]:
        if column.is_required and column not in positions.values():
            errors.append(RowError(HEADER_ROW, column.name, "", "COLUMN_MISSING"))
    return Header(positions, tuple(errors), unit, frozenset(ignored))


def read_rows(header: Header, rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[ParsedRow]:
    """Typed rows, blank ones left out. Numbers are those of the file, the header being row 1."""
    for number, cells in rows:
        if any(not is_empty(cell) for cell in cells):
            yield _read_row(header, number, cells)


def natural_key(kind: ImportKind, values: Mapping[str, Stored]) -> str:
    """What makes two rows the same fact; empty when a part of it is missing."""
    parts = [values.get(name) for name in NATURAL_KEYS[kind]]
    return KEY_SEPARATOR.join(str(part) for part in parts) if all(part is not None for part in parts) else ""


class Doubles:
    """Finds natural keys that stand twice in one file."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}

    def check(self, key: str, row: ParsedRow, column: str) -> None:
        """Note an error when the key stood in an earlier row."""
        first = self._first.setdefault(key, row.number)
        if first != row.number:
            row.wrong(column, "ROW_DOUBLED", str(first))


def _read_row(header: Header, number: int, cells: Sequence[Cell]) -> ParsedRow:
    row = ParsedRow(number, {})
    for position, column in header.positions.items():
        cell = cells[position] if position < len(cells) else None
        if is_empty(cell):
            if column.is_required:
                row.errors.append(RowError(number, column.name, "", "CELL_EMPTY"))
            continue
        value = parse_cell(column, cell, header.unit)
        if isinstance(value, Wrong):
            row.errors.append(RowError(number, column.name, shown(cell), value.code, value.hint))
        else:
            row.values[column.name] = value
    placed = header.positions.keys() | header.ignored
    surplus = [cell for position, cell in enumerate(cells) if position not in placed and not is_empty(cell)]
    if surplus:
        row.errors.append(RowError(number, "", shown(surplus[0]), "CELL_WITHOUT_COLUMN"))
    return row


def _names(kind: ImportKind) -> str:
    return ", ".join(column.name for column in TEMPLATES[kind])
