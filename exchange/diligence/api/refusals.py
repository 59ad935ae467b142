"""What the routes of checklists may answer besides their own refusals, and the ids in their paths."""

from typing import Annotated

from fastapi import Path, Query

from exchange.access.errors import REFUSALS
from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.rest.idempotency import IdempotencyKeyInvalid, IdempotencyKeyRequired, IdempotencyMismatch

READ: tuple[type[ExchangeError], ...] = (*REFUSALS, Unauthenticated, Forbidden, Invalid)
COMMAND: tuple[type[ExchangeError], ...] = (
    *READ,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
ItemPath = Annotated[str, Path(pattern=f"^{id_pattern('checklist_item')}$")]
FindingPath = Annotated[str, Path(pattern=f"^{id_pattern('finding')}$")]
TypePath = Annotated[str, Path(pattern=r"^[a-z][a-z_]{1,39}$")]
ListingFilter = Annotated[str, Query(pattern=f"^{id_pattern('listing')}$")]
OrganisationFilter = Annotated[
    str | None, Query(pattern=f"^{id_pattern('organisation')}$", description="One bidder; its own side by default.")
]
