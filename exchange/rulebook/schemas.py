"""The rule book as the API shows it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from exchange.rest.model import StrictModel, ViewModel
from exchange.rest.numbers import DateText, MoneyView
from exchange.rulebook.calendars import LoadedYear
from exchange.rulebook.catalogue import Enforcement, LawRule, RuleGroup, numbers_of
from exchange.rulebook.fee_schedule import FeeSchedule
from exchange.rulebook.profile import MarketProfile, Rule


class RuleView(ViewModel):
    """One rule: its value, where it comes from and how sure it is (S source, B background, D default)."""

    name: str
    value: Any
    rule_id: str
    source: str
    mark: str

    @classmethod
    def of(cls, name: str, rule: Rule[Any]) -> "RuleView":
        """From a rule; amounts by currency are decimal-free minor units, as the names say."""
        value = dict(rule.value) if hasattr(rule.value, "items") else rule.value
        return cls(name=name, value=value, rule_id=rule.rule_id, source=rule.source, mark=rule.mark.value)


class ProfileView(ViewModel):
    """A market profile in force, with all its rules."""

    name: str
    title_zh: str
    title_en: str
    version: int
    effective_from: date
    rules: list[RuleView]

    @classmethod
    def of(cls, profile: MarketProfile) -> "ProfileView":
        """From the profile."""
        return cls(
            name=profile.name,
            title_zh=profile.title_zh,
            title_en=profile.title_en,
            version=profile.version,
            effective_from=profile.effective_from,
            rules=[RuleView.of(name, rule) for name, rule in profile.rules().items()],
        )


class NumberView(ViewModel):
    """A number of one profile that belongs to a rule of law."""

    profile: str
    name: str
    value: Any
    source: str
    mark: str


class LawRuleView(ViewModel):
    """A rule of law: what it says, how and where it is enforced, which tests prove it, its numbers by profile."""

    id: str
    group_zh: str
    group_en: str
    text_zh: str
    text_en: str
    source: str
    mark: str
    enforcement: Enforcement
    why_zh: str
    why_en: str
    where: list[str]
    trips: list[str]
    passes: list[str]
    numbers: list[NumberView]

    @classmethod
    def of(cls, rule: LawRule, group: RuleGroup, profiles: Iterable[MarketProfile]) -> "LawRuleView":
        """From the catalogue, with the profiles in force."""
        numbers = [
            NumberView(
                profile=profile.name,
                name=name,
                value=dict(number.value) if hasattr(number.value, "items") else number.value,
                source=number.source,
                mark=number.mark.value,
            )
            for profile in profiles
            for name, number in numbers_of(rule.id, profile).items()
        ]
        return cls(
            id=rule.id,
            group_zh=group.title_zh,
            group_en=group.title_en,
            text_zh=rule.zh,
            text_en=rule.en,
            source=rule.source,
            mark=rule.mark.value,
            enforcement=rule.enforcement,
            why_zh=rule.why_zh,
            why_en=rule.why_en,
            where=list(rule.where),
            trips=list(rule.trips),
            passes=list(rule.passes),
            numbers=numbers,
        )


class RuleCatalogueView(ViewModel):
    """Every rule of law."""

    items: list[LawRuleView]


class ProfileList(ViewModel):
    """All profiles in force."""

    items: list[ProfileView]


class FeeTierView(ViewModel):
    """A rate in ppm for the part of the price up to a bound; the last tier has none."""

    up_to: MoneyView | None
    rate_ppm: int


class FeeQuoteView(ViewModel):
    """The fee of one side for a base price, and the marginal schedule it comes from."""

    profile: str
    version: int
    effective_from: date
    base: str
    price: MoneyView
    fee: MoneyView
    minimum: MoneyView
    maximum: MoneyView
    tiers: list[FeeTierView]
    rule_id: str
    source: str
    mark: str

    @classmethod
    def of(cls, schedule: FeeSchedule, price: MoneyView, fee: MoneyView) -> "FeeQuoteView":
        """From the schedule and what it gives."""
        return cls(
            profile=schedule.profile,
            version=schedule.version,
            effective_from=schedule.effective_from,
            base=schedule.base,
            price=price,
            fee=fee,
            minimum=MoneyView.of(schedule.minimum_minor, schedule.currency),
            maximum=MoneyView.of(schedule.maximum_minor, schedule.currency),
            tiers=[
                FeeTierView(
                    up_to=None if tier.up_to_minor is None else MoneyView.of(tier.up_to_minor, schedule.currency),
                    rate_ppm=tier.rate_ppm,
                )
                for tier in schedule.tiers
            ],
            rule_id=schedule.rule_id,
            source=schedule.source,
            mark=schedule.mark.value,
        )


class LoadCalendarYear(StrictModel):
    """The days of a year as its notice publishes them: holidays on weekdays, and weekend days that are worked."""

    holidays: Annotated[list[DateText], Field(min_length=1, max_length=100)]
    worked_weekend_days: Annotated[list[DateText], Field(max_length=50)]
    source: Annotated[str, Field(min_length=1, max_length=200)]


class CalendarYearView(ViewModel):
    """What is published of a year; version 0 is the one shipped with the exchange."""

    year: int
    version: int
    holidays: list[date]
    worked_weekend_days: list[date]
    source: str

    @classmethod
    def of(cls, loaded: LoadedYear, version: int) -> "CalendarYearView":
        """From the year and its version."""
        return cls(
            year=loaded.year,
            version=version,
            holidays=list(loaded.holidays),
            worked_weekend_days=list(loaded.worked_weekend_days),
            source=loaded.source,
        )
