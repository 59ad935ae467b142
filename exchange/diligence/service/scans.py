"""What is known of stored bytes, and the scan that clears them. Bytes that no scanner could judge wait.

The verdict belongs to the bytes, not to a document: the same bytes are judged once for all who have them. A find is
never taken back by a later clean verdict; bytes that were clean are quarantined when a scanner learns of them.
"""

from datetime import datetime, timedelta

from exchange.core.events import Event
from exchange.diligence.document import ScanState
from exchange.diligence.service.receiving import Received, state_of
from exchange.diligence.store import documents as store
from exchange.diligence.tables.documents import StoredBytesRow
from exchange.infra.database import Tx
from exchange.infra.files import file_store
from exchange.infra.outbox import emit
from exchange.infra.scanning import scanner

SCAN_IDLE_MS = 60_000
WAITS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
"""How long after the first, second, ... failed scan it is tried again; the last one for ever."""


def record_bytes(tx: Tx, now: datetime, received: Received) -> ScanState:
    """Keep what was found of some bytes; returns where they stand now, with what was known before."""
    wanted = StoredBytesRow(
        sha256=received.sha256,
        size_bytes=received.size_bytes,
        kind=received.kind,
        page_count=received.page_count,
        scan_state=received.scan_state,
        scan_detail=received.scan_detail,
        scanned_at=None if received.scan_state is ScanState.PENDING else now,
        stored_at=now,
    )
    row, is_new = store.ensure_bytes(tx, wanted)
    if not is_new:
        _learn(tx, now, row, received.scan_state, received.scan_detail)
    elif row.scan_state is ScanState.PENDING:
        _ask_again(tx, now, row.sha256, attempt=0)
    return row.scan_state


def scan_again(tx: Tx, now: datetime, *, sha256: str, attempt: int) -> None:
    """Scan bytes that wait for a verdict; when there is still none, ask again later."""
    row = store.lock_bytes(tx, sha256)
    if row is None or row.scan_state is not ScanState.PENDING:
        return
    store.allow_idling(tx, SCAN_IDLE_MS)
    with file_store().opened(sha256) as file:
        scan = scanner().scan(file)
    state = state_of(scan)
    if state is ScanState.PENDING:
        row.scan_detail = scan.detail
        store.save(tx)
        _ask_again(tx, now, sha256, attempt=attempt + 1)
        return
    _learn(tx, now, row, state, scan.detail)


def _learn(tx: Tx, now: datetime, row: StoredBytesRow, state: ScanState, detail: str) -> None:
    """Take over a verdict where it says more than is known, and tell whose documents it concerns."""
    if state in {row.scan_state, ScanState.PENDING} or row.scan_state is ScanState.QUARANTINED:
        return
    row.scan_state, row.scan_detail, row.scanned_at = state, detail, now
    store.save(tx)
    for document, number in store.documents_with(tx, row.sha256):
        data = {"number": number, "sha256": row.sha256}
        is_clean = state is ScanState.CLEAN
        kind = "document.cleared" if is_clean else "document.quarantined"
        audience = (document.owner_organisation_id,) if is_clean else ()
        emit(tx, now, Event(kind, document.id, audience, data, listing_id=document.listing_id))


def _ask_again(tx: Tx, now: datetime, sha256: str, *, attempt: int) -> None:
    due_at = now + WAITS[min(attempt, len(WAITS) - 1)]
    emit(tx, now, Event("document.scan_due", sha256, (), {"attempt": attempt}), due_at=due_at)
