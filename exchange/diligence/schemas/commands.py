"""Shapes of commands about checklists, items, findings and gates."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from exchange.core.ids import id_pattern
from exchange.diligence.finding import Severity
from exchange.diligence.paper import Paper
from exchange.rest.model import LongText, StrictModel

DocumentId = Annotated[str, Field(pattern=f"^{id_pattern('document')}$")]
OrganisationId = Annotated[str, Field(pattern=f"^{id_pattern('organisation')}$")]
ItemId = Annotated[str, Field(pattern=f"^{id_pattern('checklist_item')}$")]
ListingId = Annotated[str, Field(pattern=f"^{id_pattern('listing')}$")]
ItemCode = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z][0-9]{2}$")]
TypeName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z_]{1,39}$")]
FactName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Reason = Annotated[str, StringConstraints(strict=True, max_length=2000)]

PAPERS_MOST = 100
FIELDS_MOST = 200


def _has_fraction(value: object) -> bool:
    if isinstance(value, float):
        return True
    if isinstance(value, dict):
        return any(_has_fraction(part) for part in value.values())
    return isinstance(value, list) and any(_has_fraction(part) for part in value)


class SubmitPaper(StrictModel):
    """A version of a document handed in for an item. Figures in ``structured`` are texts, never binary fractions."""

    document_id: DocumentId
    document_version: int = Field(strict=True, ge=1, le=100_000)
    issued_on: date | None = None
    as_of: date | None = None
    expires_on: date | None = None
    structured: dict[str, Any] = Field(default_factory=dict, max_length=FIELDS_MOST)
    note: Reason = ""

    @field_validator("structured")
    @classmethod
    def _exact(cls, value: dict[str, Any]) -> dict[str, Any]:
        if _has_fraction(value):
            raise PydanticCustomError("STRUCTURED_NOT_EXACT", "a figure is a text or a whole number")
        return value

    def paper(self, code: str) -> Paper:
        """As a value."""
        return Paper(
            code,
            self.document_id,
            self.document_version,
            self.issued_on,
            self.as_of,
            self.expires_on,
            self.structured,
            self.note,
        )


class SubmitPaperFor(SubmitPaper):
    """A paper with the code of the item it is for."""

    code: ItemCode


class SubmitPapers(StrictModel):
    """Papers handed in together, all or none."""

    organisation_id: OrganisationId | None = None
    papers: list[SubmitPaperFor] = Field(min_length=1, max_length=PAPERS_MOST)


class DecideItem(StrictModel):
    """A decision about an item. A return and a waiver give their reason."""

    reason: Reason = ""


class RequestItem(StrictModel):
    """A paper asked for, maybe by a day."""

    due_on: date | None = None


class DeclareFacts(StrictModel):
    """Facts of the listing, or with an organisation of this bidder; before the submission also another type."""

    facts: dict[FactName, bool] = Field(default_factory=dict, max_length=FIELDS_MOST)
    transaction_type: TypeName | None = None
    organisation_id: OrganisationId | None = None


class OpenFinding(StrictModel):
    """What somebody found."""

    listing_id: ListingId
    code: FactName = "observation"
    severity: Severity
    note: LongText
    item_id: ItemId | None = None
    organisation_id: OrganisationId | None = None


class ResolveFinding(StrictModel):
    """How a finding was resolved."""

    resolution: LongText


class OpenOwn(StrictModel):
    """Nothing is said beside the command itself."""


class PassGate(StrictModel):
    """Which bidder passes a gate that stands before each of them."""

    organisation_id: OrganisationId
