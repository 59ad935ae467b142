"""Everything that waits for the viewer's organisation, soonest due first."""

from fastapi import APIRouter
from starlette.responses import Response

from exchange.diligence.service.overview import funds_of_listings
from exchange.diligence.service.tasks import Task, tasks_of
from exchange.funds import service as funds
from exchange.rest.permissions import needs
from exchange.web.diligence_lines import item_lines
from exchange.web.diligence_models import TaskLine
from exchange.web.names import organisation_names
from exchange.web.routes import PageRoute
from exchange.web.visit import ReadVisit, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/tasks", openapi_extra=needs("diligence:read"))
def tasks(visit: ReadVisit) -> Response:
    """Papers to hand in and to review, each with the way to where it is done."""
    lines = task_lines(visit)
    return visit.page("tasks.html", lines=lines, overdue=sum(line.item.is_overdue for line in lines))


def task_lines(visit: Visit) -> list[TaskLine]:
    """What waits for the viewer's organisation."""
    found = tasks_of(visit.tx, visit.actor, visit.now)
    fund_of = funds_of_listings(visit.tx, visit.actor, [task.row.listing_id for task in found if task.row.listing_id])
    known = funds.funds_by_id(visit.tx, sorted(set(fund_of.values())))
    owners = {task.row.organisation_id for task in found if task.row.organisation_id}
    names = organisation_names(visit.tx, sorted(owners), visit.language)
    items = item_lines(visit, [task.item for task in found])
    return [
        TaskLine(
            kind=task.kind.value,
            item=item,
            fund_name=known[fund_of[task.row.listing_id]].name if task.row.listing_id else "",
            bidder=names.get(task.row.organisation_id or "", ""),
            path=task_path(task, visit.actor.organisation_id),
        )
        for task, item in zip(found, items, strict=True)
    ]


def task_path(task: Task, own_organisation_id: str) -> str:
    """Where a task is done: the listing's papers, of a bidder when it is another's; or the papers of the account."""
    row = task.row
    path = "/account/papers" if row.listing_id is None else f"/listings/{row.listing_id}/diligence"
    is_other = row.organisation_id not in {None, own_organisation_id}
    return f"{path}{f'?organisation={row.organisation_id}' if is_other else ''}#{row.id}"
