"""The panel: which models speak about a fund, on one scale, and why the others are silent."""

from dataclasses import replace
from datetime import date

from exchange.core.terms import SourceMark
from exchange.valuation.panel.assumptions import Assumptions, Deferral
from exchange.valuation.panel.facts import AppraisalFact, BalanceFact, FundFacts, HoldingFact
from exchange.valuation.panel.opinion import ModelName, Opinion, Panel
from exchange.valuation.panel.sensitivity import sensitivity
from exchange.valuation.panel.value import value
from tests.unit.valuation.panel_facts import (
    MILLION,
    REFERENCE,
    SOURCE,
    VALUED,
    a_flow,
    a_fund,
    a_statement,
    assumed,
    sourced,
)


def panel_of(fund: FundFacts, assumptions: Assumptions | None = None) -> Panel:
    return value([fund], [assumptions or assumed()])[0]


def opinion_of(panel: Panel, model: ModelName) -> Opinion:
    return next(opinion for opinion in panel.opinions if opinion.model is model)


def codes(opinion: Opinion) -> set[str]:
    return {note.code for note in opinion.notes}


CALL = a_flow(date(2025, 4, 10), called=5 * MILLION)
PAID_OUT = a_flow(date(2025, 5, 10), paid_out=3_200_000_00)
WORKED = a_fund(flows=[a_flow(REFERENCE, paid_out=7 * MILLION), CALL, PAID_OUT])


def test_every_model_answers_once_and_in_order() -> None:
    assert [opinion.model for opinion in panel_of(WORKED).opinions] == list(ModelName)


def test_a_roll_counts_flows_after_the_reference_day_only() -> None:
    panel = panel_of(WORKED)
    assert panel.rolled_nav_minor == 8_980_000_000
    rolled = opinion_of(panel, ModelName.ROLLED_NAV)
    assert (rolled.point_minor, rolled.point_ppm) == (8_980_000_000, 1_000_000)


def test_a_market_price_is_paid_on_the_reference_nav_and_flows_pass_through_whole() -> None:
    market = opinion_of(panel_of(WORKED), ModelName.MARKET_PRICE)
    assert (market.low_ppm, market.point_ppm, market.high_ppm) == (900_000, 940_000, 960_000)
    assert market.point_minor == 8_272_000_000 + 180_000_000


def test_a_higher_target_return_is_the_low_end_of_the_discounted_price() -> None:
    discounted = opinion_of(panel_of(WORKED), ModelName.DISCOUNTED_CASH_FLOW)
    assert discounted.status == "OK"
    assert discounted.low_ppm is not None
    assert discounted.point_ppm is not None
    assert discounted.high_ppm is not None
    assert 700_000 < discounted.low_ppm < discounted.point_ppm < discounted.high_ppm < 1_000_000


def test_a_price_at_a_target_return_equal_to_growth_is_the_nav() -> None:
    names = ("target_return_low", "target_return_point", "target_return_high")
    rates = dict.fromkeys(names, sourced(130_000))
    at_growth = opinion_of(panel_of(a_fund(), assumed(**rates)), ModelName.DISCOUNTED_CASH_FLOW)
    assert at_growth.point_ppm is not None
    assert abs(at_growth.point_ppm - 1_000_000) < 500  # quarters are counted in days / 365


def test_a_deferred_part_lifts_the_headline_and_only_a_note_says_so() -> None:
    plain = opinion_of(panel_of(WORKED), ModelName.DISCOUNTED_CASH_FLOW)
    deferred = opinion_of(panel_of(WORKED, assumed(deferral=Deferral(600_000, 365))), ModelName.DISCOUNTED_CASH_FLOW)
    assert deferred.point_ppm == plain.point_ppm
    note = next(note for note in deferred.notes if note.code == "DEFERRED_HEADLINE")
    assert plain.point_ppm is not None
    assert float(dict(note.values)["headline"]) * 1_000_000 > plain.point_ppm


def test_a_model_without_parameters_says_so() -> None:
    panel = panel_of(a_fund(), Assumptions(region="CN"))
    silent = {opinion.model: opinion.status for opinion in panel.opinions if opinion.point_minor is None}
    assert silent == {
        ModelName.INDEX_NAV: "PARAMETERS_MISSING",
        ModelName.NOWCAST_NAV: "PARAMETERS_MISSING",
        ModelName.LOOK_THROUGH: "NOT_APPLICABLE",
        ModelName.DISCOUNTED_CASH_FLOW: "PARAMETERS_MISSING",
        ModelName.MARKET_PRICE: "PARAMETERS_MISSING",
        ModelName.LOCK_UP_DISCOUNT: "NOT_APPLICABLE",
        ModelName.APPRAISAL: "NOT_APPLICABLE",
    }


