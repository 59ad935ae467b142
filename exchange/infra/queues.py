"""The queue as workers see it: a Redis that may be slow, empty or gone, and work that runs beside a drain.

Jobs carry nothing but their name; what is to be done stands in PostgreSQL. A process that works for the queue also
does the work registered here (reactions), so that one lingering job serves everything that waits.
"""

import threading
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from exchange.infra.doorbell import DRAIN_JOB, FAILURE_TTL_SECONDS, JOB_TIMEOUT_SECONDS, QUEUE
from exchange.infra.settings import settings

TIMEOUT_SECONDS = 0.5
WAITING_JOBS_MAX = 8

STOPPING = threading.Event()
"""Set when this process was asked to stop: whatever lingers ends after its current pass."""

_COMPANIONS: list[Callable[[], int]] = []


def also(work: Callable[[], int]) -> None:
    """Register work that a lingering job does between passes; it returns how many things it did."""
    if work not in _COMPANIONS:
        _COMPANIONS.append(work)


def companions() -> int:
    """Do the registered work once; how many things were done."""
    return sum(work() for work in _COMPANIONS)


def client() -> redis.Redis:
    """A new client with short time-outs. Raises RedisError or OSError on use when Redis is away."""
    return redis.Redis.from_url(
        settings().redis_url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def is_reachable() -> bool:
    """Whether Redis answers now."""
    if not settings().redis_url:
        return False
    try:
        with client() as connection:
            return bool(connection.ping())
    except (redis.RedisError, OSError):
        return False


def call_worker() -> bool:
    """Queue one drain whoever may be listening, unless several wait already. False when Redis did not take it."""
    if not settings().redis_url:
        return False
    try:
        with client() as connection:
            queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
            if queue.count < WAITING_JOBS_MAX:
                queue.enqueue(DRAIN_JOB, result_ttl=0, failure_ttl=FAILURE_TTL_SECONDS, job_timeout=JOB_TIMEOUT_SECONDS)
    except (redis.RedisError, OSError):
        return False
    return True
