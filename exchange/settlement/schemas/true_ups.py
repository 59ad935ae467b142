"""The true-up as the API shows it, and an appeal as it takes it."""

from datetime import date

from exchange.rest.model import ShortText, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView
from exchange.settlement.closing_flows import Treatment
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.true_up import Party, TrueUp


class Appeal(StrictModel):
    """Why a bust was wrong."""

    grounds: ShortText


class TurnoverView(ViewModel):
    """A flow that reached the wrong side; ``to_buyer`` is negative when the buyer owes it."""

    reference: str
    cash_on: date
    treatment: Treatment
    to_buyer: MoneyView


class TrueUpView(ViewModel):
    """What is owed for cash up to a day, line by line and net; paid with the settling of the deal."""

    deal_id: str
    until: date
    lines: list[TurnoverView]
    net_to_buyer: MoneyView
    payer: Party | None
    is_paid: bool

    @classmethod
    def of(cls, row: DealRow, until: date, found: TrueUp, *, is_paid: bool) -> "TrueUpView":
        """A true-up in money."""
        currency = row.currency
        return cls(
            deal_id=row.id,
            until=until,
            lines=[
                TurnoverView(
                    reference=line.reference,
                    cash_on=line.cash_on,
                    treatment=line.treatment,
                    to_buyer=MoneyView.of(line.to_buyer_minor, currency),
                )
                for line in found.lines
            ],
            net_to_buyer=MoneyView.of(found.net_to_buyer_minor, currency),
            payer=found.payer,
            is_paid=is_paid,
        )
