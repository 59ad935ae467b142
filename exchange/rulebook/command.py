"""``python3 -m exchange calendar load FILE``: ask for the years of a file; a second operator approves each.

The file is TOML like the shipped one: ``[[years]]`` with ``year``, ``source``, ``holidays`` (weekdays) and
``worked_weekend_days``, days as TOML dates. It acts as the owner of the API key in EXCHANGE_API_KEY, an operator: a
year takes two persons, so the exchange itself cannot ask.
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from exchange.access.credential import credential_from
from exchange.access.service import actor_of
from exchange.core.clock import system_now
from exchange.core.errors import ExchangeError, Unauthenticated
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.rest.texts import detail, title
from exchange.rulebook import service
from exchange.rulebook.calendars import LoadedYear

KEY_VARIABLE = "EXCHANGE_API_KEY"
FIELDS = {"year": int, "source": str, "holidays": list, "worked_weekend_days": list}


def main(arguments: Sequence[str] = ()) -> int:
    """Ask for every year of a file, all or none. Exit code 1 when refused, 2 for a file that cannot be read."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange calendar")
    parser.add_argument("verb", choices=["load"])
    parser.add_argument("file", type=Path)
    given = parser.parse_args(list(arguments))
    try:
        years = read_years(tomllib.loads(given.file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{given.file}: {error}\n")
        return 2
    try:
        for line in _propose(years):
            sys.stdout.write(line)
    except ExchangeError as refusal:
        sys.stderr.write(f"{refusal.code}: {title(refusal.code, 'en')}. ")
        sys.stderr.write(f"{detail(refusal.code, 'en', refusal.parameters)}\n")
        for field in refusal.fields:
            sys.stderr.write(f"  {field.pointer}: {title(field.code, 'en')}\n")
        return 1
    return 0


def read_years(document: Mapping[str, Any]) -> list[LoadedYear]:
    """The years of a parsed file. ValueError for a field that is missing, unknown or of another kind."""
    entries = document.get("years")
    if not isinstance(entries, list) or not entries:
        raise ValueError("needs [[years]]")
    found = []
    for entry in entries:
        if set(entry) != set(FIELDS) or any(type(entry[name]) is not kind for name, kind in FIELDS.items()):
            raise ValueError("each of [[years]] has year, source, holidays and worked_weekend_days")
        days = [*entry["holidays"], *entry["worked_weekend_days"]]
        if any(not isinstance(day, date) or isinstance(day, datetime) for day in days) or not entry["source"].strip():
            raise ValueError("days are TOML dates, and the source is named")
        out, worked = tuple(entry["holidays"]), tuple(entry["worked_weekend_days"])
        found.append(LoadedYear(entry["year"], out, worked, entry["source"]))
    return found


def _propose(years: Sequence[LoadedYear]) -> list[str]:
    credential = credential_from({"authorization": f"Bearer {os.environ.get(KEY_VARIABLE, '')}"}, "POST", "")
    if credential is None:
        raise Unauthenticated
    lines = []
    with transaction() as tx:
        actor = actor_of(tx, credential, system_now())
        for year in years:
            asked = service.propose_year(tx, actor, business_now(tx), loaded=year)
            lines.append(f"{year.year}: {asked.id} waits for a second operator\n")
    return lines
