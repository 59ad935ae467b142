"""What checklists read of documents: whose they are, of which bytes, and whether those are clean."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.diligence.document import FileKind, ScanState
from exchange.infra.database import Tx, cursor


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """A version of a document with what is known of its bytes."""

    document_id: str
    version: int
    listing_id: str | None
    owner_organisation_id: str
    sha256: str
    kind: FileKind
    scan_state: ScanState


def stored_papers(tx: Tx, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], StoredPaper]:
    """Versions of documents by (document id, version number); missing ones are absent."""
    if not keys:
        return {}
    tx.flush()
    with cursor(tx) as raw:
        rows = raw.execute(
            "SELECT d.id, v.number, d.listing_id, d.owner_organisation_id, v.sha256, b.kind, b.scan_state "
            "FROM unnest(%s::text[], %s::int[]) wanted(document_id, number) "
            "JOIN document_version v ON v.document_id = wanted.document_id AND v.number = wanted.number "
            "JOIN document d ON d.id = v.document_id JOIN stored_bytes b ON b.sha256 = v.sha256",
            ([document for document, _ in keys], [number for _, number in keys]),
        ).fetchall()
    found = [
        StoredPaper(
            str(row[0]),
            int(str(row[1])),
            None if row[2] is None else str(row[2]),
            str(row[3]),
            str(row[4]),
            FileKind(str(row[5])),
            ScanState(str(row[6])),
        )
        for row in rows
    ]
    return {(paper.document_id, paper.version): paper for paper in found}
