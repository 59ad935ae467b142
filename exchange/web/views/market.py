"""The market list, narrowed by filters that live in the address."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from exchange.core.clock import market_date
from exchange.core.money import MINOR_DIGITS, Money, divide_half_up
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.rest.permissions import needs
from exchange.web.books import best_bids
from exchange.web.lines import TAKES_BIDS, Filters, market_lines, with_best_bids
from exchange.web.models import Choice, MarketLine
from exchange.web.routes import PageRoute
from exchange.web.visit import ReadVisit, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SOON = timedelta(days=3)
Text = Annotated[str, Query(max_length=80)]


@router.get("/market", openapi_extra=needs("market:read"))
def market(
    visit: ReadVisit,
    q: Text = "",
    mode: Text = "",
    policy: Text = "",
    seller: Text = "",
    currency: Text = "",
    status: Text = "",
) -> Response:
    """Listings the viewer may see, the next to close first."""
    filters = Filters(q, mode, policy, seller, currency, status)
    return visit.page("market.html", parts(visit, filters) | _choices(visit, filters))


def parts(visit: Visit, filters: Filters) -> dict[str, object]:
    """What the figures and the table show; a stream renders the same."""
    lines = market_lines(visit.tx, visit.actor, filters, visit.language, market_date(visit.now))
    lines = with_best_bids(lines, best_bids(visit.tx, visit.actor, lines))
    currencies = {line.amount.currency for line in lines}
    return {
        "lines": lines,
        "single_currency": currencies.pop() if len(currencies) == 1 else "",
        "nav_unit": visit.f.column_unit(line.nav_on_sale for line in lines),
        "unfunded_unit": visit.f.column_unit(line.unfunded for line in lines),
        **_figures(visit, lines),
    }


def _figures(visit: Visit, lines: Sequence[MarketLine]) -> dict[str, object]:
    live = [line for line in lines if line.status in {status.value for status in TAKES_BIDS}]
    totals: Counter[str] = Counter()
    for line in live:
        totals[line.nav_on_sale.currency] += line.nav_on_sale.minor
    return {
        "open_count": len(live),
        "total_count": len(lines),
        "nav_by_currency": [Money(totals[name], name) for name in sorted(totals)],
        "mean_ask_ppm": _mean([line.ask_ppm for line in live]),
        "guidance_count": sum(line.policy != PriorityPolicy.PRICE_FIRST.value for line in live),
        "closing_count": sum(timedelta() < line.closes_at - visit.now <= SOON for line in live),
    }


def _mean(prices: Sequence[int]) -> int | None:
    """The average price to a hundredth of a per cent."""
    return divide_half_up(sum(prices), 100 * len(prices)) * 100 if prices else None


def _choices(visit: Visit, filters: Filters) -> dict[str, object]:
    words = visit.t

    def choices(name: str, values: Sequence[str], group: str) -> list[Choice]:
        chosen = getattr(filters, name)
        options = [Choice("", words("market.all"), chosen == "")]
        return options + [Choice(value, words(f"{group}.{value}"), chosen == value) for value in values]

    statuses = ["open", "priority_window", "approved", "locked", "halted", "award_proposed", "awarded", "withdrawn"]
    live = Choice("live", words("market.live_only"), filters.status == "live")
    status_choices = choices("status", statuses, "listing_status")
    return {
        "query": filters.query,
        "filtered": filters.is_set,
        "mode_choices": choices("mode", [mode.value for mode in MatchingMode], "mode"),
        "policy_choices": choices("policy", [policy.value for policy in PriorityPolicy], "policy"),
        "seller_choices": choices("seller", ["state_owned", "market"], "seller_class"),
        "currency_choices": choices("currency", sorted(MINOR_DIGITS), "currency"),
        "status_choices": [status_choices[0], live, *status_choices[1:]],
        "stream_query": urlencode(
            {
                "q": filters.query,
                "mode": filters.mode,
                "policy": filters.policy,
                "seller": filters.seller,
                "currency": filters.currency,
                "status": filters.status,
            }
        ),
    }
