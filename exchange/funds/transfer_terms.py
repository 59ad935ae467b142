"""What binds a transfer to an outsider: may the other partners buy first, and is their silence a waiver.

Without a word in the fund's agreement the law stands: partners of a partnership have the right (合伙企业法 23) and
silence is no waiver; shareholders of a company have it and silence of 30 days waives (公司法 84); a contractual fund
has no partners and no such right. Rules R-32, R-35.
"""

from dataclasses import dataclass

from exchange.funds.kinds import LegalForm


@dataclass(frozen=True, slots=True)
class TransferTerms:
    """Whether there is a right of first refusal, whether silence waives it, and the clause that says so."""

    has_first_refusal: bool
    silence_waives: bool
    clause: str


def terms_by_law(form: LegalForm) -> TransferTerms:
    """The terms of a fund whose agreement says nothing."""
    if form is LegalForm.COMPANY:
        return TransferTerms(has_first_refusal=True, silence_waives=True, clause="公司法 84")
    if form is LegalForm.CONTRACT:
        return TransferTerms(has_first_refusal=False, silence_waives=True, clause="")
    return TransferTerms(has_first_refusal=True, silence_waives=False, clause="合伙企业法 23")
