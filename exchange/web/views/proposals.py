"""Confirm or decline a proposal."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern
from exchange.diligence.errors import GateBlocked
from exchange.infra.doorbell import ring
from exchange.matching.service import proposals as service
from exchange.rest.permissions import needs
from exchange.web.commands import reason_or, run_once
from exchange.web.routes import PageRoute
from exchange.web.views.orders import blocked_page
from exchange.web.visit import FormVisit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ProposalPath = Annotated[str, Path(pattern=f"^{id_pattern('proposal')}$")]
Key = Annotated[str, Form(max_length=128)]


@router.post("/proposals/{proposal_id}/confirm", openapi_extra=needs("proposals:decide"))
def confirm(visit: FormVisit, proposal_id: ProposalPath, idempotency_key: Key = "") -> Response:
    """The viewer's side says yes; what keeps the gate shut is shown on the orders page, and nothing changed."""

    def work() -> object:
        return service.confirm(visit.tx, visit.actor, visit.now, proposal_id=proposal_id)

    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
            run_once(visit, f"confirm {proposal_id}", idempotency_key, {}, work)
    except GateBlocked as refusal:
        row = service.proposal_of(visit.tx, visit.actor, proposal_id)
        return blocked_page(visit, row.listing_id, refusal)
    return see_other("/orders", done="proposals.confirmed_message")


@router.post("/proposals/{proposal_id}/decline", openapi_extra=needs("proposals:decide"))
def decline(
    visit: FormVisit,
    proposal_id: ProposalPath,
    idempotency_key: Key = "",
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The viewer's side says no; the next in rank is called."""
    why = reason_or(reason, Invalid)
    run_once(
        visit,
        f"decline {proposal_id}",
        idempotency_key,
        {"reason": why},
        lambda: service.decline(visit.tx, visit.actor, visit.now, proposal_id=proposal_id, reason=why),
    )
    response = see_other("/orders", done="proposals.declined_message")
    response.background = BackgroundTask(ring)  # after the commit: the matcher calls the next in rank
    return response
