"""Shapes of written approvals on the wire."""

from datetime import date

from exchange.listings.approval import ApprovalKind, ApprovalStatus, Filing
from exchange.listings.tables import ListingApprovalRow
from exchange.rest.model import Instant, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import DateText, PositiveRatioText, ratio_ppm, ratio_text


class FileApproval(StrictModel):
    """What the approving body's paper says. ``lowest_price``: ratio of the pinned NAV, for a price only;
    ``invested_on``: for the clause of a favourable exit only.
    """

    kind: ApprovalKind
    approving_body: ShortText
    document_number: ShortText
    approved_on: DateText
    valid_until: DateText
    lowest_price: PositiveRatioText | None = None
    invested_on: DateText | None = None

    def filing(self) -> Filing:
        """As values."""
        return Filing(
            kind=self.kind,
            approving_body=self.approving_body,
            document_number=self.document_number,
            approved_on=self.approved_on,
            valid_until=self.valid_until,
            lowest_price_ppm=None if self.lowest_price is None else ratio_ppm(self.lowest_price),
            invested_on=self.invested_on,
        )


class ApprovalView(ViewModel):
    """A written approval as filed, and what an operator decided of it."""

    id: str
    listing_id: str
    kind: ApprovalKind
    approving_body: str
    document_number: str
    approved_on: date
    valid_until: date
    lowest_price: str | None
    invested_on: date | None
    status: ApprovalStatus
    status_note: str
    filed_at: Instant
    decided_at: Instant | None

    @classmethod
    def of(cls, row: ListingApprovalRow) -> "ApprovalView":
        """From the row."""
        return cls(
            id=row.id,
            listing_id=row.listing_id,
            kind=row.kind,
            approving_body=row.approving_body,
            document_number=row.document_number,
            approved_on=row.approved_on,
            valid_until=row.valid_until,
            lowest_price=None if row.lowest_price_ppm is None else ratio_text(row.lowest_price_ppm),
            invested_on=row.invested_on,
            status=row.status,
            status_note=row.status_note,
            filed_at=row.filed_at,
            decided_at=row.decided_at,
        )


class ApprovalList(ViewModel):
    """Approvals of a listing, oldest first."""

    items: list[ApprovalView]
