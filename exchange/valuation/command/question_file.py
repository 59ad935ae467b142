"""A calculator's question as CSV: tables of flows as a spreadsheet holds them, and single values beside them.

A file without sections is one table, the calculator's main list, with the fields as its header; single values come
from ``--set``. With sections, each line ``[name]`` begins the table of that name, and the lines before the first of
them are single values, ``name,value``; a dot steps into a part (``fee.rate,0.02``). A calculator without a main list
takes single values only. An empty cell is a field left out; a list within a cell is parted by semicolons.

    currency,CNY
    nav,88000000.00
    [flows]
    on,called,distributed
    2026-03-15,5000000.00,
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exchange.core.errors import Invalid
from exchange.rest.body import MalformedBody

SECTION = re.compile(r"\[([a-z_]+)\]")
WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)

Schema = Mapping[str, Any]


class CalculatorFile(Invalid):
    """The file is no question: ``line`` and ``reason`` say why."""

    code = "CALCULATOR_FILE"


def question_from_csv(raw: bytes, schema: Schema, rows: str | None) -> dict[str, Any]:
    """The body that a CSV stands for, typed by the JSON schema of the request; CalculatorFile or MalformedBody."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(reason="utf-8") from error
    lines = list(_lines(text))
    is_sectioned = any(_section(cells) for _, cells in lines)
    name = None if is_sectioned else rows
    body: dict[str, Any] = {}
    header: list[str] | None = None
    for line, cells in lines:
        if is_sectioned and (section := _section(cells)) is not None:
            name, header = section, None
            if name in body:
                raise CalculatorFile(line=line, reason=f"{name} stands twice")
            body[name] = []
        elif name is None:
            _put_line(body, line, cells, schema)
        elif header is None:
            header = [cell.strip() for cell in cells]
            body.setdefault(name, [])
        else:
            body[name].append(_row(line, header, cells, _property(schema, name, schema)))
    return body


def with_values(body: object, given: Sequence[str], schema: Schema) -> object:
    """The body with values of the command line, ``name=value``, put in or put over."""
    if not given or not isinstance(body, dict):
        return body
    for item in given:
        name, sign, value = item.partition("=")
        if not sign:
            raise CalculatorFile(line=0, reason=f"{item} is not NAME=VALUE")
        _put(body, name.strip(), value.strip(), schema)
    return body


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise CalculatorFile(line=reader.line_num, reason=str(error)) from error


def _section(cells: list[str]) -> str | None:
    found = SECTION.fullmatch(cells[0].strip())
    return found[1] if found and not any(cell.strip() for cell in cells[1:]) else None


def _put_line(body: dict[str, Any], line: int, cells: list[str], schema: Schema) -> None:
    """A single value, ``name,value``."""
    name, *values = (cell.strip() for cell in cells)
    if len(values) == 0 or any(values[1:]):
        raise CalculatorFile(line=line, reason="a single value is written name,value")
    if values[0] and not _put(body, name, values[0], schema, over=False):
        raise CalculatorFile(line=line, reason=f"{name} stands twice")


def _row(line: int, header: list[str], cells: list[str], schema: Schema) -> dict[str, Any]:
    """One row of a table as an object."""
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        raise CalculatorFile(line=line, reason="more cells than the header")
    row: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        if cell.strip() and not _put(row, name, cell.strip(), schema, over=False):
            raise CalculatorFile(line=line, reason=f"{name} stands twice")
    return row


def _put(body: dict[str, Any], name: str, value: str, schema: Schema, *, over: bool = True) -> bool:
    """Set a value by its dotted name; False when it stood there before and is not to be put over."""
    *parts, last = name.split(".")
    kind: Schema = schema
    place = body
    for part in parts:
        kind = _property(kind, part, schema)
        below = place.setdefault(part, {})
        if not isinstance(below, dict):
            return False
        place = below
    if last in place and not over:
        return False
    place[last] = _typed(value, _property(kind, last, schema))
    return True


def _property(kind: Schema, name: str, root: Schema) -> Schema:
    """The schema of a field, of a list that of its items; empty where there is no such field."""
    found = _resolved(kind.get("properties", {}).get(name, {}), root)
    if found.get("type") == "array" and "properties" in (items := _resolved(found["items"], root)):
        found = items
    return {**found, "$defs": root.get("$defs", {})}


def _resolved(kind: Schema, root: Schema) -> Schema:
    """A schema with its reference followed; of alternatives the one that is not null."""
    if "anyOf" in kind:
        return _resolved(next(option for option in kind["anyOf"] if option.get("type") != "null"), root)
    if "$ref" in kind:
        found: Schema = root["$defs"][str(kind["$ref"]).rsplit("/", 1)[-1]]
        return found
    return kind


def _typed(value: str, kind: Schema) -> Any:
    """A cell as JSON would hold it: counts as integers, yes and no as booleans, lists parted by semicolons."""
    if kind.get("type") == "integer" and WHOLE.fullmatch(value):
        return int(value)
    if kind.get("type") == "boolean" and value in {"true", "false"}:
        return value == "true"
    if kind.get("type") == "array":
        return [_typed(part.strip(), kind["items"]) for part in value.split(";")]
    return value
