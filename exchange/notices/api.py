"""Routes of events: the list and the live stream."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.errors import ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.notices import service
from exchange.notices.schemas import EventsView, EventView
from exchange.notices.topics import is_topic
from exchange.rest import streams
from exchange.rest.deps import ReadTx
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["events"])

TOPICS_MAX = 50
POSITION_MAX = 2**63 - 1


class StreamPositionInvalid(Invalid):
    """``Last-Event-ID`` is not the number of an event."""

    code = "STREAM_POSITION_INVALID"


class TopicUnknown(Invalid):
    """A topic that does not exist."""

    code = "TOPIC_UNKNOWN"


TOPICS_TEXT = "Comma-separated: `market`, `proposals`, `orders`, `book:<id>`; none is all."
Topics = Annotated[str, Query(max_length=2000, description=TOPICS_TEXT)]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)]
READS: tuple[type[ExchangeError], ...] = (Unauthenticated, *REFUSALS, Forbidden, Invalid)


@router.get("/events", openapi_extra=needs(SIGNED_IN), responses=responses(*READS, TopicUnknown))
def list_events(
    tx: ReadTx,
    actor: CurrentActor,
    after: Annotated[int, Query(ge=0, le=POSITION_MAX)] = 0,
    topics: Topics = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> EventsView:
    """Events after a position that the caller may see, in order. Continue with ``position``."""
    events, position = service.events_after(tx, actor, after=after, topics=_topics(topics), limit=limit)
    return EventsView(
        items=[EventView.model_validate({"position": event.number, **streams.envelope(event)}) for event in events],
        position=position,
    )


@router.get(
    "/stream",
    openapi_extra=needs(SIGNED_IN),
    response_class=StreamingResponse,
    responses=responses(*READS, TopicUnknown, StreamPositionInvalid)
    | {200: {"description": "Server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def stream_events(
    actor: CurrentActor,
    topics: Topics = "",
    last_event_id: LastEventId = None,
    after: Annotated[int | None, Query(ge=0, le=POSITION_MAX)] = None,
) -> StreamingResponse:
    """Events as they happen, ``data: {type, timestamp, data}`` with the position as id.

    ``Last-Event-ID`` (or ``after``) resumes without a gap. A comment comes every 15 seconds when nothing else does.
    """
    chosen = _topics(topics)
    position = _position(last_event_id) if last_event_id else after
    return StreamingResponse(
        streams.events_from(position, lambda event: service.is_wanted(event, actor, chosen)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _topics(text: str) -> tuple[str, ...]:
    topics = tuple(topic for topic in text.split(",") if topic)
    if len(topics) > TOPICS_MAX or not all(is_topic(topic) for topic in topics):
        raise TopicUnknown
    return topics


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > POSITION_MAX:
        raise StreamPositionInvalid
    return int(text)
