"""Estimates of tax on the wire."""

from exchange.core.quantity import price_text
from exchange.rest.model import ViewModel
from exchange.rest.numbers import MoneyView
from exchange.settlement.tax import DealTaxes, TaxItem


class TaxEstimateView(ViewModel):
    """One estimate: what it is taken of, at which rate, under which rule."""

    item: TaxItem
    taxed: MoneyView
    rate: str
    amount: MoneyView
    rule_id: str
    is_estimate: bool


class DealTaxesView(ViewModel):
    """The estimates of tax of a deal that the caller may read; contested, never withheld."""

    price: MoneyView
    cost: MoneyView | None
    estimates: list[TaxEstimateView]

    @classmethod
    def of(cls, found: DealTaxes) -> "DealTaxesView":
        """From the estimates."""
        return cls(
            price=MoneyView.of(found.price_minor, found.currency),
            cost=None if found.cost_minor is None else MoneyView.of(found.cost_minor, found.currency),
            estimates=[
                TaxEstimateView(
                    item=each.item,
                    taxed=MoneyView.of(each.taxed_minor, found.currency),
                    rate=price_text(each.rate_ppm),
                    amount=MoneyView.of(each.amount_minor, found.currency),
                    rule_id=each.rule_id,
                    is_estimate=each.is_estimate,
                )
                for each in found.estimates
            ],
        )
