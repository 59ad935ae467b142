"""The one text of what a valuation was made from and what came out, and the way back from it.

A value of the panel (facts, assumptions, panel, weight) becomes plain JSON: a dataclass an object by field name, a
tuple an array, a date ISO text, an enum its value. The canonical text has sorted keys and no spaces; its sha-256 is
the content hash. Reading the text gives an equal value, so a stored valuation can be computed again and compared byte
for byte. Floats occur in index levels only; Python writes the shortest text that reads back as the same float.
Example: ``Deferral(400_000, 365)`` -> ``{"days":365,"share_ppm":400000}``.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from exchange.core.events import canonical_json
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.facts import FundFacts
from exchange.valuation.panel.opinion import Panel

T = TypeVar("T")
Json = Any
"""What ``json`` reads and writes."""

Reader = Callable[[Json], Any]
Writer = Callable[[Any], Json]

_PLAIN = frozenset({str, int, bool, NoneType})
"""What stands in JSON as itself. Exactly these types: a text or a number of an enum is written by its value."""


def to_json(value: object) -> Json:
    """A value of the panel as plain JSON types. ValueError for a float that is no number, TypeError for the rest."""
    kind: Any = type(value)
    return value if kind in _PLAIN else _writer(kind)(value)


def to_text(value: object) -> str:
    """The canonical text of a value."""
    return canonical_json(to_json(value))


def text_hash(text: str) -> str:
    """sha-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(value: object) -> str:
    """sha-256 of the canonical text of a value, in hexadecimal."""
    return text_hash(to_text(value))


def facts_from_json(data: Json) -> FundFacts:
    """The facts of a fund from their JSON. ValueError for anything that is not exactly that."""
    return from_json(FundFacts, data)


def assumptions_from_json(data: Json) -> Assumptions:
    """Assumptions from their JSON. ValueError for anything that is not exactly that."""
    return from_json(Assumptions, data)


def panel_from_json(data: Json) -> Panel:
    """A panel from its JSON. ValueError for anything that is not exactly that."""
    return from_json(Panel, data)


def from_json(kind: type[T], data: Json) -> T:
    """A value of this type from its JSON. ValueError for a missing, unknown or ill-typed field."""
    readable: Any = kind
    value: T = _reader(readable)(data)
    return value


def from_text(kind: type[T], text: str) -> T:
    """A value of this type from its canonical text."""
    return from_json(kind, json.loads(text))


@lru_cache(maxsize=256)
def _writer(kind: type) -> Writer:
    """How values of a type are written; found once a type, because a market holds a million values."""
    if issubclass(kind, Enum):
        return _value_of
    if kind is float:
        return _finite
    if issubclass(kind, date):
        return _iso
    if issubclass(kind, tuple | list):
        return _array
    if is_dataclass(kind):
        return _object(_field_names(kind))
    raise TypeError(f"{kind.__name__} has no canonical form")


def _value_of(value: Any) -> Json:
    return value.value


def _finite(value: Any) -> Json:
    if not math.isfinite(value):
        raise ValueError("a float that is no number has no text")
    return value


def _iso(value: Any) -> Json:
    return value.isoformat()


def _array(value: Any) -> Json:
    return [item if type(item) in _PLAIN else _writer(cast("Any", type(item)))(item) for item in value]


def _object(names: tuple[str, ...]) -> Writer:
    def write(value: Any) -> Json:
        found = {}
        for name in names:
            item = getattr(value, name)
            kind: Any = type(item)
            found[name] = item if kind in _PLAIN else _writer(kind)(item)
        return found

    return write


@lru_cache(maxsize=64)
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@lru_cache(maxsize=256)
def _reader(kind: Any) -> Reader:
    """How values of a type are read."""
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        return _optional(next(part for part in get_args(kind) if part is not NoneType))
    if origin is tuple:
        return _sequence(get_args(kind))
    if is_dataclass(kind):
        return _record(kind)
    if kind is date:
        return _day
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member(kind)
    return _plain(kind)


def _optional(kind: Any) -> Reader:
    read = _reader(kind)
    return lambda data: None if data is None else read(data)


def _sequence(parts: tuple[Any, ...]) -> Reader:
    """A tuple of one type with any length, or of stated types."""
    if parts[-1] is Ellipsis:
        each = _reader(parts[0])
        return lambda data: tuple(each(item) for item in _listed(data))
    readers = [_reader(part) for part in parts]
    return lambda data: tuple(read(item) for read, item in zip(readers, _listed(data), strict=True))


def _record(kind: Any) -> Reader:
    readers: dict[str, Reader] = {}  # filled at first use: a type may be read before all it refers to is known

    def read(data: Json) -> Any:
        if not readers:
            hints = get_type_hints(kind)
            readers.update({name: _reader(hints[name]) for name in _field_names(kind)})
        if not isinstance(data, Mapping) or data.keys() != readers.keys():
            raise ValueError(f"not the fields of {kind.__name__}")
        return kind(**{name: reader(data[name]) for name, reader in readers.items()})

    return read


def _listed(data: Json) -> list[Json]:
    if not isinstance(data, list):
        raise ValueError("not an array")
    return data


def _day(data: Json) -> date:
    if not isinstance(data, str):
        raise ValueError("not a date")
    return date.fromisoformat(data)


def _member(kind: type[Enum]) -> Reader:
    return lambda data: kind(data)


def _plain(kind: Any) -> Reader:
    """Text, whole numbers, truth values and floats, each only as itself; a float may be written as a whole number."""

    def read(data: Json) -> Any:
        if kind is float and type(data) in {int, float}:
            return float(data)
        if type(data) is not kind:
            raise ValueError(f"not {getattr(kind, '__name__', kind)}")
        return data

    return read
