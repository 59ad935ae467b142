"""A payment plan in words, and the form by which a bidder of an auction says how it would pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form

from exchange.access.actor import Actor
from exchange.core.terms import MatchingMode, Side
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.listing import ListingFacts
from exchange.listings.payment_plan import LaterPart, PaymentPlan, Security, plan_from_document
from exchange.matching.lifecycle import LIVE_ORDER
from exchange.matching.order_terms import OrderState
from exchange.matching.service.order_plans import order_plan_of
from exchange.web.amounts import parse_rate
from exchange.web.models import Choice
from exchange.web.visit import Visit

PARTS = 4
DIGITS_OF_DAYS = 4


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What stands in the fields, as typed: shares in per cent, days after the closing, the yearly interest."""

    shares: tuple[str, ...] = ("",) * PARTS
    days: tuple[str, ...] = ("",) * PARTS
    interest: str = ""
    security: str = Security.NONE.value

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Share and days of each later part."""
        return list(zip(self.shares, self.days, strict=True))


@dataclass(frozen=True, slots=True)
class PlanPanel:
    """How a bid would be paid: in words, its price as cash at closing, the rate that compares, the form."""

    words: tuple[str, ...]
    equivalent_ppm: int
    discount_ppm: int
    form: PlanForm
    securities: tuple[Choice, ...]
    parts_max: int = PARTS


def _form(
    share: Annotated[list[str] | None, Form()] = None,
    days: Annotated[list[str] | None, Form()] = None,
    interest: Annotated[str, Form(max_length=20)] = "",
    security: Annotated[str, Form(max_length=20)] = Security.NONE.value,
) -> PlanForm:
    def four(texts: list[str] | None) -> tuple[str, ...]:
        cut = [text.strip()[:20] for text in (texts or [])[:PARTS]]
        return (*cut, *[""] * (PARTS - len(cut)))

    return PlanForm(four(share), four(days), interest.strip(), security)


TypedPlan = Annotated[PlanForm, Depends(_form)]


def parse_plan(form: PlanForm) -> PaymentPlan:
    """The plan that was typed; rows left empty do not count. ValueError when something cannot be read."""
    parts = tuple(LaterPart(parse_rate(share), _days(days)) for share, days in form.rows if share or days)
    if not parts:
        return PaymentPlan()
    return PaymentPlan(parts, parse_rate(form.interest or "0"), Security(form.security))


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_OF_DAYS):
        raise ValueError("days are a whole number")
    return int(text)


def plan_words(visit: Visit, plan: PaymentPlan) -> tuple[str, ...]:
    """A plan as sentences: what is paid at closing, each later part, interest, what secures it."""
    if not plan.later:
        return (visit.t("plan.at_closing"),)
    first = visit.t("plan.first", share=visit.f.percent(1_000_000 - plan.deferred_ppm))
    parts = [visit.t("plan.part", share=visit.f.percent(part.share_ppm), days=part.days) for part in plan.later]
    interest = visit.t("plan.interest_text", rate=visit.f.percent(plan.interest_ppm))
    return (first, *parts, interest, visit.t(f"security.{plan.security}"))


def announced_words(visit: Visit, document: Mapping[str, object]) -> tuple[str, ...]:
    """The plan a listing announced, as sentences."""
    return plan_words(visit, plan_from_document(document))


def takes_plan(tx: Tx, actor: Actor, order: OrderState) -> ListingFacts | None:
    """The listing of an own standing bid in an auction that takes plans; None for any other order."""
    own = order.organisation_id == actor.organisation_id and order.side is Side.BUY and order.status in LIVE_ORDER
    if not own or order.listing_id is None:
        return None
    facts = listings.listing_facts(tx, order.listing_id)
    takes = facts.mode is MatchingMode.ONE_WAY_AUCTION and facts.plan_discount_ppm is not None
    return facts if takes else None


def plan_panel(visit: Visit, order: OrderState, typed: PlanForm | None = None) -> PlanPanel | None:
    """The plan of an own bid with its form; None where no plan may be said."""
    facts = takes_plan(visit.tx, visit.actor, order)
    if facts is None or facts.plan_discount_ppm is None:
        return None
    plan, equivalent = order_plan_of(visit.tx, visit.actor, order_id=order.id)
    form = typed or filled(visit, plan)
    return PlanPanel(plan_words(visit, plan), equivalent, facts.plan_discount_ppm, form, securities_of(visit, form))


def securities_of(visit: Visit, form: PlanForm) -> tuple[Choice, ...]:
    """The kinds of security with the typed one chosen."""
    return tuple(Choice(item.value, visit.t(f"security.{item}"), item.value == form.security) for item in Security)


def filled(visit: Visit, plan: PaymentPlan) -> PlanForm:
    """The form with a plan in it."""
    parts = plan.later[:PARTS]
    rest = ("",) * (PARTS - len(parts))
    shares = tuple(str(visit.f.percent(part.share_ppm)) for part in parts)
    days = tuple(str(part.days) for part in parts)
    return PlanForm((*shares, *rest), (*days, *rest), str(visit.f.percent(plan.interest_ppm)), plan.security.value)
