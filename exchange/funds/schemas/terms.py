"""What a fund's agreement says of transfers, on the wire."""

from exchange.funds.transfer_terms import TransferTerms
from exchange.rest.model import ShortText, StrictModel, ViewModel
from exchange.rest.numbers import Flag


class SetTransferTerms(StrictModel):
    """Where the agreement differs from the law, with the clause that says so."""

    has_first_refusal: Flag
    silence_waives: Flag
    clause: ShortText

    def terms(self) -> TransferTerms:
        """As values."""
        return TransferTerms(self.has_first_refusal, self.silence_waives, self.clause)


class TransferTermsView(ViewModel):
    """Whether the other partners may buy first, whether silence waives it, and the clause or law behind it."""

    fund_id: str
    has_first_refusal: bool
    silence_waives: bool
    clause: str

    @classmethod
    def of(cls, fund_id: str, terms: TransferTerms) -> "TransferTermsView":
        """From the terms."""
        return cls(
            fund_id=fund_id,
            has_first_refusal=terms.has_first_refusal,
            silence_waives=terms.silence_waives,
            clause=terms.clause,
        )
