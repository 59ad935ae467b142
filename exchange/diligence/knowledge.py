"""Who of the bidders knew what: a document or an answer, who could see it, since when, and who did.

Source: house design of the room, the log of unequal knowledge (information asymmetry) that questions and views feed.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """What one bidder could and did know of a document or an answer.

    ``since``: the instant from which it could, as far as that is known; persons only for the exchange.
    """

    organisation_id: str
    can_see: bool
    since: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    count: int
    versions: tuple[int, ...]
    user_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A document or an answer, and who of the bidders knew it. ``is_unequal``: some can see it and some cannot."""

    kind: str
    subject_id: str
    number: str
    title: str
    reason: str
    readers: tuple[Reader, ...]

    @property
    def is_unequal(self) -> bool:
        """Whether the bidders stand differently to it, in right or in fact."""
        return len({(reader.can_see, reader.count > 0) for reader in self.readers}) > 1
