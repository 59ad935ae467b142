"""The page of an engagement: who stands where, what comes next and from whom, and the forms of the next step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError, NotFound
from exchange.core.ids import new_id
from exchange.core.money import Money, money_from_text
from exchange.diligence.deliverable import AuditOpinion
from exchange.diligence.engagement import DELIVERS, EngagementState, FeeBasis
from exchange.diligence.finding import Severity
from exchange.diligence.schemas.engagements import EngagementView, OrganisationView, QuoteView
from exchange.diligence.service import engagements
from exchange.funds import service as funds
from exchange.rest.numbers import MoneyView
from exchange.rulebook import service as rulebook
from exchange.web.advice_forms import FINDING_ROWS, FormState, Typed, form_state
from exchange.web.commands import run_once
from exchange.web.visit import Visit, see_other

PATH = "/engagements"
STEPS = ("draft", "open", "quoted", "engaged", "in_progress", "delivered", "accepted", "closed")

OWN_SIDE = {"client": "client", "engaged": "adviser", "cleared": "adviser", "asked": "adviser", "blocked": "adviser"}
TURNS: Mapping[EngagementState, str] = {
    EngagementState.DRAFT: "client",
    EngagementState.QUOTED: "client",
    EngagementState.ENGAGED: "client",
    EngagementState.IN_PROGRESS: "adviser",
    EngagementState.DELIVERED: "client",
    EngagementState.DISPUTED: "adviser",
    EngagementState.ACCEPTED: "client",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next, as a key of the catalogue, whose turn it is, and whether it is the viewer's."""

    key: str
    turn: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was refused: its name, what was typed, why."""

    form: str
    typed: Typed
    error: ExchangeError


def money_of(view: MoneyView | None) -> Money | None:
    """An amount as pages show it."""
    return None if view is None else money_from_text(view.amount, view.currency)


def name_of(visit: Visit, organisation: OrganisationView) -> str:
    """An organisation's name in the viewer's language."""
    return (organisation.name_en or organisation.name_zh) if visit.language == "en" else organisation.name_zh


def next_step(view: EngagementView) -> NextStep:
    """What comes next and from whom, as far as the viewer may know."""
    standing = view.your_standing.value
    side = OWN_SIDE.get(standing, "")
    if standing == "consent":
        return NextStep("advice.next_consent", "you", is_mine=True)
    if standing == "blocked" or view.state is None:
        return NextStep("advice.next_blocked", "nobody", is_mine=False)
    if view.state is EngagementState.OPEN:
        return _while_open(view, side)
    if view.state is EngagementState.CLOSED and view.rating is None:
        return NextStep("advice.next_rate", "client", is_mine=side == "client")
    if standing == "cleared":
        return NextStep("advice.next_not_engaged", "nobody", is_mine=False)
    turn = TURNS.get(view.state, "nobody")
    return NextStep(f"advice.next_{view.state.value}", turn, is_mine=side == turn)


def _while_open(view: EngagementView, side: str) -> NextStep:
    if side != "adviser":
        return NextStep("advice.next_open", "deadline", is_mine=False)
    if own_standing(view) == "declined":
        return NextStep("advice.next_not_engaged", "nobody", is_mine=False)
    if view.your_standing.value == "asked":
        return NextStep("advice.next_declare", "adviser", is_mine=True)
    if view.quotes:
        return NextStep("advice.next_open", "deadline", is_mine=False)
    return NextStep("advice.next_quote", "adviser", is_mine=True)


def own_standing(view: EngagementView) -> str:
    """How an adviser's own invitation stands; empty where there is none."""
    return view.invitations[0].standing if len(view.invitations) == 1 else ""


def fund_names(visit: Visit, views: list[EngagementView]) -> dict[str, str]:
    """Names of funds by engagement, for those the viewer may read names of."""
    ids = {view.id: view.matter.fund_id for view in views if view.matter is not None}
    known = funds.funds_by_id(visit.tx, sorted(set(ids.values()))) if ids else {}
    return {key: known[fund_id].name for key, fund_id in ids.items()}


