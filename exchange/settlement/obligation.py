"""What must still be filed once an interest is registered: kind, rule, due day and the day the law is broken.

Example: transferred on Friday 2026-07-10 -> change registration due 2026-07-25, broken after 2026-08-09; the manager's
report within 10 working days; for a state-owned seller also the property-rights registration and the result notice.
Source: R-41 (合伙企业法 13: 15 days; 市场主体登记管理条例 24: 30 days), R-51 (10 working days), R-48 (5 working days).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exchange.rulebook.calendars import Calendar
from exchange.rulebook.profile import MarketProfile
from exchange.settlement.deadlines import last_day


class ObligationKind(StrEnum):
    """What is to be filed."""

    CHANGE_REGISTRATION = "change_registration"
    ASSOCIATION_REPORT = "association_report"
    STATE_REGISTRATION = "state_registration"
    RESULT_NOTICE = "result_notice"


class ObligationStatus(StrEnum):
    """Where an obligation stands; ``void``: the transfer it came from was undone."""

    OPEN = "open"
    DONE = "done"
    VOID = "void"


class ObligationEvent(StrEnum):
    """What may happen to an obligation."""

    FULFIL = "fulfil"
    VOID = "void"


OBLIGATION_LIFECYCLE: Mapping[tuple[ObligationStatus, ObligationEvent], ObligationStatus] = {
    (ObligationStatus.OPEN, ObligationEvent.FULFIL): ObligationStatus.DONE,
    (ObligationStatus.OPEN, ObligationEvent.VOID): ObligationStatus.VOID,
}

STATE_OWNED_ONLY = frozenset({ObligationKind.STATE_REGISTRATION, ObligationKind.RESULT_NOTICE})
BY_THE_EXCHANGE = frozenset({ObligationKind.RESULT_NOTICE})
"""The exchange publishes it by itself and keeps it public until the due day; nobody hands evidence in."""

_DUE: Mapping[ObligationKind, tuple[str, str]] = {
    ObligationKind.CHANGE_REGISTRATION: ("filing_days", "filing_breach_days"),
    ObligationKind.ASSOCIATION_REPORT: ("fund_association_report_working_days",) * 2,
    # No time of its own is set for the property-rights registration: it follows the change registration.
    ObligationKind.STATE_REGISTRATION: ("filing_days", "filing_breach_days"),
    ObligationKind.RESULT_NOTICE: ("result_notice_working_days",) * 2,
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to file: due by the end of ``due_on``, broken after ``breach_on``."""

    kind: ObligationKind
    rule: str
    due_on: date
    breach_on: date


def duties(
    profile: MarketProfile, calendar: Calendar, transferred_on: date, *, seller_is_state_owned: bool
) -> tuple[Duty, ...]:
    """Everything a transfer of this day makes due, in the order of the kinds."""
    rules = profile.rules()
    found = []
    for kind, (due, breach) in _DUE.items():
        if kind in STATE_OWNED_ONLY and not seller_is_state_owned:
            continue
        first, last = (last_day(calendar, name, int(rules[name].value), transferred_on) for name in (due, breach))
        found.append(Duty(kind, rules[due].rule_id, first, last))
    return tuple(found)
