"""A decision that takes two persons: one asks, another decides, never the same.

It changes exactly once, when it is decided; so its version is 1 before and 2 after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ApprovalStatus(StrEnum):
    """A request waits until a second person decides."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Approval:
    """What was asked, by whom, and how it was decided."""

    id: str
    kind: str
    subject_id: str
    payload: Mapping[str, Any]
    requested_by: str
    requested_at: datetime
    status: ApprovalStatus
    decided_by: str | None
    decided_at: datetime | None
    reason: str

    @property
    def is_approved(self) -> bool:
        """The second person said yes."""
        return self.status is ApprovalStatus.APPROVED

    @property
    def version(self) -> int:
        """1 while it waits, 2 when it is decided."""
        return 1 if self.status is ApprovalStatus.PENDING else 2
