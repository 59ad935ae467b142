"""Whether an interest may be listed on these terms: every broken rule at once, never only the first.

The numbers come from the market profile, the facts from the registers; this file only compares.
Example: 100 free, 120 offered, NAV of 400 days ago -> INTEREST_NOT_FREE (R-40) and NAV_STALE (R-50).
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from exchange.core.clock import market_date
from exchange.core.errors import Breach
from exchange.core.money import PPM, divide_half_up
from exchange.core.quantity import NavBasis
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.listings.offer import Facts, Rules, Terms, expires_at, money_text
from exchange.listings.payment_plan import announced_verdict
from exchange.listings.pricing import percent
from exchange.listings.sale_rules import (
    check_court_order,
    check_favourable_exit,
    check_first_refusal,
    check_local,
    check_promises,
)

Check = Callable[[Terms, Facts, Rules], Iterable[Breach]]


def check_listing(terms: Terms, facts: Facts, rules: Rules) -> tuple[Breach, ...]:
    """All rules the terms break at this moment; empty when the listing may be submitted or published."""
    if not rules.profile.knows_currency(facts.currency):
        return (
            Breach(
                rules.profile.minimum_amount_minor.rule_id,
                "CURRENCY_NOT_ADMITTED",
                {"currency": facts.currency, "profile": rules.profile.name},
            ),
        )
    return tuple(breach for check in _CHECKS for breach in check(terms, facts, rules))


def nav_age_days(facts: Facts, now: datetime) -> int:
    """Days from the reference date of the pinned NAV to today."""
    return (market_date(now) - facts.nav_as_of).days


def _check_seller(_terms: Terms, facts: Facts, _rules: Rules) -> Iterable[Breach]:
    if not facts.seller_is_admitted:
        yield Breach("R-09", "SELLER_NOT_ADMITTED")


def turnaround_breaches(bought_at: datetime | None, rules: Rules) -> tuple[Breach, ...]:
    """R-04: what was bought rests before it is sold, by the later of trading days and working days.

    Counted from the day of the register, the later reading. Source: 国发〔2011〕38号; 北京股权交易中心 business rules.
    """
    if bought_at is None:
        return ()
    trading, working = rules.profile.interval_trading_days, rules.profile.interval_working_days
    since = market_date(bought_at)
    first = rules.calendar.later_of(since, trading_days=trading.value, working_days=working.value)
    if market_date(rules.now) >= first:
        return ()
    days = str(max(trading.value, working.value))
    numbers = {"n": days, "date": first.isoformat(), "bought": since.isoformat()}
    is_provisional = rules.calendar.is_provisional(first)
    return (Breach(trading.rule_id, "BOUGHT_TOO_RECENTLY", numbers, passes_on=first, is_provisional=is_provisional),)


def _check_turnaround(_terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    yield from turnaround_breaches(facts.bought_at, rules)


def _check_nav(_terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    limit = rules.profile.nav_block_days
    age = nav_age_days(facts, rules.now)
    numbers = {"date": facts.nav_as_of.isoformat(), "n": str(limit.value), "age": str(age)}
    if age > limit.value:
        yield Breach(limit.rule_id, "NAV_STALE", numbers)
    if not facts.nav_is_current:
        yield Breach(limit.rule_id, "NAV_REPLACED", numbers)
    if facts.nav_minor <= 0:
        yield Breach(limit.rule_id, "NAV_NOT_POSITIVE", numbers)


def _check_free(terms: Terms, facts: Facts, _rules: Rules) -> Iterable[Breach]:
    if terms.amount_minor > facts.free_minor:
        numbers = {"amount": money_text(terms.amount_minor, facts), "free": money_text(facts.free_minor, facts)}
        yield Breach("R-40", "INTEREST_NOT_FREE", numbers)


def _check_size(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    amount = money_text(terms.amount_minor, facts)
    smallest = rules.profile.minimum_amount_minor
    largest = rules.profile.maximum_amount_minor
    least_holding = rules.profile.minimum_holding_minor
    floor, ceiling, kept = (rule.value[facts.currency] for rule in (smallest, largest, least_holding))
    if terms.amount_minor < floor:
        yield Breach(smallest.rule_id, "AMOUNT_BELOW_MINIMUM", {"amount": amount, "minimum": money_text(floor, facts)})
    if terms.amount_minor > ceiling:
        yield Breach(largest.rule_id, "AMOUNT_ABOVE_MAXIMUM", {"amount": amount, "maximum": money_text(ceiling, facts)})
    remainder = facts.subscribed_minor - terms.amount_minor
    if 0 < remainder < kept:
        numbers = {"remainder": money_text(remainder, facts), "minimum": money_text(kept, facts)}
        yield Breach(least_holding.rule_id, "REMAINDER_BELOW_MINIMUM", numbers)
    if terms.minimum_fill_minor > terms.amount_minor:
        numbers = {"minimum": money_text(terms.minimum_fill_minor, facts), "amount": amount}
        yield Breach(smallest.rule_id, "MINIMUM_FILL_ABOVE_AMOUNT", numbers)


def _check_form(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    modes = rules.profile.modes
    if terms.mode not in modes.value:
        numbers = {"mode": terms.mode.value, "allowed": ", ".join(modes.value)}
        yield Breach(modes.rule_id, "MODE_NOT_ALLOWED", numbers)
    policies = rules.profile.policies(state_owned=facts.seller_is_state_owned)
    if terms.policy not in policies.value:
        numbers = {"policy": terms.policy.value, "allowed": ", ".join(policies.value)}
        yield Breach(policies.rule_id, "POLICY_NOT_ALLOWED", numbers)
    review = rules.profile.priority_review
    # Whoever goes first for its class does so under a review with an end (R-4E); by price needs none.
    if terms.policy is not PriorityPolicy.PRICE_FIRST and not review.value.covers(market_date(rules.now)):
        numbers = {"number": review.value.number, "date": review.value.ends_on.isoformat()}
        yield Breach(review.rule_id, "PRIORITY_REVIEW_OVER", numbers)


def _check_price(terms: Terms, _facts: Facts, rules: Rules) -> Iterable[Breach]:
    tick, highest = rules.profile.tick_ppm, rules.profile.maximum_price_ppm
    for price_ppm in dict.fromkeys((terms.price_ppm, terms.floor_price_ppm)):
        if price_ppm % tick.value:
            yield Breach(tick.rule_id, "PRICE_OFF_TICK", {"price": percent(price_ppm), "step": percent(tick.value)})
    if terms.price_ppm > highest.value:
        numbers = {"price": percent(terms.price_ppm), "maximum": percent(highest.value)}
        yield Breach(highest.rule_id, "PRICE_ABOVE_MAXIMUM", numbers)
    if terms.floor_price_ppm > terms.price_ppm:
        numbers = {"floor": percent(terms.floor_price_ppm), "price": percent(terms.price_ppm)}
        yield Breach("R-43", "FLOOR_ABOVE_PRICE", numbers)


def _check_filed_value(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    """R-44: a state-owned seller starts at the filed value; one that found no buyer may go down to 90 % of it, and
    below that with the written approval of its body.

    Where no appraisal is filed there is nothing to compare with: the gates warn of it. A favourable exit has a lowest
    price of its own (R-4D).
    """
    filed = facts.filed_value_minor
    if terms.is_favourable_exit:
        return
    if not facts.seller_is_state_owned or filed is None or facts.pinned_subscribed_minor <= 0:
        return
    if facts.is_listed_again and facts.is_approved_at(terms.floor_price_ppm):
        return
    profile = rules.profile
    rule = profile.state_owned_relist_floor_ppm if facts.is_listed_again else profile.state_owned_floor_ppm
    lowest = divide_half_up(filed * rule.value, PPM)
    basis = NavBasis(facts.nav_minor, facts.pinned_subscribed_minor)
    asked = basis.value_minor(terms.amount_minor, terms.floor_price_ppm)
    if asked < lowest:
        numbers = {
            "value": money_text(asked, facts),
            "filed": money_text(filed, facts),
            "lowest": money_text(lowest, facts),
            "share": percent(rule.value),
        }
        yield Breach(rule.rule_id, "PRICE_BELOW_APPRAISAL", numbers)


def _check_plan(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    """R-47 on the announced plan; bids with plans of their own are compared in an auction of a private seller only."""
    yield from announced_verdict(terms.plan, rules.profile).breaches
    if terms.plan_discount_ppm is None:
        return
    if facts.seller_is_state_owned:
        yield Breach("R-47", "STATE_OWNED_PLANS_IDENTICAL")
    elif terms.mode is not MatchingMode.ONE_WAY_AUCTION:
        yield Breach("D-EQUIVALENT", "PLANS_NEED_AUCTION")


def _check_window_order(terms: Terms, _facts: Facts, rules: Rules) -> Iterable[Breach]:
    if terms.closes_at <= terms.opens_at:
        yield Breach("R-03", "WINDOW_OUT_OF_ORDER")
    if terms.closes_at <= rules.now:
        yield Breach("R-03", "WINDOW_IN_PAST")


def _check_window_length(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    profile = rules.profile
    longest, shortest = profile.open_days_maximum, profile.open_days_minimum
    ends_at = expires_at(terms)  # good for the day ends it with the day, whatever the window
    last_day = market_date(ends_at - timedelta(microseconds=1))
    if terms.closes_at > terms.opens_at + timedelta(days=longest.value):
        yield Breach(longest.rule_id, "WINDOW_TOO_LONG", {"n": str(longest.value)})
    days = profile.auction_notice_days if terms.mode is MatchingMode.ONE_WAY_AUCTION else shortest
    # The period runs from when everyone can know: the opening, or today for a window that opened before.
    starts_at = max(terms.opens_at, rules.now)
    earliest = starts_at + timedelta(days=days.value)
    if ends_at < earliest:
        numbers = {"n": str(days.value), "date": market_date(earliest).isoformat()}
        yield Breach(days.rule_id, "NOTICE_TOO_SHORT", numbers)
    notice, opens_on = profile.state_owned_notice_working_days, market_date(starts_at)
    if facts.seller_is_state_owned and rules.calendar.working_days_between(opens_on, last_day) < notice.value:
        closes = rules.calendar.add_working_days(opens_on, notice.value)
        numbers = {"n": str(notice.value), "date": closes.isoformat()}
        yield Breach(notice.rule_id, "STATE_NOTICE_TOO_SHORT", numbers)


def _check_listed_before(terms: Terms, facts: Facts, rules: Rules) -> Iterable[Breach]:
    """What binds a state-owned seller who lists anew what found no buyer: R-44 on the price, R-46 on the time."""
    if not facts.seller_is_state_owned or facts.first_published_at is None or facts.first_price_ppm is None:
        return
    least, longest = rules.profile.state_owned_relist_floor_ppm, rules.profile.state_owned_listing_days
    floor = -(-facts.first_price_ppm * least.value // 1_000_000)
    if terms.floor_price_ppm < floor and not facts.is_approved_at(terms.floor_price_ppm):
        numbers = {"floor": percent(terms.floor_price_ppm), "minimum": percent(floor)}
        yield Breach(least.rule_id, "RELIST_PRICE_TOO_LOW", numbers)
    ends_at = facts.first_published_at + timedelta(days=longest.value)
    if terms.closes_at > ends_at:
        numbers = {"n": str(longest.value), "date": market_date(ends_at).isoformat()}
        yield Breach(longest.rule_id, "LISTED_TOO_LONG", numbers)


def check_extension(terms: Terms, facts: Facts, rules: Rules, closes_at: datetime) -> tuple[Breach, ...]:
    """All rules a later close breaks, the content being unchanged: at least some working days more (R-45), and within
    what a window (R-03) and a state-owned seller's announcements (R-46) may last in all.

    Example: a window that ends on a Friday is extended to the next Friday or later.
    """
    profile = rules.profile
    least, longest, oldest = (
        profile.extension_working_days,
        profile.open_days_maximum,
        profile.state_owned_listing_days,
    )
    found = []
    first_day = max(market_date(terms.closes_at), market_date(rules.now))
    earliest = rules.calendar.add_working_days(first_day, least.value)
    if market_date(closes_at) < earliest:
        found.append(
            Breach(least.rule_id, "EXTENSION_TOO_SHORT", {"n": str(least.value), "date": earliest.isoformat()})
        )
    if closes_at > terms.opens_at + timedelta(days=longest.value):
        found.append(Breach(longest.rule_id, "WINDOW_TOO_LONG", {"n": str(longest.value)}))
    if facts.seller_is_state_owned and facts.first_published_at is not None:
        ends_at = facts.first_published_at + timedelta(days=oldest.value)
        if closes_at > ends_at:
            numbers = {"n": str(oldest.value), "date": market_date(ends_at).isoformat()}
            found.append(Breach(oldest.rule_id, "LISTED_TOO_LONG", numbers))
    return tuple(found)


_CHECKS: tuple[Check, ...] = (
    _check_seller,
    check_local,
    check_promises,
    check_court_order,
    check_first_refusal,
    check_favourable_exit,
    _check_turnaround,
    _check_nav,
    _check_free,
    _check_size,
    _check_form,
    _check_price,
    _check_filed_value,
    _check_plan,
    _check_window_order,
    _check_window_length,
    _check_listed_before,
)
