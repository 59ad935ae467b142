"""A command from a form: done once for its key, however often the form is sent."""

from collections.abc import Callable, Mapping

from exchange.core.errors import ExchangeError, Stale
from exchange.rest.idempotency import checked_key, once
from exchange.rest.model import ViewModel
from exchange.web.diligence_page import refusal_texts
from exchange.web.visit import Visit


class Done(ViewModel):
    """What is kept of a form's command: what it was about."""

    subject: str


def run_once(visit: Visit, operation: str, key: str, body: Mapping[str, object], work: Callable[[], object]) -> None:
    """Do the work in the visit's transaction unless this person did it before under this key."""

    def do() -> Done:
        work()
        return Done(subject=operation)

    once(visit.tx, visit.actor, f"web:{operation}", checked_key(key), dict(body), do)


def made_once(visit: Visit, operation: str, key: str, body: Mapping[str, object], work: Callable[[], str]) -> str:
    """As ``run_once``, for work that makes something: its id, the same one however often the form is sent."""

    def do() -> Done:
        return Done(subject=work())

    return str(once(visit.tx, visit.actor, f"web:{operation}", checked_key(key), dict(body), do).body["subject"])


def refusal_of(
    visit: Visit, operation: str, key: str, body: Mapping[str, object], work: Callable[[], object]
) -> tuple[str, ...]:
    """Do a command once; what a refusal says, one sentence each, or nothing when it was done.

    A refusal undoes everything, and the page can be read again in the same transaction.
    """
    try:
        with visit.tx.begin_nested():
            run_once(visit, operation, key, body, work)
    except ExchangeError as refusal:
        return refusal_texts(visit, refusal)
    return ()


def demand_version(seen: int, actual: int) -> None:
    """VERSION_CONFLICT (412) when the page showed another version than the one that stands."""
    if seen != actual:
        raise Stale


def reason_or(text: str, error: type[ExchangeError]) -> str:
    """A reason with something in it."""
    reason = " ".join(text.split())
    if not reason:
        raise error
    return reason
