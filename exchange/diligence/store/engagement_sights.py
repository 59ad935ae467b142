"""An engagement as one caller may see it: rows of it, and how the caller stands to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from exchange.diligence.conflicts import Conflict
from exchange.diligence.tables.advice import (
    DeliverableRow,
    EngagementInvitationRow,
    EngagementQuoteRow,
    EngagementRatingRow,
    EngagementRow,
)


class Stand(StrEnum):
    """How the caller stands to an engagement."""

    CLIENT = "client"
    WATCH = "watch"
    ENGAGED = "engaged"
    CLEARED = "cleared"
    ASKED = "asked"
    BLOCKED = "blocked"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Anonymous:
    """What tells nobody whom it is about."""

    strategy: str
    vintage_band: str
    size_band: str
    currency: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An adviser that was asked, as the caller may see it. ``conflicts`` is empty unless it needs consent."""

    row: EngagementInvitationRow
    name_zh: str
    name_en: str
    is_cleared: bool
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class EngagementSeen:
    """An engagement as far as the caller may see it; what it may not see is empty."""

    row: EngagementRow
    stand: Stand
    anonymous: Anonymous
    fund_id: str
    names: Mapping[str, tuple[str, str]]
    asked: tuple[Asked, ...] = ()
    quotes: tuple[EngagementQuoteRow, ...] = ()
    deliverables: tuple[DeliverableRow, ...] = ()
    rating: EngagementRatingRow | None = None
