"""An extra grant of a data room. It never lifts anybody over class or NDA; a denial wins over everything."""

from dataclasses import dataclass
from datetime import datetime

from exchange.diligence.room import GrantEffect


@dataclass(frozen=True, slots=True)
class Grant:
    """What is to be granted: to whom, over what (neither item nor document: the whole room), until when, why."""

    organisation_id: str
    effect: GrantEffect
    reason: str
    item_code: str | None = None
    document_id: str | None = None
    ends_at: datetime | None = None
    engagement_id: str | None = None
