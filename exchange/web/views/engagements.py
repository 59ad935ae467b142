"""Requests for advice: mine, a new one, one with its next step; what their clients and operators do with them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import Response

from exchange.core.clock import MARKET_ZONE, market_date
from exchange.core.errors import ExchangeError
from exchange.core.ids import id_pattern, new_id
from exchange.diligence.engagement import AdviserKind, AdviserState
from exchange.diligence.schemas.advisers import AdviserView
from exchange.diligence.schemas.engagement_commands import AwardQuote, ConsentToAdviser, RateEngagement, WithWords
from exchange.diligence.schemas.engagements import EngagementView
from exchange.diligence.service import advisers, engagements
from exchange.listings.service import ListingFilter
from exchange.rest.permissions import needs
from exchange.web.advice_forms import Typed, TypedForm, form_state, request_body, validated
from exchange.web.commands import run_once
from exchange.web.engagement_page import PATH, act, engagement_page, fund_names, name_of, next_step
from exchange.web.lines import all_listings
from exchange.web.models import Choice
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

EngagementPath = Annotated[str, Path(pattern=f"^{id_pattern('engagement')}$")]
ListingQuery = Annotated[str, Query(pattern=f"^{id_pattern('listing')}$")]
Key = Annotated[str, Form(max_length=128)]
PAGE = 200
DAYS_TO_QUOTE, DAYS_TO_DELIVER = 7, 45
CURRENCIES = ("CNY", "USD")
ONE = f"{PATH}/{{engagement_id}}"


@router.get(PATH, openapi_extra=needs("engagements:read"))
def mine(visit: ReadVisit) -> Response:
    """The engagements the viewer takes part in, newest first, and where to ask for another."""
    found = engagements.engagements_of(visit.tx, visit.actor, limit=PAGE)
    views = [EngagementView.of(seen) for seen in found]
    return visit.page(
        "engagements.html",
        message=visit.message(),
        lines=[(view, next_step(view)) for view in views],
        funds=fund_names(visit, views),
        listings=_askable(visit) if visit.viewer.may("engagements:write") else [],
        kinds=[kind.value for kind in AdviserKind],
        name=lambda organisation: name_of(visit, organisation),
    )


def _askable(visit: Visit) -> list[Choice]:
    """The listings about which the viewer may ask, by the name of their fund."""
    known = set(engagements.askable_listings(visit.tx, visit.actor))
    if not known:
        return []
    found = [item for item in all_listings(visit.tx, visit.actor, ListingFilter()) if item.row.id in known]
    ordered = sorted(found, key=lambda item: (not item.is_own, item.fund.name, item.row.id))
    return [Choice(item.row.id, f"{item.fund.name} · {item.row.id[-6:]}") for item in ordered]


@router.get(f"{PATH}/new", openapi_extra=needs("engagements:write"))
def new(visit: ReadVisit, listing_id: ListingQuery, kind: AdviserKind = AdviserKind.LAW) -> Response:
    """The form of a request about a listing."""
    return _form(visit, listing_id, kind, Typed(), None)


def _form(visit: Visit, listing_id: str, kind: AdviserKind, typed: Typed, refusal: ExchangeError | None) -> Response:
    options = engagements.options_of(visit.tx, visit.actor, listing_id=listing_id, kind=kind)
    listed = next(item for item in _askable(visit) if item.value == listing_id)
    invited = advisers.advisers_of(visit.tx, visit.actor, kind=kind, state=AdviserState.ADMITTED, limit=PAGE)
    local = visit.now.astimezone(MARKET_ZONE)
    until = (local + timedelta(days=DAYS_TO_QUOTE)).replace(hour=17, minute=0)
    return visit.page(
        "engagement_new.html",
        status_code=refusal.status if refusal else 200,
        listing=listed,
        kind=kind.value,
        kinds=[each.value for each in AdviserKind],
        options=options,
        advisers=[AdviserView.of(seen) for seen in invited if seen.row.organisation_id != visit.actor.organisation_id],
        currencies=CURRENCIES,
        form=form_state("request", new_id("request"), typed, refusal, visit.f),
        quotes_until=until.strftime("%Y-%m-%dT%H:%M"),
        deliver_until=(market_date(visit.now) + timedelta(days=DAYS_TO_DELIVER)).isoformat(),
        today=market_date(visit.now).isoformat(),
    )


@router.post(PATH, openapi_extra=needs("engagements:write"))
def ask(
    visit: FormVisit,
    typed: TypedForm,
    listing_id: Annotated[str, Form(pattern=f"^{id_pattern('listing')}$")],
    kind: Annotated[AdviserKind, Form()],
    idempotency_key: Key = "",
) -> Response:
    """Write a request down and, where asked, put it before the advisers at once."""
    made: list[str] = []
    body = {name: list(values) for name, values in typed.values.items() if name != "csrf_token"}

    def work() -> None:
        wanted = request_body(typed, listing_id, kind).wanted()
        row = engagements.request(visit.tx, visit.actor, visit.now, wanted=wanted)
        if typed.is_on("open_now"):
            engagements.open_request(visit.tx, visit.actor, visit.now, engagement_id=row.id)
        made.append(row.id)

    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
            run_once(visit, "request advice", idempotency_key, body, work)
    except ExchangeError as refusal:
        return _form(visit, listing_id, kind, typed, refusal)
    done = "advice.opened_message" if typed.is_on("open_now") else "advice.requested_message"
    return see_other(f"{PATH}/{made[0]}" if made else PATH, done=done)


@router.get(ONE, openapi_extra=needs("engagements:read"))
def show(visit: ReadVisit, engagement_id: EngagementPath) -> Response:
    """One engagement as the viewer may see it."""
    return engagement_page(visit, engagement_id)


def _step(name: str, done: str, work: Callable[[Visit, str, Typed], object]) -> None:
    """A route of the client's: one form of the page, one step of the engagement."""

    def handle(
        visit: FormVisit, engagement_id: EngagementPath, typed: TypedForm, idempotency_key: Key = ""
    ) -> Response:
        return act(visit, engagement_id, name, typed, idempotency_key, done, lambda: work(visit, engagement_id, typed))

    router.post(f"{ONE}/{name}", name=f"engagement_{name}", openapi_extra=needs("engagements:write"))(handle)


