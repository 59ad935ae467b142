"""A connection that one thread keeps: transactions with as few round trips as PostgreSQL allows.

The pool asks a connection whether it lives before it hands it out, and a statement waits for its answer before the next
one leaves. A lane does neither: it keeps its connection, runs each transaction in pipeline mode (a statement whose
answer nobody reads travels together with the COMMIT), and when the connection turns out to be dead it opens another
and runs the work again. Only for work that is safe to run twice, such as commands under idempotency keys: after a
connection died nobody knows whether its last COMMIT arrived.
"""

import random  # noqa: TID251 - jitter, no secret
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from exchange.core.errors import Busy
from exchange.infra.database import ATTEMPTS, BUSY_STATES, RETRIED_STATES, Tx, engine, sql_state_of

ENDED_STATES = frozenset({"57P01", "57P02", "57P03"})  # the server shuts down, crashed, or starts

T = TypeVar("T")


class Lane:
    """Runs transactions on a connection of its own. For one thread."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run the work in one transaction and commit it; again on deadlock, once more when the connection died.

        Lock and statement time-outs and an unreachable server surface as Busy.
        """
        reopened = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(work)
            except PoolTimeout as error:
                raise Busy from error
            except (DBAPIError, psycopg.Error) as error:
                self._forget_if_dead(error)
                state = sql_state_of(error)
                if _is_dead(error):
                    if reopened:
                        raise Busy from error
                    reopened = True
                elif state in BUSY_STATES:
                    raise Busy from error
                elif state not in RETRIED_STATES or attempt == ATTEMPTS:
                    raise
                time.sleep(random.uniform(0, 0.01 * attempt))  # noqa: S311 - jitter, no secret
        raise Busy

    def close(self) -> None:
        """End the connection; the pool makes itself another when it needs one."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _once(self, work: Callable[[Tx], T]) -> T:
        if self._connection is None:
            self._connection = _opened()
        driver = self._connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError("the engine must use psycopg 3")
        with driver.pipeline(), Session(self._connection, expire_on_commit=False) as session, session.begin():
            return work(session)

    def _forget_if_dead(self, error: Exception) -> None:
        if _is_dead(error) and self._connection is not None:
            self.close()


def _opened() -> Connection:
    """A connection that plans each statement once: the few statements of a lane are run by the million."""
    connection = engine().connect()
    connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
    connection.commit()
    return connection


def _is_dead(error: Exception) -> bool:
    """True when the connection died or could not be made."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.OperationalError):
        return False
    return original.sqlstate is None or original.sqlstate in ENDED_STATES


def violated_constraint(error: Exception) -> str | None:
    """The name of the constraint that a statement violated, None for any other error."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return original.diag.constraint_name if isinstance(original, psycopg.IntegrityError) else None
