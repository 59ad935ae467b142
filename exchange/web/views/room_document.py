"""A document of a data room, page by page, with the viewer's mark on each."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from exchange.core.ids import id_pattern, new_id
from exchange.diligence.service.room_documents import open_document
from exchange.rest.permissions import needs
from exchange.web.room_page import item_title, room_head, size_text
from exchange.web.routes import PageRoute
from exchange.web.visit import ReadVisit

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DocumentPath = Annotated[str, Path(pattern=f"^{id_pattern('document')}$")]
Number = Annotated[int | None, Query(ge=1, le=1_000_000)]
PICTURE_WIDTH = 1_200


@router.get("/room-documents/{document_id}", openapi_extra=needs("rooms:read"))
def show(visit: ReadVisit, document_id: DocumentPath, version: Number = None, page: Number = None) -> Response:
    """One page of a version, by default the first of the one shown; the picture itself is asked for by the browser."""
    found = open_document(visit.tx, visit.actor, visit.now, document_id)
    chosen = found.version(version)
    last = chosen.page_count
    shown = min(page or 1, last)
    file = f"/api/v1/documents/{document_id}/versions/{chosen.number}"
    return visit.page(
        "room_document.html",
        room=room_head(visit, found.seat),
        document=found,
        item=item_title(visit, found.seat, found.item_code),
        version=chosen,
        size=size_text(chosen.size_bytes),
        page_number=shown,
        last=last,
        here_path=f"/room-documents/{document_id}?version={chosen.number}",
        picture=f"{file}/pages/{shown}?width={PICTURE_WIDTH}",
        file=f"{file}/file",
        idempotency_key=new_id("request"),
    )
