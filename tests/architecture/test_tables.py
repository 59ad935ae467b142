"""Every column keeps the exchange's representations: whole numbers of 64 bits, aware instants, checked enums."""

import importlib
import re

from sqlalchemy import BigInteger, Column, Date, DateTime, Enum, Integer, Numeric, Table
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

from tests.architecture.source import PACKAGE

SPAN = re.compile(r"_(from|to|until)$")
WIDE = re.compile(r"(_minor|_ppm|_units|_bytes|sequence|_micros)$")
SNAKE = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")


def tables() -> list[Table]:
    """All tables of all packages."""
    for path in sorted([*PACKAGE.glob("*/tables.py"), *PACKAGE.glob("*/tables/[!_]*.py")]):
        importlib.import_module(".".join(("exchange", *path.relative_to(PACKAGE).with_suffix("").parts)))
    return list(SQLModel.metadata.sorted_tables)


def plain(column: "Column[object]") -> TypeEngine[object]:
    """The column's type without its wrapping."""
    kind = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


COLUMNS = [(f"{table.name}.{column.name}", column, plain(column)) for table in tables() for column in table.columns]


def test_there_are_tables() -> None:
    assert len(COLUMNS) > 50


def test_money_prices_and_sequences_are_bigint() -> None:
    wrong = [name for name, column, kind in COLUMNS
             if WIDE.search(column.name) and not isinstance(kind, BigInteger)]  # fmt: skip
    assert not wrong, f"Write sa_type=BigInteger on each of these fields: {wrong}"


def test_small_integers_are_never_money() -> None:
    wrong = [name for name, _, kind in COLUMNS
             if type(kind) is Integer and re.search(r"amount|price|total|balance|fee|value", name)]  # fmt: skip
    assert not wrong, f"32 bits overflow at 21 million yuan in fen: {wrong}"


def test_no_column_is_a_fraction() -> None:
    wrong = [name for name, _, kind in COLUMNS if isinstance(kind, Numeric)]
    assert not wrong, f"FLOAT and NUMERIC are not used; store minor units or parts per million: {wrong}"


def test_enums_are_stored_by_value_with_a_check() -> None:
    wrong = []
    for name, column, kind in COLUMNS:
        if isinstance(kind, Enum):
            values = [member.value for member in kind.enum_class] if kind.enum_class else []
            if kind.native_enum or not kind.create_constraint or list(kind.enums) != values:
                wrong.append(f"{name} ({column.type})")
    assert not wrong, f"Use infra.database.stored(Enum, name): {wrong}"


def test_instants_are_aware_and_named_at() -> None:
    moments = [(name, column, kind) for name, column, kind in COLUMNS if isinstance(kind, DateTime)]
    assert moments
    wrong = [name for name, column, kind in moments if not re.search(r"(^|_)at$", column.name) or not kind.timezone]
    assert not wrong, f"Instants are aware and named at or *_at: {wrong}"


def test_dates_are_named_on_as_of_or_as_the_end_of_a_span() -> None:
    dates = [(name, column.name) for name, column, kind in COLUMNS if isinstance(kind, Date)]
    wrong = [name for name, own in dates if not (own.endswith("_on") or own == "as_of" or SPAN.search(own))]
    assert not wrong, f"Dates end in _on (a span: _from, _to, _until) or are as_of: {wrong}"


def test_names_are_snake_case() -> None:
    wrong = [name for name, column, _ in COLUMNS if not SNAKE.match(column.name)]
    wrong += [table.name for table in tables() if not SNAKE.match(table.name)]
    assert not wrong, f"Tables and columns are snake_case nouns: {wrong}"


def test_every_table_has_a_primary_key_and_named_constraints() -> None:
    wrong = [f"{table.name}: {constraint}" for table in tables() for constraint in table.constraints
             if constraint.name is None and not str(constraint).startswith("ForeignKey")]  # fmt: skip
    wrong += [table.name for table in tables() if not table.primary_key.columns]
    assert not wrong, f"Name every constraint so that a migration can drop it: {wrong}"
