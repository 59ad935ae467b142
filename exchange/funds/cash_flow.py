"""Contributions, distributions and restatements, and what each does to the unfunded commitment.

A contribution lowers unfunded by its amount; a distribution leaves it, or raises it by the recallable part. A
restatement corrects cumulative figures: its amount is signed as investors' payments (negative when paid-in was
lowered) and it gives back to unfunded what it takes from paid-in. A reported effect overrides the derived one.
Example: a call of 5 -> -5; a distribution of 8 with 2 recallable -> +2; a restatement of -1 -> +1.
Source: ILPA capital call and distribution notice (effect on unfunded).
"""

from dataclasses import dataclass
from datetime import date

from exchange.core.errors import FieldError
from exchange.core.terms import SourceMark
from exchange.funds.kinds import CashFlowKind


@dataclass(frozen=True, slots=True)
class CashFlow:
    """One notice. Amounts in minor units of the fund's currency."""

    fund_id: str
    notice_no: str
    occurred_on: date
    kind: CashFlowKind
    amount_minor: int
    effect_on_unfunded_minor: int
    source_mark: SourceMark
    source: str

    @property
    def key(self) -> tuple[str, str]:
        """The natural key: fund and notice number."""
        return self.fund_id, self.notice_no


def effect_on_unfunded(kind: CashFlowKind, amount_minor: int, recallable_minor: int = 0) -> int:
    """Change of unfunded by a flow, in minor units."""
    if kind is CashFlowKind.DISTRIBUTION:
        return recallable_minor
    return -amount_minor


def check_cash_flow(flow: CashFlow, today: date) -> tuple[FieldError, ...]:
    """Every contradiction in a flow."""
    errors = []
    if not flow.notice_no.strip():
        errors.append(FieldError("/notice_no", "FIELD_REQUIRED"))
    if flow.occurred_on > today:
        errors.append(FieldError("/occurred_on", "DATE_IN_FUTURE"))
    if flow.amount_minor == 0:
        errors.append(FieldError("/amount", "AMOUNT_IS_ZERO"))
    if flow.kind is not CashFlowKind.RESTATEMENT and flow.amount_minor < 0:
        errors.append(FieldError("/amount", "NUMBER_NOT_POSITIVE"))
    if flow.kind is CashFlowKind.DISTRIBUTION and not 0 <= flow.effect_on_unfunded_minor <= abs(flow.amount_minor):
        errors.append(FieldError("/effect_on_unfunded", "EFFECT_OUT_OF_RANGE"))
    if flow.kind is CashFlowKind.CONTRIBUTION and not -flow.amount_minor <= flow.effect_on_unfunded_minor <= 0:
        errors.append(FieldError("/effect_on_unfunded", "EFFECT_OUT_OF_RANGE"))
    return tuple(errors)
