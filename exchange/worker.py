"""The worker: takes drain jobs from the queue in forked children, and drains by itself while there is no queue.

PostgreSQL says what there is to do. A child that dies at any statement leaves nothing half done: its locks end with
its connection and the next pass, here or elsewhere, starts from the stored progress.
"""

import os
import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

import redis
import structlog
from rq import Worker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from exchange.infra import queues
from exchange.infra.database import forget_engine
from exchange.infra.doorbell import QUEUE, doorbell
from exchange.infra.queues import STOPPING
from exchange.infra.settings import settings
from exchange.matching import jobs
from exchange.reactions import load_jobs, react_due
from exchange.rest import logs

WORKER_TTL_SECONDS = 30
MAINTENANCE_SECONDS = 10
POLL_SECONDS = 0.1
DEQUEUE_SECONDS = 5

log = structlog.get_logger("exchange.worker")


class ForkingWorker(Worker):
    """RQ's forking worker with our signals: a stop lets the child finish its pass, a lost Redis ends the wait."""

    def __init__(self, connection: "redis.Redis") -> None:
        super().__init__(
            [Queue(QUEUE, connection=connection, serializer=JSONSerializer)],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            job_monitoring_interval=5,
            log_job_description=False,
        )

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job, or None at a stop. A Redis error ends the wait, so that the caller can drain meanwhile."""
        while True:
            if STOPPING.is_set():
                return None
            try:
                self.heartbeat()
                if self.should_run_maintenance_tasks:
                    self.run_maintenance_tasks()  # type: ignore[no-untyped-call]
                found: tuple[Job, Queue] | None = self.queue_class.dequeue_any(
                    self._ordered_queues,
                    DEQUEUE_SECONDS,
                    connection=self.connection,
                    job_class=self.job_class,
                    serializer=self.serializer,
                    death_penalty_class=self.death_penalty_class,
                )
            except DequeueTimeout:
                continue
            if found is not None:
                version = self.get_redis_server_version()  # type: ignore[no-untyped-call]
                found[0].redis_server_version = version
            return found

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop taking jobs; a child that lingers ends after its pass."""
        STOPPING.set()
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def setup_work_horse_signals(self) -> None:
        """The child ends its pass on SIGTERM; nothing is lost if it is killed instead."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: STOPPING.set())

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Forget what belongs to the parent, then run the job."""
        start_anew()
        super().main_work_horse(job, queue)


def start_anew() -> None:
    """Drop the parent's connections and warm books in a forked child."""
    forget_engine()
    doorbell.cache_clear()
    jobs.matcher.cache_clear()


def serve_queue() -> None:
    """Work for the queue until told to stop or until Redis is lost."""
    with queue_connection() as connection:
        worker = ForkingWorker(connection)
        worker.work(logging_level="WARNING")


def queue_connection() -> "redis.Redis":
    """A connection whose blocking reads outlast the wait for a job."""
    return redis.Redis.from_url(settings().redis_url, socket_connect_timeout=2, socket_timeout=DEQUEUE_SECONDS + 10)


def poll_database() -> None:
    """Drain by polling while there is no queue, until it is back or the process is to stop."""
    log.warning("no queue: draining by polling")
    last_look = 0.0
    while not STOPPING.is_set():
        try:
            if not jobs.work_once():
                time.sleep(POLL_SECONDS)
        except Exception:
            log.exception("polling pass failed")
            time.sleep(1.0)
        if time.monotonic() - last_look > 1.0:
            last_look = time.monotonic()
            if queues.is_reachable():
                return


def _stop(*_: Any) -> None:
    STOPPING.set()


def main(_: Sequence[str] = ()) -> int:
    """``python3 -m exchange worker``."""
    logs.configure(settings().log_level)
    queues.also(react_due)
    load_jobs()
    STOPPING.clear()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    log.info("worker started", pid=os.getpid())
    while not STOPPING.is_set():
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        if queues.is_reachable():
            try:
                serve_queue()
            except (redis.RedisError, OSError) as error:
                log.warning("queue lost", reason=type(error).__name__)
        else:
            poll_database()
    return 0
