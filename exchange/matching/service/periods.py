"""Periods of the market profile as deadlines: each with the rule it comes from."""

from datetime import datetime, timedelta

from exchange.core.clock import end_of_market_day, market_date
from exchange.infra.database import Tx
from exchange.matching.deadlines import Deadline
from exchange.rulebook.service import calendar, profile


def confirmation_deadline(tx: Tx, profile_name: str, now: datetime) -> Deadline:
    """When a match lapses that its parties have not confirmed: the end of the profile's last working day."""
    today = market_date(now)
    rule = profile(profile_name, today).confirm_window_working_days
    return Deadline(end_of_market_day(calendar(tx).add_working_days(today, rule.value)), rule.rule_id)


def match_right_deadline(profile_name: str, now: datetime) -> Deadline:
    """When guidance funds may no longer take at the clearing price: the profile's hours after the award."""
    rule = profile(profile_name, market_date(now)).match_right_hours
    return Deadline(now + timedelta(hours=rule.value), rule.rule_id)


def priority_window_end(tx: Tx, profile_name: str, opens_at: datetime) -> Deadline:
    """When bids of every class are considered: the end of the profile's working days after the opening."""
    day = market_date(opens_at)
    rule = profile(profile_name, day).priority_window_working_days
    return Deadline(end_of_market_day(calendar(tx).add_working_days(day, rule.value)), rule.rule_id)


def lock_moment(profile_name: str, closes_at: datetime) -> Deadline:
    """When an auction takes improvements only: the profile's hours before its close."""
    rule = profile(profile_name, market_date(closes_at)).auction_lock_hours
    return Deadline(closes_at - timedelta(hours=rule.value), rule.rule_id)
