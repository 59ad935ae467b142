"""Regions of a PDF blacked out for good: their pages become pictures, and nothing of them is left in the file.

A page that stays keeps its text. What it shares with a blacked-out page is cut: links that lead to pages (the page
would come along with them), and pictures it lists but does not show.
"""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageDraw
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from exchange.core.errors import Invalid
from exchange.infra.file_faults import FileTruncated
from exchange.infra.pdf import WIDTH_MAX, drawn, page_count, shown_size, written

REDACTED_DPI = 150
THOUSANDTHS = 1_000
REGIONS_MAX = 500

_SHOWN_OBJECT = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do(?![A-Za-z])")
_LEADING_ELSEWHERE = ("/B", "/StructParents", "/Metadata", "/PieceInfo", "/Thumb", "/AA")


class RegionInvalid(Invalid):
    """A region that lies on no page, or has no area (422)."""

    code = "REGION_INVALID"


@dataclass(frozen=True, slots=True)
class Region:
    """A box to black out, in thousandths of the page as it is shown, from its upper left corner; ``page`` from 1."""

    page: int
    left: int
    top: int
    right: int
    bottom: int


def redacted_pdf(content: bytes, regions: Sequence[Region]) -> bytes:
    """The document with regions blacked out: their pages become pictures without a text layer, the others stay.

    RegionInvalid for a region on no page or without area.
    """
    by_page = _by_page(regions, page_count(content))
    try:
        reader = PdfReader(io.BytesIO(content))
        writer = PdfWriter()
        for number, page in enumerate(reader.pages, start=1):
            if number in by_page:
                writer.append(io.BytesIO(_blackened(content, number, page, by_page[number])))
            else:
                _cut_ties(page)
                writer.add_page(page)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileTruncated from error
    writer.compress_identical_objects(remove_unreferenced=True)
    redacted = written(writer)
    _require_no_other_page(redacted)
    return redacted


def _by_page(regions: Sequence[Region], pages: int) -> dict[int, list[Region]]:
    if not 0 < len(regions) <= REGIONS_MAX:
        raise RegionInvalid
    found: dict[int, list[Region]] = {}
    for each in regions:
        inside = 0 <= each.left < each.right <= THOUSANDTHS and 0 <= each.top < each.bottom <= THOUSANDTHS
        if not (inside and 1 <= each.page <= pages):
            raise RegionInvalid
        found.setdefault(each.page, []).append(each)
    return found


def _blackened(content: bytes, number: int, page: PageObject, regions: Sequence[Region]) -> bytes:
    """One page as a PDF of one picture of the same size as shown."""
    shown_width, _ = shown_size(page)
    picture, _ = drawn(content, number, min(round(shown_width / 72 * REDACTED_DPI), WIDTH_MAX))
    draw = ImageDraw.Draw(picture)
    for each in regions:
        left, right = (edge * picture.width / THOUSANDTHS for edge in (each.left, each.right))
        top, bottom = (edge * picture.height / THOUSANDTHS for edge in (each.top, each.bottom))
        draw.rectangle((math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)), fill="black")
    target = io.BytesIO()
    picture.save(target, "PDF", resolution=picture.width / shown_width * 72, quality=85)
    return target.getvalue()


def _cut_ties(page: PageObject) -> None:
    """Leave a page with what it shows and nothing that leads to another page."""
    for key in _LEADING_ELSEWHERE:
        page.pop(key, None)
    links = [each.get_object() for each in page.get("/Annots", ArrayObject()).get_object()]
    page[NameObject("/Annots")] = ArrayObject(_link_out(each) for each in links if _leads_out(each))
    contents = page.get_contents()
    shown = set(_SHOWN_OBJECT.findall(contents.get_data())) if contents is not None else set()
    resources = page.get("/Resources", DictionaryObject()).get_object()
    listed = resources.get("/XObject", DictionaryObject()).get_object()
    # Copies: pages may share one list, and each keeps only its own.
    own = DictionaryObject({key: value for key, value in resources.items() if key != "/Properties"})
    own[NameObject("/XObject")] = DictionaryObject(
        {key: value for key, value in listed.items() if key.removeprefix("/").encode("latin-1", "replace") in shown}
    )
    page[NameObject("/Resources")] = own


def _leads_out(annotation: DictionaryObject) -> bool:
    action = annotation.get("/A", DictionaryObject()).get_object()
    return annotation.get("/Subtype") == "/Link" and "/Dest" not in annotation and action.get("/S") == "/URI"


def _link_out(annotation: DictionaryObject) -> DictionaryObject:
    kept = ("/Type", "/Subtype", "/Rect", "/A", "/Border")
    return DictionaryObject({NameObject(key): annotation[key] for key in kept if key in annotation})


def _require_no_other_page(content: bytes) -> None:
    """FileTruncated when a page lies in the file that is none of its pages: something still led to it."""
    reader = PdfReader(io.BytesIO(content))
    listed = {(number, generation) for generation, places in reader.xref.items() for number in places if number}
    listed |= {(number, 0) for number in reader.xref_objStm}
    objects = [reader.get_object(IndirectObject(number, generation, reader)) for number, generation in listed]
    pages = [each for each in objects if isinstance(each, DictionaryObject) and each.get("/Type") == "/Page"]
    if len(pages) != len(reader.pages):
        raise FileTruncated
