"""Every stored reason has words in both languages, and what a person wrote stands beside it unchanged."""

from enum import StrEnum

import pytest

from exchange.listings.lifecycle import ListingReason
from exchange.matching.award import Reason
from exchange.matching.engine_events import CancelReason, SkipReason
from exchange.matching.lifecycle import OrderReason, ProposalReason
from exchange.web.catalogue import LANGUAGES, catalogue
from exchange.web.explain import said_reason


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reasons", [ListingReason, ProposalReason, OrderReason, CancelReason, SkipReason, Reason])
def test_every_reason_is_said_in_words(reasons: type[StrEnum], language: str) -> None:
    words = catalogue(language)
    assert [reason.value for reason in reasons if not words.has(f"reason.{reason.value}")] == []
    assert all(said_reason(words, reason.value) not in {"", reason.value} for reason in reasons)


def test_what_a_person_wrote_follows_the_reason_unchanged() -> None:
    assert said_reason(catalogue("en"), "declined_by_buyer", "no {budget}") == "Declined by the buyer: no {budget}"
    assert said_reason(catalogue("zh"), "declined_by_buyer", "预算不足") == "买方拒绝：预算不足"


def test_no_reason_is_said_as_nothing() -> None:
    assert said_reason(catalogue("en"), "") == ""
