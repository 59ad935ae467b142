"""Funds to be valued, figures of their market, and the outer loops drained in this process."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from exchange.access.actor import Actor
from exchange.access.approval import ApprovalStatus
from exchange.access.service import approvals
from exchange.core.clock import market_date
from exchange.core.terms import SourceMark
from exchange.reactions import react_due
from exchange.relay import publish_all
from exchange.valuation.appraisal import Appraisal
from exchange.valuation.panel.opinion import ModelName, Opinion, Panel
from exchange.valuation.parameters import ParameterKind
from exchange.valuation.service import appraisals, parameters, valuations
from exchange.valuation.service.parameters import Entered
from exchange.valuation.service.subjects import Subject
from exchange.valuation.service.valuations import Valuation
from tests.builders import Exchange, a_fund, a_gp, a_nav_statement, at_work

MILLION = 1_000_000_00
SOURCE = "survey of a test"


def work_through() -> None:
    """Relay and workers until nothing is due."""
    while publish_all() or react_due():
        pass


def a_reported_fund(exchange: Exchange, *, currency: str = "USD", days_ago: int = 60) -> tuple[str, Actor]:
    """A fund with two statements; its id and its manager."""
    gp = a_gp(exchange)
    fund_id = a_fund(gp, currency=currency)
    a_nav_statement(fund_id, gp, days_ago=days_ago + 91, nav="85000000.00")
    a_nav_statement(fund_id, gp, days_ago=days_ago)
    return fund_id, gp


def a_figure(kind: ParameterKind, *, region: str = "global", name: str = "", **values: Any) -> Entered:
    """One figure of a market, some time ago."""
    return Entered(kind, region, "all", name, date(2026, 1, 15), values, SourceMark.REPORTED, SOURCE)


def a_market_price(point: str = "0.87", *, region: str = "global") -> Entered:
    """A published price of the secondary market."""
    return a_figure(ParameterKind.MARKET_PRICE, region=region, name="2025", low="0.60", point=point, high="0.92")


def target_returns() -> Entered:
    """What buyers aim for."""
    return a_figure(ParameterKind.TARGET_RETURN, low="0.15", point="0.18", high="0.22")


def a_pacing_set() -> Entered:
    """How funds pay in and out."""
    return a_figure(
        ParameterKind.PACING,
        growth="0.13", life_years=12, bow="2.5", yield_floor="0", contribution_rates=["0.25", "0.5"],
    )  # fmt: skip


def lock_up_figures(region: str = "global") -> tuple[Entered, Entered]:
    """What a lock-up is priced with."""
    return (
        a_figure(ParameterKind.LOCK_UP, region=region, volatility="0.35", dividend_yield="0"),
        a_figure(ParameterKind.RISK_FREE_RATE, region=region, point="0.02"),
    )


def enter(exchange: Exchange, *figures: Entered) -> None:
    """One operator proposes, the other one approves."""
    with at_work() as (tx, now):
        asked = parameters.propose(tx, exchange.maker, now, entered=figures)
        approvals.decide(tx, exchange.checker, now, asked.id, ApprovalStatus.APPROVED, reason="seen")


def a_valuation(by: Actor, fund_id: str, *, lock_up_days: int = 0) -> str:
    """A valuation of a fund today, computed by the worker; its id."""
    with at_work() as (tx, now):
        asked = valuations.request(tx, by, now, subject=Subject(fund_id, lock_up_days=lock_up_days), valued_on=None)
    work_through()
    return asked.row.id


def valuation_seen(by: Actor, valuation_id: str) -> Valuation:
    """A valuation as somebody sees it."""
    with at_work() as (tx, _):
        return valuations.valuation_of(tx, by, valuation_id)


def panel_of(by: Actor, valuation_id: str) -> Panel:
    """The panel of a computed valuation."""
    panel = valuation_seen(by, valuation_id).panel
    assert panel is not None
    return panel


def opinion_of(panel: Panel, model: ModelName) -> Opinion:
    """What one model says."""
    return next(opinion for opinion in panel.opinions if opinion.model is model)


def models_with_figures(panel: Panel) -> Sequence[ModelName]:
    """The models that gave a range."""
    return [opinion.model for opinion in panel.opinions if opinion.point_minor is not None]


def an_appraisal(
    fund_id: str, by: Actor, *, point: int = 90 * MILLION, amount: int | None = None, days_ago: int = 30
) -> str:
    """An appraisal report of a fund's capital account, not filed yet; its id."""
    with at_work() as (tx, now):
        appraisal = Appraisal(
            fund_id=fund_id,
            nav_statement_id=None,
            amount_minor=amount,
            profile="CN_BJ",
            base_on=market_date(now) - timedelta(days=days_ago),
            valid_until=None,
            purpose="transfer of a state-owned interest",
            methods=("market", "income"),
            appraiser="Simulated Appraisers",
            appraiser_organisation_id=None,
            report_number="PG-2026-001",
            low_minor=point * 9 // 10,
            point_minor=point,
            high_minor=point * 11 // 10,
        )
        return appraisals.record_appraisal(tx, by, now, appraisal=appraisal).row.id


def a_filed_appraisal(fund_id: str, exchange: Exchange, *, point: int = 90 * MILLION) -> str:
    """An appraisal that one operator entered and the other one filed; its id."""
    appraisal_id = an_appraisal(fund_id, exchange.maker, point=point)
    with at_work() as (tx, now):
        appraisals.file_appraisal(
            tx, exchange.checker, now, appraisal_id=appraisal_id, filing_number="备-7", filed_on=market_date(now)
        )
    return appraisal_id
