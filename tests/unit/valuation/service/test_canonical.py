"""What is kept can be read back to the same value and to the same bytes."""

import json
from dataclasses import replace
from datetime import date

import pytest

from exchange.core.terms import SourceMark
from exchange.valuation.panel.assumptions import Assumptions, Deferral, IndexSeries, MarketPrice, Nowcast, Pacing
from exchange.valuation.panel.canonical import (
    assumptions_from_json,
    content_hash,
    facts_from_json,
    from_text,
    panel_from_json,
    text_hash,
    to_json,
    to_text,
)
from exchange.valuation.panel.facts import (
    AppraisalFact,
    BalanceFact,
    FlowFact,
    FundFacts,
    HoldingFact,
    NavFact,
    Sourced,
)
from exchange.valuation.panel.opinion import Disagreement, Input, Kind, ModelName, Note, Opinion, Panel

DAY = date(2026, 6, 30)
RATE = Sourced(180_000, SourceMark.REPORTED, "survey 调查", DAY)
FACTS = FundFacts(
    fund_id="fnd_1",
    code="SIM-1",
    currency="CNY",
    strategy="buyout",
    vintage=2018,
    valued_on=DAY,
    statements=(NavFact("nav_1", DAY, 88, 100, 90, 0, 10, SourceMark.AUDITED, "report"),),
    flows=(FlowFact(DAY, 5, 0, -5, SourceMark.REPORTED, "notice"),),
    holdings=(HoldingFact("Company A", 200_000, 400, "recent_round", DAY, SourceMark.APPRAISED, "round B", 90),),
    balance=BalanceFact(DAY, 12, 0, 0, 2, 0, 1_000_000, SourceMark.REPORTED, "report"),
    appraisals=(AppraisalFact("apl_1", DAY, date(2027, 6, 30), None, 76, 80, 84, "appraiser"),),
    is_state_owned=True,
)
ASSUMPTIONS = Assumptions(
    region="global",
    target_return_point=RATE,
    pacing=Pacing(RATE, 12, RATE, RATE, (250_000, 500_000)),
    deferral=Deferral(400_000, 365),
    market_prices=(MarketPrice("global", "all", "2025", None, 870_000, 920_000, DAY, "survey"),),
    index=IndexSeries("index", "source", (DAY, date(2026, 7, 31)), (100.0, 100.1 + 0.2)),
    nowcast=Nowcast(RATE, RATE, RATE),
    stale_after_days=120,
)
PANEL = Panel(
    fund_id="fnd_1",
    valued_on=DAY,
    currency="CNY",
    reference_date=DAY,
    reference_nav_minor=88,
    rolled_nav_minor=93,
    nav_age_days=0,
    opinions=(
        Opinion(
            ModelName.MARKET_PRICE, Kind.MARKET_PRICE, "OK", 70, 75, 80, 800_000, 870_000, 920_000,
            (Note("A_NOTE", (("n", "1"),)),), (Input("price", "0.87", "ratio", "reported", "survey", None),),
        ),
    ),
    disagreements=(Disagreement(ModelName.MARKET_PRICE, ModelName.APPRAISAL, 20_000),),
)  # fmt: skip


def test_values_survive_their_text() -> None:
    for value in (FACTS, ASSUMPTIONS, PANEL):
        text = to_text(value)
        again = from_text(type(value), text)
        assert again == value
        assert to_text(again) == text
        assert content_hash(again) == text_hash(text)
    assert facts_from_json(to_json(FACTS)) == FACTS
    assert assumptions_from_json(to_json(ASSUMPTIONS)) == ASSUMPTIONS
    assert panel_from_json(to_json(PANEL)) == PANEL


def test_the_text_has_sorted_keys_and_keeps_chinese() -> None:
    assert to_text(Deferral(400_000, 365)) == '{"days":365,"share_ppm":400000}'
    assert "调查" in to_text(RATE)
    assert json.loads(to_text(ASSUMPTIONS))["index"]["levels"] == [100.0, 100.3]


def test_any_change_of_a_figure_changes_the_hash() -> None:
    assert content_hash(FACTS) != content_hash(replace(FACTS, vintage=2019))
    assert content_hash(PANEL) != content_hash(replace(PANEL, nav_age_days=1))


@pytest.mark.parametrize(
    "change",
    [
        {"vintage": "2018"},
        {"vintage": True},
        {"vintage": 2018.0},
        {"valued_on": "not a day"},
        {"valued_on": 20260630},
        {"statements": {}},
        {"balance": 7},
        {"unknown": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        facts_from_json(to_json(FACTS) | change)


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no number"):
        to_json(float("nan"))
    with pytest.raises(TypeError):
        to_json({1, 2})
    missing = to_json(FACTS)
    del missing["code"]
    with pytest.raises(ValueError, match="fields of FundFacts"):
        facts_from_json(missing)
