"""Shapes of accounts and entries on the wire."""

from typing import Annotated

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.ledger.kinds import EntryKind
from exchange.ledger.tables import AccountRow, LedgerEntryRow
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import CurrencyText, MoneyView, PositiveAmountText

OrganisationIdText = Annotated[str, Field(pattern=f"^{id_pattern('organisation')}$")]


class OpenAccount(StrictModel):
    """A cash account to be opened for an organisation."""

    organisation_id: OrganisationIdText
    currency: CurrencyText


class DepositMoney(StrictModel):
    """Simulated money that arrived, with the bank's reference."""

    amount: PositiveAmountText
    currency: CurrencyText
    bank_reference: ShortText


class AccountView(ViewModel):
    """A cash account: posted, the part held for live bids, and what is free."""

    id: str
    organisation_id: str
    currency: str
    posted: MoneyView
    held: MoneyView
    free: MoneyView

    @classmethod
    def of(cls, row: AccountRow) -> "AccountView":
        """From an account."""
        return cls(
            id=row.id,
            organisation_id=str(row.organisation_id),
            currency=row.currency,
            posted=MoneyView.of(row.posted_minor, row.currency),
            held=MoneyView.of(row.held_minor, row.currency),
            free=MoneyView.of(row.posted_minor - row.held_minor, row.currency),
        )


class EntryView(ViewModel):
    """One change of an account."""

    id: int
    transfer_id: str
    kind: EntryKind
    posted_change: MoneyView
    held_change: MoneyView
    reference_id: str
    at: Instant

    @classmethod
    def of(cls, row: LedgerEntryRow, currency: str) -> "EntryView":
        """From an entry of an account in this currency."""
        return cls(
            id=row.id or 0,
            transfer_id=row.transfer_id,
            kind=row.kind,
            posted_change=MoneyView.of(row.posted_delta_minor, currency),
            held_change=MoneyView.of(row.held_delta_minor, currency),
            reference_id=row.reference_id,
            at=row.at,
        )
