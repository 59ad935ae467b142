"""An answer as text in columns: figures by name, tables of periods, notes and reasons as sentences below."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NONE = "-"
SENTENCES = ("notes", "explanations")
FIGURES = ("value", "money", "rate")
"""Where the figure of a part with a status stands."""


def table(answer: Mapping[str, Any]) -> str:
    """The whole answer; a figure that is not there shows its status."""
    blocks = [_columns([[name, text] for name, text in _figures(answer, "")])]
    for name, rows in _tables(answer, ""):
        header = list(rows[0])
        blocks.append(f"{name}\n" + _columns([header, *([_text(row[key]) for key in header] for row in rows)]))
    told = [f"{item['code']}: {item['detail_en']}" for part in SENTENCES for item in _sentences(answer, part)]
    if told:
        blocks.append("\n".join(told))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _figures(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Names and texts of everything but tables and sentences."""
    for name, value in part.items():
        path = f"{prefix}{name}"
        if name in SENTENCES or _is_table(value):
            continue
        if not isinstance(value, Mapping):
            yield path, _text(value)
        elif (figure := next((key for key in FIGURES if key in value), None)) and "status" in value:
            if value[figure] is None:
                yield path, str(value["status"])
                continue
            yield path, _text(value[figure])
            others = {key: item for key, item in value.items() if key not in {figure, "status"}}
            yield from _figures(others, f"{path}.")
        else:
            yield from _figures(value, f"{path}.")


def _tables(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """Lists of rows; of rows that hold tables themselves, the tables of each."""
    for name, value in part.items():
        path = f"{prefix}{name}"
        if name in SENTENCES:
            continue
        if isinstance(value, Mapping):
            yield from _tables(value, f"{path}.")
        elif _is_table(value):
            inner = [(f"{path} {row.get('name', place + 1)}", row) for place, row in enumerate(value)]
            nested = [found for label, row in inner for found in _tables(row, f"{label} ")]
            plain = [_plain(row) for row in value]
            yield path, plain
            yield from nested


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its own tables and sentences."""
    return {
        name: value
        for name, value in row.items()
        if name not in SENTENCES and not (isinstance(value, list) and value and isinstance(value[0], Mapping))
    }


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _sentences(part: object, name: str) -> Iterator[Mapping[str, Any]]:
    """Notes or explanations, at any depth."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == name and isinstance(value, list):
                yield from value
            elif key not in SENTENCES:
                yield from _sentences(value, name)
    elif isinstance(part, list):
        for item in part:
            yield from _sentences(item, name)


def _text(value: Any) -> str:
    """A value in one cell."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or NONE
    if isinstance(value, Mapping):
        if "amount" in value:
            return f"{value['amount']} {value['currency']}"
        figure = next((value[key] for key in FIGURES if key in value), None)
        return _text(figure) if figure is not None else str(value.get("status", NONE))
    return str(value)


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, two spaces between them; figures to the right, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
