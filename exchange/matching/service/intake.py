"""The intake of a process: orders that wait together are judged and committed together, each with its own answer.

One thread takes what waits and runs it as one transaction (group commit). A fault is cut down to the request that
causes it: a lock that does not come splits the batch by book, anything unexpected splits it one by one, so a poisoned
request or a stuck book never takes others with it. An outage of the database refuses all at once (Busy).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import structlog

from exchange.access.actor import Actor
from exchange.access.credential import Credential
from exchange.access.service import actors_of, ask_actors
from exchange.core.clock import system_now
from exchange.core.errors import Busy, ExchangeError
from exchange.infra.batcher import Batcher
from exchange.infra.database import Tx, sql_state_of
from exchange.infra.doorbell import ring
from exchange.infra.lane import Lane, violated_constraint
from exchange.infra.settings import settings
from exchange.matching.errors import IntakeFull
from exchange.matching.order_terms import NewOrder
from exchange.matching.service.place import PlaceAnswer, Submission, place_batch, read_for
from exchange.matching.store.intake import KEPT_KEY

LOCK_TIMEOUT = "55P03"
TWIN_ATTEMPTS = 5
WAITING_MAX = 4096
BULK_MAX = 1000
CALLERS_MAX = 10_000

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


class Callers:
    """Who was behind each credential last time: a guess that lets the look-up travel with the reading, no proof.

    Every batch asks PostgreSQL who its callers are. Only a credential that was good before is guessed, so nobody
    reaches a lock without one.
    """

    def __init__(self) -> None:
        self._seen: dict[Credential, Actor] = {}

    def guess(self, requests: Sequence[IntakeRequest]) -> list[Actor] | None:
        """The callers as they were; None when one of them is not known."""
        found = [self._seen.get(request.credential) for request in requests]
        actors = [actor for actor in found if actor is not None]
        return actors if len(actors) == len(found) else None

    def learn(self, requests: Sequence[IntakeRequest], actors: Sequence[Actor | ExchangeError]) -> None:
        """Remember who they are now; forget who is refused."""
        if len(self._seen) > CALLERS_MAX:
            self._seen.clear()
        for request, actor in zip(requests, actors, strict=True):
            if isinstance(actor, Actor):
                self._seen[request.credential] = actor
            else:
                self._seen.pop(request.credential, None)


class Intake:
    """The batcher of one process with the rules for faults."""

    def __init__(self, after_commit: Callable[[], None] = ring) -> None:
        self._lane = Lane()
        self._callers = Callers()
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
        return answer_all(self._lane, requests, self._callers)

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


def answer_all(lane: Lane, requests: Sequence[IntakeRequest], callers: Callers | None = None) -> list[Outcome]:
    """An answer or an error for every request, in their order; only answers that are committed."""
    callers = callers or Callers()
    try:
        return _commit(lane, requests, callers)
    except Exception as error:
        if len(requests) == 1:
            return [error]
        return _cut_down(lane, requests, error, callers)


def _commit(lane: Lane, requests: Sequence[IntakeRequest], callers: Callers) -> list[Outcome]:
    for _ in range(TWIN_ATTEMPTS):
        try:
            return lane.run(lambda tx: _answers(tx, requests, callers))
        except Exception as error:
            if violated_constraint(error) != KEPT_KEY:
                raise
            log.info("a twin was committed meanwhile", size=len(requests))
    raise Busy


def _answers(tx: Tx, requests: Sequence[IntakeRequest], callers: Callers) -> list[Outcome]:
    credentials = [request.credential for request in requests]
    guessed = callers.guess(requests)
    if guessed is None:
        reading = None
        actors = actors_of(tx, credentials, system_now())
    else:  # one round trip: who calls is asked first, and judged from the answer, not from the guess
        asked = ask_actors(tx, credentials)
        reading = read_for(tx, _submissions(requests, guessed))
        actors = asked(system_now())
        if any(_is_other(actor, guess) for actor, guess in zip(actors, guessed, strict=True)):
            reading = None
    callers.learn(requests, actors)
    known = _submissions(requests, actors)
    placed = iter(place_batch(tx, known, reading) if known else ())
    return [actor if isinstance(actor, ExchangeError) else next(placed) for actor in actors]


def _submissions(requests: Sequence[IntakeRequest], actors: Sequence[Actor | ExchangeError]) -> list[Submission]:
    return [
        Submission(actor, request.key, request.body_hash, request.orders, request.bulk)
        for request, actor in zip(requests, actors, strict=True)
        if isinstance(actor, Actor)
    ]


def _is_other(actor: Actor | ExchangeError, guess: Actor) -> bool:
    """Whether what was read for the guess does not serve the actor."""
    return isinstance(actor, Actor) and (
        actor.user_id != guess.user_id or actor.organisation_id != guess.organisation_id
    )


def _cut_down(lane: Lane, requests: Sequence[IntakeRequest], error: Exception, callers: Callers) -> list[Outcome]:
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
        answers = answer_all(lane, [requests[position] for position in group], callers)
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
