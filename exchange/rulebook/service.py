"""The profiles and the calendar: read once from their data files, with the years that operators loaded."""

import tomllib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.clock import end_of_market_day, market_date
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.rulebook import store
from exchange.rulebook.calendars import Calendar, LoadedYear, Recounting, check_year, parse_calendar, with_years
from exchange.rulebook.catalogue import LawRule, RuleGroup, find, parse_group
from exchange.rulebook.errors import CalendarYearInvalid, CalendarYearUnknown, FeesUnknown, ProfileUnknown, RuleUnknown
from exchange.rulebook.fee_schedule import FeeSchedule, parse_fees
from exchange.rulebook.profile import MarketProfile, in_force, parse_profile
from exchange.rulebook.tables import CalendarYearRow

FOLDER = Path(__file__).parent
DEFAULT_PROFILE = "CN_BJ"
CALENDARS_WRITE = "calendars:write"
APPROVAL = "calendar_year"


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
def _shipped_document() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "calendars" / "cn.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def shipped_calendar() -> Calendar:
    """Working and trading days of the mainland as shipped, without the years that operators loaded."""
    return parse_calendar(_shipped_document())


_merged: tuple[str, Calendar] = ("", shipped_calendar())


def calendar(tx: Tx) -> Calendar:
    """Working and trading days of the mainland: loaded years over the shipped ones.

    Each process keeps the calendar under the id of the newest load, which every call looks up: what another process
    has committed counts from the next transaction on.
    """
    global _merged
    newest = store.newest_load(tx)
    known, found = _merged
    if newest != known:
        found = with_years(shipped_calendar(), [_loaded(row) for row in store.loads(tx)])
        _merged = (newest, found)
    return found


def recounting(tx: Tx) -> Recounting:
    """What stored deadlines are held against after a load, read once for all of them."""
    loads = [_loaded(row) for row in store.loads(tx)]
    former = (with_years(shipped_calendar(), loads[:known]) for known in range(len(loads)))
    return Recounting(with_years(shipped_calendar(), loads), tuple(former))


def beginning_of_loaded_year(event: Event) -> datetime | None:
    """From when deadlines move after ``calendar.year_loaded``; None for a corrected version, which moves none."""
    if event.data["was_published"]:
        return None
    return end_of_market_day(date(int(str(event.data["year"])) - 1, 12, 31))


def calendar_as_of(tx: Tx, moment: datetime) -> Calendar:
    """The calendar as it stood at an instant: for terms that were frozen then."""
    return with_years(shipped_calendar(), [_loaded(row) for row in store.loads(tx) if row.approved_at <= moment])


def is_provisional(tx: Tx, moment: datetime | None) -> bool:
    """True when a deadline lies in a year whose holidays are not published: counted on plain weekdays, it may move."""
    return moment is not None and calendar(tx).is_provisional(market_date(moment))


def calendar_year(tx: Tx, year: int) -> tuple[LoadedYear, int]:
    """What is published of a year, and its version (0 = as shipped). CALENDAR_YEAR_UNKNOWN (404) when nothing is."""
    versions = [row for row in store.loads(tx) if row.year == year]
    if versions:
        return _loaded(versions[-1]), versions[-1].version
    for shipped in _shipped_document()["years"]:
        if shipped["year"] == year:
            days = tuple(shipped["holidays"]), tuple(shipped["worked_weekend_days"])
            return LoadedYear(year, *days, shipped["source"]), 0
    raise CalendarYearUnknown(year=year)


def known_years(tx: Tx) -> list[tuple[LoadedYear, int]]:
    """Every published year in order with its version (0 = as shipped)."""
    return [calendar_year(tx, year) for year in sorted(calendar(tx).years)]


def propose_year(tx: Tx, actor: Actor, now: datetime, *, loaded: LoadedYear) -> Approval:
    """Ask a second operator to approve the days of a year. CALENDAR_YEAR_INVALID names every wrong day.

    ApprovalPending (409) while the same year waits.
    """
    actor.require(CALENDARS_WRITE)
    if wrong := check_year(loaded):
        raise CalendarYearInvalid(fields=wrong)
    payload = {
        "year": loaded.year,
        "holidays": [day.isoformat() for day in sorted(loaded.holidays)],
        "worked_weekend_days": [day.isoformat() for day in sorted(loaded.worked_weekend_days)],
        "source": loaded.source,
    }
    return approvals.request(tx, actor, now, APPROVAL, f"calendar_{loaded.year}", payload)


def _decided(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    """The second operator said yes: the days become the year's next version, and deadlines that wait are told."""
    if not approval.is_approved:
        return
    actor.require(CALENDARS_WRITE)
    store.lock_loads(tx)
    year = int(approval.payload["year"])
    was_known = year in calendar(tx).years
    earlier = store.loads(tx)
    row = CalendarYearRow(
        id=new_id("calendar_year"),
        number=len(earlier) + 1,
        year=year,
        version=sum(before.year == year for before in earlier) + 1,
        holidays=[date.fromisoformat(day) for day in approval.payload["holidays"]],
        worked_weekend_days=[date.fromisoformat(day) for day in approval.payload["worked_weekend_days"]],
        source=str(approval.payload["source"]),
        entered_by=approval.requested_by,
        approved_by=actor.user_id,
        approved_at=now,
    )
    store.add(tx, row)
    data = {"year": year, "version": row.version, "was_published": int(was_known)}
    emit(tx, now, Event("calendar.year_loaded", row.id, (MARKET,), data), actor_id=actor.user_id)


approvals.register(APPROVAL, _decided)


def _loaded(row: CalendarYearRow) -> LoadedYear:
    return LoadedYear(row.year, tuple(row.holidays), tuple(row.worked_weekend_days), row.source)
