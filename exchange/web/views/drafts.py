"""A GP's or holder's own listings: enter, submit, withdraw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path
from starlette.responses import Response

from exchange.core.clock import MARKET_ZONE, end_of_market_day, market_date
from exchange.core.errors import ExchangeError, Invalid
from exchange.core.ids import id_pattern, is_id, new_id
from exchange.core.money import Money
from exchange.core.quantity import price_text
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy
from exchange.custody import service as custody
from exchange.diligence.errors import GateBlocked
from exchange.diligence.gate import Gate
from exchange.funds import service as funds
from exchange.listings import service as listings
from exchange.listings.draft import DraftTerms
from exchange.listings.lifecycle import LISTING_LIFECYCLE, UNSOLD, ListingEvent
from exchange.listings.pricing import PriceInput
from exchange.listings.sale import SaleCause
from exchange.listings.service import ListedInterest, ListingFilter
from exchange.rest.permissions import needs
from exchange.rulebook import service as rulebook
from exchange.rulebook.service import DEFAULT_PROFILE
from exchange.web.amounts import parse_amount, parse_percent
from exchange.web.commands import demand_version, run_once
from exchange.web.diligence_page import missing_before, refusal_texts
from exchange.web.explain import failing, field_problems, said_reason, sentence
from exchange.web.lines import all_listings
from exchange.web.models import Choice, DraftLine, FieldProblem, HoldingChoice
from exchange.web.names import organisation_names
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
Key = Annotated[str, Form(max_length=128)]
Text = Annotated[str, Form(max_length=60)]
HOLDINGS_MAX = 500


@dataclass(frozen=True, slots=True)
class DraftForm:
    """What stands in the fields, as typed."""

    holding_id: str = ""
    amount: str = ""
    price: str = ""
    floor: str = ""
    mode: str = ""
    policy: str = ""
    profile: str = ""
    opens_on: str = ""
    closes_on: str = ""
    all_or_none: bool = False
    cause: str = ""
    first_refusal: str = ""
    is_favourable_exit: bool = False


def _form(
    holding_id: Text = "",
    amount: Text = "",
    price: Text = "",
    floor: Text = "",
    mode: Text = "",
    policy: Text = "",
    profile: Text = "",
    opens_on: Text = "",
    closes_on: Text = "",
    all_or_none: Text = "",
    cause: Text = "",
    first_refusal: Text = "",
    is_favourable_exit: Text = "",
) -> DraftForm:
    whole, favourable = all_or_none == "yes", is_favourable_exit == "yes"
    terms = (holding_id, amount, price, floor, mode, policy, profile, opens_on, closes_on, whole)
    return DraftForm(*terms, cause, first_refusal, favourable)


Draft = Annotated[DraftForm, Depends(_form)]


@router.get("/drafts", openapi_extra=needs("listings:write"))
def drafts(visit: ReadVisit) -> Response:
    """The organisation's listings, and the form for a new one."""
    return _page(visit, _blank(visit), None)


def _blank(visit: Visit) -> DraftForm:
    """The form before anybody typed: the default profile, a month from tomorrow on."""
    today = market_date(visit.now)
    return DraftForm(
        profile=DEFAULT_PROFILE,
        opens_on=(today + timedelta(days=1)).isoformat(),
        closes_on=(today + timedelta(days=31)).isoformat(),
    )


def _page(visit: Visit, form: DraftForm, refusal: ExchangeError | None, *, blocked: str = "") -> Response:
    problems: Sequence[FieldProblem] = ()
    if refusal is not None:
        problems = field_problems(refusal, visit.f)
        if isinstance(refusal, GateBlocked):
            problems = tuple(FieldProblem("", text) for text in refusal_texts(visit, refusal))
        if not problems and not refusal.breaches:
            problems = (FieldProblem("", sentence(refusal, visit.f)),)
    words = visit.t
    first = Choice("", words("drafts.by_profile"), not form.mode)
    return visit.page(
        "drafts.html",
        status_code=refusal.status if refusal else 200,
        lines=draft_lines(visit),
        message=visit.message(),
        blocked=blocked,
        failing=failing(refusal.breaches, visit.f) if refusal else (),
        fields=problems,
        holdings=_holdings(visit),
        form=form,
        mode_choices=[first, *(Choice(m.value, words(f"mode.{m.value}"), form.mode == m.value) for m in MatchingMode)],
        policy_choices=[
            Choice("", words("drafts.by_profile"), not form.policy),
            *(Choice(p.value, words(f"policy.{p.value}"), form.policy == p.value) for p in PriorityPolicy),
        ],
        profile_choices=_profiles(visit, form.profile),
        cause_choices=[Choice(c.value, words(f"cause.{c.value}"), form.cause == c.value) for c in SaleCause],
        refusal_choices=[
            Choice(m.value, words(f"first_refusal.{m.value}"), form.first_refusal == m.value) for m in FirstRefusalMode
        ],
        idempotency_key=new_id("request"),
        today=market_date(visit.now).isoformat(),
    )


def _profiles(visit: Visit, chosen: str) -> list[Choice]:
    known = rulebook.profiles(market_date(visit.now))
    english = visit.language == "en"
    return [
        Choice(item.name, f"{item.name} · {item.title_en if english else item.title_zh}", item.name == chosen)
        for item in known
    ]


