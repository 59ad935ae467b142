"""Are bytes malicious? A built-in check that is always there, and a clamd daemon where one is configured.

It fails closed: whoever cannot say that bytes are clean has not cleared them. The built-in check knows one signature,
the EICAR test file (also inside archives and packed PDF streams), so that quarantine can be tried without a daemon.
Source of the daemon's protocol: clamd(8), command INSTREAM.
"""

import contextlib
import re
import socket
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Protocol
from urllib.parse import urlsplit

from exchange.core.archive import MEMBERS_MAX, PIECE, UNPACKED_MAX, BrokenMember, members_of, unpacked
from exchange.infra.files import SPOOL_BYTES, pieces_of
from exchange.infra.settings import settings

EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}", b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"))
EICAR_NAME = "EICAR-Test-File"
DEPTH_MAX = 3
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 30.0
NAME_MAX = 120

_PACKED_PIECE = 1 << 12
_LENGTH = struct.Struct(">I")
# Followed by the two bytes that begin deflated content: the method is 8, the window anything.
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")


class Verdict(StrEnum):
    """What a scanner says. ``unavailable``: it could not say; ask again later and serve nothing meanwhile."""

    CLEAN = "clean"
    FOUND = "found"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Scan:
    """A verdict, with the name of what was found or why there is none."""

    verdict: Verdict
    detail: str = ""


CLEAN = Scan(Verdict.CLEAN)


class Scanner(Protocol):
    """Whoever says whether bytes are malicious."""

    def scan(self, file: IO[bytes]) -> Scan:
        """The verdict on a file; it is left at an unknown place. Never raises for what the file holds."""
        ...


class SignatureScanner:
    """The built-in check: one signature, looked for in the bytes, in members of archives and in packed PDF streams."""

    def scan(self, file: IO[bytes]) -> Scan:
        """Found when the signature stands anywhere; memory stays bounded."""
        return Scan(Verdict.FOUND, EICAR_NAME) if _holds(file, DEPTH_MAX) else CLEAN


def _holds(file: IO[bytes], depth: int) -> bool:
    if _stands_in(pieces_of(file)):
        return True
    file.seek(0)
    start = file.read(1024)
    if b"%PDF-" in start:
        return _stands_in(_bounded(_packed_streams(file)))
    return depth > 0 and start.startswith(b"PK") and _holds_inside(file, depth)


def _holds_inside(file: IO[bytes], depth: int) -> bool:
    for member in (members_of(file) or [])[:MEMBERS_MAX]:
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as inner, contextlib.suppress(BrokenMember):
            for piece in _bounded(unpacked(file, member)):
                inner.write(piece)
            if _holds(inner, depth - 1):
                return True
    return False


def _stands_in(pieces: Iterable[bytes]) -> bool:
    tail = b""
    for piece in pieces:
        if EICAR in tail + piece:
            return True
        tail = (tail + piece)[-len(EICAR) :]
    return False


def _bounded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > UNPACKED_MAX:
            return
        yield piece


def _packed_streams(file: IO[bytes]) -> Iterator[bytes]:
    """The content of the deflated streams of a PDF one after the other; what does not unpack is no such stream."""
    file.seek(0)
    content = memoryview(file.read())
    for found in _STREAM.finditer(content):
        yield from _inflated(content[found.end() :])
        yield b"\n"


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    place = 0
    with contextlib.suppress(zlib.error):
        while not inflater.eof and place < len(packed):
            raw = bytes(packed[place : place + _PACKED_PIECE])
            place += len(raw)
            while raw and not inflater.eof:
                yield inflater.decompress(raw, PIECE)
                raw = inflater.unconsumed_tail


class ClamdScanner:
    """A clamd daemon over TCP or a socket file; each scan is one connection with bounded waits."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "clamd" or not (parts.hostname or parts.path):
            raise ValueError("EXCHANGE_SCANNER_URL must be clamd://host:port or clamd:///path/of/socket")
        self._host, self._port, self._path = parts.hostname, parts.port or 3310, parts.path

    def scan(self, file: IO[bytes]) -> Scan:
        """The daemon's verdict; unavailable when it cannot be reached, answers late, or says that it failed."""
        try:
            with self._connected() as connection:
                return _verdict(_ask(connection, file))
        except OSError as error:
            return Scan(Verdict.UNAVAILABLE, type(error).__name__)

    def _connected(self) -> socket.socket:
        if self._host:
            connection = socket.create_connection((self._host, self._port), timeout=CONNECT_SECONDS)
        else:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(CONNECT_SECONDS)
            try:
                connection.connect(self._path)
            except OSError:
                connection.close()
                raise
        connection.settimeout(ANSWER_SECONDS)
        return connection


def _ask(connection: socket.socket, file: IO[bytes]) -> bytes:
    try:
        connection.sendall(b"zINSTREAM\0")
        for piece in pieces_of(file):
            connection.sendall(_LENGTH.pack(len(piece)) + piece)
        connection.sendall(_LENGTH.pack(0))
    except BrokenPipeError:
        pass  # it refused in the middle (its size limit): what it said still waits to be read
    answer = b""
    while b"\0" not in answer and len(answer) < 4096:
        part = connection.recv(4096)
        if not part:
            break
        answer += part
    return answer


def _verdict(answer: bytes) -> Scan:
    text = answer.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")
    if text == "OK":
        return CLEAN
    if text.endswith(" FOUND"):
        return Scan(Verdict.FOUND, _plain(text.removesuffix(" FOUND")))
    return Scan(Verdict.UNAVAILABLE, _plain(text) or "no answer")


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:NAME_MAX]


class Scanners:
    """Several scanners as one: found by one is found; clean only when all say so."""

    def __init__(self, *scanners: Scanner) -> None:
        self._scanners = scanners

    def scan(self, file: IO[bytes]) -> Scan:
        """The first verdict that is not clean, a find before a failure."""
        said = [scanner.scan(file) for scanner in self._scanners]
        for verdict in (Verdict.FOUND, Verdict.UNAVAILABLE):
            for scan in said:
                if scan.verdict is verdict:
                    return scan
        return CLEAN


def scanner() -> Scanner:
    """The scanner of this process: the built-in check, and the daemon of EXCHANGE_SCANNER_URL after it."""
    url = settings().scanner_url
    return Scanners(SignatureScanner(), ClamdScanner(url)) if url else SignatureScanner()
