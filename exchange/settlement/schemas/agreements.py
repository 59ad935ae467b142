"""Agreements as the API shows them."""

from collections.abc import Iterable
from typing import Any

from exchange.rest.model import Instant, ViewModel
from exchange.settlement.schemas.closing import in_money
from exchange.settlement.tables.agreements import AgreementRow, SignatureRow, SignatureSide


class SignatureView(ViewModel):
    """Who signed for which side."""

    side: SignatureSide
    organisation_id: str
    user_id: str
    sha256: str
    signed_at: Instant


class AgreementView(ViewModel):
    """A version: the terms from the registers with their hash, the file's hash, and its signatures."""

    id: str
    deal_id: str
    version: int
    is_newest: bool
    terms: dict[str, Any]
    terms_hash: str
    sha256: str
    made_at: Instant
    signatures: list[SignatureView]

    @classmethod
    def of(cls, row: AgreementRow, signatures: Iterable[SignatureRow], *, is_newest: bool) -> "AgreementView":
        """A version with who signed it."""
        return cls(
            id=row.id,
            deal_id=row.deal_id,
            version=row.version,
            is_newest=is_newest,
            terms=in_money(row.terms, str(row.terms["currency"])),
            terms_hash=row.terms_hash,
            sha256=row.sha256,
            made_at=row.made_at,
            signatures=[
                SignatureView(
                    side=item.side,
                    organisation_id=item.organisation_id,
                    user_id=item.user_id,
                    sha256=item.sha256,
                    signed_at=item.signed_at,
                )
                for item in signatures
            ],
        )


class AgreementsView(ViewModel):
    """The versions of a deal's agreement, oldest first."""

    items: list[AgreementView]
