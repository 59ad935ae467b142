"""The true-up as the API shows it, and an appeal as it takes it."""

from datetime import date

from exchange.rest.model import ShortText, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView
from exchange.settlement.closing_flows import Treatment
from exchange.settlement.service.true_ups import SeenTrueUp
from exchange.settlement.true_up import Party


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
    def of(cls, seen: SeenTrueUp) -> "TrueUpView":
        """A true-up in money."""
        currency = seen.row.currency
        return cls(
            deal_id=seen.row.id,
            until=seen.until,
            lines=[
                TurnoverView(
                    reference=line.reference,
                    cash_on=line.cash_on,
                    treatment=line.treatment,
                    to_buyer=MoneyView.of(line.to_buyer_minor, currency),
                )
                for line in seen.found.lines
            ],
            net_to_buyer=MoneyView.of(seen.found.net_to_buyer_minor, currency),
            payer=seen.found.payer,
            is_paid=seen.is_paid,
        )
