"""Is a workbook safe to open? Judged on its raw bytes before any parser allocates for it.

A workbook is a zip of XML. Bombs: members that unpack to far more than they say, and a sheet with one cell far out,
for which a reader would allocate every cell in between. Both are found by unpacking in pieces and counting.
Example: two cells A1 and XFD1048576 are 17 thousand million cells to a reader -> refused by the column alone.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

UNPACKED_MAX = 300_000_000
MEMBERS_MAX = 1_000
RATIO_MAX = 200
ROWS_MAX = 200_000
PIECE = 1 << 18
_OVERLAP = 64
_LOCAL_HEADER = struct.Struct("<4s22xHH")
# A cell or row reference that is not one letter (A..Z) and a number up to 209,999, or hides behind an entity.
_FAR_AWAY = re.compile(
    rb"""\br\s*=\s*["'](?:[^"'<]*&|[A-Za-z]{2,}|[A-Za-z]?(?:[0-9]{7}|[3-9][0-9]{5}|2[1-9][0-9]{4}))"""
)


class Readable(Protocol):
    """A file that can be read and moved in."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a workbook is refused; ``is_size`` when it is only too big."""

    reason: str
    is_size: bool = False


def inspect(file: Readable) -> Fault | None:
    """The first fault of a workbook, or None when it may be opened. The file is left at an unknown place."""
    try:
        with ZipFile(file) as archive:
            members = archive.infolist()
    except (BadZipFile, struct.error, OSError, ValueError, NotImplementedError):
        return Fault("not a workbook")
    if len(members) > MEMBERS_MAX:
        return Fault("too many members", is_size=True)
    total = 0
    for member in members:
        fault, size = _inspect_member(file, member, UNPACKED_MAX - total)
        if fault is not None:
            return fault
        total += size
    return None


def _inspect_member(file: Readable, member: ZipInfo, room: int) -> tuple[Fault | None, int]:
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    size = 0
    tail = b""
    try:
        for piece in _unpacked(file, member):
            size += len(piece)
            if size > room or size > RATIO_MAX * max(member.compress_size, 5_000):
                return Fault("unpacks to too much", is_size=True), size
            if is_sheet:
                if b"\x00" in piece:
                    return Fault("sheet is not UTF-8"), size
                if _FAR_AWAY.search(tail + piece):
                    return Fault("cells beyond column Z or row 209,999", is_size=True), size
                tail = piece[-_OVERLAP:]
    except (zlib.error, struct.error, EOFError):
        return Fault("broken member"), size
    return None, size


def _unpacked(file: Readable, member: ZipInfo) -> Iterator[bytes]:
    """The real content of a member in pieces, whatever sizes its header claims."""
    if member.flag_bits & 0x1 or member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise zlib.error("encrypted or packed in another way")
    file.seek(member.header_offset)
    signature, name_size, extra_size = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise zlib.error("no local header")
    file.seek(member.header_offset + _LOCAL_HEADER.size + name_size + extra_size)
    left = member.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == ZIP_DEFLATED else None
    while left > 0:
        raw = file.read(min(left, PIECE // 4))
        if not raw:
            raise EOFError
        left -= len(raw)
        if inflater is None:
            yield raw
            continue
        while raw:
            yield inflater.decompress(raw, PIECE)
            raw = inflater.unconsumed_tail
    if inflater is not None:
        yield inflater.flush()
