"""The headers an organisation uses in its own files, kept for each kind and used at every upload."""

from collections.abc import Mapping
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.errors import FieldError
from exchange.core.events import Event
from exchange.imports import store
from exchange.imports.columns import TEMPLATES, normal_header
from exchange.imports.errors import MappingInvalid
from exchange.imports.kinds import ImportKind
from exchange.imports.tables import ImportMappingRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


def mapping_of(tx: Tx, actor: Actor, *, kind: ImportKind) -> dict[str, str | None]:
    """The caller's organisation's headers, normalised, and our columns; None stands for one that is left out."""
    actor.require("imports:write")
    row = store.mapping(tx, actor.organisation_id, kind)
    return dict(row.columns) if row else {}


def save_mapping(
    tx: Tx, actor: Actor, now: datetime, *, kind: ImportKind, columns: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Keep an organisation's headers for a kind, in place of those before; an empty mapping forgets them.

    MAPPING_INVALID for a column we do not have, an empty header, or two headers that are the same to us.
    """
    actor.require("imports:write")
    names = {column.name for column in TEMPLATES[kind]}
    kept: dict[str, str | None] = {}
    wrong = []
    for number, (header, name) in enumerate(columns.items()):
        normal = normal_header(header)
        if not normal or normal in kept or (name is not None and name not in names):
            wrong.append(FieldError(f"/columns/{number}", "FIELD_NOT_ALLOWED"))
        kept[normal] = name
    if wrong:
        raise MappingInvalid(fields=tuple(wrong))
    row = ImportMappingRow(
        organisation_id=actor.organisation_id, kind=kind, columns=kept, saved_by=actor.user_id, saved_at=now
    )
    store.save_mapping(tx, row)
    data: dict[str, object] = {"kind": kind.value, "columns": len(kept)}
    event = Event("import.mapping_saved", actor.organisation_id, (actor.organisation_id,), data)
    emit(tx, now, event, actor_id=actor.user_id)
    return kept
