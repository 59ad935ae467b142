"""All routes of the web client: the assets and one router a screen."""

from fastapi import APIRouter, Response

from exchange.core.errors import NotFound
from exchange.rest.permissions import needs
from exchange.web.assets import assets, version
from exchange.web.views import (
    account_papers,
    advisers,
    award,
    bid,
    blotter,
    clock,
    continuing,
    deal_duties,
    deal_requests,
    deals,
    diligence,
    drafts,
    engagement_work,
    engagements,
    holdings,
    listing,
    listing_papers,
    market,
    me,
    money,
    order_plan,
    orders,
    paper_file,
    proposals,
    questions,
    review,
    room,
    room_document,
    rules,
    session,
    stream,
    tasks,
    valuation_desk,
    valuations,
)

router = APIRouter()

FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/a/{release}/{name}", include_in_schema=False, openapi_extra=needs(None))
def asset(release: str, name: str) -> Response:
    """A script, style or image. The address changes with the content, so a browser keeps it for ever."""
    found = assets().get(name)
    if found is None or release != version():
        raise NotFound
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    return Response(found.content, media_type=found.media_type, headers=headers)


SCREENS = (
    session,
    market,
    listing,
    bid,
    orders,
    order_plan,
    proposals,
    award,
    deals,
    deal_duties,
    deal_requests,
    valuations,
    valuation_desk,
    blotter,
    review,
    drafts,
    continuing,
    diligence,
    paper_file,
    tasks,
    account_papers,
    room,
    room_document,
    questions,
    advisers,
    engagements,
    engagement_work,
    me,
    holdings,
    money,
    rules,
    clock,
    listing_papers,
    stream,
)
for screen in SCREENS:
    router.include_router(screen.router)
