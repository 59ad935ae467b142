"""What workers do for valuation, in reaction to events. Each job may run twice or late."""

from datetime import datetime

import exchange.valuation.panel.value  # noqa: F401 - loaded by the worker before it forks, not by every child anew
from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.valuation.service import appraisals, revaluations, valuations


def valuation_requested(tx: Tx, now: datetime, event: Event) -> None:
    """Compute what was asked for, unless it is computed already."""
    valuations.run(tx, now, valuation_id=event.subject_id)


def chunk_requested(tx: Tx, now: datetime, event: Event) -> None:
    """Value the funds of one chunk of a revaluation, unless that is done."""
    number = event.data["number"]
    if isinstance(number, int):
        revaluations.run_chunk(tx, now, revaluation_id=event.subject_id, number=number)


def valuation_report_accepted(tx: Tx, now: datetime, event: Event) -> None:
    """Record an adviser's accepted report as an appraisal, unless it is recorded; an operator files it."""
    appraisals.record_report(tx, now, engagement_id=event.subject_id, report=event.data)
