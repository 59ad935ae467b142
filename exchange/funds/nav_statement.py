"""A NAV at a reference date with the capital account it belongs to, and the identities it must satisfy.

Paid-in and unfunded never fall short of what was subscribed: subscribed <= paid-in + unfunded (recallable
distributions and fees outside the commitment make the right side larger). NAV may be negative early in a fund's life.
Example: subscribed 100, paid in 70, unfunded 30 passes; unfunded 20 does not: 10 are unexplained.
Source: capital-account identities of ILPA reporting; tolerance covers figures published in rounded units.
"""

from dataclasses import dataclass
from datetime import date

from exchange.core.errors import FieldError
from exchange.core.money import MAX_MINOR, divide_half_up
from exchange.core.terms import SourceMark

TOLERANCE_MINOR = 100
TOLERANCE_PPM = 5_000


@dataclass(frozen=True, slots=True)
class NavStatement:
    """Amounts in minor units of the fund's currency; multiples and rates in ppm, None when not reported."""

    fund_id: str
    as_of: date
    nav_minor: int
    subscribed_minor: int
    paid_in_minor: int
    distributed_minor: int
    unfunded_minor: int
    tvpi_ppm: int | None
    irr_ppm: int | None
    source_mark: SourceMark
    source: str

    @property
    def key(self) -> tuple[str, date]:
        """The natural key: fund and reference date."""
        return self.fund_id, self.as_of


def tolerance(amount_minor: int) -> int:
    """What may be missing through rounding: one unit or 0.5 % of the amount, whichever is more."""
    return max(TOLERANCE_MINOR, divide_half_up(abs(amount_minor) * TOLERANCE_PPM, 1_000_000))


def check_nav_statement(statement: NavStatement, today: date) -> tuple[FieldError, ...]:
    """Every contradiction in a statement."""
    errors = []
    if statement.as_of > today:
        errors.append(FieldError("/as_of", "DATE_IN_FUTURE"))
    if statement.subscribed_minor <= 0:
        errors.append(FieldError("/subscribed", "NUMBER_NOT_POSITIVE"))
    for name, amount in (
        ("paid_in", statement.paid_in_minor),
        ("distributed", statement.distributed_minor),
        ("unfunded", statement.unfunded_minor),
    ):
        if amount < 0:
            errors.append(FieldError(f"/{name}", "NUMBER_NEGATIVE"))
    if abs(statement.nav_minor) > MAX_MINOR:
        errors.append(FieldError("/nav", "AMOUNT_OUT_OF_BOUNDS"))
    explained = statement.paid_in_minor + statement.unfunded_minor
    if explained + tolerance(statement.subscribed_minor) < statement.subscribed_minor:
        errors.append(FieldError("/unfunded", "UNFUNDED_UNEXPLAINED"))
    return tuple(errors)


def implied_unfunded(subscribed_minor: int, paid_in_minor: int) -> int:
    """Unfunded when a manager does not report it: subscribed less paid-in, never below zero."""
    return max(0, subscribed_minor - paid_in_minor)
