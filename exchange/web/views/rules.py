"""The page of rules: every rule of law with its numbers on one market, and how it is enforced."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from exchange.core.clock import market_date
from exchange.rest.permissions import SIGNED_IN, needs
from exchange.rulebook import service as rulebook
from exchange.rulebook.catalogue import LawRule, numbers_of
from exchange.rulebook.profile import MarketProfile
from exchange.web.models import Choice
from exchange.web.routes import PageRoute
from exchange.web.visit import ReadVisit, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in the viewer's language with its numbers on the chosen market."""

    rule_id: str
    text: str
    source: str
    mark: str
    enforcement: str
    why: str
    numbers: tuple[tuple[str, str], ...]


@router.get("/rules", openapi_extra=needs(SIGNED_IN))
def show(visit: ReadVisit, profile: Annotated[str, Query(max_length=20)] = "") -> Response:
    """All rules in groups; the market is chosen by its profile."""
    today = market_date(visit.now)
    known = rulebook.profiles(today)
    chosen = next((each for each in known if each.name == profile), known[0])
    is_english = visit.language == "en"
    groups = [
        (group.title_en if is_english else group.title_zh, [_line(visit, rule, chosen) for rule in group.rules])
        for group in rulebook.rule_catalogue()
    ]
    names = [(each.name, each.title_en if is_english else each.title_zh) for each in known]
    return visit.page(
        "rules.html",
        groups=groups,
        profiles=[Choice(name, title, name == chosen.name) for name, title in names],
        profile=chosen,
        count=sum(len(rules) for _, rules in groups),
    )


def _line(visit: Visit, rule: LawRule, profile: MarketProfile) -> RuleLine:
    is_english = visit.language == "en"
    numbers = numbers_of(rule.id, profile).items()
    return RuleLine(
        rule_id=rule.id,
        text=rule.en if is_english else rule.zh,
        source=rule.source,
        mark=rule.mark.value,
        enforcement=rule.enforcement.value,
        why=rule.why_en if is_english else rule.why_zh,
        numbers=tuple((_name(visit, name), _value(visit, name, number.value)) for name, number in numbers),
    )


def _name(visit: Visit, name: str) -> str:
    key = f"rule_number.{name}"
    return visit.t(key) if visit.t.has(key) else name


def _value(visit: Visit, name: str, value: object) -> str:
    if isinstance(value, bool):
        return visit.t("rules.yes" if value else "rules.no")
    if isinstance(value, int) and name.endswith("_ppm"):
        return str(visit.f.percent(value))
    if isinstance(value, tuple):
        return ", ".join(_word(visit, each) for each in value) or visit.t("region.none")
    if hasattr(value, "items"):
        return ", ".join(f"{amount // 100:,} {currency}" for currency, amount in value.items())
    return _word(visit, value)


def _word(visit: Visit, value: object) -> str:
    """A mode, a policy or a way of adjusting in words; anything else as it is."""
    for prefix in ("mode.", "policy.", "deals.adjustment_", "region."):
        if visit.t.has(f"{prefix}{value}"):
            return visit.t(f"{prefix}{value}")
    return str(value)
