"""An independent appraisal as its appraiser reports it, and what a filed one says of an amount on offer.

It values an amount of subscribed capital on a base date, and is valid until a date that lies no further from the base
date than the market profile allows (rule R-46). Once it is filed (核准、备案), a state-owned seller may not offer below
it (rules R-43 and R-44).
Example: 100,000,000.00 subscribed appraised at 90,000,000.00 -> 20,000,000.00 of it has a floor of 18,000,000.00.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from exchange.core.errors import FieldError
from exchange.core.money import MAX_MINOR, divide_half_up

METHODS_MAX = 10


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What is entered. Amounts in minor units of the fund's currency; ``valid_until`` None takes the profile's days."""

    fund_id: str
    nav_statement_id: str | None
    amount_minor: int | None
    profile: str
    base_on: date
    valid_until: date | None
    purpose: str
    methods: tuple[str, ...]
    appraiser: str
    appraiser_organisation_id: str | None
    report_number: str
    low_minor: int
    point_minor: int
    high_minor: int


def valid_until(appraisal: Appraisal, valid_days: int) -> date:
    """The last day on which the appraisal counts."""
    return appraisal.valid_until or appraisal.base_on + timedelta(days=valid_days)


def check_appraisal(
    appraisal: Appraisal, *, today: date, valid_days: int, subscribed_minor: int
) -> tuple[FieldError, ...]:
    """Everything in an appraisal that cannot be. ``subscribed_minor``: of the NAV statement it refers to."""
    errors = []
    if appraisal.base_on > today:
        errors.append(FieldError("/base_date", "DATE_IN_FUTURE"))
    until = valid_until(appraisal, valid_days)
    if not appraisal.base_on <= until <= appraisal.base_on + timedelta(days=valid_days):
        errors.append(FieldError("/valid_until", "APPRAISAL_VALIDITY", {"n": str(valid_days)}))
    if not 0 <= appraisal.low_minor <= appraisal.point_minor <= appraisal.high_minor:
        errors.append(FieldError("/point", "RANGE_OUT_OF_ORDER"))
    if appraisal.high_minor > MAX_MINOR:
        errors.append(FieldError("/high", "AMOUNT_OUT_OF_BOUNDS"))
    if not 0 < (appraisal.amount_minor or subscribed_minor) <= subscribed_minor:
        errors.append(FieldError("/amount", "APPRAISED_AMOUNT_TOO_LARGE"))
    return tuple(errors)


def floor_minor(point_minor: int, appraised_minor: int, offered_minor: int) -> int:
    """The filed value of an amount on offer, pro rata to subscribed capital, rounded half-up once."""
    return divide_half_up(point_minor * offered_minor, appraised_minor)
