"""Findings: what the engine's checks and advisers found, and how it was resolved."""

from collections.abc import Sequence
from datetime import datetime

from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.infra.database import Tx


def run_flags(tx: Tx, now: datetime, accepted: Sequence[ChecklistItemRow]) -> None:
    """Run the checks of the papers that were just accepted: open findings, resolve those that agree now."""
