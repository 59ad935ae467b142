"""What bytes are: found from their content and structure, then held against the name they came with.

A name is only a promise. The kind is found from the first bytes (and, for the zip family, from the members; for text,
from its form), the structure is checked to the end, and what would do something when opened is refused.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

import puremagic
from PIL import Image, UnidentifiedImageError

from exchange.core.archive import members_of
from exchange.infra.file_faults import (
    DocumentEmpty,
    DocumentTooLarge,
    FileIsBomb,
    FilePolyglot,
    FileTruncated,
    FileTypeMismatch,
    FileTypeUnknown,
)
from exchange.infra.package_inspection import PackageKind, inspect_package
from exchange.infra.pdf_inspection import inspect_pdf
from exchange.infra.text_inspection import inspect_csv, inspect_html, inspect_json

PIXELS_MAX = 60_000_000
HEAD = 4_096


class FileType(StrEnum):
    """The kinds of file that are known here."""

    PDF = "pdf"
    OFD = "ofd"
    JPG = "jpg"
    PNG = "png"
    XLSX = "xlsx"
    DOCX = "docx"
    CSV = "csv"
    JSON = "json"
    ZIP = "zip"
    HTML = "html"


EXTENSIONS: Mapping[str, FileType] = {
    **{kind.value: kind for kind in FileType},
    "jpeg": FileType.JPG,
    "htm": FileType.HTML,
}
MEDIA_TYPES: Mapping[FileType, str] = {
    FileType.PDF: "application/pdf",
    FileType.OFD: "application/ofd",
    FileType.JPG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.CSV: "text/csv",
    FileType.JSON: "application/json",
    FileType.ZIP: "application/zip",
    # Never as HTML: a page of somebody else's must not run as one of ours.
    FileType.HTML: "application/octet-stream",
}

_STARTS = ((b"%PDF-", FileType.PDF), (b"\xff\xd8\xff", FileType.JPG), (b"\x89PNG\r\n\x1a\n", FileType.PNG))
_OF_PACKAGE = {
    PackageKind.XLSX: FileType.XLSX,
    PackageKind.DOCX: FileType.DOCX,
    PackageKind.OFD: FileType.OFD,
    PackageKind.ZIP: FileType.ZIP,
}
_PICTURES = (b"GIF87a", b"GIF89a")
"""This kind of picture begins with letters: a script may be written so that it is one too."""
_FOREIGN = (b"%PDF-", b"<html", b"<script", b"<!doctype html", b"<?php", b"<svg", b"#!/")
"""What must not stand near the beginning of a picture or document: some reader would take the file for it."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file is, and its number of pages where it has any."""

    type: FileType
    page_count: int | None = None


def size_of(file: IO[bytes]) -> int:
    """Length in bytes."""
    return file.seek(0, 2)


def require_size(file: IO[bytes], limit: int) -> int:
    """The length of a file in bytes. DocumentEmpty or DocumentTooLarge, before anything is parsed."""
    size = size_of(file)
    if size == 0:
        raise DocumentEmpty
    if size > limit:
        raise DocumentTooLarge(limit=limit)
    return size


def inspect_file(file: IO[bytes], file_name: str) -> Inspected:
    """What a file is, checked to its end; refused with the fault it has. The file is left at an unknown place.

    ``file_name`` is only looked at for its extension, which must agree with the content.
    """
    promised = EXTENSIONS.get(extension_of(file_name))
    file.seek(0)
    head = file.read(HEAD)
    found = next((kind for start, kind in _STARTS if head.startswith(start)), None)
    if found is not None:
        _agree(promised, found)
        _refuse_second_kind(file, head)
        return Inspected(found, inspect_pdf(file) if found is FileType.PDF else _inspect_image(file, found))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        kind = _OF_PACKAGE[inspect_package(file, size_of(file))]
        _agree(promised, kind)
        return Inspected(kind)
    return Inspected(_inspect_text(file, head, promised))


def extension_of(file_name: str) -> str:
    """What stands behind the last dot, in small letters; empty without one."""
    _, dot, ending = file_name.rpartition(".")
    return ending.strip().lower() if dot else ""


def _agree(promised: FileType | None, found: FileType) -> None:
    if promised is not found:
        raise FileTypeMismatch(found=found.value, promised=promised.value if promised else "-")


def _refuse_second_kind(file: IO[bytes], head: bytes) -> None:
    """FilePolyglot when the same bytes are also a page, a script, a second document, or an archive at the end."""
    lowered = head[5:1_029].lower()
    if any(mark.lower() in lowered for mark in _FOREIGN):
        raise FilePolyglot
    if members_of(file):
        raise FilePolyglot


def _inspect_image(file: IO[bytes], kind: FileType) -> int:
    """One page, when the picture is whole, small enough to draw, and nothing follows its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            _decode(file, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileIsBomb(reason="pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise FileTruncated from error
    file.seek(0)
    _refuse_tail(file.read(), kind)
    return 1


def _decode(file: IO[bytes], kind: FileType) -> None:
    file.seek(0)
    with Image.open(file, formats=["PNG"] if kind is FileType.PNG else ["JPEG", "MPO"]) as picture:
        width, height = picture.size
        if width * height > PIXELS_MAX:
            raise FileIsBomb(reason="pixels")
        if kind is FileType.PNG:
            picture.verify()  # every chunk by its checksum, without drawing
        else:
            picture.draft("RGB", (max(width // 8, 1), max(height // 8, 1)))  # an eighth: read whole, drawn small
            picture.load()


def _refuse_tail(content: bytes, kind: FileType) -> None:
    if kind is FileType.PNG:
        end = content.rfind(b"IEND") + 8
        if content[end:].strip(b"\0\r\n "):
            raise FilePolyglot
        return
    end = content.rfind(b"\xff\xd9")
    if end < 0:
        raise FileTruncated
    if any(mark.lower() in content[end:].lower() for mark in _FOREIGN):
        raise FilePolyglot


def _inspect_text(file: IO[bytes], head: bytes, promised: FileType | None) -> FileType:
    checks: Mapping[FileType, Callable[[IO[bytes]], None]] = {
        FileType.CSV: inspect_csv,
        FileType.JSON: inspect_json,
        FileType.HTML: inspect_html,
    }
    if head.startswith(_PICTURES):
        raise FileTypeUnknown(found="gif")
    looks_like_page = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))
    if looks_like_page:
        _agree(promised, FileType.HTML)
    if promised is not None and promised in checks and (promised is not FileType.HTML or looks_like_page):
        checks[promised](file)
        return promised
    found = _guess(head)
    if promised is not None and promised not in checks and found:
        raise FileTypeMismatch(found=found, promised=promised.value)
    raise FileTypeUnknown(found=found or "-")


def _guess(head: bytes) -> str:
    """What an unknown file looks like to a table of first bytes, for the refusal; empty when nothing fits."""
    try:
        candidates = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return str(candidates[0].extension).lstrip(".")[:20] if candidates else ""
