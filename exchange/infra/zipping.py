"""A ZIP written as it is read: members come in pieces, the archive leaves in pieces, memory stays bounded.

Members are stored, not compressed (pages and pictures are compressed already); the same members give the same bytes.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from exchange.core.clock import MARKET_ZONE

TAKE_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: its path in it, its date, and its bytes in pieces."""

    name: str
    at: datetime
    pieces: Iterable[bytes]


class _Outlet(io.RawIOBase):
    """Keeps what the archive writes until it is taken."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held += data
        return len(data)

    def take(self, least: int = 0) -> bytes:
        """What was written so far, once there is enough of it."""
        if len(self._held) < least:
            return b""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def zip_pieces(members: Iterable[Member]) -> Iterator[bytes]:
    """The bytes of an archive of the members, in pieces, as the members are read."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for member in members:
            local = member.at.astimezone(MARKET_ZONE)
            entry = zipfile.ZipInfo(member.name, local.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as target:
                for piece in member.pieces:
                    target.write(piece)
                    if taken := outlet.take(TAKE_BYTES):
                        yield taken
            if taken := outlet.take(TAKE_BYTES):
                yield taken
    yield outlet.take()
