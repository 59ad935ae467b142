"""When something that was set in motion ends, and the rule that says so."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant (aware UTC) and the id of the rule it comes from."""

    at: datetime
    rule: str
