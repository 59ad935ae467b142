"""A fund as its manager reports it, and what its figures must satisfy.

Where it is registered is told by a province code of GB/T 2260 (11 Beijing, 31 Shanghai), its filing with the Asset
Management Association by the code of the filing: S and five letters or digits. A simulated fund has a code of a form
that no real one has, SIM and five digits, so that it is never taken for one (R-08).

Example: code ``SIM-VC-001``, vintage 2017, CNY, risk rating 4 of 5, 60 % of NAV in science and technology.
"""

import re
from dataclasses import dataclass

from exchange.core.errors import FieldError
from exchange.core.money import MINOR_DIGITS, PPM
from exchange.core.terms import SourceMark

OLDEST_VINTAGE = 1970
RISK_RATINGS = range(1, 6)
_REGION_RANGES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
REGIONS = frozenset(str(code) for first, last in _REGION_RANGES for code in range(first, last + 1))
"""Provinces and municipalities. Source: GB/T 2260, first two digits."""
_FILING_CODE = re.compile(r"S[A-Z0-9]{5}")
_SIMULATED_FILING_CODE = re.compile(r"SIM-[0-9]{5}")
_CREDIT_CODE_REGION = slice(2, 4)


@dataclass(frozen=True, slots=True)
class Fund:
    """The fund master. ``sci_tech_ppm``: share of NAV in science and technology; ratings run from 1 to 5.

    ``registered_region`` and ``filing_code`` are empty where there is none.
    """

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
    registered_region: str = ""
    filing_code: str = ""


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
    if fund.registered_region and fund.registered_region not in REGIONS:
        errors.append(FieldError("/registered_region", "PROVINCE_UNKNOWN"))
    if fund.filing_code and not _has_filing_form(fund):
        errors.append(FieldError("/filing_code", "FILING_CODE_INVALID"))
    return tuple(errors)


def is_simulated_filing(code: str) -> bool:
    """Whether a filing code is one of the sandbox, which counts for simulated listings only."""
    return _SIMULATED_FILING_CODE.fullmatch(code) is not None


def _has_filing_form(fund: Fund) -> bool:
    # The demo also holds real funds as their investors report them; they get no real-looking code either.
    if is_simulated_filing(fund.filing_code):
        return True
    return fund.source_mark is not SourceMark.SIMULATED and _FILING_CODE.fullmatch(fund.filing_code) is not None


def region_of_credit_code(credit_code: str) -> str:
    """The province of the authority that registered an organisation, digits 3 and 4 of its code.

    Example: 91110000600037341L -> 11, Beijing. Source: GB 32100-2015.
    """
    return credit_code[_CREDIT_CODE_REGION]
