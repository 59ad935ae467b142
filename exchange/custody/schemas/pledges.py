"""Pledges and certificates on the wire."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from exchange.core.lifecycle import allowed_events
from exchange.custody.certificate import FIGURES
from exchange.custody.pledge import PLEDGE_LIFECYCLE, PledgeReason, PledgeStatus
from exchange.custody.tables import CertificateRow, PledgeRow
from exchange.rest.model import Instant, StrictModel, ViewModel
from exchange.rest.numbers import MoneyView

Note = Annotated[str, StringConstraints(strict=True, max_length=500)]


class PledgeRefusal(StrictModel):
    """Why an operator says no; the holder reads it."""

    reason: PledgeReason
    note: Note = ""


class PledgePaperView(ViewModel):
    """A document that came with a request, by its code in the checklist."""

    code: str
    document_id: str
    number: int


class PledgeView(ViewModel):
    """A pledge of part of a holding for a creditor's claim; ``allowed``: what may happen next."""

    id: str
    holding_id: str
    fund_id: str
    holder_organisation_id: str
    amount: MoneyView
    creditor_name: str
    creditor_code: str
    secured: MoneyView
    ends_on: date
    contract_number: str
    permitted_by: str
    papers: list[PledgePaperView]
    release_papers: list[PledgePaperView]
    status: PledgeStatus
    allowed: list[str]
    reason: PledgeReason | None
    note: str
    requested_at: Instant
    decided_at: Instant | None
    released_at: Instant | None
    version: int
    is_simulated: bool

    @classmethod
    def of(cls, row: PledgeRow) -> "PledgeView":
        """From the row."""
        return cls(
            id=row.id,
            holding_id=row.holding_id,
            fund_id=row.fund_id,
            holder_organisation_id=row.holder_organisation_id,
            amount=MoneyView.of(row.amount_minor, row.currency),
            creditor_name=row.creditor_name,
            creditor_code=row.creditor_code,
            secured=MoneyView.of(row.secured_minor, row.currency),
            ends_on=row.ends_on,
            contract_number=row.contract_number,
            permitted_by=row.permitted_by,
            papers=[PledgePaperView(code=code, **paper) for code, paper in sorted(row.papers.items())],
            release_papers=[PledgePaperView(code=code, **paper) for code, paper in sorted(row.release_papers.items())],
            status=row.status,
            allowed=allowed_events(PLEDGE_LIFECYCLE, row.status),
            reason=row.reason,
            note=row.note,
            requested_at=row.requested_at,
            decided_at=row.decided_at,
            released_at=row.released_at,
            version=row.version,
            is_simulated=row.is_simulated,
        )


class CertificateView(ViewModel):
    """A certificate of a holding; ``is_current``: the holding still stands as it says."""

    id: str
    holding_id: str
    holding_version: int
    fund_name: str
    fund_code: str
    holder_name: str
    holder_code: str
    subscribed: MoneyView
    paid_in: MoneyView
    unfunded: MoneyView
    frozen: MoneyView
    pledged: MoneyView
    free: MoneyView
    sha256: str
    size_bytes: int
    issued_at: Instant
    is_current: bool
    is_simulated: bool

    @classmethod
    def of(cls, row: CertificateRow, *, is_current: bool) -> "CertificateView":
        """From the row."""
        state = row.state
        figures = {name: MoneyView.of(state[f"{name}_minor"], state["currency"]) for name in FIGURES}
        return cls(
            id=row.id,
            holding_id=row.holding_id,
            holding_version=row.holding_version,
            fund_name=state["fund"]["name"],
            fund_code=state["fund"]["code"],
            holder_name=state["holder"]["name"],
            holder_code=state["holder"]["code"],
            **figures,
            sha256=row.sha256,
            size_bytes=row.size_bytes,
            issued_at=row.at,
            is_current=is_current,
            is_simulated=state["is_simulated"],
        )
