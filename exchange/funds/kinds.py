"""Words of fund reporting, stored by these values."""

from enum import StrEnum


class LegalForm(StrEnum):
    """Legal form of a fund; decides which partner rules apply."""

    PARTNERSHIP = "partnership"
    COMPANY = "company"
    CONTRACT = "contract"


class CashFlowKind(StrEnum):
    """What a cash flow is. A restatement corrects cumulative figures and is kept as such."""

    CONTRIBUTION = "contribution"
    DISTRIBUTION = "distribution"
    RESTATEMENT = "restatement"


class HoldingMethod(StrEnum):
    """How a portfolio company was valued: the seven project-level methods of the Chinese fund-share guideline.

    Source: fund-share valuation guideline of the Shanghai regional equity market; AMAC guideline on unlisted equity
    (in force 2018-07-01) for the market, income and cost approaches behind them.
    """

    LISTED_MARKET_VALUE = "listed_market_value"  # 股票市值法
    INDEX_RETURN = "index_return"  # 指数收益法
    RECENT_ROUND = "recent_round"  # 近期融资法
    REDEMPTION_CASH_FLOW = "redemption_cash_flow"  # 回购现金流折现法
    INCOME = "income"  # 收益法
    MARKET_MULTIPLES = "market_multiples"  # 市场法
    ASSET_BASE = "asset_base"  # 资产基础法
