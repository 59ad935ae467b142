"""What every route of data rooms may answer besides its own refusals, and the ids in its paths."""

from typing import Annotated

from fastapi import Path

from exchange.access.errors import REFUSALS
from exchange.core.errors import Busy, ExchangeError, Forbidden, Invalid, Unauthenticated
from exchange.core.ids import id_pattern
from exchange.diligence.room_errors import RoomNotFound
from exchange.rest.idempotency import IdempotencyKeyInvalid, IdempotencyKeyRequired, IdempotencyMismatch

READ: tuple[type[ExchangeError], ...] = (*REFUSALS, Unauthenticated, Forbidden, Invalid)
COMMAND: tuple[type[ExchangeError], ...] = (
    *READ,
    IdempotencyKeyRequired,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    Busy,
)
IN_ROOM = (*READ, RoomNotFound)
COMMAND_IN_ROOM = (*COMMAND, RoomNotFound)

RoomPath = Annotated[str, Path(pattern=f"^{id_pattern('room')}$")]
GrantPath = Annotated[str, Path(pattern=f"^{id_pattern('room_grant')}$")]
EntryPath = Annotated[str, Path(pattern=f"^{id_pattern('room_entry')}$")]
ViewPath = Annotated[str, Path(pattern=f"^{id_pattern('room_view')}$")]
PackagePath = Annotated[str, Path(pattern=f"^{id_pattern('room_package')}$")]
QuestionPath = Annotated[str, Path(pattern=f"^{id_pattern('question')}$")]
DocumentPath = Annotated[str, Path(pattern=f"^{id_pattern('document')}$")]
NumberPath = Annotated[int, Path(ge=1, le=1_000_000)]