def _reason(typed: Typed) -> str:
    return validated(WithWords, {"reason": typed.one("reason")}).reason


def _open(visit: Visit, engagement_id: str, _: Typed) -> object:
    return engagements.open_request(visit.tx, visit.actor, visit.now, engagement_id=engagement_id)


def _cancel(visit: Visit, engagement_id: str, typed: Typed) -> object:
    return engagements.cancel(visit.tx, visit.actor, visit.now, engagement_id=engagement_id, reason=_reason(typed))


def _consent(visit: Visit, engagement_id: str, typed: Typed) -> object:
    body = validated(ConsentToAdviser, {"adviser_organisation_id": typed.one("adviser_organisation_id")})
    return engagements.consent(
        visit.tx,
        visit.actor,
        visit.now,
        engagement_id=engagement_id,
        adviser_organisation_id=body.adviser_organisation_id,
    )


def _award(visit: Visit, engagement_id: str, typed: Typed) -> object:
    body = validated(AwardQuote, {"quote_id": typed.one("quote_id")})
    return engagements.award(visit.tx, visit.actor, visit.now, engagement_id=engagement_id, quote_id=body.quote_id)


def _start(visit: Visit, engagement_id: str, _: Typed) -> object:
    return engagements.start(visit.tx, visit.actor, visit.now, engagement_id=engagement_id)


def _accept(visit: Visit, engagement_id: str, _: Typed) -> object:
    return engagements.accept(visit.tx, visit.actor, visit.now, engagement_id=engagement_id)


def _dispute(visit: Visit, engagement_id: str, typed: Typed) -> object:
    return engagements.dispute(visit.tx, visit.actor, visit.now, engagement_id=engagement_id, reason=_reason(typed))


def _rate(visit: Visit, engagement_id: str, typed: Typed) -> object:
    stars = typed.one("stars")
    data = {"stars": int(stars) if stars.isdecimal() else stars, "comment": typed.one("comment")}
    body = validated(RateEngagement, data)
    return engagements.rate(
        visit.tx, visit.actor, visit.now, engagement_id=engagement_id, stars=body.stars, comment=body.comment
    )


for _name, _done, _work in (
    ("open", "opened", _open),
    ("cancel", "cancelled", _cancel),
    ("consent", "consented", _consent),
    ("award", "awarded", _award),
    ("start", "started", _start),
    ("accept", "accepted", _accept),
    ("dispute", "disputed", _dispute),
    ("rate", "rated", _rate),
):
    _step(_name, _done, _work)


@router.post(f"{ONE}/close", openapi_extra=needs("engagements:write", "advisers:admit"))
def close(visit: FormVisit, engagement_id: EngagementPath, typed: TypedForm, idempotency_key: Key = "") -> Response:
    """End an accepted or a disputed engagement: its client, or an operator."""
    return act(
        visit,
        engagement_id,
        "close",
        typed,
        idempotency_key,
        "closed",
        lambda: engagements.close(visit.tx, visit.actor, visit.now, engagement_id=engagement_id),
    )
