"""May an investor bid for a fund: every rule that says no, with the numbers behind it.

Rules R-20 (suitability record, no nominee), R-21 and R-22 (assets, from the profile), R-23 (qualified by law), R-29
(risk statement, and an investor's rating not below the fund's). Example: rating 3 and a fund rated 4 ->
RISK_RATING_TOO_LOW, whatever else holds.
"""

from collections.abc import Iterator
from datetime import date

from exchange.core.errors import Breach
from exchange.core.money import Money
from exchange.parties.standing import Standing
from exchange.rulebook.profile import MarketProfile, Minor, Rule
from exchange.rulebook.verdict import Verdict


def may_bid(
    standing: Standing,
    fund_risk_rating: int,
    currency: str,
    profile: MarketProfile,
    today: date,
    fund_manager_id: str | None = None,
) -> Verdict:
    """All breaches at once; ``currency`` and ``fund_manager_id`` are the fund's. Passed when there is none."""
    return Verdict(
        (
            *_admission(standing, currency, profile),
            *_record(standing, profile, today, fund_manager_id),
            *_risk(standing, fund_risk_rating),
        )
    )


def _admission(standing: Standing, currency: str, profile: MarketProfile) -> Iterator[Breach]:
    if not standing.is_approved:
        yield Breach("X-ADMISSION", "ORGANISATION_NOT_ADMITTED")
    if not profile.knows_currency(currency):
        yield Breach(profile.minimum_amount_minor.rule_id, "CURRENCY_UNKNOWN", {"currency": currency})


def _record(standing: Standing, profile: MarketProfile, today: date, fund_manager_id: str | None) -> Iterator[Breach]:
    until = standing.suitable_until
    if until is None:
        yield Breach("R-20", "SUITABILITY_MISSING")
    elif until < today:
        yield Breach("R-20", "SUITABILITY_EXPIRED", {"date": until.isoformat()})
    else:
        yield from _assets(standing, profile, fund_manager_id)
    if not standing.no_nominee_declared:
        yield Breach("R-20", "NOMINEE_DECLARATION_MISSING")


def _assets(standing: Standing, profile: MarketProfile, fund_manager_id: str | None) -> Iterator[Breach]:
    """R-21, R-22, unless the law counts the investor as qualified (R-23)."""
    if standing.deemed is not None and standing.deemed.holds_for(fund_manager_id):
        return
    breaches = asset_breaches(
        standing.net_assets_minor, standing.financial_assets_minor, standing.suitability_currency or "", profile
    )
    if breaches and standing.deemed is not None:
        yield Breach("R-23", "QUALIFIED_IN_OWN_FUNDS_ONLY")
    yield from breaches


def asset_breaches(
    net_assets_minor: int, financial_assets_minor: int, currency: str, profile: MarketProfile
) -> tuple[Breach, ...]:
    """What the profile's asset numbers say of an institution; also asked when its record is entered."""
    found = (
        _too_low("NET_ASSETS_TOO_LOW", net_assets_minor, currency, profile.net_assets_minimum_minor),
        _too_low("FINANCIAL_ASSETS_TOO_LOW", financial_assets_minor, currency, profile.financial_assets_minimum_minor),
    )
    return tuple(breach for breach in found if breach is not None)


def _too_low(code: str, has: int, currency: str, rule: Rule[Minor]) -> Breach | None:
    wanted = rule.value.get(currency)
    if wanted is None:
        return Breach(rule.rule_id, "ASSETS_CURRENCY", {"currency": currency or "-"})
    if has >= wanted:
        return None
    numbers = {
        "given": Money(has, currency).text(),
        "limit": Money(wanted, currency).text(),
        "currency": currency,
    }
    return Breach(rule.rule_id, code, numbers)


def _risk(standing: Standing, fund_risk_rating: int) -> Iterator[Breach]:
    if not standing.risk_statement_signed:
        yield Breach("R-29", "RISK_STATEMENT_MISSING")
    if standing.risk_rating < fund_risk_rating:
        numbers = {"investor": str(standing.risk_rating), "fund": str(fund_risk_rating)}
        yield Breach("R-29", "RISK_RATING_TOO_LOW", numbers)
