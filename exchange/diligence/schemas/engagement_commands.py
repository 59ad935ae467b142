"""What people ask of engagements, on the wire."""

from datetime import UTC
from typing import Annotated

from pydantic import AwareDatetime, Field

from exchange.core.ids import id_pattern
from exchange.core.money import money_from_text
from exchange.diligence.advice_request import AdviceRequest, Delivery, Quote
from exchange.diligence.engagement import AdviserKind, FeeBasis
from exchange.diligence.schemas.deliverables import CodeText, ResultBody
from exchange.rest.model import LongText, StrictModel
from exchange.rest.numbers import AmountText, CurrencyText, DateText, Flag, PositiveAmountText, Whole

ListingIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('listing')}$")]
OrganisationIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('organisation')}$")]
QuoteIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('quote')}$")]
DocumentIdText = Annotated[str, Field(strict=True, pattern=f"^{id_pattern('document')}$")]
Codes = Annotated[list[CodeText], Field(max_length=100)]


class RequestAdvice(StrictModel):
    """A request. ``scope`` is read by advisers before their check and must not hold a name.

    ``item_codes``: what the report feeds; ``room_codes``: what the adviser may see of the room; ``budget``: a cap that
    no adviser learns of.
    """

    listing_id: ListingIdText
    kind: AdviserKind
    scope: LongText
    item_codes: Codes
    room_codes: Codes
    currency: CurrencyText = "CNY"
    budget: PositiveAmountText | None = None
    is_open_call: Flag = False
    invited: Annotated[list[OrganisationIdText], Field(max_length=50)]
    quotes_until: AwareDatetime
    deliver_until: DateText

    def wanted(self) -> AdviceRequest:
        """As values in minor units and UTC."""
        budget = None if self.budget is None else money_from_text(self.budget, self.currency).minor
        return AdviceRequest(
            listing_id=self.listing_id,
            kind=self.kind,
            scope=self.scope,
            item_codes=tuple(self.item_codes),
            room_codes=tuple(self.room_codes),
            currency=self.currency,
            budget_minor=budget,
            is_open_call=self.is_open_call,
            invited=tuple(self.invited),
            quotes_until_at=self.quotes_until.astimezone(UTC),
            deliver_until=self.deliver_until,
        )


class DeclareConflicts(StrictModel):
    """Whether the adviser is free, as far as it knows from anonymous facts, and in its own words."""

    has_conflict: Flag
    declaration: LongText


class ConsentToAdviser(StrictModel):
    """A written consent to an adviser that has disclosed a conflict."""

    adviser_organisation_id: OrganisationIdText


class GiveQuote(StrictModel):
    """A sealed quote, given once: the whole fee in the currency of the request."""

    fee: AmountText
    fee_basis: FeeBasis
    deliver_until: DateText
    team: LongText
    assumptions: LongText
    conflicts_statement: LongText

    def offered(self, currency: str) -> Quote:
        """As values in minor units."""
        return Quote(
            fee_minor=money_from_text(self.fee, currency).minor,
            fee_basis=self.fee_basis,
            deliver_until=self.deliver_until,
            team=self.team,
            assumptions=self.assumptions,
            conflicts_statement=self.conflicts_statement,
        )


class AwardQuote(StrictModel):
    """The quote that is taken."""

    quote_id: QuoteIdText


class DeliverReport(StrictModel):
    """A version of a document of the adviser's, and what it says in figures."""

    document_id: DocumentIdText
    document_version: Annotated[Whole, Field(ge=1, le=10_000)]
    issued_on: DateText
    result: ResultBody

    def delivered(self) -> Delivery:
        """As values."""
        return Delivery(self.document_id, self.document_version, self.issued_on, self.result.value())


class WithWords(StrictModel):
    """Why."""

    reason: LongText


class RateEngagement(StrictModel):
    """One to five stars, and why."""

    stars: Annotated[Whole, Field(ge=1, le=5)]
    comment: LongText


class ReplyToRating(StrictModel):
    """The adviser's one answer."""

    reply: LongText
