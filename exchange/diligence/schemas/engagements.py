"""Requests for advice on the wire. A field that the caller may not see is null or empty, whatever it holds."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from exchange.diligence.conflicts import Conflict
from exchange.diligence.engagement import AdviserKind, DeliverableKind, EngagementState, FeeBasis
from exchange.diligence.schemas.deliverables import ResultView
from exchange.diligence.store.engagement_sights import Asked, EngagementSeen, Stand
from exchange.diligence.tables.advice import DeliverableRow, EngagementQuoteRow, EngagementRatingRow
from exchange.rest.model import Instant, ViewModel
from exchange.rest.numbers import MoneyView

NAMED = frozenset({Stand.CLIENT, Stand.WATCH, Stand.ENGAGED, Stand.CLEARED})
"""Who may read names."""


class OrganisationView(ViewModel):
    """An organisation and its names."""

    organisation_id: str
    name_zh: str
    name_en: str


class AnonymousView(ViewModel):
    """What tells nobody whom it is about: bands instead of figures."""

    strategy: str
    vintage_band: Annotated[str, Field(examples=["2016-2020"])]
    size_band: Annotated[str, Field(examples=["50m_200m"])]
    currency: str


class MatterView(ViewModel):
    """Whom an engagement is about; only for those who have passed the check, its client and those who watch."""

    listing_id: str
    fund_id: str
    client: OrganisationView
    item_codes: list[str]
    room_codes: list[str]


class ConflictView(ViewModel):
    """A conflict rule that is met; the other organisation only where the caller may know of it."""

    rule: str
    weight: str
    organisation_id: str | None
    name: str

    @classmethod
    def of(cls, conflict: Conflict) -> "ConflictView":
        """From a finding of the check."""
        return cls(
            rule=conflict.rule.value,
            weight=conflict.weight.value,
            organisation_id=conflict.with_id,
            name=conflict.with_name,
        )


class InvitationView(ViewModel):
    """An adviser that was asked: ``asked``, ``cleared``, ``blocked`` or ``declined``."""

    adviser: OrganisationView
    standing: str
    declaration: str
    conflicts: list[ConflictView]
    consents: list[str]
    declared_at: Instant | None


class QuoteView(ViewModel):
    """A quote, for its adviser, and for the client once it is unsealed."""

    id: str
    adviser_organisation_id: str
    fee: MoneyView
    fee_basis: FeeBasis
    deliver_until: date
    team: str
    assumptions: str
    conflicts_statement: str
    quoted_at: Instant

    @classmethod
    def of(cls, row: EngagementQuoteRow, currency: str) -> "QuoteView":
        """From a quote of a request in this currency."""
        return cls(
            id=row.id,
            adviser_organisation_id=row.organisation_id,
            fee=MoneyView.of(row.fee_minor, currency),
            fee_basis=row.fee_basis,
            deliver_until=row.deliver_until,
            team=row.team,
            assumptions=row.assumptions,
            conflicts_statement=row.conflicts_statement,
            quoted_at=row.quoted_at,
        )


class DeliverableView(ViewModel):
    """A delivery and what became of it."""

    id: str
    kind: DeliverableKind
    document_id: str
    document_version: int
    sha256: str
    result: ResultView
    delivered_at: Instant
    accepted_at: Instant | None
    disputed_at: Instant | None
    dispute_reason: str

    @classmethod
    def of(cls, row: DeliverableRow) -> "DeliverableView":
        """From a delivery."""
        return cls(
            id=row.id,
            kind=row.kind,
            document_id=row.document_id,
            document_version=row.document_version,
            sha256=row.sha256,
            result=ResultView.of(row.result),
            delivered_at=row.delivered_at,
            accepted_at=row.accepted_at,
            disputed_at=row.disputed_at,
            dispute_reason=row.dispute_reason,
        )


class RatingView(ViewModel):
    """The client's rating and the adviser's reply."""

    stars: int
    comment: str
    reply: str
    rated_at: Instant
    replied_at: Instant | None

    @classmethod
    def of(cls, row: EngagementRatingRow) -> "RatingView":
        """From a rating."""
        return cls(
            stars=row.stars,
            comment=row.comment,
            reply=row.reply,
            rated_at=row.rated_at,
            replied_at=row.replied_at,
        )


class EngagementView(ViewModel):
    """A request for advice as the caller may see it: ``your_standing`` says how much that is."""

    id: str
    your_standing: Stand
    kind: AdviserKind
    state: EngagementState | None
    anonymous: AnonymousView | None
    scope: str | None
    is_open_call: bool | None
    quotes_until: Instant | None
    deliver_until: date | None
    matter: MatterView | None
    budget: MoneyView | None
    adviser: OrganisationView | None
    awarded_quote_id: str | None
    invitations: list[InvitationView]
    quotes: list[QuoteView]
    deliverables: list[DeliverableView]
    rating: RatingView | None
    state_reason: str | None
    version: int | None

    @classmethod
    def of(cls, seen: EngagementSeen) -> "EngagementView":
        """From an engagement as the caller sees it."""
        if seen.stand is Stand.CONSENT:
            return _for_a_consent(seen)
        row, stand = seen.row, seen.stand
        is_inside = stand in {Stand.CLIENT, Stand.WATCH}
        is_party = is_inside or stand is Stand.ENGAGED
        return cls(
            id=row.id,
            your_standing=stand,
            kind=row.kind,
            state=row.state if stand in NAMED else _outside_state(row.state, row.quotes_until_at),
            anonymous=AnonymousView(
                strategy=seen.anonymous.strategy,
                vintage_band=seen.anonymous.vintage_band,
                size_band=seen.anonymous.size_band,
                currency=seen.anonymous.currency,
            ),
            scope=row.scope,
            is_open_call=row.is_open_call,
            quotes_until=row.quotes_until_at,
            deliver_until=row.deliver_until,
            matter=_matter(seen) if stand in NAMED else None,
            budget=MoneyView.of(row.budget_minor, row.currency) if is_inside and row.budget_minor is not None else None,
            adviser=_organisation(row.adviser_organisation_id, seen.names) if is_party else None,
            awarded_quote_id=row.quote_id if is_party else None,
            invitations=[_invitation(each, stand) for each in seen.asked],
            quotes=[QuoteView.of(each, row.currency) for each in seen.quotes],
            deliverables=[DeliverableView.of(each) for each in seen.deliverables],
            rating=None if seen.rating is None else RatingView.of(seen.rating),
            state_reason=row.state_reason if is_party else None,
            version=row.version if is_party else None,
        )


def _outside_state(state: EngagementState, quotes_until_at: datetime) -> EngagementState | None:
    """Whoever has not passed the check learns whether it may still answer, not what became of the request."""
    return state if state is EngagementState.OPEN else None


def _matter(seen: EngagementSeen) -> MatterView:
    row = seen.row
    return MatterView(
        listing_id=row.listing_id,
        fund_id=seen.fund_id,
        client=_named(row.client_organisation_id, seen.names),
        item_codes=row.item_codes,
        room_codes=row.room_codes,
    )


def _for_a_consent(seen: EngagementSeen) -> EngagementView:
    """The adviser and the rule, nothing of the request."""
    return EngagementView(
        id=seen.row.id,
        your_standing=seen.stand,
        kind=seen.row.kind,
        state=None,
        anonymous=None,
        scope=None,
        is_open_call=None,
        quotes_until=None,
        deliver_until=None,
        matter=None,
        budget=None,
        adviser=None,
        awarded_quote_id=None,
        invitations=[_invitation(each, seen.stand) for each in seen.asked],
        quotes=[],
        deliverables=[],
        rating=None,
        state_reason=None,
        version=None,
    )


def _invitation(asked: Asked, stand: Stand) -> InvitationView:
    row = asked.row
    answered = "cleared" if asked.is_cleared else "blocked"
    standing = "asked" if row.declared_at is None else answered
    if row.declined_at is not None:
        standing = "declined"
    # To its client an adviser's other clients stay unknown, also as those who consent.
    consents = list(row.consents) if stand is Stand.WATCH else []
    return InvitationView(
        adviser=OrganisationView(organisation_id=row.organisation_id, name_zh=asked.name_zh, name_en=asked.name_en),
        standing=standing,
        declaration="" if stand is Stand.CONSENT else row.declaration,
        conflicts=[ConflictView.of(each) for each in asked.conflicts],
        consents=consents,
        declared_at=row.declared_at,
    )


def _organisation(organisation_id: str | None, names: Mapping[str, tuple[str, str]]) -> OrganisationView | None:
    return None if organisation_id is None else _named(organisation_id, names)


def _named(organisation_id: str, names: Mapping[str, tuple[str, str]]) -> OrganisationView:
    name_zh, name_en = names.get(organisation_id, ("", ""))
    return OrganisationView(organisation_id=organisation_id, name_zh=name_zh, name_en=name_en)
