"""Is a zip safe to open? Judged on its raw bytes before any parser allocates for it.

Bombs are members that unpack to far more than they say: found by unpacking in pieces and counting, whatever the
headers claim. Names are never used as paths, yet one that climbs (``../x``), starts at a root or is a link says that
somebody tried. Example: 30 MB of zeros in a zip of 30 KB is a ratio of 1,000 -> refused at the 200th part of it.
"""

import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

UNPACKED_MAX = 300_000_000
MEMBERS_MAX = 1_000
RATIO_MAX = 200
PACKED_MIN = 5_000
"""A member that is packed smaller than this counts as this big: a little text packs well and is no bomb."""

PIECE = 1 << 18
NAME_MAX = 500
_LOCAL_HEADER = struct.Struct("<4s2xH18xHH")
_END = struct.Struct("<4s16xH")
END_SIZE = 22
END_SIGNATURE = b"PK\x05\x06"
_MAY_BE_UTF8 = 0x800
_ENCRYPTED = 0x1


class Readable(Protocol):
    """A file that can be read and moved in."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an archive is refused; ``is_size`` when it is only too big."""

    reason: str
    is_size: bool = False


NO_ARCHIVE = Fault("not an archive")

Look = Callable[[bytes], Fault | None]
"""Sees a member's real content piece by piece and may object to it."""


class BrokenMember(Exception):
    """A member that cannot be unpacked as it says; the text says why."""


def members_of(file: Readable) -> list[ZipInfo] | None:
    """The members an archive lists, or None when it is no archive."""
    try:
        with ZipFile(file) as archive:
            return archive.infolist()
    except (BadZipFile, struct.error, OSError, ValueError, NotImplementedError):
        return None


def inspect(file: Readable, look: Callable[[ZipInfo], Look | None] = lambda _: None) -> Fault | None:
    """The first fault of an archive, or None when it may be unpacked. The file is left at an unknown place.

    ``look`` gives, for a member, what else to examine in its pieces.
    """
    members = members_of(file)
    if members is None:
        return NO_ARCHIVE
    if len(members) > MEMBERS_MAX:
        return Fault("too many members", is_size=True)
    total = 0
    for member in members:
        fault, size = _inspect_member(file, member, UNPACKED_MAX - total, look(member))
        if fault is not None:
            return fault
        total += size
    return None


def _inspect_member(file: Readable, member: ZipInfo, room: int, look: Look | None) -> tuple[Fault | None, int]:
    size = 0
    allowed = min(room, RATIO_MAX * max(member.compress_size, PACKED_MIN))
    try:
        for piece in unpacked(file, member):
            size += len(piece)
            if size > allowed:
                return Fault("unpacks to too much", is_size=True), size
            if look is not None and (fault := look(piece)) is not None:
                return fault, size
    except BrokenMember:
        return Fault("broken member"), size
    return None, size


def unpacked(file: Readable, member: ZipInfo) -> Iterator[bytes]:
    """The real content of a member in pieces, whatever sizes its header claims. BrokenMember otherwise."""
    try:
        yield from _unpacked(file, member)
    except (zlib.error, struct.error, EOFError) as error:
        raise BrokenMember(str(error)) from error


def _unpacked(file: Readable, member: ZipInfo) -> Iterator[bytes]:
    if member.flag_bits & _ENCRYPTED or member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise BrokenMember("encrypted or packed in another way")
    file.seek(member.header_offset)
    signature, _, name_size, extra_size = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise BrokenMember("no local header")
    place = member.header_offset + _LOCAL_HEADER.size + name_size + extra_size
    left = member.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == ZIP_DEFLATED else None
    while left > 0:
        file.seek(place)  # whoever takes the pieces may have moved the file
        raw = file.read(min(left, PIECE // 4))
        if not raw:
            raise EOFError
        left -= len(raw)
        place += len(raw)
        if inflater is None:
            yield raw
            continue
        while raw and not inflater.eof:
            yield inflater.decompress(raw, PIECE)
            raw = inflater.unconsumed_tail
    if inflater is not None:
        yield inflater.flush()


def names_fault(file: Readable, members: list[ZipInfo]) -> Fault | None:
    """A member whose name climbs, starts at a root, stands twice or differs in its two headers; a link."""
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        if is_unsafe_name(name):
            return Fault("unsafe name")
        if stat.S_ISLNK(member.external_attr >> 16):
            return Fault("link")
        folded = name.casefold()
        if folded in seen:
            return Fault("name stands twice")
        seen.add(folded)
        if _local_name(file, member) != _listed_name(member):
            return Fault("two names")
    return None


def is_unsafe_name(name: str) -> bool:
    """True for a name that as a path would leave its folder, or holds a control character."""
    parts = name.replace("\\", "/").split("/")
    return (
        not name
        or len(name) > NAME_MAX
        or name.startswith(("/", "\\"))
        or ".." in parts
        or ":" in parts[0]
        or any(ord(char) < 32 or ord(char) == 127 for char in name)
    )


def _listed_name(member: ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & _MAY_BE_UTF8 else "cp437", "replace")


def _local_name(file: Readable, member: ZipInfo) -> bytes:
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        return b""
    return file.read(_LOCAL_HEADER.unpack(header)[2])


def stands_alone(file: Readable, members: list[ZipInfo], size: int) -> bool:
    """True when the archive begins with its first member and ends with its directory: nothing before, after or beside.

    ``size`` is the file's length in bytes. An archive with a comment does not stand alone: anything fits into one.
    """
    first = min((member.header_offset for member in members), default=0)
    if first != 0 or size < END_SIZE:
        return False
    file.seek(size - END_SIZE)
    signature, comment = _END.unpack(file.read(END_SIZE))
    return bool(signature == END_SIGNATURE and comment == 0)
