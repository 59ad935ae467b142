"""Closing statements and busts as the API shows them."""

from datetime import date
from typing import Any

from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView
from exchange.settlement.bust import BustReason
from exchange.settlement.closing import ClosingStatement
from exchange.settlement.statement import StatementState
from exchange.settlement.tables.statements import ClosingStatementRow

MONEY = "_minor"


class StatementView(ViewModel):
    """A closing statement: every published line as money; ``version`` 0 is a forecast for today, not issued."""

    deal_id: str
    version: int
    state: StatementState
    closing_on: date
    to_pay: MoneyView
    seller_fee: MoneyView
    buyer_fee: MoneyView
    lines: dict[str, Any]
    issued_at: Instant | None

    @classmethod
    def issued(cls, row: ClosingStatementRow, state: StatementState) -> "StatementView":
        """The newest version that was issued."""
        return cls(
            deal_id=row.deal_id,
            version=row.version,
            state=state,
            closing_on=row.closing_on,
            to_pay=MoneyView.of(row.to_pay_minor, row.currency),
            seller_fee=MoneyView.of(row.seller_fee_minor, row.currency),
            buyer_fee=MoneyView.of(row.buyer_fee_minor, row.currency),
            lines=in_money(row.lines, row.currency),
            issued_at=row.issued_at,
        )

    @classmethod
    def forecast(cls, deal_id: str, found: ClosingStatement, lines: dict[str, Any]) -> "StatementView":
        """What would be due if the deal closed today."""
        return cls(
            deal_id=deal_id,
            version=0,
            state=StatementState.OPEN,
            closing_on=found.closing_on,
            to_pay=MoneyView.of(found.to_pay_minor, found.currency),
            seller_fee=MoneyView.of(found.seller_fee_minor, found.currency),
            buyer_fee=MoneyView.of(found.buyer_fee_minor, found.currency),
            lines=in_money(lines, found.currency),
            issued_at=None,
        )


class WithNote(StrictModel):
    """An answer with the reason for it."""

    note: LongText


class AskBust(StrictModel):
    """Why a transfer is to be undone, what the parties said, and the paper behind it."""

    reason: BustReason
    statement: LongText
    document_number: ShortText


class BustAskedView(ViewModel):
    """The question that waits for a second operator; it is decided under ``/approvals/{id}``."""

    approval_id: str
    deal_id: str
    reason: BustReason


def in_money(lines: dict[str, Any], currency: str) -> dict[str, Any]:
    """Lines with every figure in minor units as money under its own name; no whole number stays a bare one."""
    shown: dict[str, Any] = {}
    for name, value in lines.items():
        if name.endswith(MONEY) and isinstance(value, int):
            shown[name.removesuffix(MONEY)] = MoneyView.of(value, currency).model_dump()
        elif isinstance(value, list):
            shown[name] = [in_money(item, currency) for item in value]
        else:
            shown[name] = value
    return shown
