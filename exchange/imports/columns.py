"""The columns of each template: their names, what people call them, and what a cell of them must be.

Headers are matched without regard to case, spaces and underscores, in English and Chinese.
Example: ``基金代码``, ``Fund code`` and ``fund_code`` are the same column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from exchange.core.terms import SourceMark
from exchange.funds.kinds import CashFlowKind, LegalForm
from exchange.imports.kinds import ImportKind


class CellKind(StrEnum):
    """What a cell must be."""

    CODE = "code"
    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    SIGNED_AMOUNT = "signed_amount"
    RATIO = "ratio"
    SIGNED_RATIO = "signed_ratio"
    WHOLE = "whole"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``choices`` maps what people write to what is stored."""

    name: str
    kind: CellKind
    title_zh: str
    is_required: bool = True
    synonyms: tuple[str, ...] = ()
    choices: Mapping[str, str] | None = None


def _choices(*pairs: tuple[str, str]) -> dict[str, str]:
    return {word: value for value, words in pairs for word in (value, *words.split())}


_LEGAL_FORMS = _choices(
    (LegalForm.PARTNERSHIP, "合伙 有限合伙 合伙型"),
    (LegalForm.COMPANY, "公司 公司型"),
    (LegalForm.CONTRACT, "契约 契约型"),
)
_FLOW_KINDS = _choices(
    (CashFlowKind.CONTRIBUTION, "call capital_call 缴款 出资"),
    (CashFlowKind.DISTRIBUTION, "分配 分红"),
    (CashFlowKind.RESTATEMENT, "重述 更正"),
)
_MARKS = _choices(
    (SourceMark.REPORTED, "管理人报送"),
    (SourceMark.AUDITED, "审计"),
    (SourceMark.APPRAISED, "评估"),
    (SourceMark.COMPUTED, "平台计算"),
    (SourceMark.SIMULATED, "模拟"),
)
_K = CellKind
_FUND_CODE = Column("fund_code", _K.CODE, "基金代码", synonyms=("fund", "基金编码"))
_CURRENCY = Column("currency", _K.CODE, "币种", is_required=False, synonyms=("货币",))
_MARK = Column("source_mark", _K.CHOICE, "来源标记", is_required=False, choices=_MARKS)
_SOURCE = Column("source", _K.TEXT, "数据来源", synonyms=("来源",))

TEMPLATES: Mapping[ImportKind, Sequence[Column]] = {
    ImportKind.FUNDS: (
        Column("code", _K.CODE, "基金代码", synonyms=("fund_code", "基金编码")),
        Column("name", _K.TEXT, "基金名称", synonyms=("fund_name", "名称")),
        Column("manager_code", _K.CODE, "管理人统一社会信用代码", is_required=False, synonyms=("管理人代码",)),
        Column("legal_form", _K.CHOICE, "组织形式", is_required=False, choices=_LEGAL_FORMS),
        Column("vintage", _K.WHOLE, "成立年份", synonyms=("vintage_year", "年份")),
        Column("currency", _K.CODE, "币种", synonyms=("货币",)),
        Column("strategy", _K.TEXT, "投资策略", is_required=False, synonyms=("策略",)),
        Column("risk_rating", _K.WHOLE, "风险等级", is_required=False),
        Column("sci_tech_ratio", _K.RATIO, "科技创新占比", is_required=False),
        _MARK,
        _SOURCE,
        Column("warning", _K.TEXT, "提示", is_required=False),
        Column("registered_region", _K.TEXT, "注册地代码", is_required=False, synonyms=("注册地", "region")),
        Column("filing_code", _K.TEXT, "协会备案编码", is_required=False, synonyms=("备案编码", "amac_code")),
    ),
    ImportKind.NAV_HISTORY: (
        _FUND_CODE,
        Column("as_of", _K.DATE, "基准日", synonyms=("date", "reference_date", "净值日期")),
        Column("nav", _K.SIGNED_AMOUNT, "净值", synonyms=("net_asset_value", "资产净值")),
        Column("subscribed", _K.AMOUNT, "认缴出资", synonyms=("commitment", "认缴")),
        Column("paid_in", _K.AMOUNT, "实缴出资", synonyms=("paid in capital", "实缴")),
        Column("distributed", _K.AMOUNT, "累计分配", synonyms=("distributions", "分配")),
        Column("unfunded", _K.AMOUNT, "未缴出资", is_required=False, synonyms=("未缴",)),
        Column("tvpi", _K.RATIO, "TVPI", is_required=False, synonyms=("总值倍数",)),
        Column("irr", _K.SIGNED_RATIO, "IRR", is_required=False, synonyms=("内部收益率",)),
        _CURRENCY,
        _MARK,
        _SOURCE,
    ),
    ImportKind.CASH_FLOWS: (
        _FUND_CODE,
        Column("notice_no", _K.CODE, "通知编号", synonyms=("notice", "通知号")),
        Column("occurred_on", _K.DATE, "日期", synonyms=("date", "发生日")),
        Column("kind", _K.CHOICE, "类型", synonyms=("type",), choices=_FLOW_KINDS),
        Column("amount", _K.SIGNED_AMOUNT, "金额"),
        Column("recallable", _K.AMOUNT, "可召回金额", is_required=False),
        Column("effect_on_unfunded", _K.SIGNED_AMOUNT, "对未缴的影响", is_required=False),
        _CURRENCY,
        _MARK,
        _SOURCE,
    ),
    ImportKind.PARTNER_REGISTER: (
        _FUND_CODE,
        Column("holder_code", _K.CODE, "合伙人统一社会信用代码", synonyms=("holder", "credit_code", "合伙人代码")),
        Column("subscribed", _K.AMOUNT, "认缴出资", synonyms=("commitment", "认缴")),
        Column("paid_in", _K.AMOUNT, "实缴出资", synonyms=("实缴",)),
        Column("unfunded", _K.AMOUNT, "未缴出资", is_required=False, synonyms=("未缴",)),
        _CURRENCY,
    ),
}

NATURAL_KEYS: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.FUNDS: ("code",),
    ImportKind.NAV_HISTORY: ("fund_code", "as_of"),
    ImportKind.CASH_FLOWS: ("fund_code", "notice_no"),
    ImportKind.PARTNER_REGISTER: ("fund_code", "holder_code"),
}


def normal_header(text: str) -> str:
    """A header as it is compared: lower case, without spaces, underscores, hyphens and byte-order mark."""
    return "".join(text.strip("\ufeff").lower().replace("_", "").replace("-", "").split())


def known_headers(kind: ImportKind) -> dict[str, Column]:
    """Every accepted header of a template, normalised."""
    return {
        normal_header(word): column
        for column in TEMPLATES[kind]
        for word in (column.name, column.title_zh, *column.synonyms)
    }
