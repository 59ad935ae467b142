"""The rule book, for every signed-in caller: no number of the market is secret."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from exchange.access.api import CurrentActor
from exchange.access.errors import REFUSALS, ApprovalPending
from exchange.access.schemas import ApprovalView
from exchange.core.clock import market_date
from exchange.core.money import MINOR_DIGITS, scale_decimal
from exchange.infra.clock import business_now
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.numbers import DateText, MoneyView, PositiveAmountText
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rest.problems import responses
from exchange.rulebook import service
from exchange.rulebook.calendars import LoadedYear
from exchange.rulebook.errors import CalendarYearInvalid, CalendarYearUnknown, FeesUnknown, ProfileUnknown, RuleUnknown
from exchange.rulebook.fee_schedule import fee_minor
from exchange.rulebook.schemas import (
    CalendarYearView,
    FeeQuoteView,
    LawRuleView,
    LoadCalendarYear,
    ProfileList,
    ProfileView,
    RuleCatalogueView,
)

router = APIRouter(prefix="/api/v1", tags=["rules"])

YearPath = Annotated[str, Path(pattern="^20[0-9]{2}$", description="A year of this century.")]
On = Annotated[DateText | None, Query(description="The market date; today when left out.")]


@router.get("/rules", operation_id="list_rules", openapi_extra=needs(SIGNED_IN), responses=responses(*REFUSALS))
def list_rules(tx: ReadTx, _: CurrentActor, on: On = None) -> ProfileList:
    """All market profiles in force on a day, the default one first."""
    day = on or market_date(business_now(tx))
    return ProfileList(items=[ProfileView.of(profile) for profile in service.profiles(day)])


@router.get(
    "/rules/catalogue",
    operation_id="list_law_rules",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS),
)
def list_law_rules(tx: ReadTx, _: CurrentActor, on: On = None) -> RuleCatalogueView:
    """Every rule of law in words, with its numbers in each profile, how and where it is enforced, and its tests."""
    profiles = service.profiles(on or market_date(business_now(tx)))
    return RuleCatalogueView(
        items=[LawRuleView.of(rule, group, profiles) for group in service.rule_catalogue() for rule in group.rules]
    )


@router.get(
    "/rules/catalogue/{rule_id}",
    operation_id="get_law_rule",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, RuleUnknown),
)
def get_law_rule(
    tx: ReadTx, _: CurrentActor, rule_id: Annotated[str, Path(pattern="^R-[0-9][0-9A-E]$")], on: On = None
) -> LawRuleView:
    """One rule of law; a refusal names its id."""
    rule = service.law_rule(rule_id)
    group = next(group for group in service.rule_catalogue() if rule in group.rules)
    return LawRuleView.of(rule, group, service.profiles(on or market_date(business_now(tx))))


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


@router.get(
    "/fees",
    operation_id="quote_fee",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, FeesUnknown),
)
def quote_fee(
    tx: ReadTx,
    _: CurrentActor,
    amount: Annotated[PositiveAmountText, Query(description="The base price of a deal.")],
    profile: Annotated[str, Query(pattern="^[A-Z_]{2,20}$")] = "CN_BJ",
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$")] = "CNY",
    on: On = None,
) -> FeeQuoteView:
    """What each side of a deal at this base price pays the exchange, with the whole schedule behind it."""
    schedule = service.fee_schedule(profile, currency, on or market_date(business_now(tx)))
    price = scale_decimal(amount, MINOR_DIGITS.get(currency, 2))
    return FeeQuoteView.of(schedule, MoneyView.of(price, currency), MoneyView.of(fee_minor(schedule, price), currency))


@router.get(
    "/calendars/{year}",
    operation_id="get_calendar_year",
    openapi_extra=needs(SIGNED_IN),
    responses=responses(*REFUSALS, CalendarYearUnknown),
)
def get_calendar_year(tx: ReadTx, _: CurrentActor, year: YearPath) -> CalendarYearView:
    """Working and trading days of a year: its holidays on weekdays and its worked weekend days, with their source."""
    return CalendarYearView.of(*service.calendar_year(tx, int(year)))


@router.put(
    "/calendars/{year}",
    operation_id="load_calendar_year",
    status_code=202,
    openapi_extra=needs(service.CALENDARS_WRITE),
    response_model=ApprovalView,
    responses=responses(*REFUSALS, CalendarYearInvalid, ApprovalPending),
)
def load_calendar_year(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, year: YearPath, body: LoadCalendarYear
) -> JSONResponse:
    """Ask for a year to be loaded; it counts once a second operator approves (`/approvals/{id}:approve`)."""
    now = business_now(tx)
    loaded = LoadedYear(int(year), tuple(body.holidays), tuple(body.worked_weekend_days), body.source)

    def work() -> ApprovalView:
        return ApprovalView.of(service.propose_year(tx, actor, now, loaded=loaded))

    return once(tx, actor, f"load_calendar_year {year}", key, body, work, status_code=202).response()
