"""Requests and responses about participants."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from exchange.core.ids import id_pattern
from exchange.core.terms import BuyerClass
from exchange.parties.lifecycle import OrganisationKind, OrganisationStatus, RecordStatus
from exchange.parties.standing import Standing
from exchange.parties.tables import InvestorClassRow, OrganisationRow, OwnershipRow, SuitabilityRow
from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import (
    AmountText,
    CurrencyText,
    DateText,
    Flag,
    MoneyView,
    PositiveRatioText,
    Whole,
    ratio_text,
)

CreditCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9A-HJ-NP-RTUW-Y]{18}$")]
OwnerId = Annotated[
    str,
    StringConstraints(strict=True, pattern=f"^({id_pattern('organisation')}|{id_pattern('person')})$"),
]
RiskRating = Annotated[Whole, Field(ge=1, le=5)]


class Apply(StrictModel):
    """An application to be admitted."""

    kind: OrganisationKind
    name_zh: ShortText
    name_en: ShortText
    credit_code: CreditCode
    is_state_owned: Flag = False
    is_simulated: Flag = False


class Rename(StrictModel):
    """New names; what is left out stays."""

    name_zh: ShortText | None = None
    name_en: ShortText | None = None


class OrganisationView(ViewModel):
    """An organisation."""

    id: str
    kind: OrganisationKind
    name_zh: str
    name_en: str
    credit_code: str
    is_simulated: bool
    is_state_owned: bool
    status: OrganisationStatus
    created_at: Instant
    version: int

    @classmethod
    def of(cls, row: OrganisationRow) -> "OrganisationView":
        """From the row."""
        return cls(**row.model_dump(include=set(cls.model_fields)))


class StandingView(ViewModel):
    """What rules and rank read of an organisation today."""

    is_approved: bool
    buyer_class: BuyerClass
    class_valid_to: date | None
    suitable_until: date | None
    net_assets: MoneyView | None
    financial_assets: MoneyView | None
    risk_rating: int
    risk_statement_signed: bool
    no_nominee_declared: bool
    group_keys: list[str]

    @classmethod
    def of(cls, standing: Standing, today: date) -> "StandingView":
        """From the value, with the class in force today."""
        currency = standing.suitability_currency
        return cls(
            is_approved=standing.is_approved,
            buyer_class=standing.class_on(today),
            class_valid_to=standing.class_valid_to,
            suitable_until=standing.suitable_until,
            net_assets=MoneyView.of(standing.net_assets_minor, currency) if currency else None,
            financial_assets=MoneyView.of(standing.financial_assets_minor, currency) if currency else None,
            risk_rating=standing.risk_rating,
            risk_statement_signed=standing.risk_statement_signed,
            no_nominee_declared=standing.no_nominee_declared,
            group_keys=list(standing.group_keys),
        )


class ParticipantView(OrganisationView):
    """An organisation with its standing."""

    standing: StandingView

    @classmethod
    def with_standing(cls, row: OrganisationRow, standing: Standing, today: date) -> "ParticipantView":
        """From the row and the standing."""
        fields = row.model_dump(include=set(OrganisationView.model_fields))
        return cls(**fields, standing=StandingView.of(standing, today))


class ProposeClass(StrictModel):
    """A class with its evidence."""

    buyer_class: BuyerClass
    evidence: LongText
    valid_from: DateText
    valid_to: DateText


class InvestorClassView(ViewModel):
    """A class record."""

    id: str
    buyer_class: BuyerClass
    evidence: str
    valid_from: date
    valid_to: date
    status: RecordStatus

    @classmethod
    def of(cls, row: InvestorClassRow) -> Self:
        """From the row."""
        return cls(**row.model_dump(include=set(cls.model_fields)))


class InvestorClassList(ViewModel):
    """Class records, newest first."""

    items: list[InvestorClassView]


class FilingsView(ViewModel):
    """What investors filed and no operator has taken up, each with the organisation it is of."""

    classes: list["FiledClassView"]
    suitability: list["FiledSuitabilityView"]


class FilingView(ViewModel):
    """Where a filing stands."""

    id: str
    organisation_id: str
    status: RecordStatus


class TurnDown(StrictModel):
    """Refuse a filing."""

    reason: ShortText


class ProposeSuitability(StrictModel):
    """What the documents of an investor show."""

    currency: CurrencyText
    net_assets: AmountText
    financial_assets: AmountText
    evidence: LongText
    as_of: DateText
    valid_to: DateText
    risk_rating: RiskRating
    risk_statement_signed_on: DateText | None = None
    no_nominee_declared_on: DateText | None = None


class SuitabilityView(ViewModel):
    """A suitability record."""

    id: str
    net_assets: MoneyView
    financial_assets: MoneyView
    evidence: str
    as_of: date
    valid_to: date
    risk_rating: int
    risk_statement_signed_on: date | None
    no_nominee_declared_on: date | None
    status: RecordStatus

    @classmethod
    def of(cls, row: SuitabilityRow) -> Self:
        """From the row."""
        plain = set(cls.model_fields) - {"net_assets", "financial_assets"}
        return cls(
            **row.model_dump(include=plain),
            net_assets=MoneyView.of(row.net_assets_minor, row.currency),
            financial_assets=MoneyView.of(row.financial_assets_minor, row.currency),
        )


class SuitabilityList(ViewModel):
    """Suitability records, newest first."""

    items: list[SuitabilityView]


class RecordOwner(StrictModel):
    """An owner of the organisation; without an id, a natural person who is new."""

    owner_id: OwnerId | None = None
    owner_name: ShortText
    share: PositiveRatioText
    as_of: DateText
    evidence: LongText


class OwnershipView(ViewModel):
    """An edge of the ownership graph."""

    id: str
    owner_id: str
    owner_name: str
    owned_id: str
    share: str
    as_of: date
    ended_on: date | None
    evidence: str

    @classmethod
    def of(cls, row: OwnershipRow) -> "OwnershipView":
        """From the row."""
        return cls(**row.model_dump(include=set(cls.model_fields) - {"share"}), share=ratio_text(row.share_ppm))


class BeneficialOwnerView(ViewModel):
    """Somebody at or above the profile's share through all chains together."""

    owner_id: str
    share: str


class OwnersView(ViewModel):
    """Direct owners, and the beneficial ones behind them."""

    direct: list[OwnershipView]
    beneficial: list[BeneficialOwnerView]


class FiledClassView(InvestorClassView):
    """A class record that waits for an operator."""

    organisation_id: str


class FiledSuitabilityView(SuitabilityView):
    """A suitability record that waits for an operator."""

    organisation_id: str
