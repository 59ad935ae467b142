"""A fund as its manager reports it, and what its figures must satisfy.

Example: code ``SIM-VC-001``, vintage 2017, CNY, risk rating 4 of 5, 60 % of NAV in science and technology.
"""

from dataclasses import dataclass

from exchange.core.errors import FieldError
from exchange.core.money import MINOR_DIGITS, PPM
from exchange.core.terms import SourceMark

OLDEST_VINTAGE = 1970
RISK_RATINGS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Fund:
    """The fund master. ``sci_tech_ppm``: share of NAV in science and technology; ratings run from 1 to 5."""

    code: str
    name: str
    manager_organisation_id: str
    legal_form: str
    vintage: int
    currency: str
    strategy: str
    risk_rating: int
    sci_tech_ppm: int
    source_mark: SourceMark
    source: str
    warning: str = ""


def check_fund(fund: Fund, this_year: int) -> tuple[FieldError, ...]:
    """Every figure of a fund that cannot be."""
    errors = []
    if not fund.code.strip():
        errors.append(FieldError("/code", "FIELD_REQUIRED"))
    if not fund.name.strip():
        errors.append(FieldError("/name", "FIELD_REQUIRED"))
    if fund.currency not in MINOR_DIGITS:
        errors.append(FieldError("/currency", "CURRENCY_UNKNOWN"))
    if not OLDEST_VINTAGE <= fund.vintage <= this_year + 1:
        errors.append(FieldError("/vintage", "YEAR_OUT_OF_RANGE"))
    if fund.risk_rating not in RISK_RATINGS:
        errors.append(FieldError("/risk_rating", "RISK_RATING_OUT_OF_RANGE"))
    if not 0 <= fund.sci_tech_ppm <= PPM:
        errors.append(FieldError("/sci_tech_ratio", "RATIO_OUT_OF_RANGE"))
    return tuple(errors)
