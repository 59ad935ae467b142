"""Advisers on the wire: what they apply with, what everybody reads, what they and the exchange read."""

from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.diligence.adviser_entry import AdviserEntry, LiabilityCover, Licence, entry_of
from exchange.diligence.conflicts import Relation
from exchange.diligence.engagement import AdviserKind, AdviserState, FeeBasis, RelationKind
from exchange.diligence.store.advisers import AdviserSeen
from exchange.diligence.tables.advice import AdviserRelationRow, AdviserRow
from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import AmountText, CurrencyText, DateText, Flag, MoneyView, PositiveAmountText

OrganisationIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('organisation')}$")]
Words = Annotated[list[ShortText], Field(max_length=50, default_factory=list)]
HUNDRED = 100


class LicenceBody(StrictModel):
    """A licence or filing; ``expires_on`` is left out when it has no end."""

    kind: AdviserKind
    authority: ShortText
    number: ShortText
    expires_on: DateText | None = None


class CoverBody(StrictModel):
    """Professional-liability insurance."""

    insurer: ShortText
    policy_number: ShortText
    amount: PositiveAmountText
    currency: CurrencyText
    valid_until: DateText


class ApplyAsAdviser(StrictModel):
    """An application for the directory, or for what is to stand there from the next decision on."""

    kinds: Annotated[list[AdviserKind], Field(min_length=1, max_length=6)]
    licences: Annotated[list[LicenceBody], Field(max_length=20)]
    cover: CoverBody
    confidentiality_signed_on: DateText
    regions: Words
    strategies: Words
    deal_types: Words
    languages: Words
    team_leads: Words
    fee_basis: FeeBasis = FeeBasis.FIXED
    fee_currency: CurrencyText = "CNY"
    fee_low: AmountText | None = None
    fee_high: AmountText | None = None
    capacity: Annotated[str, Field(strict=True, max_length=200)] = ""
    discipline: Annotated[str, Field(strict=True, max_length=4000)] = ""

    def entry(self) -> AdviserEntry:
        """As values in minor units."""
        cover = self.cover
        return AdviserEntry(
            kinds=tuple(self.kinds),
            licences=tuple(Licence(each.kind, each.authority, each.number, each.expires_on) for each in self.licences),
            cover=LiabilityCover(
                cover.insurer,
                cover.policy_number,
                money_from_text(cover.amount, cover.currency).minor,
                cover.currency,
                cover.valid_until,
            ),
            confidentiality_signed_on=self.confidentiality_signed_on,
            regions=tuple(self.regions),
            strategies=tuple(self.strategies),
            deal_types=tuple(self.deal_types),
            languages=tuple(self.languages),
            team_leads=tuple(self.team_leads),
            fee_basis=self.fee_basis,
            fee_currency=self.fee_currency,
            fee_low_minor=_minor(self.fee_low, self.fee_currency),
            fee_high_minor=_minor(self.fee_high, self.fee_currency),
            capacity=self.capacity,
            discipline=self.discipline,
        )


class AdmitAdviser(StrictModel):
    """Whether the adviser also stands on the list for state-owned clients (备选库)."""

    is_state_shortlisted: Flag = False


class SuspendAdviser(StrictModel):
    """Why an adviser is taken out of the directory."""

    reason: LongText


class RelationBody(StrictModel):
    """Somebody an adviser is related to or works for. ``subject``: the fund, where it concerns one."""

    kind: RelationKind
    organisation_id: OrganisationIdText | None = None
    name: ShortText
    subject: Annotated[str, Field(strict=True, max_length=200)] = ""
    valid_from: DateText
    valid_until: DateText | None = None


class DeclareRelations(StrictModel):
    """All relations of an adviser; what is left out has ended."""

    relations: Annotated[list[RelationBody], Field(max_length=1000)]

    def values(self) -> list[Relation]:
        """As values."""
        return [
            Relation(each.kind, each.organisation_id, each.name, each.subject, each.valid_from, each.valid_until)
            for each in self.relations
        ]


class LicenceView(ViewModel):
    """A licence as the directory shows it."""

    kind: AdviserKind
    authority: str
    number: str
    expires_on: date | None

    @classmethod
    def of(cls, licence: Licence) -> "LicenceView":
        """From values."""
        return cls(kind=licence.kind, authority=licence.authority, number=licence.number, expires_on=licence.expires_on)


class CoverView(ViewModel):
    """Insurance as the adviser and the exchange read it."""

    insurer: str
    policy_number: str
    amount: MoneyView
    valid_until: date


