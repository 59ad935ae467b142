"""Files of the zip family: workbook, text document, OFD, or an archive of other files. Which one, its members say.

Refused: bombs, unsafe names and links, passwords, a second file before, after or between, macros and embedded objects
of office files, remote templates, XML with a document type, archives nested deeper than two.
"""

import tempfile
from collections.abc import Sequence
from enum import StrEnum
from typing import IO
from xml.sax.handler import ContentHandler
from zipfile import ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from xml.sax import SAXException  # isort: skip

from exchange.core.archive import (
    BrokenMember,
    Fault,
    inspect,
    members_of,
    names_fault,
    stands_alone,
    unpacked,
)
from exchange.infra.file_faults import (
    FileEncrypted,
    FileHasActiveContent,
    FileIsBomb,
    FileNameUnsafe,
    FilePolyglot,
    FileTruncated,
)
from exchange.infra.files import SPOOL_BYTES

NESTED_MAX = 2
"""An archive may hold archives, and those none."""

_TYPES = "[Content_Types].xml"
_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml", "vbaprojectsignature.bin")
_ACTIVE_FOLDERS = ("activex/", "embeddings/", "ctrlprops/", "macrosheets/", "customui/")
_ACTIVE_TYPES = (b"macroenabled", b"vbaproject", b"activex", b"oleobject")
_REMOTE = (b"attachedtemplate", b"oleobject", b"/frame", b"subdocument")
_PROGRAMS = (
    ".exe",
    ".dll",
    ".bat",
    ".cmd",
    ".com",
    ".js",
    ".vbs",
    ".ps1",
    ".scr",
    ".lnk",
    ".jar",
    ".msi",
    ".hta",
)
_ENCRYPTED = 0x1


class PackageKind(StrEnum):
    """What the members make of an archive."""

    XLSX = "xlsx"
    DOCX = "docx"
    OFD = "ofd"
    ZIP = "zip"


def inspect_package(file: IO[bytes], size: int) -> PackageKind:
    """Which package it is, when it may be taken in; otherwise the fault it has. ``size``: its length in bytes."""
    return _inspect(file, size, 1)


def _inspect(file: IO[bytes], size: int, depth: int) -> PackageKind:
    members = members_of(file)
    if members is None:
        raise FileTruncated
    if not stands_alone(file, members, size):
        raise FilePolyglot
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise FileEncrypted
    if (fault := inspect(file)) is not None:
        raise _refusal(fault)
    if names_fault(file, members) is not None:
        raise FileNameUnsafe
    kind = _kind_of(members)
    if kind in {PackageKind.XLSX, PackageKind.DOCX}:
        _refuse_office_activity(file, members)
    if kind is PackageKind.ZIP:
        _inspect_inner(file, members, depth)
    else:
        _require_plain_xml(file, members)
    return kind


def _refusal(fault: Fault) -> FileIsBomb | FileTruncated:
    return FileIsBomb(reason=fault.reason) if fault.is_size else FileTruncated()


def _kind_of(members: Sequence[ZipInfo]) -> PackageKind:
    names = {member.filename for member in members}
    if _TYPES in names:
        if "xl/workbook.xml" in names:
            return PackageKind.XLSX
        if "word/document.xml" in names:
            return PackageKind.DOCX
    return PackageKind.OFD if "OFD.xml" in names else PackageKind.ZIP


def _refuse_office_activity(file: IO[bytes], members: Sequence[ZipInfo]) -> None:
    for member in members:
        name = member.filename.lower()
        if name.rpartition("/")[2] in _MACRO_NAMES:
            raise FileHasActiveContent(found="macro")
        if any(f"/{folder}" in f"/{name}" for folder in _ACTIVE_FOLDERS):
            raise FileHasActiveContent(found="embedded object")
        if member.filename == _TYPES and any(word in _content(file, member).lower() for word in _ACTIVE_TYPES):
            raise FileHasActiveContent(found="macro")
        if name.endswith(".rels"):
            _refuse_remote(_content(file, member).lower())


def _refuse_remote(relations: bytes) -> None:
    """A template or object that a program would fetch from elsewhere when the file opens. Plain links may stay."""
    for relation in relations.split(b"<relationship")[1:]:
        if b'targetmode="external"' in relation.replace(b"'", b'"') and any(word in relation for word in _REMOTE):
            raise FileHasActiveContent(found="remote template")


def _content(file: IO[bytes], member: ZipInfo) -> bytes:
    try:
        return b"".join(unpacked(file, member))
    except BrokenMember as error:
        raise FileTruncated from error


def _require_plain_xml(file: IO[bytes], members: Sequence[ZipInfo]) -> None:
    """Every part that is XML is well formed and has no document type: no entities, so nothing to expand or fetch."""
    for member in members:
        if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        parser = DefusedExpatParser(forbid_dtd=True)
        parser.setContentHandler(ContentHandler())
        try:
            for piece in unpacked(file, member):
                parser.feed(piece)
            parser.close()
        except DefusedXmlException as error:
            raise FileIsBomb(reason="document type") from error
        except (SAXException, BrokenMember, ValueError) as error:
            raise FileTruncated from error


def _inspect_inner(file: IO[bytes], members: Sequence[ZipInfo], depth: int) -> None:
    """Archives inside an archive: the same rules, and none deeper than allowed. Programs are not taken at all."""
    for member in members:
        if member.filename.lower().endswith(_PROGRAMS):
            raise FileHasActiveContent(found="program")
        if not _is_package(file, member):
            continue
        if depth >= NESTED_MAX:
            raise FileIsBomb(reason="nesting")
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as inner:
            for piece in unpacked(file, member):
                inner.write(piece)
            _inspect(inner, inner.tell(), depth + 1)


def _is_package(file: IO[bytes], member: ZipInfo) -> bool:
    return next(iter(unpacked(file, member)), b"").startswith((b"PK\x03\x04", b"PK\x05\x06"))
