"""Bells between processes over Redis channels: a message says that there is something new, never what.

Nobody may rely on a bell: whoever waits for one looks at PostgreSQL anyway when the time is up.
"""

import time
from types import TracebackType

import redis
import structlog

from exchange.infra.queues import client
from exchange.infra.settings import settings

STREAM = "stream:bell"
RETRY_SECONDS = 1.0

log = structlog.get_logger("exchange.broadcast")


class Listener:
    """Waits for bells of one channel. Without Redis it only waits; it subscribes again when Redis is back."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._pubsub: redis.client.PubSub | None = None
        self._retry_at = 0.0

    def __enter__(self) -> "Listener":
        self._subscribe()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self, seconds: float) -> bool:
        """True as soon as a bell rings, False after so many seconds; bells that came meanwhile count as one."""
        if self._pubsub is None:
            self._subscribe()
        if self._pubsub is None:
            time.sleep(seconds)
            return False
        try:
            rung = self._heard(seconds)
            while rung and self._heard(0):
                pass
        except (redis.RedisError, OSError) as error:
            log.warning("bell lost", channel=self.channel, reason=type(error).__name__)
            self.close()
            time.sleep(min(seconds, 0.05))
            return True
        return rung

    def close(self) -> None:
        """Stop listening."""
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            try:
                pubsub.close()
                pubsub.connection_pool.disconnect()
            except (redis.RedisError, OSError):
                log.warning("bell not closed", channel=self.channel)

    def _heard(self, seconds: float) -> bool:
        if self._pubsub is None:
            return False
        until = time.monotonic() + seconds
        while True:
            left = max(0.0, until - time.monotonic())
            message = self._pubsub.get_message(timeout=left)
            if message is not None and message["type"] == "message":
                return True
            if message is None and not left:
                return False

    def _subscribe(self) -> None:
        if not settings().redis_url or time.monotonic() < self._retry_at:
            return
        try:
            pubsub = client().pubsub()  # type: ignore[no-untyped-call]
            pubsub.subscribe(self.channel)
            self._pubsub = pubsub
        except (redis.RedisError, OSError):
            self._retry_at = time.monotonic() + RETRY_SECONDS


class Bell:
    """Rings channels, best effort: False when Redis did not answer or did not a moment ago."""

    def __init__(self) -> None:
        self._client = client() if settings().redis_url else None
        self._silent_until = 0.0

    def ring(self, channel: str, message: str) -> bool:
        """Publish one short message."""
        if self._client is None or time.monotonic() < self._silent_until:
            return False
        try:
            self._client.publish(channel, message)
        except (redis.RedisError, OSError):
            self._silent_until = time.monotonic() + RETRY_SECONDS
            return False
        return True