class EntryView(ViewModel):
    """What an adviser says of itself, for everybody."""

    kinds: list[AdviserKind]
    licences: list[LicenceView]
    cover_valid_until: date
    regions: list[str]
    strategies: list[str]
    deal_types: list[str]
    languages: list[str]
    team_leads: list[str]
    fee_basis: FeeBasis
    fee_low: MoneyView | None
    fee_high: MoneyView | None
    capacity: str
    discipline: str

    @classmethod
    def of(cls, entry: AdviserEntry) -> "EntryView":
        """From values."""
        return cls(
            kinds=list(entry.kinds),
            licences=[LicenceView.of(each) for each in entry.licences],
            cover_valid_until=entry.cover.valid_until,
            regions=list(entry.regions),
            strategies=list(entry.strategies),
            deal_types=list(entry.deal_types),
            languages=list(entry.languages),
            team_leads=list(entry.team_leads),
            fee_basis=entry.fee_basis,
            fee_low=_money(entry.fee_low_minor, entry.fee_currency),
            fee_high=_money(entry.fee_high_minor, entry.fee_currency),
            capacity=entry.capacity,
            discipline=entry.discipline,
        )


class InsideView(ViewModel):
    """What only the adviser itself and the exchange read."""

    cover: CoverView | None
    confidentiality_signed_on: date | None
    application: EntryView | None
    applied_at: Instant
    state_reason: str


class RatingSummary(ViewModel):
    """The average of closed engagements: ``4.50`` of five stars, and of how many; without one there is none."""

    average: Annotated[str, Field(pattern=r"^[1-5]\.[0-9]{2}$", examples=["4.50"])] | None
    count: int


class AdviserView(ViewModel):
    """An adviser in the directory. ``entry`` is empty before its first admission; ``inside`` for itself and those who
    watch."""

    organisation_id: str
    name_zh: str
    name_en: str
    kinds: list[AdviserKind]
    state: AdviserState
    admitted_until: date | None
    is_state_shortlisted: bool
    entry: EntryView | None
    rating: RatingSummary
    inside: InsideView | None
    version: int

    @classmethod
    def of(cls, seen: AdviserSeen) -> "AdviserView":
        """From an entry as the caller sees it."""
        row, rating = seen.row, seen.rating
        hundredths = (rating.stars * HUNDRED * 2 + rating.count) // (rating.count * 2) if rating.count else 0
        average = f"{hundredths // HUNDRED}.{hundredths % HUNDRED:02d}" if rating.count else None
        return cls(
            organisation_id=row.organisation_id,
            name_zh=seen.name_zh,
            name_en=seen.name_en,
            kinds=[AdviserKind(kind) for kind in row.kinds],
            state=row.state,
            admitted_until=row.admitted_until,
            is_state_shortlisted=row.is_state_shortlisted,
            entry=EntryView.of(entry_of(row.entry)) if row.entry else None,
            rating=RatingSummary(average=average, count=rating.count),
            inside=_inside(row) if seen.is_inside else None,
            version=row.version,
        )


class RelationView(ViewModel):
    """A relation as it was declared."""

    kind: RelationKind
    organisation_id: str | None
    name: str
    subject: str
    valid_from: date
    valid_until: date | None
    declared_at: Instant

    @classmethod
    def of(cls, row: AdviserRelationRow) -> "RelationView":
        """From a declared relation."""
        return cls(
            kind=row.kind,
            organisation_id=row.other_organisation_id,
            name=row.other_name,
            subject=row.subject,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            declared_at=row.declared_at,
        )


class RelationsView(ViewModel):
    """Everything an adviser declared, ended relations included."""

    organisation_id: str
    relations: list[RelationView]
    version: int


def _inside(row: AdviserRow) -> InsideView:
    entry = entry_of(row.entry) if row.entry else None
    cover = entry.cover if entry else None
    return InsideView(
        cover=None
        if cover is None
        else CoverView(
            insurer=cover.insurer,
            policy_number=cover.policy_number,
            amount=MoneyView.of(cover.amount_minor, cover.currency),
            valid_until=cover.valid_until,
        ),
        confidentiality_signed_on=entry.confidentiality_signed_on if entry else None,
        application=EntryView.of(entry_of(row.application)) if row.application else None,
        applied_at=row.applied_at,
        state_reason=row.state_reason,
    )


def _minor(text: str | None, currency: str) -> int | None:
    return None if text is None else money_from_text(text, currency).minor


def _money(minor: int | None, currency: str) -> MoneyView | None:
    return None if minor is None else MoneyView.of(minor, currency)
