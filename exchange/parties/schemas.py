"""Requests and responses about participants."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.core.terms import BuyerClass
from exchange.parties.deemed import Deemed, DeemedKind, DeemedProof, DeemedProofKind
from exchange.parties.lifecycle import OrganisationKind, OrganisationStatus, RecordStatus
from exchange.parties.proofs import SuitabilityProof
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
OrganisationIdText = Annotated[str, StringConstraints(strict=True, pattern=f"^{id_pattern('organisation')}$")]
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
    deemed_kind: DeemedKind | None
    deemed_manager_id: str | None
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
            deemed_kind=standing.deemed.kind if standing.deemed else None,
            deemed_manager_id=standing.deemed.manager_organisation_id if standing.deemed else None,
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


class DeemedInput(StrictModel):
    """Qualified by law (R-23): the kind, its proof and, for a manager or its staff, the manager."""

    kind: DeemedKind
    proof_kind: DeemedProofKind
    proof_number: ShortText
    manager_organisation_id: OrganisationIdText | None = None

    def proof(self) -> DeemedProof:
        """As values."""
        return DeemedProof(Deemed(self.kind, self.manager_organisation_id), self.proof_kind, self.proof_number)


class ProposeSuitability(StrictModel):
    """What the documents of an investor show; with ``deemed`` the assets need not reach the market's numbers."""

    currency: CurrencyText
    net_assets: AmountText
    financial_assets: AmountText
    evidence: LongText
    as_of: DateText
    valid_to: DateText
    risk_rating: RiskRating
    risk_statement_signed_on: DateText | None = None
    no_nominee_declared_on: DateText | None = None
    deemed: DeemedInput | None = None

    def proof(self) -> SuitabilityProof:
        """As values."""
        return SuitabilityProof(
            **self.model_dump(exclude={"net_assets", "financial_assets", "deemed"}),
            net_assets_minor=money_from_text(self.net_assets, self.currency).minor,
            financial_assets_minor=money_from_text(self.financial_assets, self.currency).minor,
            deemed=self.deemed.proof() if self.deemed is not None else None,
        )


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
    deemed_kind: DeemedKind | None
    deemed_proof_kind: DeemedProofKind | None
    deemed_proof_number: str
    deemed_manager_id: str | None
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
