"""Taking in bytes, with no transaction held: limits, what they are, whether they are malicious, and into the store.

Nothing is parsed before its size is known, nothing is stored that is not of an allowed kind. What a scanner finds is
stored all the same, in quarantine: it is evidence, and nobody is ever served it.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from exchange.diligence.document import FileKind, ScanState
from exchange.infra.file_faults import FileTypeNotAllowed
from exchange.infra.file_types import inspect_file, require_size
from exchange.infra.files import file_store
from exchange.infra.scanning import Scan, Verdict, scanner
from exchange.infra.settings import settings

FILE_NAME_MAX = 200
NAMELESS = "file"

_STATES = {
    Verdict.CLEAN: ScanState.CLEAN,
    Verdict.FOUND: ScanState.QUARANTINED,
    Verdict.UNAVAILABLE: ScanState.PENDING,
}


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that lie in the store and that no row names yet. ``page_count`` is None where pages mean nothing."""

    sha256: str
    size_bytes: int
    kind: FileKind
    page_count: int | None
    scan_state: ScanState
    scan_detail: str


def receive(
    file: IO[bytes], file_name: str, *, allowed: Collection[FileKind] | None = None, limit: int | None = None
) -> Received:
    """Check a file and store its bytes. Hold no transaction meanwhile.

    Args:
        file: can be moved in; it is read several times and left at an unknown place.
        file_name: what the uploader calls it; only its extension is looked at.
        allowed: the kinds that are taken here; all known ones by default.
        limit: most bytes; ``settings().max_document_bytes`` by default.

    Raises:
        a fault of ``infra.file_faults`` when it is too large, not what its name says, broken, a bomb, or active;
        FileStoreUnavailable.
    """
    size = require_size(file, settings().max_document_bytes if limit is None else limit)
    found = inspect_file(file, file_name)
    kind = FileKind(found.type.value)
    if allowed is not None and kind not in allowed:
        raise FileTypeNotAllowed(found=kind.value, allowed=", ".join(sorted(each.value for each in allowed)))
    scan = scanner().scan(file)
    sha256 = file_store().put(file)
    return Received(sha256, size, kind, found.page_count, state_of(scan), scan.detail)


def state_of(scan: Scan) -> ScanState:
    """Where bytes stand after a scan; a scanner that could not say leaves them pending."""
    return _STATES[scan.verdict]


def shown_name(file_name: str) -> str:
    """A name as it is shown: its last part, without control or direction-turning characters, of bounded length."""
    last = unicodedata.normalize("NFC", file_name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip()
    if len(plain) > FILE_NAME_MAX:
        stem, dot, ending = plain.rpartition(".")
        ending = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
        plain = plain[: FILE_NAME_MAX - len(ending)] + ending
    return plain or NAMELESS
