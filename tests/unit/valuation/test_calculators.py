"""Calculators on plain values: worked numbers, and a status instead of a silent number."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from exchange.core.money import MAX_MINOR
from exchange.valuation.calculators.closing import ClosingQuestion, closing
from exchange.valuation.calculators.discount import LockedShare, discounts
from exchange.valuation.calculators.figures import Amount, Flow, amount_of
from exchange.valuation.calculators.irr import SignedFlow, irr_of_amounts, irr_of_flows
from exchange.valuation.calculators.pme import PmeQuestion, public_market_equivalents
from exchange.valuation.calculators.returns import FinancedFlow, Invested, ReturnsQuestion, returns
from exchange.valuation.calculators.roll_forward import Carry, Fee, RollForwardQuestion, Translation, roll
from exchange.valuation.nav.roll_forward import FeeBasis
from exchange.valuation.status import Status

REFERENCE, CALLED, PAID, TODAY = date(2025, 12, 31), date(2026, 3, 15), date(2026, 4, 20), date(2026, 6, 30)
CNY = "CNY"


def a_flow(on: date, called: int = 0, distributed: int = 0, *, currency: str = CNY, recallable: int = 0) -> Flow:
    return Flow(on, called * 100, distributed * 100, currency, recallable * 100)


FLOWS = (a_flow(CALLED, 5_000_000), a_flow(PAID, 0, 3_200_000, recallable=1_000_000))
ROLL = RollForwardQuestion(8_800_000_000, CNY, REFERENCE, TODAY, FLOWS)
SALE = ClosingQuestion(CNY, 8_800_000_000, REFERENCE, TODAY, 825_000, FLOWS, 3_000_000_000)


def codes(notes: object) -> list[str]:
    assert isinstance(notes, tuple)
    return [note.code for note in notes]


# Roll-forward


def test_a_roll_of_cash_is_the_rule_books_example() -> None:
    found = roll(ROLL)
    assert (found.status, found.nav.minor, found.stale_days) == (Status.OK, 8_980_000_000, 181)
    assert (found.called.minor, found.distributed.minor, found.fee.minor) == (500_000_000, 320_000_000, 0)


def test_flows_on_the_nav_date_are_inside_an_end_of_day_nav() -> None:
    question = replace(ROLL, flows=(*FLOWS, a_flow(REFERENCE, 0, 1_000_000), a_flow(date(2026, 7, 1), 9)))
    found = roll(question)
    assert found.nav.minor == 8_980_000_000
    assert codes(found.notes) == ["FLOWS_INSIDE_NAV", "FLOWS_AFTER_VALUATION"]
    assert roll(replace(question, is_end_of_day=False)).nav.minor == 8_880_000_000


def test_the_parts_of_a_roll_add_up_to_the_minor_unit() -> None:
    fee = Fee(0.02, FeeBasis.NAV)
    carry = Carry(0.2, 0.08, 1.0, 7_000_000_000)
    found = roll(replace(ROLL, growth_minor=123_456_789, fee=fee, carry=carry))
    parts = (found.called, found.growth), (found.distributed, found.fee, found.carry_change)
    plus, minus = (sum(part.minor or 0 for part in side) for side in parts)
    assert found.nav.minor == 8_800_000_000 + plus - minus
    assert found.fee.minor is not None
    assert found.fee.minor > 0
    assert found.carry_change.minor not in {None, 0}


def test_a_fee_on_the_commitment_accrues_by_days_of_365() -> None:
    found = roll(replace(ROLL, flows=(), fee=Fee(0.02, FeeBasis.COMMITMENT, 10_000_000_000)))
    assert found.fee.minor == round(10_000_000_000 * 0.02 * 181 / 365)


def test_a_translation_is_made_once_at_the_end() -> None:
    found = roll(replace(ROLL, translation=Translation("USD", 140_000)))
    assert found.translated == Amount(Status.OK, 1_257_200_000)
    assert roll(replace(ROLL, translation=Translation("USD", 0))).status is Status.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"valued_on": date(2025, 1, 1)}, Status.DATES_OUT_OF_ORDER),
        ({"nav_minor": -1}, Status.NAV_NOT_POSITIVE),
        ({"nav_minor": MAX_MINOR + 1}, Status.TOO_LARGE),
        ({"flows": (a_flow(CALLED, 1, currency="USD"),)}, Status.CURRENCIES_MIXED),
        ({"flows": (a_flow(PAID, 0, 89_000_000),)}, Status.DATA_INCONSISTENT),
        ({"growth_minor": -9_000_000_000}, Status.DATA_INCONSISTENT),
        ({"fee": Fee(1.5, FeeBasis.NAV)}, Status.OUT_OF_RANGE),
        ({"carry": Carry(0.2, 0.08, 0.1, 0)}, Status.OUT_OF_RANGE),
    ],
)
def test_a_roll_that_cannot_be_says_why(change: dict[str, object], status: Status) -> None:
    found = roll(replace(ROLL, **change))  # type: ignore[arg-type]
    assert (found.status, found.nav) == (status, Amount(status, None))


# Returns


def a_call(on: date, called: int, line_drawn_on: date | None = None, cost: int = 0) -> FinancedFlow:
    return FinancedFlow(a_flow(on, called), line_drawn_on, cost * 100)


def a_payment(on: date, distributed: int, recallable: int = 0) -> FinancedFlow:
    return FinancedFlow(a_flow(on, 0, distributed, recallable=recallable))


RETURNS = ReturnsQuestion(
    CNY,
    date(2023, 1, 1),
    (a_call(date(2021, 1, 1), 100), a_payment(date(2022, 1, 1), 60, 10)),
    7_200,
    20_000,
    Invested(9_000, 6_000, 7_500),
)


def test_returns_are_of_gross_flows() -> None:
    found = returns(RETURNS)
    assert [part.value for part in (found.tvpi, found.dpi, found.rvpi, found.pic, found.moic)] == [
        1.32, 0.6, 0.72, 0.5, 1.5,
    ]  # fmt: skip
    assert found.irr.rate == pytest.approx(0.2, abs=1e-12)
    assert found.unfunded.minor == 20_000 - 10_000 + 1_000
    assert found.irr_without_line.status is Status.NOT_APPLICABLE


def test_the_rate_without_the_line_moves_the_call_to_the_day_the_line_paid() -> None:
    financed = replace(RETURNS, flows=(a_call(date(2022, 1, 1), 105, date(2021, 1, 1), 5), RETURNS.flows[1]))
    found = returns(financed)
    assert found.irr_without_line.rate == pytest.approx(0.2, abs=1e-12)
    assert found.irr.rate is not None
    assert found.irr.rate > 0.5
    late = replace(financed, flows=(a_call(date(2022, 1, 1), 105, date(2022, 1, 2)), RETURNS.flows[1]))
    assert returns(late).irr_without_line.status is Status.DATES_OUT_OF_ORDER


def test_a_call_moved_before_its_distribution_of_the_same_day_leaves_that_where_it_was() -> None:
    day = date(2022, 1, 1)
    both = FinancedFlow(Flow(day, 10_500, 6_000, CNY), date(2021, 1, 1), 500)
    assert returns(replace(RETURNS, flows=(both,))).irr_without_line.rate == pytest.approx(0.2, abs=1e-12)


def test_less_than_a_year_is_not_annualised() -> None:
    found = returns(replace(RETURNS, as_of=date(2021, 7, 1), flows=RETURNS.flows[:1], nav_minor=11_000))
    assert found.irr.period_return == pytest.approx(0.1, abs=1e-12)
    assert codes(found.notes) == ["RETURN_BELOW_A_YEAR"]


def test_a_measure_without_its_input_says_so() -> None:
    found = returns(replace(RETURNS, nav_minor=None, commitment_minor=None, invested=None))
    statuses = (found.tvpi.status, found.irr.status, found.pic.status, found.moic.status, found.unfunded.status)
    assert statuses == (Status.NAV_MISSING, Status.NAV_MISSING, *[Status.PARAMETERS_MISSING] * 3)
    assert found.dpi.value == 0.6
    negative = returns(replace(RETURNS, nav_minor=-1))
    assert (negative.tvpi.status, negative.irr.status) == (Status.NAV_NOT_POSITIVE, Status.NAV_NOT_POSITIVE)
    nothing = returns(replace(RETURNS, flows=()))
    assert (nothing.dpi.status, nothing.dpi.value) == (Status.UNDEFINED, None)


def test_flows_that_do_not_belong_silence_all_returns() -> None:
    late = returns(replace(RETURNS, flows=(a_call(date(2024, 1, 1), 1),)))
    mixed = returns(replace(RETURNS, flows=(FinancedFlow(a_flow(CALLED, 1, currency="USD")),)))
    assert {late.tvpi.status, late.irr.status, late.paid_in.status} == {Status.DATES_OUT_OF_ORDER}
    assert {mixed.tvpi.status, mixed.irr.status, mixed.paid_in.status} == {Status.CURRENCIES_MIXED}
    more = (a_call(date(2021, 1, 1), 300), a_payment(date(2022, 1, 1), 5, 6))
    assert returns(replace(RETURNS, flows=more)).unfunded.status is Status.DATA_INCONSISTENT


# Rates


def test_periodic_rates_compound_to_a_year() -> None:
    found = irr_of_amounts((-10_000, 10_100), 12)
    assert found.irr.rate == pytest.approx(0.01, abs=1e-13)
    assert found.annual_rate == pytest.approx(1.01**12 - 1, abs=1e-12)
    assert irr_of_amounts((-1, 10**17), 366).annual_rate is None


@pytest.mark.parametrize(
    ("amounts", "status", "roots"),
    [
        ((-10_000, 23_000, -13_200), Status.MULTIPLE_ROOTS, (0.1, 0.2)),
        ((-100, 200, -100), Status.MULTIPLE_ROOTS, (0.0, 0.0)),
        ((-100, -100), Status.NO_ROOT, ()),
        ((100, -300, 300), Status.NO_ROOT, ()),
        ((0, 0), Status.UNDEFINED, ()),
        ((), Status.UNDEFINED, ()),
    ],
)
def test_every_rate_is_listed_or_its_absence_explained(
    amounts: tuple[int, ...], status: Status, roots: tuple[float, ...]
) -> None:
    found = irr_of_amounts(amounts, None)
    assert found.irr.status is status
    assert found.irr.roots == pytest.approx(roots, abs=1e-9)
    assert (found.irr.rate is None) == (not roots)


def test_dated_flows_of_two_currencies_have_no_rate() -> None:
    flows = (SignedFlow(CALLED, -100, CNY), SignedFlow(PAID, 100, "USD"))
    assert irr_of_flows(flows, CNY).irr.status is Status.CURRENCIES_MIXED
    assert irr_of_flows(
        (SignedFlow(CALLED, -100, CNY), SignedFlow(date(2026, 3, 16), 100_000, CNY)), CNY
    ).irr.status is (Status.TOO_LARGE)


# Public market equivalents (Gredil, Griffiths and Stucke 2014, Exhibits 5 and 6)

YEAR_ENDS = [date(year, 12, 31) for year in range(2001, 2011)]
INDEX = tuple(zip(YEAR_ENDS, (100.0, 78, 100, 111, 117, 135, 142, 90, 113, 131), strict=True))
FUND = PmeQuestion(
    "USD",
    YEAR_ENDS[-1],
    7_500,
    tuple(
        a_flow(YEAR_ENDS[place], called, paid, currency="USD")
        for place, called, paid in ((0, 100, 0), (2, 100, 25), (4, 50, 150), (6, 0, 150), (8, 0, 100))
    ),
    (),
    INDEX,
    7,
)


def test_the_published_equivalents_by_the_calendar() -> None:
    found = public_market_equivalents(FUND)
    measures = found.comparison
    assert measures.kaplan_schoar.value == pytest.approx(1.667, abs=0.0005)
    assert measures.irr.rate == pytest.approx(0.175, abs=0.0005)
    assert measures.direct_alpha.rate == pytest.approx(0.126, abs=0.0005)
    assert measures.long_nickels_nav.value == pytest.approx(-13_703, abs=1)
    assert measures.long_nickels.roots == pytest.approx((-0.273, 0.0597), abs=0.0005)
    assert codes(found.notes) == ["INDEX_SOLD_SHORT"]


def test_a_negative_lambda_is_told() -> None:
    assert codes(public_market_equivalents(replace(FUND, nav_minor=900_000)).notes) == [
        "INDEX_SOLD_SHORT",
        "LAMBDA_NEGATIVE",
    ]


def test_equivalents_are_silent_over_two_currencies() -> None:
    found = public_market_equivalents(replace(FUND, currency=CNY)).comparison
    assert {found.kaplan_schoar.status, found.irr.status, found.pme_plus.status} == {Status.CURRENCIES_MIXED}


# Discounts


def test_the_discounts_of_the_grid_stand_beside_each_other() -> None:
    found = discounts(LockedShare(0.45, 2.0, 0.04, value_minor=1_000_000))
    values = [round(100 * (item.discount.value or 0), 1) for item in found.models]
    assert (values, [item.model for item in found.models]) == (
        [20.3, 14.1, 14.8],
        ["chaffe", "finnerty_aap", "ghaidarov"],
    )
    assert found.bound.value == pytest.approx(0.618, abs=0.0005)
    assert found.models[1].value == Amount(Status.OK, round(1_000_000 * (1 - (found.models[1].discount.value or 0))))


def test_the_chinese_example_of_the_aap_model() -> None:
    aap = discounts(LockedShare(0.5, 1.0, 0.0, 0.05, value_minor=1_000_000_000)).models[1]
    assert round(aap.discount.value or 0, 6) == 0.1069
    assert aap.value is not None
    assert aap.value.minor == pytest.approx(893_099_800, abs=50)


def test_effective_rates_enter_as_their_logarithm() -> None:
    effective = discounts(LockedShare(0.45, 2.0, 0.05, is_effective=True))
    continuous = discounts(LockedShare(0.45, 2.0, float(np.log1p(0.05))))
    assert effective.models[0].discount.value == pytest.approx(continuous.models[0].discount.value, abs=1e-15)
    assert discounts(LockedShare(0.45, 2.0, -1.0, is_effective=True)).models[0].discount.status is Status.NOT_A_NUMBER


@pytest.mark.parametrize(("sigma", "years"), [(0.0, 2.0), (0.45, 0.0)])
def test_nothing_that_varies_or_no_time_left_is_no_discount(sigma: float, years: float) -> None:
    found = discounts(LockedShare(sigma, years))
    assert [item.discount.value for item in found.models] == [0.0, 0.0, 0.0]


def test_a_volatility_in_percent_is_taken_for_a_slip() -> None:
    found = discounts(LockedShare(45.0, 2.0, value_minor=100))
    assert {item.discount.status for item in found.models} == {Status.TOO_LARGE}
    assert {item.value for item in found.models} == {Amount(Status.TOO_LARGE, None)}
    assert codes(discounts(LockedShare(0.95, 2.0)).notes) == ["NOT_ON_TOP_OF_A_MARKET_PRICE", "BOUND_ABOVE_WHOLE"]


# Closing


def test_the_closing_of_the_rule_book() -> None:
    found = closing(SALE)
    assert (found.base.minor, found.payment.minor) == (7_260_000_000, 7_440_000_000)
    assert (found.rolled_nav.minor, found.rolled_ppm) == (8_980_000_000, 828_508)
    assert (found.unfunded.minor, found.exposure.minor) == (2_600_000_000, 10_040_000_000)


def test_a_part_scales_nav_and_flows() -> None:
    found = closing(replace(SALE, part_ppm=400_000))
    assert (found.base.minor, found.payment.minor, found.unfunded.minor) == (
        2_904_000_000,
        2_976_000_000,
        1_040_000_000,
    )


def test_a_negative_payment_is_not_clipped() -> None:
    flows = (a_flow(PAID, 0, 12_000_000),)
    found = closing(replace(SALE, nav_minor=1_000_000_000, headline_ppm=1_000_000, flows=flows))
    assert (found.payment.minor, found.rolled_ppm, codes(found.notes)) == (-200_000_000, None, ["SELLER_PAYS"])


def test_flows_outside_the_sale_are_left_out_and_told() -> None:
    found = closing(replace(SALE, flows=(*FLOWS, a_flow(REFERENCE, 0, 7), a_flow(date(2026, 7, 1), 8))))
    assert (found.payment.minor, codes(found.notes)) == (7_440_000_000, ["FLOWS_NOT_OF_THE_SALE"])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"nav_minor": 0}, Status.NAV_NOT_POSITIVE),
        ({"nav_minor": -5}, Status.NAV_NOT_POSITIVE),
        ({"nav_minor": MAX_MINOR}, Status.TOO_LARGE),
        ({"closing_on": date(2025, 12, 30)}, Status.DATES_OUT_OF_ORDER),
        ({"part_ppm": 1_000_001}, Status.OUT_OF_RANGE),
        ({"flows": (a_flow(CALLED, 1, currency="USD"),)}, Status.CURRENCIES_MIXED),
    ],
)
def test_a_closing_that_cannot_be_says_why(change: dict[str, object], status: Status) -> None:
    found = closing(replace(SALE, **change))  # type: ignore[arg-type]
    assert (found.status, found.payment, found.rolled_ppm) == (status, Amount(status, None), None)


def test_an_unfunded_that_would_be_negative_has_no_figure() -> None:
    found = closing(replace(SALE, unfunded_minor=1))
    assert (found.payment.minor, found.unfunded.status) == (7_440_000_000, Status.DATA_INCONSISTENT)
    assert closing(replace(SALE, unfunded_minor=None)).unfunded.status is Status.PARAMETERS_MISSING


def test_amounts_are_rounded_away_from_zero_or_refused() -> None:
    assert [amount_of(value).minor for value in (12.5, -12.5, 0.49)] == [13, -13, 0]
    assert [amount_of(value).status for value in (float("nan"), 1e16)] == [Status.NOT_A_NUMBER, Status.TOO_LARGE]
