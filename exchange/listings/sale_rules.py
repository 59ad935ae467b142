"""Where a fund may be listed and what special sales need: by order of a court, with partners in the auction, and the
favourable exit of a guidance fund. Every broken rule at once, as all checks of a listing.

Example: an auction in which partners bid along closes on the 29th day, they have 30 -> PARTNERS_NEED_TIME (R-38).
"""

from collections.abc import Iterable
from datetime import timedelta

from exchange.core.clock import end_of_market_day, market_date
from exchange.core.errors import Breach
from exchange.core.money import divide_half_up
from exchange.core.quantity import NavBasis
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy
from exchange.listings.offer import Facts, Rules, Terms, expires_at, money_text
from exchange.listings.sale import ExitFormula, SaleCause, favourable_price_minor
from exchange.rulebook.profile import MarketProfile, Rule
from exchange.rulebook.promises import RULE, promises_in


def check_local(_terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    """R-08: the venue serves its region, and only funds that are filed. Sources: 前海, 上海股权托管交易中心 rules."""
    regions, needed = rules.profile.local_regions, rules.profile.filing_code_needed
    if regions.value and facts.regions.isdisjoint(regions.value):
        numbers = {"regions": ", ".join(sorted(facts.regions)) or "-", "allowed": ", ".join(regions.value)}
        yield Breach(regions.rule_id, "FUND_NOT_LOCAL", numbers)
    if needed.value and not facts.filing_code:
        yield Breach(needed.rule_id, "FUND_NOT_FILED")


def check_promises(_terms: Terms, facts: Facts, _rules: Rules) -> Iterable[Breach]:
    """R-28: nothing that is shown with a listing promises the principal or a return."""
    if words := promises_in(facts.said):
        yield Breach(RULE, "PROMISE_OF_RETURN", {"words": ", ".join(words)})


def check_court_order(terms: Terms, facts: Facts, _rules: Rules) -> Iterable[Breach]:
    """R-37: a sale by a court shows its order, seen by an operator."""
    if terms.cause is SaleCause.COURT_ORDER and not facts.court_order_is_verified:
        yield Breach("R-37", "COURT_ORDER_MISSING")


def partners_days(profile: MarketProfile, cause: SaleCause) -> Rule[int]:
    """How long the other partners have to say whether they buy first: R-31, in a sale by a court R-37."""
    return profile.court_notice_days if cause is SaleCause.COURT_ORDER else profile.partner_notice_days


def check_first_refusal(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    """R-38: partners exercise on the exchange only in an auction by price that gives them their time to answer."""
    if terms.first_refusal is FirstRefusalMode.AFTER_BIDDING:
        return
    if not facts.has_first_refusal:
        yield Breach("R-38", "NO_FIRST_REFUSAL")
    if terms.mode is not MatchingMode.ONE_WAY_AUCTION or terms.policy is not PriorityPolicy.PRICE_FIRST:
        yield Breach("R-38", "FIRST_REFUSAL_NEEDS_AUCTION")
    days = partners_days(rules.profile, terms.cause)
    # Partners are called when the listing is published; the bidding ends when their time to answer is over, not before.
    last_day = market_date(rules.now) + timedelta(days=days.value)
    if expires_at(terms) < end_of_market_day(last_day):
        yield Breach("R-38", "PARTNERS_NEED_TIME", {"n": str(days.value), "date": last_day.isoformat()})


def check_favourable_exit(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    """R-4D: a guidance fund leaves at its formula price where its fund's agreement says so, and not below it."""
    if not terms.is_favourable_exit:
        return
    years, rate = rules.profile.favourable_exit_years, rules.profile.favourable_exit_rate_ppm
    if not facts.seller_is_guidance_fund or not years.value:
        yield Breach(years.rule_id, "FAVOURABLE_EXIT_NOT_OPEN")
        return
    if facts.exit_since is None:
        yield Breach(years.rule_id, "EXIT_CLAUSE_MISSING")
        return
    cost = divide_half_up(facts.cost_minor * terms.amount_minor, facts.subscribed_minor)
    formula = ExitFormula(years.value, rate.value)
    lowest = favourable_price_minor(cost, facts.exit_since, market_date(rules.now), formula)
    asked = NavBasis(facts.nav_minor, facts.pinned_subscribed_minor).value_minor(
        terms.amount_minor, terms.floor_price_ppm
    )
    if asked < lowest:
        numbers = {"value": money_text(asked, facts), "lowest": money_text(lowest, facts)}
        yield Breach(years.rule_id, "PRICE_BELOW_EXIT_FORMULA", numbers)
