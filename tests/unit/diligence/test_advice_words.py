"""Lifecycles of advisers and engagements, entries of the directory, and what is told before the conflict check."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.core.lifecycle import allowed_events
from exchange.diligence.adviser_entry import (
    AdviserEntry,
    LiabilityCover,
    Licence,
    admitted_until,
    check_entry,
    entry_of,
)
from exchange.diligence.anonymous import names_within, size_band, vintage_band
from exchange.diligence.engagement import (
    ADVISER_LIFECYCLE,
    AT_WORK,
    ENGAGEMENT_LIFECYCLE,
    ENGAGING,
    AdviserKind,
    AdviserState,
    EngagementEvent,
    EngagementState,
    FeeBasis,
)
from exchange.diligence.kept import kept

TODAY = date(2026, 7, 1)
ENTRY = AdviserEntry(
    kinds=(AdviserKind.LAW, AdviserKind.TAX),
    licences=(Licence(AdviserKind.LAW, "bureau", "7", None),),
    cover=LiabilityCover("insurer", "P-1", 1, "CNY", TODAY + timedelta(days=900)),
    confidentiality_signed_on=TODAY,
    regions=("北京",),
    strategies=(),
    deal_types=(),
    languages=("zh",),
    team_leads=("Lead",),
    fee_basis=FeeBasis.FIXED,
    fee_currency="CNY",
    fee_low_minor=1,
    fee_high_minor=2,
    capacity="",
    discipline="",
)


def faults(entry: AdviserEntry) -> list[tuple[str, str]]:
    return [(each.pointer, each.code) for each in check_entry(entry, TODAY)]


def test_every_state_of_an_engagement_is_reached_and_only_the_last_ones_end() -> None:
    reached = {EngagementState.DRAFT} | set(ENGAGEMENT_LIFECYCLE.values())
    assert reached == set(EngagementState)
    ends = {state for state in EngagementState if not allowed_events(ENGAGEMENT_LIFECYCLE, state)}
    assert ends == {EngagementState.CLOSED, EngagementState.DECLINED, EngagementState.CANCELLED}


def test_nothing_is_engaged_before_the_quotes_are_unsealed() -> None:
    before = [source for source, event in ENGAGEMENT_LIFECYCLE if event is EngagementEvent.ENGAGE]
    assert before == [EngagementState.QUOTED]
    assert AT_WORK < ENGAGING


def test_every_state_of_an_adviser_leads_back_to_admission() -> None:
    leading = {source for (source, _), target in ADVISER_LIFECYCLE.items() if target is AdviserState.ADMITTED}
    assert leading == set(AdviserState)


def test_a_complete_entry_is_admitted_and_comes_back_from_its_kept_form() -> None:
    assert faults(ENTRY) == []
    assert entry_of(kept(ENTRY)) == ENTRY


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (replace(ENTRY, kinds=()), [("/kinds", "FIELD_INVALID")]),
        (replace(ENTRY, kinds=(AdviserKind.TAX, AdviserKind.TAX)), [("/kinds", "FIELD_INVALID")]),
        (replace(ENTRY, kinds=(AdviserKind.AUDIT,)), [("/licences", "LICENCE_MISSING")]),
        (
            replace(ENTRY, licences=(Licence(AdviserKind.LAW, "b", "7", TODAY - timedelta(days=1)),)),
            [("/licences/0/expires_on", "LICENCE_EXPIRED")],
        ),
        (
            replace(ENTRY, cover=replace(ENTRY.cover, valid_until=TODAY - timedelta(days=1))),
            [("/cover/valid_until", "COVER_EXPIRED")],
        ),
        (replace(ENTRY, cover=replace(ENTRY.cover, amount_minor=0)), [("/cover/amount", "AMOUNT_OUT_OF_BOUNDS")]),
        (
            replace(ENTRY, confidentiality_signed_on=TODAY + timedelta(days=1)),
            [("/confidentiality_signed_on", "DATE_IN_FUTURE")],
        ),
        (replace(ENTRY, fee_high_minor=0), [("/fee_high", "RANGE_OUT_OF_ORDER")]),
    ],
)
def test_what_keeps_an_adviser_out_is_named(entry: AdviserEntry, expected: list[tuple[str, str]]) -> None:
    assert faults(entry) == expected


def test_admission_ends_with_the_first_of_the_year_a_licence_and_the_cover() -> None:
    assert admitted_until(ENTRY, TODAY, 365) == TODAY + timedelta(days=365)
    licensed = replace(ENTRY, licences=(Licence(AdviserKind.LAW, "b", "7", TODAY + timedelta(days=40)),))
    assert admitted_until(licensed, TODAY, 365) == TODAY + timedelta(days=40)
    covered = replace(licensed, cover=replace(ENTRY.cover, valid_until=TODAY + timedelta(days=3)))
    assert admitted_until(covered, TODAY, 365) == TODAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("vintage", "band"), [(2015, "2011-2015"), (2016, "2016-2020"), (2018, "2016-2020"), (2020, "2016-2020")]
)
def test_vintages_are_told_as_five_years(vintage: int, band: str) -> None:
    assert vintage_band(vintage) == band


@pytest.mark.parametrize(
    ("minor", "band"),
    [
        (0, "under_10m"),
        (10_000_000_00 - 1, "under_10m"),
        (10_000_000_00, "10m_50m"),
        (88_000_000_00, "50m_200m"),
        (200_000_000_00, "200m_1bn"),
        (1_000_000_000_00, "over_1bn"),
    ],
)
def test_sizes_are_told_as_ranges(minor: int, band: str) -> None:
    assert size_band(minor, "CNY") == band


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("appraise the interest", ()),
        ("appraise FUND-7 for its sale", ("Fund 7 【模拟】",)),
        ("评估七号基金的份额", ("七号基金",)),
        ("about sim 00007", ("SIM-00007",)),
    ],
)
def test_names_are_found_however_they_are_written(text: str, found: tuple[str, ...]) -> None:
    assert names_within(text, ["Fund 7 【模拟】", "七号基金", "SIM-00007", "A", "【】"]) == found
