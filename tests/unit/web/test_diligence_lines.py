"""Diligence pages: every value has words, and the form asks for the dates that a paper's validity needs."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import pytest

from exchange.diligence.finding import FindingState, Severity
from exchange.diligence.item import ItemState, PartyRole, TaskKind
from exchange.diligence.service.templates import template
from exchange.diligence.template import ItemSpec
from exchange.diligence.validity import Dates, missing_dates
from exchange.web.catalogue import LANGUAGES, catalogue
from exchange.web.diligence_lines import needed_dates

DAY = date(2026, 3, 31)


def every_spec() -> Iterable[ItemSpec]:
    yield from template().account_items.values()
    for kind in template().types:
        yield from template().deal_items(kind).values()


def test_the_form_asks_for_the_dates_that_a_validity_needs_and_for_no_others() -> None:
    for spec in every_spec():
        needed = needed_dates(spec)
        given = Dates(handed_in_on=DAY, **dict.fromkeys(needed, DAY))
        assert missing_dates(spec.validity, given) == (), spec.code
        assert bool(missing_dates(spec.validity, Dates(handed_in_on=DAY))) is bool(needed), spec.code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("item_state", ItemState),
        ("party_role", PartyRole),
        ("severity", Severity),
        ("finding_state", FindingState),
        ("tasks.kind", TaskKind),
    ],
)
def test_every_value_is_said_in_words(prefix: str, values: type[StrEnum], language: str) -> None:
    join = "_" if prefix.endswith("kind") else "."
    assert [value for value in values if not catalogue(language).has(f"{prefix}{join}{value.value}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_automatic_finding_has_a_name(language: str) -> None:
    assert [flag.code for flag in template().flags if not catalogue(language).has(f"finding.{flag.code}")] == []
