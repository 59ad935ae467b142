"""A market profile: every number of the law or of a venue, each with its rule id, source and mark.

A profile has versions with effective dates; the one in force on a day is used. A number is read as
``profile.tick_ppm.value`` and told with ``profile.tick_ppm.rule_id``. Marks: S read in a source, B background
knowledge not confirmed in a source, D a default of this exchange.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from exchange.core.terms import AdjustmentPolicy, MatchingMode, PriorityPolicy

V = TypeVar("V")


class Mark(StrEnum):
    """How sure a number is."""

    SOURCE = "S"
    BACKGROUND = "B"
    DEFAULT = "D"


@dataclass(frozen=True, slots=True)
class Rule(Generic[V]):
    """One number (or list) of a profile and where it comes from."""

    value: V
    rule_id: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class PriorityReview:
    """The fair-competition review that lets a class of buyers go first: number, first and last day (R-4E)."""

    number: str
    begins_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        """Whether the review is in force on a day."""
        return self.begins_on <= day <= self.ends_on

    def __str__(self) -> str:
        return f"{self.number} ({self.begins_on} - {self.ends_on})"


Minor = Mapping[str, int]
"""An amount in minor units for each currency the profile knows."""


@dataclass(frozen=True, slots=True)
class MarketProfile:
    """One version of a profile. Units are the last word of a name; ``_minor`` values are by currency."""

    name: str
    title_zh: str
    title_en: str
    version: int
    effective_from: date

    modes: Rule[tuple[MatchingMode, ...]]
    default_mode: Rule[MatchingMode]
    match_is_binding: Rule[bool]
    private_policies: Rule[tuple[PriorityPolicy, ...]]
    private_default_policy: Rule[PriorityPolicy]
    state_owned_policies: Rule[tuple[PriorityPolicy, ...]]
    state_owned_default_policy: Rule[PriorityPolicy]
    priority_window_working_days: Rule[int]
    match_right_hours: Rule[int]
    guidance_lead_minimum_ppm: Rule[int]

    tick_ppm: Rule[int]
    maximum_price_ppm: Rule[int]
    minimum_amount_minor: Rule[Minor]
    minimum_holding_minor: Rule[Minor]
    maximum_amount_minor: Rule[Minor]
    large_deal_minor: Rule[Minor]
    concentration_ppm: Rule[int]
    deposit_ppm: Rule[int]

    partner_cap: Rule[int]
    holder_cap: Rule[int]
    interval_trading_days: Rule[int]
    interval_working_days: Rule[int]

    confirm_window_working_days: Rule[int]
    review_working_days: Rule[int]
    draft_days: Rule[int]
    open_days_minimum: Rule[int]
    open_days_maximum: Rule[int]
    auction_notice_days: Rule[int]
    state_owned_notice_working_days: Rule[int]
    auction_lock_hours: Rule[int]
    returned_working_days: Rule[int]
    extension_working_days: Rule[int]
    relist_wait_days: Rule[int]
    state_owned_listing_days: Rule[int]

    nav_warning_days: Rule[int]
    nav_waiver_days: Rule[int]
    nav_block_days: Rule[int]

    state_owned_floor_ppm: Rule[int]
    state_owned_relist_floor_ppm: Rule[int]
    appraisal_valid_days: Rule[int]
    valuation_note_valid_days: Rule[int]
    state_owned_invitees_minimum: Rule[int]
    appraiser_look_back_days: Rule[int]
    adviser_admission_days: Rule[int]

    natural_persons_admitted: Rule[bool]
    net_assets_minimum_minor: Rule[Minor]
    financial_assets_minimum_minor: Rule[Minor]
    suitability_record_days: Rule[int]
    class_record_days: Rule[int]
    beneficial_owner_ppm: Rule[int]

    notice_service_working_days: Rule[int]
    partner_notice_days: Rule[int]
    pre_emption_agreement_working_days: Rule[int]
    consent_working_days: Rule[int]
    approval_first_alert_working_days: Rule[int]
    approval_second_alert_working_days: Rule[int]
    approval_third_alert_working_days: Rule[int]
    signing_working_days: Rule[int]
    funding_working_days: Rule[int]
    funding_notice_working_days: Rule[int]
    funding_default_working_days: Rule[int]
    closing_silence_working_days: Rule[int]
    registration_working_days: Rule[int]
    filing_days: Rule[int]
    filing_breach_days: Rule[int]
    fund_association_report_working_days: Rule[int]
    true_up_working_days: Rule[int]
    withdrawal_refund_working_days: Rule[int]
    bust_request_working_days: Rule[int]
    bust_appeal_working_days: Rule[int]
    result_notice_working_days: Rule[int]
    down_payment_minimum_ppm: Rule[int]
    deferred_days_maximum: Rule[int]
    equivalent_discount_ppm: Rule[int]
    call_discount_before_signing_ppm: Rule[int]
    call_discount_after_signing_ppm: Rule[int]
    private_adjustment: Rule[AdjustmentPolicy]
    state_owned_adjustment: Rule[AdjustmentPolicy]
    stamp_duty_ppm: Rule[int]
    value_added_tax_ppm: Rule[int]
    company_income_tax_ppm: Rule[int]
    person_income_tax_ppm: Rule[int]
    business_income_tax_lowest_ppm: Rule[int]
    business_income_tax_highest_ppm: Rule[int]
    priority_review: Rule[PriorityReview]
    local_regions: Rule[tuple[str, ...]]
    filing_code_needed: Rule[bool]
    court_notice_days: Rule[int]
    favourable_exit_years: Rule[int]
    favourable_exit_rate_ppm: Rule[int]

    def rules(self) -> dict[str, "Rule[Any]"]:
        """Every rule by name, in the order above."""
        return {item.name: value for item in fields(self) if isinstance(value := getattr(self, item.name), Rule)}

    def policies(self, *, state_owned: bool) -> Rule[tuple[PriorityPolicy, ...]]:
        """The priority policies a seller may choose from (R-42 for state-owned ones)."""
        return self.state_owned_policies if state_owned else self.private_policies

    def default_policy(self, *, state_owned: bool) -> PriorityPolicy:
        """The policy of a book whose seller chose none."""
        return (self.state_owned_default_policy if state_owned else self.private_default_policy).value

    def adjustment(self, *, state_owned: bool) -> "Rule[AdjustmentPolicy]":
        """Whether cash flows after the reference date move the price (R-49: not for state-owned sellers)."""
        return self.state_owned_adjustment if state_owned else self.private_adjustment

    def knows_currency(self, currency: str) -> bool:
        """Whether the profile states its amounts in this currency."""
        return currency in self.minimum_amount_minor.value


_ENUMS: Mapping[str, type[StrEnum]] = MappingProxyType(
    {"modes": MatchingMode, "default_mode": MatchingMode}
    | dict.fromkeys(("private_adjustment", "state_owned_adjustment"), AdjustmentPolicy)
    | dict.fromkeys(
        (
            "private_policies",
            "private_default_policy",
            "state_owned_policies",
            "state_owned_default_policy",
        ),
        PriorityPolicy,
    )
)


def _value(name: str, raw: object) -> object:
    kind = _ENUMS.get(name)
    if kind is not None:
        return tuple(kind(item) for item in raw) if isinstance(raw, list) else kind(str(raw))
    if name == "local_regions":
        return _regions(raw)
    if name == "priority_review":
        return _review(raw)
    if name.endswith("_minor"):
        if not isinstance(raw, dict) or not all(type(amount) is int and amount >= 0 for amount in raw.values()):
            raise ValueError(f"{name} must be whole minor units by currency")
        return MappingProxyType(raw)
    if type(raw) not in {int, bool} or raw < 0:  # type: ignore[operator]
        raise ValueError(f"{name} must be a whole number or true/false")
    return raw


def _regions(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(code, str) and len(code) == 2 for code in raw):
        raise ValueError("regions are province codes of two digits")
    return tuple(raw)


def _review(raw: object) -> PriorityReview:
    if not isinstance(raw, dict) or set(raw) != {"number", "begins_on", "ends_on"}:
        raise ValueError("a review has a number and its two days")
    review = PriorityReview(**raw)
    if type(review.begins_on) is not date or type(review.ends_on) is not date or review.ends_on < review.begins_on:
        raise ValueError("a review ends after it begins")
    return review


def parse_profile(document: Mapping[str, Any]) -> list[MarketProfile]:
    """The versions of one profile document, oldest first. ValueError for a missing, unknown or odd rule."""
    versions = []
    known = {item.name for item in fields(MarketProfile)}
    header = {"name", "title_zh", "title_en", "version", "effective_from"}
    for entry in document["versions"]:
        given = entry["rules"]
        if set(given) != known - header:
            raise ValueError(f"{document['name']}: {sorted(set(given) ^ (known - header))}")
        rules: dict[str, Any] = {
            name: Rule(_value(name, rule["value"]), rule["rule"], rule["source"], Mark(rule["mark"]))
            for name, rule in given.items()
        }
        versions.append(
            MarketProfile(
                name=document["name"],
                title_zh=document["title_zh"],
                title_en=document["title_en"],
                version=entry["version"],
                effective_from=entry["effective_from"],
                **rules,
            )
        )
    return sorted(versions, key=lambda version: version.effective_from)


def in_force(versions: list[MarketProfile], on: date) -> MarketProfile | None:
    """The version in force on a day; None before the first."""
    fitting = [version for version in versions if version.effective_from <= on]
    return fitting[-1] if fitting else None
