"""Are the stored bytes still those that were uploaded? A sample of the clean ones is read and hashed again."""

from exchange.diligence.store import documents as store
from exchange.infra.database import Tx
from exchange.infra.files import StoredBytesDamaged, file_store

SAMPLE = 200
SAMPLE_BYTES = 500_000_000
READING_MS = 600_000


def damaged_in_sample(tx: Tx, most: int = SAMPLE) -> tuple[int, list[str]]:
    """How many stored files were read, and the hashes of those that are missing or changed. Another sample each day.

    FileStoreUnavailable when the store does not answer.
    """
    store.allow_idling(tx, READING_MS)
    looked, size, damaged = 0, 0, []
    for row in store.clean_sample(tx, most):
        if size > SAMPLE_BYTES:
            break
        try:
            for piece in file_store().stream(row.sha256):
                size += len(piece)
        except StoredBytesDamaged:
            damaged.append(row.sha256)
        looked += 1
    return looked, damaged
