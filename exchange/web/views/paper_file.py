"""The file of a checklist item, as it was handed in."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from exchange.core.ids import id_pattern
from exchange.diligence.api.documents import attachment
from exchange.diligence.service.item_papers import open_paper
from exchange.rest.permissions import needs
from exchange.web.routes import PageRoute
from exchange.web.visit import NotedVisit

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ItemPath = Annotated[str, Path(pattern=f"^{id_pattern('checklist_item')}$")]
Reason = Annotated[str, Query(max_length=500)]


@router.get("/papers/{item_id}/file", openapi_extra=needs("diligence:read"))
def download(visit: NotedVisit, item_id: ItemPath, reason: Reason = "") -> Response:
    """The bytes as an attachment; a reader that does not own them says why, and the owner sees that."""
    return attachment(open_paper(visit.tx, visit.actor, visit.now, item_id=item_id, reason=reason))