def engagement_page(visit: Visit, engagement_id: str, refusal: Refusal | None = None) -> Response:
    """The page; after a refusal with the refused form as it was typed."""
    view = EngagementView.of(engagements.engagement_of(visit.tx, visit.actor, engagement_id))
    key = new_id("request")

    def form(name: str) -> FormState:
        if refusal is not None and refusal.form == name:
            return form_state(name, key, refusal.typed, refusal.error, visit.f)
        return form_state(name, key, Typed(), None, visit.f)

    state = view.state.value if view.state else ""
    return visit.page(
        "engagement.html",
        status_code=refusal.error.status if refusal else 200,
        message=visit.message(),
        e=view,
        state=state,
        standing=view.your_standing.value,
        own=own_standing(view),
        next=next_step(view),
        steps_names=STEPS,
        fund=fund_names(visit, [view]).get(view.id, ""),
        form=form,
        money=money_of,
        money_in=lambda figure: money_from_text(figure["amount"], figure["currency"]),
        name=lambda organisation: name_of(visit, organisation),
        bidders=_names(visit, view),
        cheapest=_cheapest(view.quotes),
        delivers=DELIVERS[view.kind].value,
        severities=[each.value for each in Severity],
        opinions=[each.value for each in AuditOpinion],
        fee_bases=[each.value for each in FeeBasis],
        profiles=[each.name for each in rulebook.profiles(market_date(visit.now))],
        finding_rows=range(FINDING_ROWS),
        today=market_date(visit.now).isoformat(),
        **_rights(visit, view),
    )


def _rights(visit: Visit, view: EngagementView) -> dict[str, bool]:
    """Which forms the viewer gets."""
    standing, state = view.your_standing.value, view.state.value if view.state else ""
    is_client = standing == "client" and visit.viewer.may("engagements:write")
    is_adviser = visit.viewer.may("engagements:work")
    is_open = state == "open" and view.quotes_until is not None and visit.now < view.quotes_until
    has_declined = is_adviser and own_standing(view) == "declined"
    return {
        "is_client": is_client,
        "can_declare": is_adviser and standing == "asked" and is_open and not has_declined,
        "can_quote": is_adviser and standing == "cleared" and is_open and not view.quotes and not has_declined,
        "can_deliver": is_adviser and standing == "engaged" and state in {"in_progress", "disputed"},
        "can_reply": is_adviser and standing == "engaged" and view.rating is not None and not view.rating.reply,
        "can_cancel": is_client and state in {"draft", "open", "quoted", "engaged", "in_progress"},
        "can_close": (is_client and state in {"accepted", "disputed"})
        or (visit.viewer.may("advisers:admit") and state in {"accepted", "disputed"}),
        "can_consent": visit.viewer.may("engagements:write") and standing in {"client", "consent"},
    }


def _names(visit: Visit, view: EngagementView) -> dict[str, str]:
    return {each.adviser.organisation_id: name_of(visit, each.adviser) for each in view.invitations}


def _cheapest(quotes: list[QuoteView]) -> str:
    """The quote with the lowest fee, to be marked where there are several."""
    return min(quotes, key=lambda each: float(each.fee.amount)).id if len(quotes) > 1 else ""


def act(
    visit: Visit, engagement_id: str, form: str, typed: Typed, key: str, done: str, work: Callable[[], object]
) -> Response:
    """Do a form's work once and go back to the page; a refusal stands beside the form as it was typed."""
    body = {
        name: list(values) for name, values in typed.values.items() if name not in {"csrf_token", "idempotency_key"}
    }
    try:
        with visit.tx.begin_nested():  # a refusal undoes everything, and the page is read in the same transaction
            run_once(visit, f"{form} {engagement_id}", key, body, work)
    except NotFound:
        raise
    except ExchangeError as refusal:
        return engagement_page(visit, engagement_id, Refusal(form, typed, refusal))
    return see_other(f"{PATH}/{engagement_id}", done=f"advice.{done}_message")
