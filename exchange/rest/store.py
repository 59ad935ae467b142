"""SQL of kept answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlmodel import col, select

from exchange.infra.database import Tx, cursor
from exchange.rest.tables import IdempotencyRow


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What an earlier request under the same key got."""

    body_hash: str
    status_code: int
    answer: dict[str, Any]


CLAIM = """
INSERT INTO idempotency (user_id, operation, key, body_hash, status_code, answer, created_at)
VALUES (%s, %s, %s, %s, 0, '{}', %s) ON CONFLICT DO NOTHING RETURNING key
"""
KEEP = "UPDATE idempotency SET status_code = %s, answer = %s WHERE user_id = %s AND operation = %s AND key = %s"


def claim(tx: Tx, user_id: str, operation: str, key: str, body_hash: str, now: datetime) -> KeptAnswer | None:
    """Take a key: None when it is ours now, else what the request got that had it first.

    Waits (bounded by lock_timeout) while a twin is in flight: its row is not visible, yet its key is taken.
    """
    with cursor(tx) as raw:
        if raw.execute(CLAIM, (user_id, operation, key, body_hash, now)).fetchone() is not None:
            return None
    row = tx.exec(
        select(IdempotencyRow).where(
            col(IdempotencyRow.user_id) == user_id,
            col(IdempotencyRow.operation) == operation,
            col(IdempotencyRow.key) == key,
        )
    ).one()
    return KeptAnswer(row.body_hash, row.status_code, row.answer)


def keep(tx: Tx, user_id: str, operation: str, key: str, status_code: int, answer: dict[str, Any]) -> None:
    """Write the answer into our claimed row."""
    with cursor(tx) as raw:
        raw.execute(KEEP, (status_code, Jsonb(answer), user_id, operation, key))
