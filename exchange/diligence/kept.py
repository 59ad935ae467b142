"""Values as they are kept in JSON: texts, whole numbers, lists and objects, whose canonical text never changes.

Example: ``Licence(number="7", expires_on=date(2027, 6, 30))`` -> ``{"number": "7", "expires_on": "2027-06-30"}``.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any


def kept(value: object) -> dict[str, Any]:
    """A dataclass as an object: enums by value, dates as 2026-06-30. TypeError for anything that is none."""
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"no dataclass: {type(value).__name__}")
    return {each.name: _kept(getattr(value, each.name)) for each in fields(value)}


def _kept(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _kept(each) for name, each in value.items()}
    if isinstance(value, Collection):
        return [_kept(each) for each in value]
    return kept(value)
