"""The PostgreSQL engine, the one way to open a transaction, and column helpers.

Services take the transaction first and never commit: the edge (a route, a job, a command) opens it here.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import psycopg
from psycopg.pq import PipelineStatus
from pydantic_core import from_json
from sqlalchemy import CheckConstraint, Engine, Enum, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, SQLModel

from exchange.core.errors import Busy
from exchange.infra.settings import settings

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Tx = Session
"""A transaction in progress. The name says what a service is handed."""

RETRIED_STATES = frozenset({"40001", "40P01"})  # serialization failure, deadlock
BUSY_STATES = frozenset({"55P03", "57014", "53300"})  # lock timeout, statement timeout, too many connections
ATTEMPTS = 5

T = TypeVar("T")


def stored(kind: type[StrEnum], name: str) -> Enum:
    """Column type of an enum: text by value with a CHECK constraint of the given name."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        length=40,
        name=name,
    )


def check(sql: str, name: str) -> CheckConstraint:
    """A named CHECK constraint for ``__table_args__``."""
    return CheckConstraint(sql, name=name)


def sqlalchemy_url(url: str) -> str:
    """The URL with the psycopg 3 driver named."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def make_engine(url: str, *, pool_size: int, overflow: int, role: str = "") -> Engine:
    """An engine whose connections bound every wait: connecting, locks, statements, idling in transaction.

    With a role the connections act under it from the start (the application owns no table).
    """
    config = settings()
    options = (
        f"-c lock_timeout={config.lock_timeout_ms} -c statement_timeout={config.statement_timeout_ms} "
        "-c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
    )
    if role:
        options += f" -c role={role}"
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 2, "options": options},
        json_deserializer=from_json,
    )


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process. Forked children call ``forget_engine`` first."""
    config = settings()
    return make_engine(
        config.database_url,
        pool_size=config.pool_size,
        overflow=config.pool_overflow,
        role=config.database_role,
    )


def forget_engine() -> None:
    """Drop the inherited engine without closing the parent's sockets; for forked workers and tests."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)
    engine.cache_clear()


@contextmanager
def transaction() -> Iterator[Tx]:
    """One transaction: commits at the end of the block, rolls back on any exception.

    Lock and statement time-outs and a full pool surface as Busy: nothing was changed, try again.
    """
    try:
        with Session(engine(), expire_on_commit=False) as session, session.begin():
            yield session
    except PoolTimeout as error:
        raise Busy from error
    except DBAPIError as error:
        if sql_state(error) in BUSY_STATES or is_disconnect(error):
            raise Busy from error
        raise
    except psycopg.Error as error:
        if error.sqlstate in BUSY_STATES or (isinstance(error, psycopg.OperationalError) and not error.sqlstate):
            raise Busy from error
        raise


def sql_state(error: DBAPIError) -> str | None:
    """The five-character SQLSTATE of a database error, if it carries one."""
    return error.orig.sqlstate if isinstance(error.orig, psycopg.Error) else None


def sql_state_of(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, wrapped or raw (set-wise statements raise raw ones); None for all others."""
    if isinstance(error, DBAPIError):
        return sql_state(error)
    return error.sqlstate if isinstance(error, psycopg.Error) else None


def is_disconnect(error: DBAPIError) -> bool:
    """True when the connection died or could not be made: the outcome of a commit is then unknown."""
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and sql_state(error) in {None, "57P01", "57P02", "57P03"}
    )


def run_in_transaction(work: Callable[[Tx], T]) -> T:
    """Run the work in a transaction; repeat the whole of it on deadlock or serialization failure.

    At most five attempts with jitter; the work must have no side effect outside the database.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction() as tx:
                return work(tx)
        except (DBAPIError, psycopg.Error) as error:
            if sql_state_of(error) not in RETRIED_STATES or attempt == ATTEMPTS:
                raise
            time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311 - jitter, no secret
    raise Busy


@contextmanager
def cursor(tx: Tx) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
    """A psycopg cursor inside the same transaction, for set-wise statements on the order path."""
    driver = tx.connection().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the engine must use psycopg 3")
    with driver.cursor() as raw:
        yield raw


@contextmanager
def pipelined(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    """Statements in the block leave without waiting for each other. Inside a pipeline it does nothing.

    The driver lets a nested pipeline wait for everything at its beginning and at its end: two round trips for nothing.
    """
    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
        yield
        return
    with connection.pipeline():
        yield


def id_array(ids: Iterable[str]) -> str:
    """The text of an array of ids for ``%s::text[]``; a tenth of the driver's work for a list. Ids hold no quotes."""
    return f"{{{','.join(ids)}}}"
