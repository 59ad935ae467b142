"""Shapes of holdings on the wire."""

from exchange.custody.roll import Holding, RollTotals
from exchange.rest.model import ViewModel
from exchange.rest.numbers import MoneyView


class HoldingView(ViewModel):
    """One holder's interest in one fund. ``free`` is what may still be listed."""

    id: str
    fund_id: str
    holder_organisation_id: str
    subscribed: MoneyView
    paid_in: MoneyView
    unfunded: MoneyView
    frozen: MoneyView
    pledged: MoneyView
    free: MoneyView
    version: int
    is_simulated: bool

    @classmethod
    def of(cls, held: Holding, currency: str) -> "HoldingView":
        """From a holding, in its fund's currency."""
        return cls(
            id=held.id,
            fund_id=held.fund_id,
            holder_organisation_id=held.holder_organisation_id,
            subscribed=MoneyView.of(held.subscribed_minor, currency),
            paid_in=MoneyView.of(held.paid_in_minor, currency),
            unfunded=MoneyView.of(held.unfunded_minor, currency),
            frozen=MoneyView.of(held.frozen_minor, currency),
            pledged=MoneyView.of(held.pledged_minor, currency),
            free=MoneyView.of(held.free_minor, currency),
            version=held.version,
            is_simulated=held.is_simulated,
        )


class RollView(ViewModel):
    """The partner register of a fund: every holder and the sums."""

    fund_id: str
    holders: int
    subscribed: MoneyView
    paid_in: MoneyView
    unfunded: MoneyView
    frozen: MoneyView
    pledged: MoneyView
    items: list[HoldingView]

    @classmethod
    def of(cls, fund_id: str, rows: list[Holding], sums: RollTotals, currency: str) -> "RollView":
        """From the lines of a roll and their sums."""
        return cls(
            fund_id=fund_id,
            holders=sums.holders,
            subscribed=MoneyView.of(sums.subscribed_minor, currency),
            paid_in=MoneyView.of(sums.paid_in_minor, currency),
            unfunded=MoneyView.of(sums.unfunded_minor, currency),
            frozen=MoneyView.of(sums.frozen_minor, currency),
            pledged=MoneyView.of(sums.pledged_minor, currency),
            items=[HoldingView.of(row, currency) for row in rows],
        )
