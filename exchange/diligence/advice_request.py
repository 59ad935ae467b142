"""What a client asks for, what an adviser offers, and what it delivers, as values.

Example: a seller asks for an appraisal that feeds S06 until 2026-08-31, quotes until 2026-07-10.
"""

from dataclasses import dataclass
from datetime import date, datetime

from exchange.diligence.deliverable import Result
from exchange.diligence.engagement import AdviserKind, FeeBasis


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """What is asked for. ``item_codes``: the items the report is to feed; ``room_codes``: what the adviser may see.

    ``budget_minor`` is a cap no adviser learns of; nothing above it is awarded.
    """

    listing_id: str
    kind: AdviserKind
    scope: str
    item_codes: tuple[str, ...]
    room_codes: tuple[str, ...]
    currency: str
    budget_minor: int | None
    is_open_call: bool
    invited: tuple[str, ...]
    quotes_until_at: datetime
    deliver_until: date


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer: the whole fee in minor units of the request's currency, when, who, on what assumptions."""

    fee_minor: int
    fee_basis: FeeBasis
    deliver_until: date
    team: str
    assumptions: str
    conflicts_statement: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A version of one of the adviser's documents, the day it was issued, and what it says in figures."""

    document_id: str
    document_version: int
    issued_on: date
    result: Result

    @property
    def paper(self) -> tuple[str, int]:
        """The version of the document."""
        return self.document_id, self.document_version
