"""Events as a list, for those who cannot keep a stream open."""

from collections.abc import Sequence

from exchange.access.actor import Actor
from exchange.infra.database import Tx
from exchange.infra.publication import PublishedEvent, published_after
from exchange.notices.topics import is_in, may_see

BLOCK = 1_000
BLOCKS_MAX = 10


def events_after(
    tx: Tx, actor: Actor, *, after: int, topics: Sequence[str], limit: int
) -> tuple[list[PublishedEvent], int]:
    """Events the caller may see after a position, and the position up to which was looked."""
    found: list[PublishedEvent] = []
    position = after
    for _ in range(BLOCKS_MAX):
        block = published_after(tx, position, BLOCK)
        for event in block:
            position = event.number
            if is_wanted(event, actor, topics):
                found.append(event)
                if len(found) == limit:
                    return found, position
        if len(block) < BLOCK:
            break
    return found, position


def is_wanted(event: PublishedEvent, actor: Actor, topics: Sequence[str]) -> bool:
    """Whether the caller may see the event and asked for it."""
    seen = may_see(event.event, actor.organisation_id, sees_everything=actor.sees_everything)
    return seen and is_in(event.event, topics)
