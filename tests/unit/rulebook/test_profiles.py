"""The four profiles: complete, consistent, and with the numbers the rule book names."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date

import pytest

from exchange.core.errors import Breach, RulesBroken
from exchange.core.terms import MatchingMode, PriorityPolicy
from exchange.rulebook.errors import ProfileUnknown
from exchange.rulebook.profile import Mark, MarketProfile, PriorityReview, in_force, parse_profile
from exchange.rulebook.service import profile, profiles
from exchange.rulebook.verdict import Verdict

DAY = date(2026, 6, 1)
ALL = profiles(DAY)


def test_all_four_are_in_force_and_the_default_comes_first() -> None:
    assert [p.name for p in ALL] == ["CN_BJ", "CN_PX_SOE", "CN_SH", "OPEN"]


@pytest.mark.parametrize("market", ALL, ids=lambda p: p.name)
def test_a_profile_agrees_with_itself(market: MarketProfile) -> None:
    assert market.default_mode.value in market.modes.value
    for state_owned in (False, True):
        assert market.default_policy(state_owned=state_owned) in market.policies(state_owned=state_owned).value
    currencies = market.minimum_amount_minor.value.keys()
    for name, rule in market.rules().items():
        assert rule.rule_id
        assert rule.source
        if name.endswith("_minor"):
            assert rule.value.keys() == currencies, name
    for currency in currencies:
        assert market.knows_currency(currency)
        assert market.minimum_amount_minor.value[currency] < market.maximum_amount_minor.value[currency]
    assert market.nav_warning_days.value < market.nav_waiver_days.value < market.nav_block_days.value
    assert market.deposit_ppm.value <= 1_000_000
    assert market.maximum_price_ppm.value % market.tick_ppm.value == 0


@pytest.mark.parametrize("market", ALL, ids=lambda p: p.name)
def test_state_owned_sellers_never_rank_by_class_first(market: MarketProfile) -> None:
    forbidden = {PriorityPolicy.GUIDANCE_FIRST, PriorityPolicy.GUIDANCE_WINDOW}
    assert not forbidden & set(market.state_owned_policies.value)
    assert market.default_policy(state_owned=True) is PriorityPolicy.PRICE_FIRST


def test_a_chinese_regional_market_has_no_continuous_book() -> None:
    for market in ALL:
        is_regional = market.name != "OPEN"
        assert (MatchingMode.CONTINUOUS not in market.modes.value) == is_regional
        assert market.match_is_binding.value != is_regional


def test_the_numbers_of_beijing_are_those_of_the_rule_book() -> None:
    beijing = profile("CN_BJ", DAY)
    assert beijing.partner_cap.value == 50
    assert beijing.holder_cap.value == 200
    assert beijing.minimum_amount_minor.value["CNY"] == 1_000_000_00
    assert beijing.net_assets_minimum_minor.value["CNY"] == 20_000_000_00
    assert beijing.financial_assets_minimum_minor.value["CNY"] == 10_000_000_00
    assert (beijing.interval_trading_days.value, beijing.interval_working_days.value) == (5, 5)
    assert beijing.nav_block_days.value == 365
    assert beijing.beneficial_owner_ppm.value == 250_000
    assert beijing.tick_ppm.mark is Mark.DEFAULT
    assert beijing.partner_cap.mark is Mark.SOURCE


def test_versions_follow_each_other() -> None:
    first = profile("CN_BJ", DAY)
    second = replace(first, version=2, effective_from=date(2027, 1, 1))
    assert in_force([first, second], date(2026, 12, 31)) is first
    assert in_force([first, second], date(2027, 1, 1)) is second
    assert in_force([first, second], date(2024, 12, 31)) is None
    with pytest.raises(ProfileUnknown):
        profile("CN_BJ", date(2000, 1, 1))


def a_document(**changes: object) -> dict[str, object]:
    """A profile document made from the one in force."""
    rules = {
        name: {"value": _raw(rule.value), "rule": "R", "source": "s", "mark": "D"}
        for name, rule in profile("CN_BJ", DAY).rules().items()
    }
    for name, value in changes.items():
        if value is None:
            del rules[name]
        else:
            rules[name] = {"value": value, "rule": "R", "source": "s", "mark": "D"}
    version = {"version": 1, "effective_from": DAY, "rules": rules}
    return {"name": "X", "title_zh": "甲", "title_en": "X", "versions": [version]}


def _raw(value: object) -> object:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, PriorityReview):
        return asdict(value)
    return dict(value) if isinstance(value, Mapping) else value


def test_a_document_is_read_whole_or_not_at_all() -> None:
    assert parse_profile(a_document())[0].tick_ppm.value == 500
    for wrong in (
        {"tick_ppm": None},
        {"no_such_rule": 1},
        {"tick_ppm": "500"},
        {"tick_ppm": -1},
        {"minimum_amount_minor": 5},
        {"minimum_amount_minor": {"CNY": 1.5}},
        {"modes": ["no such mode"]},
        {"priority_review": {"number": "1"}},
        {"priority_review": {"number": "1", "begins_on": date(2026, 1, 2), "ends_on": date(2026, 1, 1)}},
    ):
        with pytest.raises(ValueError, match=r"."):
            parse_profile(a_document(**wrong))


def test_verdicts_add_up_and_name_the_day_on_which_all_passes() -> None:
    none = Verdict.of([None])
    assert none.passed
    assert none.passes_on is None
    none.demand()
    soon = Verdict((Breach("R-04", "ROUND_TRIP", passes_on=date(2026, 6, 8)),))
    later = Verdict((Breach("R-04", "ROUND_TRIP", passes_on=date(2026, 6, 9)),))
    never = Verdict((Breach("R-20", "SUITABILITY_MISSING"),))
    assert (soon + later).passes_on == date(2026, 6, 9)
    assert (soon + never).passes_on is None
    with pytest.raises(RulesBroken) as caught:
        (soon + never).demand()
    assert [breach.rule for breach in caught.value.breaches] == ["R-04", "R-20"]
