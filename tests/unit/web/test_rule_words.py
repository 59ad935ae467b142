"""The page of rules names every number that it shows in both languages."""

from datetime import date

import pytest

from exchange.rulebook import service as rulebook
from exchange.rulebook.catalogue import numbers_of
from exchange.web.catalogue import Catalogue

SHOWN = sorted(
    {
        name
        for profile in rulebook.profiles(date(2026, 7, 15))
        for group in rulebook.rule_catalogue()
        for rule in group.rules
        for name in numbers_of(rule.id, profile)
    }
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_has_a_name(language: str) -> None:
    words = Catalogue(language)
    assert len(SHOWN) > 30
    assert [name for name in SHOWN if not words.has(f"rule_number.{name}")] == []
