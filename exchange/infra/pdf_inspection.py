"""Is a PDF whole, open and inert? Its structure is read by two libraries that do not trust its directory alike.

Whole: the header stands at the first byte, the end mark near the last, and every page can be counted. Open: without
a password. Inert: no script, launch, form submission, attachment or embedded player, and nothing but a place to go to
when it opens. Names are looked for in every object a reader can reach and, for what a reader might reach otherwise,
in the raw bytes (also written with escapes, as in ``/J#61vaScript``).
"""

import re
import threading
from collections.abc import Iterator
from typing import IO

import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from exchange.infra.file_faults import FileEncrypted, FileHasActiveContent, FileIsBomb, FileTruncated

PDFIUM = threading.RLock()
"""PDFium is not safe in several threads at once: whoever calls it holds this."""

PAGES_MAX = 5_000
OBJECTS_MAX = 300_000
DEPTH_MAX = 60
END_WITHIN = 1_024

_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    }
)
_KEYS = frozenset({"/JavaScript", "/JS", "/EmbeddedFiles", "/EmbeddedFile", "/RichMedia", "/XFA", "/RichMediaContent"})
_TYPES = frozenset({"/EmbeddedFile", "/RichMedia", "/Movie", "/3D", "/FileAttachment"})


def _written(name: str) -> str:
    """A pattern of a name in which any character may be written with an escape."""
    return "".join(f"(?:{char}|#{ord(char):02X}|#{ord(char):02x})" for char in name)


_NAMES = ("JavaScript", "Launch", "EmbeddedFiles", "EmbeddedFile", "SubmitForm", "ImportData", "RichMedia")
_RAW = re.compile(f"/(?:{'|'.join(map(_written, _NAMES))})(?![A-Za-z0-9])".encode("ascii"))


def inspect_pdf(file: IO[bytes]) -> int:
    """The number of pages of a PDF that may be taken in; otherwise the fault it has."""
    file.seek(0)
    content = file.read()
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-END_WITHIN:]:
        raise FileTruncated
    _refuse_raw(content)
    pages = _count_pages(content)
    if pages > PAGES_MAX:
        raise FileIsBomb(reason="pages")
    file.seek(0)
    try:
        _refuse_active(PdfReader(file, strict=False))
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise FileTruncated from error
    return pages


def _count_pages(content: bytes) -> int:
    with PDFIUM:
        try:
            document = pdfium.PdfDocument(content)
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                raise FileEncrypted from error
            raise FileTruncated from error
        try:
            count = len(document)
            # The directory may be whole while what it points to is not: the last page must be there too.
            if count:
                document.get_page(count - 1).close()
        except pdfium.PdfiumError as error:
            raise FileTruncated from error
        finally:
            document.close()
    if count == 0:
        raise FileTruncated
    return count


def _refuse_raw(content: bytes) -> None:
    """What is searched at the speed of a search in bytes, before anything is parsed."""
    if content.count(b"stream") > 2 * OBJECTS_MAX or content.count(b" obj") > 2 * OBJECTS_MAX:
        raise FileIsBomb(reason="objects")
    found = _RAW.search(content)
    if found is not None:
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), found[0])
        raise FileHasActiveContent(found=plain.decode("ascii").lstrip("/"))


def _refuse_active(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise FileEncrypted
    opening = _resolved(reader.root_object.get("/OpenAction"))
    if isinstance(opening, DictionaryObject) and _resolved(opening.get("/S")) != "/GoTo":
        raise FileHasActiveContent(found="OpenAction")
    for each in _objects(reader):
        _refuse_dictionary(each)


def _refuse_dictionary(each: DictionaryObject) -> None:
    for key, value in each.items():
        if key in _KEYS:
            raise FileHasActiveContent(found=str(key).lstrip("/"))
        if key == "/S" and value in _ACTIONS:
            raise FileHasActiveContent(found=str(value).lstrip("/"))
        if key in {"/Type", "/Subtype"} and value in _TYPES:
            raise FileHasActiveContent(found=str(value).lstrip("/"))
        if key == "/EF":
            raise FileHasActiveContent(found="EmbeddedFile")


def _objects(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary of every object the directory lists, and of the trailer."""
    listed = {(number, generation) for generation, places in reader.xref.items() for number in places if number} | {
        (number, 0) for number in reader.xref_objStm
    }
    if len(listed) > OBJECTS_MAX:
        raise FileIsBomb(reason="objects")
    yield from _within(reader.trailer, 0)
    for number, generation in sorted(listed):
        found = reader.get_object(IndirectObject(number, generation, reader))
        yield from _within(found, 0)


def _within(value: object, depth: int) -> Iterator[DictionaryObject]:
    """Dictionaries inside one object, without following references."""
    if depth > DEPTH_MAX:
        raise FileIsBomb(reason="depth")
    if isinstance(value, DictionaryObject):
        yield value
        for inner in value.values():
            if isinstance(inner, DictionaryObject | ArrayObject):
                yield from _within(inner, depth + 1)
    elif isinstance(value, ArrayObject):
        for inner in value:
            if isinstance(inner, DictionaryObject | ArrayObject):
                yield from _within(inner, depth + 1)


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, IndirectObject) else value