def draft_lines(visit: Visit) -> list[DraftLine]:
    """Every listing the organisation sells or entered, newest first."""
    found = all_listings(visit.tx, visit.actor, ListingFilter(organisation_id=visit.actor.organisation_id))
    return [_line(visit, item) for item in found]


def _line(visit: Visit, item: ListedInterest) -> DraftLine:
    row = item.row
    can_submit = (row.status, ListingEvent.SUBMIT) in LISTING_LIFECYCLE
    return DraftLine(
        listing_id=row.id,
        fund_name=item.fund.name,
        fund_code=item.fund.code,
        amount=Money(row.amount_minor, item.fund.currency),
        price_ppm=row.price_ppm,
        mode=row.mode.value,
        policy=row.policy.value,
        status=row.status.value,
        status_reason=said_reason(visit.t, row.status_reason, row.status_note),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        version=row.version,
        can_submit=can_submit,
        can_withdraw=(row.status, ListingEvent.WITHDRAW) in LISTING_LIFECYCLE,
        can_extend=(row.status, ListingEvent.EXTEND) in LISTING_LIFECYCLE,
        can_relist=row.status in UNSOLD and row.reviewed_at is not None,
        missing=tuple(missing_before(visit, row.id, Gate.LIST_SUBMIT)) if can_submit else (),
    )


def _holdings(visit: Visit) -> list[HoldingChoice]:
    held = [item for item in custody.holdings_of(visit.tx, visit.actor, limit=HOLDINGS_MAX) if item.free_minor > 0]
    known = funds.funds_by_id(visit.tx, sorted({item.fund_id for item in held}))
    names = organisation_names(visit.tx, sorted({item.holder_organisation_id for item in held}), visit.language)
    return [
        HoldingChoice(
            holding_id=item.id,
            label=f"{known[item.fund_id].name} · {names.get(item.holder_organisation_id, '')}",
            subscribed=Money(item.subscribed_minor, known[item.fund_id].currency),
            free=Money(item.free_minor, known[item.fund_id].currency),
        )
        for item in held
    ]


@router.post("/drafts", openapi_extra=needs("listings:write"))
def create(visit: FormVisit, form: Draft, idempotency_key: Key = "") -> Response:
    """Enter a draft; a refusal shows the form again with everything that is wrong."""
    try:
        terms = _terms(form)
    except ValueError:
        return _page(visit, form, UnreadableDraft())
    body = {name: str(getattr(form, name)) for name in DraftForm.__slots__}
    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is then read in the same transaction
            run_once(
                visit,
                "draft",
                idempotency_key,
                body,
                lambda: listings.create_draft(visit.tx, visit.actor, visit.now, terms=terms),
            )
    except ExchangeError as refusal:
        return _page(visit, form, refusal)
    return see_other("/drafts", done="drafts.saved_message")


class UnreadableDraft(Invalid):
    """A field of the form cannot be read (422)."""

    code = "FORM_UNREADABLE"


def _terms(form: DraftForm) -> DraftTerms:
    if not is_id("holding", form.holding_id):
        raise ValueError("not a holding")
    opens, closes = date.fromisoformat(form.opens_on), date.fromisoformat(form.closes_on)
    return DraftTerms(
        holding_id=form.holding_id,
        profile=form.profile,
        amount_minor=parse_amount(form.amount),
        price=PriceInput(ratio=price_text(parse_percent(form.price))),
        opens_at=datetime.combine(opens, time(), MARKET_ZONE),
        closes_at=end_of_market_day(closes),
        mode=MatchingMode(form.mode) if form.mode else None,
        policy=PriorityPolicy(form.policy) if form.policy else None,
        floor_price_ppm=parse_percent(form.floor) if form.floor.strip() else None,
        all_or_none=form.all_or_none,
        cause=SaleCause(form.cause) if form.cause else SaleCause.VOLUNTARY,
        first_refusal=FirstRefusalMode(form.first_refusal) if form.first_refusal else FirstRefusalMode.AFTER_BIDDING,
        is_favourable_exit=form.is_favourable_exit,
    )


@router.post("/drafts/{listing_id}/submit", openapi_extra=needs("listings:write"))
def submit(
    visit: FormVisit, listing_id: ListingPath, idempotency_key: Key = "", version: Annotated[int, Form()] = 0
) -> Response:
    """Put a draft before the operators; its amount is frozen in custody."""

    def work() -> None:
        demand_version(version, listings.listing_of(visit.tx, visit.actor, listing_id).version)
        listings.submit(visit.tx, visit.actor, visit.now, listing_id=listing_id)

    try:
        with visit.tx.begin_nested():  # as above; what is missing is named on the page
            run_once(visit, f"submit {listing_id}", idempotency_key, {"version": version}, work)
    except GateBlocked as refusal:
        return _page(visit, _blank(visit), refusal, blocked=listing_id)
    return see_other("/drafts", done="drafts.submitted_message")


@router.post("/drafts/{listing_id}/withdraw", openapi_extra=needs("listings:write"))
def withdraw(
    visit: FormVisit, listing_id: ListingPath, idempotency_key: Key = "", version: Annotated[int, Form()] = 0
) -> Response:
    """Take a listing back."""

    def work() -> None:
        demand_version(version, listings.listing_of(visit.tx, visit.actor, listing_id).version)
        listings.withdraw(visit.tx, visit.actor, visit.now, listing_id=listing_id, reason="")

    run_once(visit, f"withdraw {listing_id}", idempotency_key, {"version": version}, work)
    return see_other("/drafts", done="drafts.withdrawn_message")
