"""The fourteen cheap checks: each agrees, finds, and says when it cannot say."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from exchange.diligence.finding import Severity
from exchange.diligence.flags import CHECKS, AcceptedPaper, Answer, Evidence, outcome
from exchange.rulebook.service import shipped_calendar

TODAY = date(2026, 7, 15)
PARTY = {"seller": {"name": "甲公司", "credit_code": "91110000000000001A"}}
OTHER = {"seller": {"name": "乙公司", "credit_code": "91110000000000001A"}}
CALLS = [{"type": "call_investment", "amount": "600000.00"}, {"type": "call_fee", "amount": "400000.00"}]

CAPITAL = {"commitment": "2000000.00", "paid_in": "1000000.00", "unfunded": "1000000.00"}

Figures = dict[str, tuple[dict[str, Any], date | None]]


def evidence(papers: Figures, **around: Any) -> Evidence:
    found = {code: AcceptedPaper(structured, as_of) for code, (structured, as_of) in papers.items()}
    known = Evidence(found, TODAY, shipped_calendar(), 50, 5, 5)
    return replace(known, **around)


AGREE: dict[str, Figures] = {
    "nav_stale": {"C07": ({}, date(2026, 1, 16))},
    "pcap_vs_ledger": {"C07": (CAPITAL, None), "C08": ({"cash_flows": CALLS}, None)},
    "unfunded_mismatch": {"C07": (CAPITAL, None)},
    "nav_vs_audit": {
        "C05": ({"year_end": "2025-12-31", "year_end_nav": "102.00"}, None),
        "C06": ({"year_end": "2025-12-31", "nav": "100.00"}, None),
    },
    "soi_vs_nav": {
        "E01": (
            {"schedule_of_investments": [{"fair_value": "90"}], "net_other_assets": "9.5", "fund_nav": "100"},
            None,
        )
    },
    "name_mismatch": {"P01": ({"parties": PARTY}, None), "B01": ({"parties": PARTY}, None)},
    "term_short": {"C01": ({"fund_ends_on": "2027-07-16"}, None)},
    "partner_limit": {"C12": ({"partner_count": 49}, None)},
    "nesting": {"G04": ({"layers_above": 1}, None)},
    "round_trip": {"A05": ({"acquired_on": "2026-07-01"}, None)},
    "appraisal_expiry": {"S06": ({}, date(2025, 12, 31)), "A05": ({"planned_award_on": "2026-12-31"}, None)},
    "below_floor": {"A05": ({"price_total": "100.00"}, None), "S06": ({"appraised_value": "100.00"}, None)},
    "key_person": {"D03": ({"key_person_event": False}, None)},
    "conflict_adviser": {"F02": ({"issuer_conflict": "disclosed"}, None)},
}

FIND: dict[str, Figures] = {
    "nav_stale": {"C07": ({}, date(2026, 1, 15))},
    "pcap_vs_ledger": {"C07": (CAPITAL | {"paid_in": "1005030.00"}, None), "C08": ({"cash_flows": CALLS}, None)},
    "unfunded_mismatch": {"C07": (CAPITAL | {"unfunded": "1010000.01"}, None)},
    "nav_vs_audit": {
        "C05": ({"year_end": "2025-12-31", "year_end_nav": "102.01"}, None),
        "C06": ({"year_end": "2025-12-31", "nav": "100.00"}, None),
    },
    "soi_vs_nav": {
        "E01": (
            {"schedule_of_investments": [{"fair_value": "90"}], "net_other_assets": "8.99", "fund_nav": "100"},
            None,
        )
    },
    "name_mismatch": {"P01": ({"parties": PARTY}, None), "C01": ({"parties": OTHER}, None)},
    "term_short": {"C01": ({"fund_ends_on": "2027-07-15"}, None)},
    "partner_limit": {"C12": ({"partner_count": 50}, None)},
    "nesting": {"G04": ({"layers_above": 2}, None)},
    "round_trip": {"A05": ({"acquired_on": "2026-07-09"}, None)},
    "appraisal_expiry": {"S06": ({}, date(2025, 12, 30)), "A05": ({"planned_award_on": "2026-12-31"}, None)},
    "below_floor": {"A05": ({"price_total": "99.99"}, None), "S06": ({"appraised_value": "100.00"}, None)},
    "key_person": {"D03": ({"key_person_event": True}, None)},
    "conflict_adviser": {"S06": ({"issuer_conflict": "undisclosed"}, None)},
}


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_agrees_up_to_its_limit_and_finds_beyond_it(code: str) -> None:
    assert outcome(CHECKS[code], evidence(AGREE[code])).answer is Answer.AGREES
    found = outcome(CHECKS[code], evidence(FIND[code]))
    assert found.answer is Answer.FOUND
    assert all(isinstance(value, str) for value in found.detail.values())


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_without_its_figures_cannot_say(code: str) -> None:
    assert outcome(CHECKS[code], evidence({})).answer is Answer.CANNOT_SAY
    empty: Figures = {paper: ({}, None) for paper in CHECKS[code].reads}
    assert outcome(CHECKS[code], evidence(empty)).answer is Answer.CANNOT_SAY


@pytest.mark.parametrize("value", ["many", "NaN", "Infinity", True, 1.5, [], {}])
def test_a_figure_that_is_no_exact_number_is_no_figure(value: object) -> None:
    papers: Figures = {"C07": (CAPITAL | {"unfunded": value}, None)}
    assert outcome(CHECKS["unfunded_mismatch"], evidence(papers)).answer is Answer.CANNOT_SAY


def test_a_capital_account_grows_stale_at_180_days_and_blocks_at_270() -> None:
    severities = {
        as_of: outcome(CHECKS["nav_stale"], evidence({"C07": ({}, as_of)})).severity
        for as_of in (date(2026, 1, 15), date(2025, 10, 18), date(2025, 10, 17))
    }
    assert list(severities.values()) == [Severity.WARN, Severity.WARN, Severity.BLOCK]


def test_recallable_distributions_are_unfunded_again() -> None:
    papers: Figures = {"C07": (CAPITAL | {"unfunded": "1100000.00", "recallable": "100000.00"}, None)}
    assert outcome(CHECKS["unfunded_mismatch"], evidence(papers)).answer is Answer.AGREES


def test_years_that_are_not_the_same_are_not_compared() -> None:
    papers = FIND["nav_vs_audit"] | {"C06": ({"year_end": "2024-12-31", "nav": "1"}, None)}
    assert outcome(CHECKS["nav_vs_audit"], evidence(papers)).answer is Answer.CANNOT_SAY


def test_an_extension_lengthens_the_term() -> None:
    papers = FIND["term_short"] | {"C11": ({"extended_to": "2028-01-01"}, None)}
    assert outcome(CHECKS["term_short"], evidence(papers)).answer is Answer.AGREES


def test_a_partner_who_is_there_already_or_leaves_makes_room() -> None:
    full = FIND["partner_limit"]
    assert outcome(CHECKS["partner_limit"], evidence(full, is_existing_partner=True)).answer is Answer.AGREES
    leaving = full | {"A05": ({"sells_whole": True}, None)}
    assert outcome(CHECKS["partner_limit"], evidence(leaving)).answer is Answer.AGREES
    assert outcome(CHECKS["partner_limit"], evidence(full, is_partnership=False)).answer is Answer.AGREES


def test_an_exempt_product_may_have_more_layers() -> None:
    papers: Figures = {"G04": ({"layers_above": 3, "is_exempt": True}, None)}
    assert outcome(CHECKS["nesting"], evidence(papers)).answer is Answer.AGREES


def test_a_later_listing_may_go_down_to_90_percent_and_below_it_with_the_approval() -> None:
    again: Figures = {
        "A05": ({"price_total": "90.00", "is_first_listing": False}, None),
        "S06": ({"appraised_value": "100.00"}, None),
    }
    assert outcome(CHECKS["below_floor"], evidence(again)).answer is Answer.AGREES
    lower = again | {"A05": ({"price_total": "89.99", "is_first_listing": False}, None)}
    assert outcome(CHECKS["below_floor"], evidence(lower)).answer is Answer.FOUND
    assert outcome(CHECKS["below_floor"], evidence(lower | {"S12": ({}, None)})).answer is Answer.AGREES