def test_a_price_published_later_is_not_known() -> None:
    fund = replace(a_fund(), valued_on=date(2025, 1, 30), statements=(a_statement(date(2024, 12, 31)),))
    assert opinion_of(panel_of(fund), ModelName.MARKET_PRICE).status == "PARAMETERS_MISSING"


def test_the_index_moved_nav_ranges_from_the_cash_roll_to_the_full_move() -> None:
    moved = opinion_of(panel_of(WORKED), ModelName.INDEX_NAV)
    assert moved.low_minor == 8_980_000_000
    assert moved.point_minor is not None
    assert moved.point_minor == moved.high_minor
    assert moved.point_minor > 8_980_000_000


def test_an_index_that_ends_too_early_is_named_with_its_last_day() -> None:
    fund = replace(a_fund(), valued_on=date(2026, 6, 30))
    moved = opinion_of(panel_of(fund, assumed(stale_after_days=None, refused_after_days=None)), ModelName.INDEX_NAV)
    assert moved.status == "PARAMETERS_MISSING"
    assert dict(moved.notes[0].values)["to"] == "2025-12-31"


def test_a_nowcast_of_few_reports_keeps_the_priors_and_gives_a_band() -> None:
    nowcast = opinion_of(panel_of(WORKED), ModelName.NOWCAST_NAV)
    assert codes(nowcast) == {"NOWCAST_PRIORS"}
    assert nowcast.low_minor is not None
    assert nowcast.point_minor is not None
    assert nowcast.high_minor is not None
    assert nowcast.low_minor < nowcast.point_minor < nowcast.high_minor


def test_an_old_nav_is_flagged_and_beyond_the_limit_no_price_rests_on_it() -> None:
    old = replace(a_fund(), valued_on=date(2025, 10, 31))
    assert [note.code for note in panel_of(old).notes] == ["NAV_OLD"]
    refused = panel_of(replace(a_fund(), valued_on=date(2026, 1, 15)))
    assert [note.code for note in refused.notes] == ["NAV_REFUSED"]
    assert opinion_of(refused, ModelName.MARKET_PRICE).status == "NAV_STALE"
    assert opinion_of(refused, ModelName.DISCOUNTED_CASH_FLOW).point_minor is None
    assert opinion_of(refused, ModelName.ROLLED_NAV).status == "OK"


def test_holdings_add_up_and_a_lock_up_widens_the_range() -> None:
    holdings = (
        HoldingFact(
            "A", 500_000, 200 * MILLION, "listed", REFERENCE, SourceMark.REPORTED, SOURCE, 365, 500_000, 50_000
        ),
        HoldingFact("B", 1_000_000, 30 * MILLION, "recent_round", REFERENCE, SourceMark.REPORTED, SOURCE),
    )
    balance = BalanceFact(
        REFERENCE, 8 * MILLION, 0, 5 * MILLION, 1 * MILLION, 2 * MILLION, 400_000, SourceMark.REPORTED, SOURCE
    )
    found = opinion_of(panel_of(replace(a_fund(), holdings=holdings, balance=balance)), ModelName.LOOK_THROUGH)
    assert found.point_minor is not None
    assert abs(found.point_minor - 4_772_400_000) < 10_000  # 47.724 million
    assert found.high_minor == 52 * MILLION
    assert found.low_minor is not None
    assert found.low_minor < found.point_minor


def test_a_contractual_lock_up_is_discounted_and_never_on_top_of_a_market_price() -> None:
    locked = opinion_of(panel_of(replace(a_fund(), lock_up_days=730)), ModelName.LOCK_UP_DISCOUNT)
    assert locked.point_ppm is not None
    assert abs(locked.point_ppm - 904_000) < 1_000  # Finnerty at 30 % and 2 years: 9.6 %
    assert "NOT_ON_TOP_OF_A_MARKET_PRICE" in codes(locked)


def an_appraisal(**changes: object) -> AppraisalFact:
    values: dict[str, object] = {
        "appraisal_id": "apr_1",
        "base_date": date(2024, 12, 31),
        "valid_until": date(2025, 12, 30),
        "filed_on": date(2025, 2, 1),
        "low_minor": 80 * MILLION,
        "point_minor": 84 * MILLION,
        "high_minor": 86 * MILLION,
        "source": "appraiser",
    }
    return AppraisalFact(**{**values, **changes})  # type: ignore[arg-type]


def test_an_appraisal_is_moved_by_flows_since_its_base_date_and_a_filed_one_comes_first() -> None:
    newer = an_appraisal(appraisal_id="apr_2", base_date=date(2025, 3, 31), filed_on=None, point_minor=85 * MILLION)
    fund = replace(WORKED, appraisals=(an_appraisal(), newer))
    found = opinion_of(panel_of(fund), ModelName.APPRAISAL)
    assert found.point_minor == (84 - 7 + 5) * MILLION - 320_000_000
    assert codes(found) == set()


