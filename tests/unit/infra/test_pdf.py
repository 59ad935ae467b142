"""Marks are in the pixels and in the text of every page; what is blacked out is nowhere in the file."""

import io
from datetime import UTC, datetime

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, RectangleObject

from exchange.fonts import font_files
from exchange.infra.file_faults import FileTruncated
from exchange.infra.pdf import Mark, PageMissing, marked_pdf, page_count, page_image, picture_marked
from exchange.infra.pdf_redaction import Region, RegionInvalid, redacted_pdf
from tests.files import a_pdf, a_pdf_that_says, an_image, content_stream

MARK = Mark("张三", "海河资本", datetime(2026, 7, 1, 8, 30, tzinfo=UTC), "SIM-00001")
WORDS = "海河资本 · 张三 · 2026-07-01 16:30:00 · SIM-00001"

needs_font = pytest.mark.skipif(not font_files(), reason="no Chinese font on this machine")


def text_of(content: bytes) -> list[str]:
    """The words of each page."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def colours_of(picture: Image.Image) -> int:
    """How many of the pixels are not white."""
    grey = picture.convert("L")
    return sum(grey.histogram()[:250])


def test_a_mark_says_who_for_whom_when_and_where_in_the_time_of_the_market() -> None:
    assert MARK.text(2, 9) == f"{WORDS} · 2/9"


def test_pages_are_counted() -> None:
    assert page_count(a_pdf(pages=3)) == 3
    with pytest.raises(FileTruncated):
        page_count(b"%PDF-1.7 nothing")


@needs_font
def test_a_page_is_drawn_with_its_mark_in_the_pixels() -> None:
    content = a_pdf(pages=2)
    drawn = [Image.open(io.BytesIO(page_image(content, page, mark=MARK, width=800))) for page in (1, 2)]
    assert {picture.width for picture in drawn} == {800}
    assert all(colours_of(picture) > 5_000 for picture in drawn)
    assert ImageChops.difference(*drawn).getbbox() is not None  # another number of the page
    quarters = [(0, 0), (400, 0), (0, 560), (400, 560)]
    assert all(colours_of(drawn[0].crop((left, top, left + 400, top + 560))) > 500 for left, top in quarters)
    with pytest.raises(PageMissing):
        page_image(content, 3, mark=MARK, width=800)


@needs_font
def test_a_picture_is_marked_like_a_page() -> None:
    shown = Image.open(io.BytesIO(picture_marked(an_image("JPEG", (900, 600)), mark=MARK, width=600)))
    assert shown.size == (600, 400)
    assert len(shown.getcolors(1_000_000) or []) > 3


@needs_font
def test_the_mark_is_text_of_every_page_over_what_the_page_says() -> None:
    found = text_of(marked_pdf(a_pdf_that_says("alpha", "beta", "gamma"), MARK))
    for number, (words, said) in enumerate(zip(("alpha", "beta", "gamma"), found, strict=True), start=1):
        assert words in said
        assert f"{WORDS} · {number}/3" in said


@needs_font
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_pages_that_are_turned_or_cropped_are_marked_where_they_are_seen(turned: int) -> None:
    def change(writer: PdfWriter) -> None:
        page = writer.pages[0]
        page.cropbox = RectangleObject((100, 100, 400, 500))
        page[NameObject("/Rotate")] = NumberObject(turned)

    marked = marked_pdf(a_pdf(change=change), MARK)
    assert WORDS in text_of(marked)[0]
    shown = pypdfium2.PdfDocument(marked)[0].render(scale=2).to_pil()
    assert shown.size == ((600, 800) if turned % 180 == 0 else (800, 600))
    half = shown.width // 2, shown.height // 2
    for left, top in ((0, 0), (half[0], 0), (0, half[1]), half):
        assert colours_of(shown.crop((left, top, left + half[0], top + half[1]))) > 300


def test_what_is_blacked_out_is_nowhere_in_the_file() -> None:
    content = a_pdf_that_says("secret name", "public words", "secret sum")
    redacted = redacted_pdf(content, [Region(1, 0, 0, 1000, 400), Region(3, 0, 0, 500, 500)])
    assert text_of(redacted) == ["", "public words", ""]
    assert b"secret" not in every_stream(redacted)
    assert [page.mediabox[2:] for page in PdfReader(io.BytesIO(redacted)).pages][1] == [420, 595]
    shown = pypdfium2.PdfDocument(redacted)[0].render(scale=1).to_pil().convert("L")
    assert shown.size in {(420, 595), (420, 596)}
    assert shown.crop((5, 5, 415, 230)).getextrema()[1] < 40
    assert shown.crop((5, 245, 415, 590)).getextrema()[0] > 200


def test_nothing_leads_from_a_page_that_stays_to_one_that_was_blacked_out() -> None:
    source = PdfReader(io.BytesIO(a_pdf_that_says("public words", "secret name")))
    writer = PdfWriter(clone_from=source)
    first, second = writer.pages
    link = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/Link")}
    annotation = DictionaryObject({NameObject(key): value for key, value in link.items()})
    annotation[NameObject("/Rect")] = ArrayObject([NumberObject(edge) for edge in (0, 0, 50, 50)])
    annotation[NameObject("/Dest")] = ArrayObject([second.indirect_reference, NameObject("/Fit")])
    first[NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])
    form = content_stream(b"BT /F1 18 Tf (secret form) Tj ET")
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    shared = DictionaryObject({NameObject("/Hidden"): writer._add_object(form)})
    first["/Resources"][NameObject("/XObject")] = shared  # type: ignore[index]
    target = io.BytesIO()
    writer.write(target)
    assert b"secret" in every_stream(target.getvalue())
    redacted = redacted_pdf(target.getvalue(), [Region(2, 0, 0, 1000, 1000)])
    assert text_of(redacted) == ["public words", ""]
    assert b"secret" not in every_stream(redacted)


@pytest.mark.parametrize(
    "region", [Region(0, 0, 0, 10, 10), Region(2, 0, 0, 10, 10), Region(1, 10, 0, 10, 10), Region(1, 0, 0, 1001, 10)]
)
def test_a_region_on_no_page_or_without_area_is_refused(region: Region) -> None:
    with pytest.raises(RegionInvalid):
        redacted_pdf(a_pdf(), [region])
    with pytest.raises(RegionInvalid):
        redacted_pdf(a_pdf(), [])


def every_stream(content: bytes) -> bytes:
    """The bytes of a PDF with the unpacked content of every object in it."""
    reader = PdfReader(io.BytesIO(content))
    found = [content]
    for places in reader.xref.values():
        for number in places:
            value = reader.get_object(number) if number else None
            if value is not None and hasattr(value, "get_data"):
                found.append(value.get_data())
    return b"\n".join(found)
