"""Transactions as dependencies of a route. The answer leaves only after the commit has returned."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends

from exchange.core.errors import Busy, Refused
from exchange.infra.database import RETRIED_STATES, Tx, cursor, sql_state_of, transaction

UNIQUE_VIOLATION = "23505"


class Simultaneous(Refused):
    """Two callers created the same thing at once; the other one won (409)."""

    code = "SIMULTANEOUS"
    retryable = True


def open_write() -> Iterator[Tx]:
    """A transaction that commits when the route returns and rolls back when it raises."""
    try:
        with transaction() as tx:
            yield tx
    except Exception as error:
        state = sql_state_of(error)
        if state in RETRIED_STATES:
            raise Busy from error
        if state == UNIQUE_VIOLATION:
            raise Simultaneous from error
        raise


def open_read() -> Iterator[Tx]:
    """A read-only transaction on one snapshot: a reading route cannot change anything."""
    with transaction() as tx:
        with cursor(tx) as raw:
            raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield tx


written = contextmanager(open_write)
"""The same for a route that has long work to do before or after and must hold no transaction meanwhile."""

# The scope matters: with the default the client gets its answer before the commit, and never learns of its failure.
WriteTx = Annotated[Tx, Depends(open_write, scope="function")]
ReadTx = Annotated[Tx, Depends(open_read, scope="function")]
