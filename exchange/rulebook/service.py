"""The profiles and the calendar, read once from their data files."""

import tomllib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from exchange.core.clock import market_date
from exchange.rulebook.calendars import Calendar, parse_calendar
from exchange.rulebook.catalogue import LawRule, RuleGroup, find, parse_group
from exchange.rulebook.errors import FeesUnknown, ProfileUnknown, RuleUnknown
from exchange.rulebook.fee_schedule import FeeSchedule, parse_fees
from exchange.rulebook.profile import MarketProfile, in_force, parse_profile

FOLDER = Path(__file__).parent
DEFAULT_PROFILE = "CN_BJ"


@lru_cache(maxsize=1)
def _profiles() -> dict[str, list[MarketProfile]]:
    found = {}
    for path in sorted((FOLDER / "profiles").glob("*.toml")):
        versions = parse_profile(tomllib.loads(path.read_text(encoding="utf-8")))
        found[versions[0].name] = versions
    return found


@lru_cache(maxsize=256)
def profile(name: str, on: date) -> MarketProfile:
    """The version of a profile in force on a market date. ProfileUnknown (404) when there is none."""
    version = in_force(_profiles().get(name, []), on)
    if version is None:
        raise ProfileUnknown(profile=name)
    return version


def profiles(on: date) -> list[MarketProfile]:
    """All profiles in force on a market date, the default one first."""
    versions = [version for name in _profiles() if (version := in_force(_profiles()[name], on))]
    return sorted(versions, key=lambda version: (version.name != DEFAULT_PROFILE, version.name))


@lru_cache(maxsize=1)
def _fees() -> dict[str, list[FeeSchedule]]:
    found = {}
    for path in sorted((FOLDER / "fees").glob("*.toml")):
        schedules = parse_fees(tomllib.loads(path.read_text(encoding="utf-8")))
        found[schedules[0].profile] = schedules
    return found


def fee_schedule(name: str, currency: str, on: date) -> FeeSchedule:
    """The fees of a profile in a currency in force on a market date. FEES_UNKNOWN (404) when there are none."""
    fitting = [
        schedule
        for schedule in _fees().get(name, [])
        if schedule.currency == currency and schedule.effective_from <= on
    ]
    if not fitting:
        raise FeesUnknown(profile=name, currency=currency)
    return fitting[-1]


RULE_GROUPS = ("market_form", "investors", "partners", "state_owned", "integrity", "tax")


@lru_cache(maxsize=1)
def rule_catalogue() -> tuple[RuleGroup, ...]:
    """Every rule of law in words, in groups."""
    paths = (FOLDER / "rules" / f"{name}.toml" for name in RULE_GROUPS)
    return tuple(parse_group(tomllib.loads(path.read_text(encoding="utf-8"))) for path in paths)


def law_rule(rule_id: str) -> LawRule:
    """One rule of law. RULE_UNKNOWN (404) when the catalogue has none of this id."""
    found = find(rule_catalogue(), rule_id)
    if found is None:
        raise RuleUnknown(rule=rule_id)
    return found


@lru_cache(maxsize=1)
def calendar() -> Calendar:
    """Working and trading days of the mainland."""
    return parse_calendar(tomllib.loads((FOLDER / "calendars" / "cn.toml").read_text(encoding="utf-8")))


def is_provisional(moment: datetime | None) -> bool:
    """True when a deadline lies in a year whose holidays are not published: counted on plain weekdays, it may move."""
    return moment is not None and calendar().is_provisional(market_date(moment))
