"""The intake of a process: orders that wait together are judged and committed together, each with its own answer.

One thread takes what waits and runs it as one transaction (group commit). A fault is cut down to the request that
causes it: a lock that does not come splits the batch by book, anything unexpected splits it one by one, so a poisoned
request or a stuck book never takes others with it. An outage of the database refuses all at once (Busy).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import structlog

from exchange.access.credential import Credential
from exchange.access.service import actors_of
from exchange.core.clock import system_now
from exchange.core.errors import Busy, ExchangeError
from exchange.infra.batcher import Batcher
from exchange.infra.database import Tx, sql_state_of
from exchange.infra.doorbell import ring
from exchange.infra.lane import Lane, violated_constraint
from exchange.infra.settings import settings
from exchange.matching.errors import IntakeFull
from exchange.matching.order_terms import NewOrder
from exchange.matching.service.place import PlaceAnswer, Submission, place_batch
from exchange.matching.store.intake import KEPT_KEY

LOCK_TIMEOUT = "55P03"
TWIN_ATTEMPTS = 5
WAITING_MAX = 4096
BULK_MAX = 1000

Outcome = PlaceAnswer | Exception

log = structlog.get_logger("exchange.intake")


@dataclass(frozen=True, slots=True)
class IntakeRequest:
    """A request as the edge hands it in: who claims to be calling, under which key, with which orders."""

    credential: Credential
    key: str
    body_hash: str
    orders: tuple[NewOrder, ...]
    bulk: bool = False


class Intake:
    """The batcher of one process with the rules for faults."""

    def __init__(self, after_commit: Callable[[], None] = ring) -> None:
        self._lane = Lane()
        self._batcher: Batcher[IntakeRequest, PlaceAnswer] = Batcher(
            "intake",
            self._work,
            batch_max=settings().intake_batch_max,
            waiting_max=WAITING_MAX,
            weight=lambda request: len(request.orders),
            after=after_commit,
        )

    def start(self) -> None:
        """Start the thread of the intake."""
        self._batcher.start()

    def stop(self) -> None:
        """Refuse what is new, answer what waits, end."""
        self._batcher.stop()
        self._lane.close()

    def _work(self, requests: Sequence[IntakeRequest]) -> list[Outcome]:
        return answer_all(self._lane, requests)

    async def place(self, request: IntakeRequest) -> PlaceAnswer:
        """The committed answer, or the refusal. INTAKE_FULL (503) when too many orders wait."""
        try:
            return await self._batcher.submit(request)
        except Busy as error:
            raise IntakeFull from error


@lru_cache(maxsize=1)
def intake() -> Intake:
    """The intake of this process, started on first use."""
    started = Intake()
    started.start()
    return started


def stop_intake() -> None:
    """End the intake of this process, if it ever started: answer what waits, take no more."""
    if intake.cache_info().currsize:
        intake().stop()
        intake.cache_clear()


def answer_all(lane: Lane, requests: Sequence[IntakeRequest]) -> list[Outcome]:
    """An answer or an error for every request, in their order; only answers that are committed."""
    try:
        return _commit(lane, requests)
    except Exception as error:
        if len(requests) == 1:
            return [error]
        return _cut_down(lane, requests, error)


def _commit(lane: Lane, requests: Sequence[IntakeRequest]) -> list[Outcome]:
    for _ in range(TWIN_ATTEMPTS):
        try:
            return lane.run(lambda tx: _answers(tx, requests))
        except Exception as error:
            if violated_constraint(error) != KEPT_KEY:
                raise
            log.info("a twin was committed meanwhile", size=len(requests))
    raise Busy


def _answers(tx: Tx, requests: Sequence[IntakeRequest]) -> list[Outcome]:
    actors = actors_of(tx, [request.credential for request in requests], system_now())
    known = [
        Submission(actor, request.key, request.body_hash, request.orders, request.bulk)
        for request, actor in zip(requests, actors, strict=True)
        if not isinstance(actor, ExchangeError)
    ]
    placed = iter(place_batch(tx, known) if known else ())
    return [actor if isinstance(actor, ExchangeError) else next(placed) for actor in actors]


def _cut_down(lane: Lane, requests: Sequence[IntakeRequest], error: Exception) -> list[Outcome]:
    if isinstance(error, Busy):
        stuck = error.__cause__ is not None and sql_state_of(error.__cause__) == LOCK_TIMEOUT
        groups = _by_book(requests) if stuck else []
        if len(groups) < 2:
            return [error] * len(requests)
        log.warning("a lock did not come: batch split by book", size=len(requests), books=len(groups))
    else:
        log.error("batch undone: one by one", size=len(requests), exc_info=error)
        groups = [[position] for position in range(len(requests))]
    outcomes: list[Outcome] = [error] * len(requests)
    for group in groups:
        answers = answer_all(lane, [requests[position] for position in group])
        for position, answer in zip(group, answers, strict=True):
            outcomes[position] = answer
    return outcomes


def _by_book(requests: Sequence[IntakeRequest]) -> list[list[int]]:
    """Positions of the requests that name the same book first, in order of appearance."""
    groups: dict[str | None, list[int]] = {}
    for position, request in enumerate(requests):
        first = request.orders[0]
        groups.setdefault(first.book_id or first.listing_id, []).append(position)
    return list(groups.values())
