"""The models of the panel: which number each gives, what it needs, where its formula comes from.

`PANEL_VERSION` changes with every change of a model that can change a figure; it is kept with every result.
"""

from dataclasses import dataclass

from exchange.valuation.panel.opinion import Kind, ModelName

PANEL_VERSION = "2026.11"


@dataclass(frozen=True, slots=True)
class Model:
    """One model as it is shown."""

    name: ModelName
    kind: Kind
    version: str
    title_zh: str
    title_en: str
    needs: tuple[str, ...]
    source: str


MODELS: tuple[Model, ...] = (
    Model(
        ModelName.REPORTED_NAV,
        Kind.NAV,
        PANEL_VERSION,
        "报告净值",
        "Reported NAV",
        ("nav_statement",),
        "the manager's report; ILPA reporting",
    ),
    Model(
        ModelName.ROLLED_NAV,
        Kind.NAV,
        PANEL_VERSION,
        "滚动净值",
        "NAV rolled forward",
        ("nav_statement", "cash_flows"),
        "market convention: reported NAV plus calls less distributions since the reference date",
    ),
    Model(
        ModelName.INDEX_NAV,
        Kind.NAV,
        PANEL_VERSION,
        "指数调整净值",
        "NAV moved with an index",
        ("nav_statement", "cash_flows", "index_level", "nowcast"),
        "index return times beta on the NAV between reports",
    ),
    Model(
        ModelName.NOWCAST_NAV,
        Kind.NAV,
        PANEL_VERSION,
        "状态空间估计净值",
        "NAV nowcast",
        ("nav_statement", "cash_flows", "index_level", "nowcast"),
        "Brown, Ghysels and Gredil, Nowcasting Net Asset Values; Kalman 1960",
    ),
    Model(
        ModelName.LOOK_THROUGH,
        Kind.NAV,
        PANEL_VERSION,
        "底层资产穿透",
        "Look-through to the portfolio",
        ("investment_schedule",),
        "AMAC guideline on unlisted equity (2018); project-level methods of the Shanghai fund-share guideline",
    ),
    Model(
        ModelName.DISCOUNTED_CASH_FLOW,
        Kind.MODEL_PRICE,
        PANEL_VERSION,
        "现金流折现",
        "Cash flows discounted at the buyer's target return",
        ("nav_statement", "pacing", "target_return", "draw_ratio"),
        "Takahashi and Alexander 2002 for the projection; discounted at the buyer's target return",
    ),
    Model(
        ModelName.MARKET_PRICE,
        Kind.MARKET_PRICE,
        PANEL_VERSION,
        "二级市场价格",
        "Price of the secondary market",
        ("nav_statement", "market_price"),
        "published prices as a percentage of NAV, each with publisher and date",
    ),
    Model(
        ModelName.LOCK_UP_DISCOUNT,
        Kind.MODEL_PRICE,
        PANEL_VERSION,
        "限售流动性折扣",
        "Discount for a contractual lock-up",
        ("nav_statement", "lock_up", "risk_free_rate"),
        "Finnerty 2012 (the AAP model of the AMAC guideline on restricted shares, 2017); Chaffe 1993; Longstaff 1995",
    ),
    Model(
        ModelName.APPRAISAL,
        Kind.APPRAISAL,
        PANEL_VERSION,
        "独立评估",
        "Independent appraisal",
        ("appraisal",),
        "a filed appraisal report of an independent appraiser",
    ),
)