def test_an_expired_appraisal_is_silent_and_says_when_it_ended() -> None:
    fund = replace(a_fund(), appraisals=(an_appraisal(valid_until=date(2025, 6, 29)),))
    found = opinion_of(panel_of(fund), ModelName.APPRAISAL)
    assert (found.status, codes(found)) == ("NOT_APPLICABLE", {"APPRAISAL_EXPIRED"})


def test_ranges_that_do_not_meet_are_reported_with_their_gap() -> None:
    prices = (replace(assumed().market_prices[0], low_ppm=980_000, mid_ppm=990_000, high_ppm=1_000_000),)
    panel = panel_of(a_fund(), assumed(market_prices=prices))
    discounted = opinion_of(panel, ModelName.DISCOUNTED_CASH_FLOW)
    assert discounted.high_ppm is not None
    gaps = [(gap.one, gap.other, gap.gap_ppm) for gap in panel.disagreements]
    assert (ModelName.DISCOUNTED_CASH_FLOW, ModelName.MARKET_PRICE, 980_000 - discounted.high_ppm) in gaps


def test_facts_that_contradict_themselves_give_a_status_for_every_model() -> None:
    nothing = panel_of(a_fund(statements=[]))
    assert {opinion.status for opinion in nothing.opinions} == {"NAV_MISSING"}
    backwards = panel_of(a_fund(statements=[a_statement(), a_statement(date(2024, 12, 31))]))
    assert {opinion.status for opinion in backwards.opinions} == {"DATES_OUT_OF_ORDER"}
    huge = panel_of(a_fund(statements=[a_statement(nav=10**18)]))
    assert {opinion.status for opinion in huge.opinions} == {"TOO_LARGE"}


def test_more_paid_out_than_there_was_leaves_no_rolled_nav_but_the_reported_one_stays() -> None:
    panel = panel_of(a_fund(flows=[a_flow(date(2025, 5, 1), paid_out=90 * MILLION)]))
    assert opinion_of(panel, ModelName.REPORTED_NAV).point_minor == 88 * MILLION
    assert opinion_of(panel, ModelName.ROLLED_NAV).status == "DATA_INCONSISTENT"
    assert panel.rolled_nav_minor is None


def test_an_nav_of_zero_or_below_has_money_but_no_percentage() -> None:
    zero = panel_of(a_fund(statements=[a_statement(nav=0)]))
    reported = opinion_of(zero, ModelName.REPORTED_NAV)
    assert (reported.point_minor, reported.point_ppm) == (0, None)
    assert opinion_of(zero, ModelName.MARKET_PRICE).status == "NAV_NOT_POSITIVE"
    negative = panel_of(a_fund(statements=[a_statement(nav=-MILLION)]))
    assert opinion_of(negative, ModelName.DISCOUNTED_CASH_FLOW).status == "NAV_NOT_POSITIVE"


def test_open_commitment_above_nav_is_noted_and_a_negative_price_is_shown() -> None:
    fund = a_fund(statements=[a_statement(nav=2 * MILLION, unfunded=90 * MILLION)], vintage=2024)
    targets = {"target_return_low": 300_000, "target_return_point": 350_000, "target_return_high": 400_000}
    rates = {name: sourced(ppm) for name, ppm in targets.items()}
    found = opinion_of(panel_of(fund, assumed(**rates)), ModelName.DISCOUNTED_CASH_FLOW)
    assert {"UNFUNDED_ABOVE_NAV", "PRICE_NEGATIVE"} <= codes(found)
    assert found.point_minor is not None
    assert found.point_minor < 0
    assert found.low_minor is not None
    assert found.low_minor <= found.point_minor


def test_a_fund_past_its_life_is_given_what_was_entered_and_a_note_says_so() -> None:
    found = opinion_of(panel_of(a_fund(vintage=2008)), ModelName.DISCOUNTED_CASH_FLOW)
    assert "FUND_NEAR_END_OF_LIFE" in codes(found)


def test_later_exits_and_higher_targets_lower_the_price() -> None:
    grid = sensitivity(a_fund(), assumed(), (150_000, 180_000, 200_000), (0, 1, 2))
    assert grid is not None
    rows = [[cell for cell in row if cell is not None] for row in grid.headline_ppm]
    assert all(row == sorted(row, reverse=True) for row in rows)
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert sensitivity(a_fund(statements=[]), assumed(), (180_000,), (0,)) is None


def test_funds_valued_together_get_what_they_get_alone() -> None:
    funds = [WORKED, a_fund(vintage=2021), a_fund(statements=[]), replace(a_fund(), valued_on=VALUED, lock_up_days=365)]
    entered = [assumed(), assumed(index=None), assumed(), assumed(pacing=None)]
    together = value(funds, entered)
    alone = [panel_of(fund, each) for fund, each in zip(funds, entered, strict=True)]
    assert together == alone
