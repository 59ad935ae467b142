"""The page of an award: ranking, proof and cost; the seller's yes or no; a guidance fund's match right."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, is_id, new_id
from exchange.infra.doorbell import ring
from exchange.matching.service import awards as service
from exchange.rest.permissions import needs
from exchange.web.amounts import parse_amount
from exchange.web.award_page import award_page
from exchange.web.commands import demand_version, reason_or, run_once
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

AwardPath = Annotated[str, Path(pattern=f"^{id_pattern('award')}$")]
Key = Annotated[str, Form(max_length=128)]
Version = Annotated[int, Form()]


@router.get("/awards/{award_id}", openapi_extra=needs("proposals:read", "proposals:read_all"))
def show(visit: ReadVisit, award_id: AwardPath) -> Response:
    """The award as this viewer may see it."""
    award = award_page(visit, award_id)
    return visit.page("award.html", award=award, message=visit.message(), idempotency_key=new_id("request"))


@router.post("/awards/{award_id}/accept", openapi_extra=needs("proposals:decide"))
def accept(visit: FormVisit, award_id: AwardPath, idempotency_key: Key = "", version: Version = 0) -> Response:
    """The seller's yes to every proposal of the award, those of backups called later included."""

    def work() -> None:
        demand_version(version, service.award_of(visit.tx, visit.actor, award_id).version)
        service.accept(visit.tx, visit.actor, visit.now, award_id=award_id)

    run_once(visit, f"accept_award {award_id}", idempotency_key, {"version": version}, work)
    return _back(award_id, "award.accepted_message")


@router.post("/awards/{award_id}/refuse", openapi_extra=needs("proposals:decide"))
def refuse(
    visit: FormVisit,
    award_id: AwardPath,
    idempotency_key: Key = "",
    version: Version = 0,
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A private seller's no: the listing ends and every bid is released."""
    why = reason_or(reason, Invalid)

    def work() -> None:
        demand_version(version, service.award_of(visit.tx, visit.actor, award_id).version)
        service.refuse(visit.tx, visit.actor, visit.now, award_id=award_id, reason=why)

    run_once(visit, f"refuse_award {award_id}", idempotency_key, {"version": version, "reason": why}, work)
    return _back(award_id, "award.refused_message")


@router.post("/awards/{award_id}/take", openapi_extra=needs("orders:write"))
def take(
    visit: FormVisit,
    award_id: AwardPath,
    idempotency_key: Key = "",
    order_id: Annotated[str, Form(max_length=40)] = "",
    amount: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """A guidance fund takes an amount at the best price of the award; its deposit is raised to it."""
    try:
        minor = parse_amount(amount)
    except ValueError as error:
        raise Invalid from error
    if not is_id("order", order_id):
        raise Invalid
    run_once(
        visit,
        f"take_match_right {award_id}",
        idempotency_key,
        {"order_id": order_id, "amount_minor": minor},
        lambda: service.take(
            visit.tx, visit.actor, visit.now, award_id=award_id, order_id=order_id, amount_minor=minor
        ),
    )
    return _back(award_id, "award.taken_message")


def _back(award_id: str, done: str) -> Response:
    response = see_other(f"/awards/{award_id}", done=done)
    response.background = BackgroundTask(ring)  # after the commit
    return response
