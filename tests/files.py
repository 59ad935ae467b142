"""Small files of every kind, and of every kind of badness, made in memory."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping

from openpyxl import Workbook
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from exchange.infra.scanning import EICAR


def a_pdf(*, pages: int = 1, words: str = "", change: Callable[[PdfWriter], None] | None = None) -> bytes:
    """A PDF of blank A5 pages; ``words`` (ASCII) make its bytes differ from others'."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(420, 595)
    if words:
        writer.add_metadata({"/Title": words})
    if change is not None:
        change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def a_pdf_that_says(*pages: str) -> bytes:
    """A PDF with a line of ASCII text on each page, in a font every reader has."""
    writer = PdfWriter()
    for words in pages:
        page = writer.add_blank_page(420, 595)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): named})}
        )
        stream = content_stream(f"BT /F1 18 Tf 40 500 Td ({words}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def content_stream(content: bytes) -> DecodedStreamObject:
    """A stream object with this content."""
    stream = DecodedStreamObject()
    stream.set_data(content)
    return stream


def opens_with(action: Mapping[str, str]) -> Callable[[PdfWriter], None]:
    """A change that makes a PDF do something when it is opened."""

    def change(writer: PdfWriter) -> None:
        values = {
            NameObject(key): NameObject(value) if value.startswith("/") else TextStringObject(value)
            for key, value in action.items()
        }
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(values)

    return change


def opens_at_its_first_page(writer: PdfWriter) -> None:
    """What many programs write: the place to go to when the document opens. It does nothing else."""
    place = ArrayObject([writer.pages[0].indirect_reference, NameObject("/Fit")])
    writer.root_object[NameObject("/OpenAction")] = place


def an_image(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    """A picture in one colour."""
    target = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(target, kind)
    return target.getvalue()


def a_zip(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_member(content: bytes, name: str, member: bytes) -> bytes:
    """The archive with one more member."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, member)
    return target.getvalue()


def a_workbook() -> bytes:
    """A workbook with some cells."""
    book = Workbook()
    book.active.append(["基金", "2026-03-31", 12.5])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def a_text_document() -> bytes:
    """The smallest DOCX a program opens."""
    return a_zip(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
            "word/document.xml": "<document><p>合伙协议</p></document>".encode(),
        }
    )


def an_ofd() -> bytes:
    """The frame of an OFD."""
    return a_zip({"OFD.xml": b"<OFD><DocBody/></OFD>", "Doc_0/Document.xml": b"<Document/>"})


def _hidden(writer: PdfWriter, *, packed: bool) -> None:
    stream = content_stream(b"% " + EICAR)
    writer._add_object(stream.flate_encode() if packed else stream)


GOOD_FILES: Mapping[str, bytes] = {
    "paper.pdf": a_pdf(),
    "invoice.ofd": an_ofd(),
    "seal.jpg": an_image("JPEG"),
    "seal.JPEG": an_image("JPEG"),
    "query.png": an_image("PNG"),
    "flows.xlsx": a_workbook(),
    "lpa.docx": a_text_document(),
    "schedule.csv": "名称,金额\n基金,1\n".encode("gb18030"),
    "facts.json": json.dumps({"名称": ["x", 1]}, ensure_ascii=False).encode(),
    "query.html": "<!doctype html><html><head><meta charset='utf-8'></head><body><a href='https://x.test'>查询</a></body></html>".encode(),
    "papers.zip": a_zip({"C01/lpa.pdf": a_pdf(), "notes.txt": b"notes"}),
}

EICAR_FILES: Mapping[str, bytes] = {
    "plain.csv": EICAR,
    "stored.zip": a_zip({"virus.txt": EICAR}, method=zipfile.ZIP_STORED),
    "packed.zip": a_zip({"folder/virus.txt": EICAR * 3}),
    "nested.zip": a_zip({"inner.zip": a_zip({"virus.txt": b"x" * 300_000 + EICAR})}),
    "paper.pdf": a_pdf(change=lambda writer: _hidden(writer, packed=False)),
    "packed.pdf": a_pdf(change=lambda writer: _hidden(writer, packed=True)),
    "flows.xlsx": with_member(a_workbook(), "xl/media/picture.png", EICAR),
}
