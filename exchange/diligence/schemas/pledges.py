"""What a holder sends to ask for a pledge or for its release."""

from typing import Annotated

from pydantic import Field, StringConstraints

from exchange.core.ids import id_pattern
from exchange.core.money import scale_decimal
from exchange.custody.pledge import PledgeTerms
from exchange.diligence.pledge_papers import HandedIn
from exchange.rest.model import ShortText, StrictModel
from exchange.rest.numbers import DateText, PositiveAmountText

DocumentId = Annotated[str, Field(pattern=f"^{id_pattern('document')}$")]
Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z][0-9]{2}$")]
PAPERS_MAX = 10


class PledgePaper(StrictModel):
    """A document by its code in the pledge's checklist."""

    code: Code
    document_id: DocumentId


class PledgeRequest(StrictModel):
    """What is pledged to whom for what, what allows it, and the papers."""

    amount: PositiveAmountText
    creditor_name: ShortText
    creditor_code: ShortText
    secured: PositiveAmountText
    ends_on: DateText
    contract_number: ShortText
    permitted_by: ShortText
    papers: Annotated[list[PledgePaper], Field(max_length=PAPERS_MAX)]

    def terms(self) -> PledgeTerms:
        """As values, amounts in minor units."""
        return PledgeTerms(
            amount_minor=scale_decimal(self.amount, 2),
            creditor_name=self.creditor_name,
            creditor_code=self.creditor_code,
            secured_minor=scale_decimal(self.secured, 2),
            ends_on=self.ends_on,
            contract_number=self.contract_number,
            permitted_by=self.permitted_by,
        )

    def handed_in(self) -> tuple[HandedIn, ...]:
        """The papers as values."""
        return tuple(HandedIn(paper.code, paper.document_id) for paper in self.papers)


class ReleaseRequest(StrictModel):
    """The creditor's letter of release."""

    document_id: DocumentId
