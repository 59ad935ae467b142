"""Whether this process's servers answer: the health check of containers that have no port of their own."""

import sys
from collections.abc import Sequence

import psycopg
import redis

from exchange.infra.settings import settings


def main(_: Sequence[str] = ()) -> int:
    """`python3 -m exchange ping`: 0 when PostgreSQL answers. Redis is a doorbell: its silence is said, not fatal."""
    config = settings()
    try:
        with psycopg.connect(config.database_url, connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        sys.stderr.write(f"PostgreSQL: {error}\n")
        return 1
    try:
        with redis.from_url(config.redis_url, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except redis.RedisError as error:
        sys.stdout.write(f"PostgreSQL answers, Redis does not: {error}\n")
        return 0
    sys.stdout.write("PostgreSQL and Redis answer\n")
    return 0
