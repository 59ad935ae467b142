"""Many documents in one archive: each is checked like a single upload, and handed in where its name says.

The answer goes file by file: one that is refused says why and does not hold up the others.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from exchange.access.actor import Actor
from exchange.core.archive import inspect, members_of, names_fault, unpacked
from exchange.core.errors import ExchangeError
from exchange.diligence.bulk_names import code_of, is_a_file, path_of, title_of
from exchange.diligence.document_errors import ArchiveExpected, CodeMissing, CodeTwice
from exchange.diligence.service import documents, items
from exchange.diligence.service.items import Paper
from exchange.diligence.service.receiving import Received, receive
from exchange.infra.database import Tx
from exchange.infra.file_faults import FileIsBomb, FileNameUnsafe
from exchange.infra.file_types import require_size
from exchange.infra.files import SPOOL_BYTES
from exchange.infra.settings import settings

FILES_MAX = 300


@dataclass(frozen=True, slots=True)
class BulkFile:
    """A file of an archive: where it stood, the code its name gives, its bytes or why they were refused."""

    path: str
    code: str | None
    received: Received | None = None
    fault: ExchangeError | None = None


@dataclass(frozen=True, slots=True)
class BulkRow:
    """What became of a file. ``document_id`` and ``number`` when it was kept, ``fault`` when it was not handed in."""

    path: str
    code: str | None
    document_id: str | None = None
    number: int | None = None
    scan_state: str | None = None
    is_handed_in: bool = False
    fault: str | None = None
    fault_parameters: dict[str, str] = field(default_factory=dict)


def receive_bulk(file: IO[bytes]) -> list[BulkFile]:
    """Check and store every file of an archive. Hold no transaction meanwhile.

    ArchiveExpected when it is none; FileIsBomb, FileNameUnsafe, DocumentTooLarge for the archive as a whole.
    """
    require_size(file, settings().max_bulk_bytes)
    members = members_of(file)
    if members is None:
        raise ArchiveExpected
    if (fault := inspect(file)) is not None:
        raise FileIsBomb(reason=fault.reason) if fault.is_size else ArchiveExpected
    if names_fault(file, members) is not None:
        raise FileNameUnsafe
    wanted = [(path, member) for member in members if is_a_file(path := path_of(member))]
    if not wanted:
        raise ArchiveExpected
    if len(wanted) > FILES_MAX:
        raise FileIsBomb(reason=f"more than {FILES_MAX} files")
    found = []
    for path, member in wanted:
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as inner:
            for piece in unpacked(file, member):
                inner.write(piece)
            found.append(_received(path, inner))
    return found


def _received(path: str, inner: IO[bytes]) -> BulkFile:
    try:
        return BulkFile(path, code_of(path), received=receive(inner, path))
    except ExchangeError as fault:
        if fault.retryable:
            raise
        return BulkFile(path, code_of(path), fault=fault)


def add_bulk(tx: Tx, actor: Actor, now: datetime, *, listing_id: str, files: Sequence[BulkFile]) -> list[BulkRow]:
    """Make each file a document of the listing and hand it in for the item of its code; one row a file, in order.

    A file without a code, or a second one of a code, becomes a document that is not handed in.
    """
    actor.require("documents:write")
    codes: set[str] = set()
    return [_add(tx, actor, now, listing_id, each, codes) for each in files]


def _add(tx: Tx, actor: Actor, now: datetime, listing_id: str, file: BulkFile, codes: set[str]) -> BulkRow:
    if file.received is None:
        return _refused(BulkRow(file.path, file.code), file.fault)
    try:
        with tx.begin_nested():
            added = documents.add_document(
                tx,
                actor,
                now,
                received=file.received,
                file_name=file.path,
                title=title_of(file.path),
                listing_id=listing_id,
            )
    except ExchangeError as fault:
        return _refused(BulkRow(file.path, file.code), fault)
    kept = BulkRow(file.path, file.code, added.document_id, added.number, file.received.scan_state.value)
    if file.code is None:
        return _refused(kept, CodeMissing())
    if file.code in codes:
        return _refused(kept, CodeTwice(code=file.code))
    codes.add(file.code)
    return _handed_in(tx, actor, now, listing_id, kept, Paper(file.code, added.document_id, added.number))


def _handed_in(tx: Tx, actor: Actor, now: datetime, listing_id: str, row: BulkRow, paper: Paper) -> BulkRow:
    try:
        with tx.begin_nested():
            items.submit_papers(tx, actor, now, listing_id=listing_id, organisation_id=None, papers=[paper])
    except ExchangeError as fault:
        return _refused(row, fault)
    return BulkRow(row.path, row.code, row.document_id, row.number, row.scan_state, is_handed_in=True)


def _refused(row: BulkRow, fault: ExchangeError | None) -> BulkRow:
    parameters = {} if fault is None else fault.parameters
    code = None if fault is None else fault.code
    return BulkRow(
        row.path, row.code, row.document_id, row.number, row.scan_state, fault=code, fault_parameters=parameters
    )
