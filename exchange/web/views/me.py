"""The viewer's own page: display, accounts, sign-out."""

from dataclasses import asdict, dataclass

from fastapi import APIRouter
from starlette.responses import Response

from exchange.core.money import Money
from exchange.ledger import service as ledger
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.web.routes import PageRoute
from exchange.web.viewer import CHOICES
from exchange.web.visit import ReadVisit

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """Money of the viewer's organisation in one currency."""

    posted: Money
    held: Money


@router.get("/me", openapi_extra=needs(SIGNED_IN))
def me(visit: ReadVisit) -> Response:
    """Language, appearance, colours, shortcuts, accounts."""
    accounts = []
    if visit.viewer.may("accounts:read") and not visit.actor.sees_everything:
        accounts = [
            AccountLine(Money(row.posted_minor, row.currency), Money(row.held_minor, row.currency))
            for row in ledger.accounts_of(visit.tx, visit.actor)
        ]
    chosen = asdict(visit.setting.preferences)
    return visit.page("me.html", preference_choices=CHOICES, chosen=chosen, accounts=accounts, message=visit.message())
