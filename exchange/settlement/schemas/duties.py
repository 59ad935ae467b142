"""What is due after a transfer, payment plans and offers to backups, as the API takes and shows them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.core.quantity import price_text
from exchange.listings.payment_plan import Security, plan_from_document
from exchange.listings.schemas.payment import PlanPartView
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView
from exchange.settlement.backup import BackupStatus
from exchange.settlement.instalment import InstalmentStatus
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import ObligationKind, ObligationStatus
from exchange.settlement.tables.backups import BackupOfferRow
from exchange.settlement.tables.duties import InstalmentRow, ObligationRow, PlanStatementRow


class Fulfilment(StrictModel):
    """The document that proves a filing."""

    document_id: Annotated[str, Field(pattern=f"^{id_pattern('document')}$")]


class PlanStatementView(ViewModel):
    """A payment plan one party stated; ``is_agreed``: it is the deal's plan."""

    id: str
    deal_id: str
    organisation_id: str
    later: list[PlanPartView]
    interest: str
    security: Security
    is_agreed: bool
    at: Instant

    @classmethod
    def of(cls, row: PlanStatementRow, agreed: dict[str, object]) -> "PlanStatementView":
        """From a stated plan and the deal's own."""
        plan = plan_from_document(row.plan)
        return cls(
            id=row.id,
            deal_id=row.deal_id,
            organisation_id=row.organisation_id,
            later=[PlanPartView(share=price_text(part.share_ppm), days=part.days) for part in plan.later],
            interest=price_text(plan.interest_ppm),
            security=plan.security,
            is_agreed=row.plan == agreed,
            at=row.at,
        )


class ObligationView(ViewModel):
    """One thing to file: by whom, by when, under which rule, and the evidence."""

    id: str
    deal_id: str
    kind: ObligationKind
    rule: str
    responsible_organisation_id: str | None
    due_on: date
    breach_on: date
    lateness: Lateness
    status: ObligationStatus
    document_id: str | None
    document_number: int | None
    done_at: Instant | None
    created_at: Instant
    version: int

    @classmethod
    def of(cls, row: ObligationRow) -> "ObligationView":
        """From its row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class InstalmentView(ViewModel):
    """A later part of the price; ``interest`` as planned, ``paid_interest`` up to the day it was paid."""

    id: str
    deal_id: str
    number: int
    due_on: date
    principal: MoneyView
    interest: MoneyView
    lateness: Lateness
    status: InstalmentStatus
    due_at: Instant | None
    paid_interest: MoneyView | None
    paid_at: Instant | None
    created_at: Instant
    version: int

    @classmethod
    def of(cls, row: InstalmentRow) -> "InstalmentView":
        """From its row."""
        paid = row.paid_interest_minor
        values = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(
            **{
                **values,
                "principal": MoneyView.of(row.principal_minor, row.currency),
                "interest": MoneyView.of(row.interest_minor, row.currency),
                "paid_interest": None if paid is None else MoneyView.of(paid, row.currency),
            }
        )


class BackupOfferView(ViewModel):
    """What a backup is offered of a fallen deal, and by when it answers."""

    id: str
    fallen_deal_id: str
    listing_id: str
    order_id: str
    organisation_id: str
    rank: int
    price: str
    amount: MoneyView
    value: MoneyView
    deposit: MoneyView
    status: BackupStatus
    status_note: str
    lapses_at: Instant
    lapse_rule: str
    deal_id: str | None
    decided_at: Instant | None
    is_simulated: bool
    created_at: Instant
    version: int

    @classmethod
    def of(cls, row: BackupOfferRow) -> "BackupOfferView":
        """From its row."""
        values = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(
            **{
                **values,
                "price": price_text(row.price_ppm),
                "amount": MoneyView.of(row.amount_minor, row.currency),
                "value": MoneyView.of(row.money_minor, row.currency),
                "deposit": MoneyView.of(row.deposit_minor, row.currency),
            }
        )


class Declining(StrictModel):
    """Why a backup does not take its offer."""

    note: ShortText
