"""The rule book, for every signed-in caller: no number of the market is secret."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS
from exchange.core.clock import market_date
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx
from exchange.rest.numbers import DateText
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses
from exchange.rulebook import service
from exchange.rulebook.errors import ProfileUnknown
from exchange.rulebook.schemas import ProfileList, ProfileView

router = APIRouter(prefix="/api/v1", tags=["rules"])

On = Annotated[DateText | None, Query(description="The market date; today when left out.")]


@router.get("/rules", operation_id="list_rules", openapi_extra=needs(SIGNED_IN), responses=responses(*REFUSALS))
def list_rules(tx: ReadTx, _: CurrentActor, on: On = None) -> ProfileList:
    """All market profiles in force on a day, the default one first."""
    day = on or market_date(business_now(tx))
    return ProfileList(items=[ProfileView.of(profile) for profile in service.profiles(day)])


@router.get(
    "/rules/{profile}",
    operation_id="get_rules",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, ProfileUnknown),
)
def get_rules(
    tx: ReadTx, _: CurrentActor, profile: Annotated[str, Path(pattern="^[A-Z_]{2,20}$")], on: On = None
) -> ProfileView:
    """One market profile: every number with its rule, source and mark."""
    return ProfileView.of(service.profile(profile, on or market_date(business_now(tx))))
