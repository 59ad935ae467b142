"""The agreement of a deal in words: every name and figure from the registers, nothing typed.

The terms are hashed; what is signed is compared with what the deal says at that moment, so that nobody signs other
terms than those that were matched. Source: 合伙企业法 24, 43, 77 (admission of a partner, its liability).
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from exchange.core.events import canonical_json
from exchange.core.money import Money
from exchange.core.quantity import price_text

SIDES_NEEDED = ("seller", "buyer", "manager")


def hash_of(terms: Mapping[str, Any]) -> str:
    """sha256 over the canonical writing of the terms."""
    return hashlib.sha256(canonical_json(dict(terms)).encode()).hexdigest()


def rows_of(terms: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """The lines of the agreement's table, in both languages; amounts as decimal strings with their currency."""
    currency = str(terms["currency"])
    amount, base = (Money(int(terms[name]), currency).text() for name in ("amount_minor", "base_minor"))
    adjusted = terms["adjustment"] == "cash_flow"
    return (
        ("转让方 Seller", f"{terms['seller_name']} · {terms['seller_code']}"),
        ("受让方 Buyer", f"{terms['buyer_name']} · {terms['buyer_code']}"),
        ("管理人 Manager", f"{terms['manager_name']} · {terms['manager_code']}"),
        ("基金 Fund", f"{terms['fund_name']} · {terms['fund_code']}"),
        ("转让份额（认缴出资额） Interest (subscribed capital)", f"{amount} {currency}"),
        ("价格（净值比例） Price (share of NAV)", price_text(int(terms["price_ppm"]))),
        ("净值基准日 Reference date", str(terms["reference_on"])),
        ("基础价款 Base price", f"{base} {currency}"),
        (
            "交割调整 Closing adjustment",
            "按基准日后现金流逐元调整 Dollar for dollar for cash flows after the reference date"
            if adjusted
            else "不调整 None",
        ),
        ("付款安排 Payment", str(terms["plan_text"])),
        ("成交编号 Trade", str(terms["trade_id"])),
        ("条款哈希 Hash of the terms", hash_of(terms)),
    )


PARAGRAPHS = (
    (
        "转让方向受让方转让上列份额，受让方受让该份额并自登记之日起享有合伙人权利、承担合伙人义务，包括对该份额未缴出资的缴付义务。"
        " The seller transfers the interest named above; from registration on the buyer has the rights and duties of a "
        "partner, the duty to pay what is unfunded of it included."
    ),
    (
        "基准日前已作分配的返还义务不随份额转移，由转让方承担。"
        " A duty to give back distributions made before the reference date stays with the seller."
    ),
    (
        "价款经交易所结算账户收付；份额登记与价款划付在同一笔交易中完成。"
        " Money passes through the settlement account of the exchange; registration and payment are one transaction."
    ),
    (
        "管理人同意受让方入伙，并办理合伙人名册变更及法定备案。"
        " The manager admits the buyer as a partner and makes the changes of the roll and the filings the law asks for."
    ),
)
