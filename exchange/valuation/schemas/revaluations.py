"""Revaluations of the whole market on the wire."""

from datetime import date, datetime

from exchange.rest.model import Instant, StrictModel, ViewModel
from exchange.rest.numbers import DateText
from exchange.valuation.tables import RevaluationRow


class RequestRevaluation(StrictModel):
    """The day is today unless another is named."""

    valued_on: DateText | None = None


class RevaluationView(ViewModel):
    """A valuation of every fund, and how far it has come."""

    id: str
    valued_on: date
    profile: str
    requested_at: Instant
    done: int
    total: int
    chunks_done: int
    chunks_total: int
    is_done: bool
    finished_at: Instant | None

    @classmethod
    def of(
        cls, row: RevaluationRow, *, funds_done: int, chunks_done: int, last_computed_at: datetime | None
    ) -> "RevaluationView":
        """From a revaluation with its progress."""
        is_done = chunks_done == row.chunk_count
        return cls(
            id=row.id,
            valued_on=row.valued_on,
            profile=row.profile,
            requested_at=row.requested_at,
            done=funds_done,
            total=row.fund_count,
            chunks_done=chunks_done,
            chunks_total=row.chunk_count,
            is_done=is_done,
            finished_at=last_computed_at if is_done else None,
        )
