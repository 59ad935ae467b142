"""Pages of a PDF: counted, drawn with a mark burned in, or marked as a document.

A mark names who looked, for whom, when, at what deal and which page, so a copy says where it came from. On a picture it
is part of the pixels; in a document it is text of every page, set in the embedded Chinese font.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.errors import PyPdfError

from exchange.core.errors import NotFound
from exchange.infra.file_faults import FileTruncated
from exchange.infra.pdf_inspection import PDFIUM
from exchange.infra.typesetting import font_file, shown, typeset

MARKS = Path(__file__).with_name("marks.typ")
MARKET_ZONE = ZoneInfo("Asia/Shanghai")
WIDTH_MIN, WIDTH_MAX = 200, 2_400
HEIGHT_RATIO_MAX = 5
TILE_OPACITY, FOOT_OPACITY = 80, 190


class PageMissing(NotFound):
    """The document has no page of this number (404)."""

    code = "PAGE_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Mark:
    """Who takes a page: name, organisation, instant (aware) and the code of the deal."""

    viewer_name: str
    organisation_name: str
    at: datetime
    deal_code: str

    def text(self, page: int, pages: int) -> str:
        """What stands on a page (counted from 1), with the market's time."""
        at = self.at.astimezone(MARKET_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        return f"{self.organisation_name} · {self.viewer_name} · {at} · {self.deal_code} · {page}/{pages}"


def page_count(content: bytes) -> int:
    """The number of pages. FileTruncated when it is no readable PDF."""
    with PDFIUM:
        document = opened(content)
        try:
            return len(document)
        finally:
            document.close()


def page_image(content: bytes, page: int, *, mark: Mark, width: int) -> bytes:
    """A page (counted from 1) as a PNG of ``width`` pixels with the mark tiled across it, part of the pixels.

    PageMissing for a number the document does not have.
    """
    picture, pages = drawn(content, page, min(max(width, WIDTH_MIN), WIDTH_MAX))
    marked = _burned(picture, mark.text(page, pages))
    target = io.BytesIO()
    marked.save(target, "PNG", compress_level=3)
    return target.getvalue()


def picture_marked(content: bytes, *, mark: Mark, width: int) -> bytes:
    """A JPEG or PNG document as a PNG with the mark burned in, at most ``width`` pixels wide."""
    with Image.open(io.BytesIO(content)) as source:
        source.draft("RGB", (width, width * HEIGHT_RATIO_MAX))
        picture = source.convert("RGB")
    wanted = min(max(width, WIDTH_MIN), WIDTH_MAX)
    picture.thumbnail((wanted, wanted * HEIGHT_RATIO_MAX))
    target = io.BytesIO()
    _burned(picture, mark.text(1, 1)).save(target, "PNG", compress_level=3)
    return target.getvalue()


def marked_pdf(content: bytes, mark: Mark) -> bytes:
    """The document with the mark over every page, as text in an embedded font. FileTruncated when it is unreadable."""
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = list(reader.pages)
        writer = PdfWriter()
        sheets = _overlay([shown_size(page) for page in pages], mark)
        for page, sheet in zip(pages, sheets, strict=True):
            added = writer.add_page(page)
            added.transfer_rotation_to_content()
            box = added.cropbox
            shift = Transformation().translate(float(box.left), float(box.bottom))
            added.merge_transformed_page(sheet, shift, over=True)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileTruncated from error
    return written(writer)


def opened(content: bytes) -> pdfium.PdfDocument:
    """A document of PDFium, whose lock the caller holds. FileTruncated when it is none."""
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise FileTruncated from error


def drawn(content: bytes, page: int, width: int) -> tuple[Image.Image, int]:
    """A page drawn ``width`` pixels wide (its height bounded), and how many pages there are."""
    with PDFIUM:
        document = opened(content)
        try:
            pages = len(document)
            if not 1 <= page <= pages:
                raise PageMissing
            sheet = document.get_page(page - 1)
            scale = min(width / sheet.get_width(), width * HEIGHT_RATIO_MAX / sheet.get_height())
            picture: Image.Image = sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            return picture, pages
        except pdfium.PdfiumError as error:
            raise FileTruncated from error
        finally:
            document.close()


def _burned(picture: Image.Image, text: str) -> Image.Image:
    """The picture with the text tiled across it, slanted, and once in full along the foot."""
    text = shown(text)
    size = max(11, picture.width // 48)
    tile = _tile(text, size)
    layer = Image.new("L", picture.size, 0)
    step_x, step_y = max(tile.width * 3 // 4, 1), max(tile.height * 3 // 4, 1)
    for row, top in enumerate(range(-tile.height // 2, picture.height, step_y)):
        for left in range(-(tile.width // 3) * (row % 2), picture.width, step_x):
            layer.paste(TILE_OPACITY, (left, top), tile)
    ImageDraw.Draw(layer).text(
        (6, picture.height - size - 4), text, fill=FOOT_OPACITY, font=_font(max(10, size * 2 // 3))
    )
    picture.paste(Image.new("RGB", picture.size, (90, 90, 90)), mask=layer)
    return picture


def _tile(text: str, size: int) -> Image.Image:
    font = _font(size)
    left, top, right, bottom = font.getbbox(text)
    flat = Image.new("L", (int(right - left) + size, int(bottom - top) + size), 0)
    ImageDraw.Draw(flat).text((size / 2 - left, size / 2 - top), text, fill=255, font=font)
    return flat.rotate(28, expand=True)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file()), size)


def shown_size(page: PageObject) -> tuple[float, float]:
    """Width and height in points as a reader shows the page, turned as it says."""
    width, height = abs(float(page.cropbox.width)), abs(float(page.cropbox.height))
    return (height, width) if page.rotation % 180 else (width, height)


def _overlay(sizes: Sequence[tuple[float, float]], mark: Mark) -> Sequence[PageObject]:
    """One sheet for each page, each with its own number in the mark."""
    pages = [
        {
            "width": round(width, 2),
            "height": round(height, 2),
            "tile": mark.text(number, len(sizes)),
            "foot": mark.text(number, len(sizes)),
        }
        for number, (width, height) in enumerate(sizes, start=1)
    ]
    at = mark.at.astimezone(MARKET_ZONE)
    data = {"title": mark.deal_code, "date": [at.year, at.month, at.day], "pages": pages}
    return list(PdfReader(io.BytesIO(typeset(MARKS, data, {}, mark.at))).pages)


def written(writer: PdfWriter) -> bytes:
    """The bytes of a document."""
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
