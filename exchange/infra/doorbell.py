"""The doorbell of the matcher: a hint that a book has work. Never the truth, never in the way.

Whoever commits a command rings afterwards. A listening worker hears it on a channel; when nobody listens, one job is
queued (at most one in two seconds) that a worker of the queue picks up. Redis slow, gone or flushed costs a request
nothing: ringing happens on a thread of its own, fails silently and then leaves Redis alone for a second; a sweep of
PostgreSQL finds whatever a lost ring was about.
"""

import threading
import time
from functools import lru_cache

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from exchange.infra.settings import settings

CHANNEL = "matching:bell"
ARMED = "matching:armed"
QUEUE = "matching"
DRAIN_JOB = "exchange.matching.jobs.drain"
ARMED_SECONDS = 2
TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 1.0
JOB_TIMEOUT_SECONDS = 900
FAILURE_TTL_SECONDS = 6 * 3600

log = structlog.get_logger("exchange.doorbell")


class Doorbell:
    """Rings one Redis server, with a circuit breaker. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = Queue(QUEUE, connection=self._client, serializer=JSONSerializer)
        self._silent_until = 0.0
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def ring(self) -> bool:
        """Ring now. False when Redis did not answer or did not a moment ago; never raises."""
        if time.monotonic() < self._silent_until:
            return False
        try:
            if self._client.publish(CHANNEL, "1") == 0:
                self._call_worker()
        except (redis.RedisError, OSError) as error:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            log.warning("doorbell silent", reason=type(error).__name__)
            return False
        return True

    def ring_soon(self) -> None:
        """Ring on the bell's own thread; rings that wait together are one ring. Costs the caller no network."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                    self._thread.start()
        self._wanted.set()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self.ring()

    def _call_worker(self) -> None:
        """Nobody listens: queue one job, unless one was queued a moment ago."""
        if self._client.set(ARMED, "1", nx=True, ex=ARMED_SECONDS):
            self._queue.enqueue(
                DRAIN_JOB,
                result_ttl=0,
                failure_ttl=FAILURE_TTL_SECONDS,
                job_timeout=JOB_TIMEOUT_SECONDS,
            )


@lru_cache(maxsize=1)
def doorbell() -> Doorbell | None:
    """The doorbell of this process, or None when no Redis is configured. Forked children clear the cache first."""
    url = settings().redis_url
    return Doorbell(url) if url else None


def ring() -> None:
    """Tell the matcher that there is work. After the commit, best effort, without waiting."""
    bell = doorbell()
    if bell is not None:
        bell.ring_soon()
