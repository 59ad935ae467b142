"""What a file is, is found from its content; what is broken, two things at once, too much or active is refused."""

import io
import stat
import struct
import zipfile

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from exchange.core.errors import ExchangeError
from exchange.infra import file_types
from exchange.infra.file_faults import (
    DocumentEmpty,
    DocumentTooLarge,
    FileEncrypted,
    FileHasActiveContent,
    FileIsBomb,
    FileNameUnsafe,
    FilePolyglot,
    FileTruncated,
    FileTypeMismatch,
    FileTypeUnknown,
)
from exchange.infra.file_types import EXTENSIONS, extension_of, inspect_file, require_size
from tests.files import (
    GOOD_FILES,
    a_pdf,
    a_pdf_that_says,
    a_text_document,
    a_workbook,
    a_zip,
    an_image,
    an_ofd,
    opens_at_its_first_page,
    opens_with,
    with_member,
)


def fault_of(content: bytes, name: str) -> type[ExchangeError]:
    """The kind of refusal of a file."""
    with pytest.raises(ExchangeError) as caught:
        inspect_file(io.BytesIO(content), name)
    return type(caught.value)


@pytest.mark.parametrize("name", list(GOOD_FILES))
def test_an_ordinary_file_is_what_its_content_says(name: str) -> None:
    found = inspect_file(io.BytesIO(GOOD_FILES[name]), name)
    assert found.type is EXTENSIONS[extension_of(name)]
    assert found.page_count == (1 if extension_of(name) in {"pdf", "png", "jpg", "jpeg"} else None)


def test_pages_of_a_pdf_are_counted() -> None:
    assert inspect_file(io.BytesIO(a_pdf(pages=7)), "x.pdf").page_count == 7


@pytest.mark.parametrize(
    "name", ["paper.pdf", "invoice.ofd", "seal.jpg", "query.png", "flows.xlsx", "lpa.docx", "papers.zip"]
)
def test_a_name_that_promises_another_kind_is_refused(name: str) -> None:
    for other in ("pdf", "png", "xlsx", "docx", "zip", "csv", "json", "html", "exe", ""):
        if EXTENSIONS.get(other) is not EXTENSIONS[extension_of(name)]:
            assert fault_of(GOOD_FILES[name], f"paper.{other}") is FileTypeMismatch


def test_a_page_named_as_data_is_refused() -> None:
    page = GOOD_FILES["query.html"]
    assert fault_of(page, "rows.csv") is FileTypeMismatch
    assert fault_of(b"\xef\xbb\xbf\n" + page, "rows.json") is FileTypeMismatch
    assert fault_of(b"name,amount\n", "page.html") is FileTypeUnknown


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"MZ" + b"\0" * 100),
        ("x.gif", b"GIF89a=1;alert(1)//"),
        ("x.csv", b"a,b\n\x00\x01"),
        ("x.csv", "a,b\n".encode("utf-16")),
        ("x.csv", b"GIF89a=1;alert(1)//"),
        ("x.csv", b"\x7fELF\x02\x01\x01\x00"),
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("../../etc/passwd", b"root:x:0:0\n"),
    ],
)
def test_what_is_no_known_kind_is_refused(name: str, content: bytes) -> None:
    assert fault_of(content, name) is FileTypeUnknown


def test_sizes_are_refused_before_anything_is_read() -> None:
    with pytest.raises(DocumentEmpty):
        require_size(io.BytesIO(b""), 10)
    with pytest.raises(DocumentTooLarge):
        require_size(io.BytesIO(b"x" * 11), 10)
    assert require_size(io.BytesIO(b"x" * 10), 10) == 10


def test_a_cut_pdf_is_refused() -> None:
    content = a_pdf_that_says("one", "two")
    for end in (20, len(content) // 2, len(content) - 8):
        assert fault_of(content[:end], "x.pdf") is FileTruncated
    assert fault_of(b"%PDF-1.7\n%%EOF", "x.pdf") is FileTruncated
    assert fault_of(b"\n" + content, "x.pdf") in {FileTypeUnknown, FileTypeMismatch}


def test_a_pdf_with_a_password_is_refused() -> None:
    assert fault_of(a_pdf(change=lambda writer: writer.encrypt("secret")), "x.pdf") is FileEncrypted
    open_to_all = a_pdf(change=lambda writer: writer.encrypt("", "owner"))
    assert fault_of(open_to_all, "x.pdf") is FileEncrypted


def named_script(writer: PdfWriter) -> None:
    """A script in the tree of names, which readers run when the document opens."""
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    names = ArrayObject([TextStringObject("a"), writer._add_object(script)])
    tree = DictionaryObject({NameObject("/JavaScript"): DictionaryObject({NameObject("/Names"): names})})
    writer.root_object[NameObject("/Names")] = tree


def attachment(writer: PdfWriter) -> None:
    """A program inside the document."""
    writer.add_attachment("x.exe", b"MZ")


def test_a_pdf_that_acts_is_refused() -> None:
    actions = (
        {"/S": "/JavaScript", "/JS": "app.alert(1)"},
        {"/S": "/Launch", "/F": "cmd.exe"},
        {"/S": "/SubmitForm", "/F": "x"},
    )
    for action in actions:
        assert fault_of(a_pdf(change=opens_with(action)), "x.pdf") is FileHasActiveContent
    assert fault_of(a_pdf(change=opens_with({"/S": "/URI", "/URI": "https://x.test"})), "x.pdf") is FileHasActiveContent
    assert fault_of(a_pdf(change=named_script), "x.pdf") is FileHasActiveContent
    assert fault_of(a_pdf(change=attachment), "x.pdf") is FileHasActiveContent


def test_a_pdf_that_opens_at_a_page_is_taken() -> None:
    assert inspect_file(io.BytesIO(a_pdf(change=opens_at_its_first_page)), "x.pdf").page_count == 1


def test_a_script_is_found_behind_escapes_and_in_packed_objects() -> None:
    plain = a_pdf(change=opens_with({"/S": "/JavaScript", "/JS": "app.alert(1)"}))
    escaped = plain.replace(b"/JavaScript", b"/J#61vaScript")
    assert fault_of(escaped, "x.pdf") is FileHasActiveContent

    def widget(writer: PdfWriter) -> None:
        page = writer.pages[0]
        page[NameObject("/AA")] = DictionaryObject(
            {NameObject("/O"): DictionaryObject({NameObject("/S"): NameObject("/Rendition")})}
        )

    assert fault_of(a_pdf(change=widget), "x.pdf") is FileHasActiveContent


def test_a_pdf_that_is_an_archive_too_is_refused() -> None:
    assert fault_of(a_pdf() + a_zip({"a.txt": b"a"}), "x.pdf") in {FilePolyglot, FileTruncated}
    inside = a_zip({"a.txt": b"a"})
    assert fault_of(a_pdf()[:-6] + inside + b"\n%%EOF\n", "x.pdf") in {FilePolyglot, FileTruncated}
    assert fault_of(a_zip({"a.txt": b"a"}) + a_pdf(), "x.zip") in {FilePolyglot, FileTruncated}


def test_a_picture_that_is_something_else_too_is_refused() -> None:
    for kind, name in (("PNG", "x.png"), ("JPEG", "x.jpg")):
        picture = an_image(kind)
        assert fault_of(picture + a_zip({"a.txt": b"a"}), name) is FilePolyglot
        assert fault_of(picture + b"<script>alert(1)</script>", name) is FilePolyglot
        assert fault_of(picture[: len(picture) // 2], name) is FileTruncated
    comment = b"\xff\xfe" + struct.pack(">H", 30) + b"<script>alert(1)</script>   "
    picture = an_image("JPEG")
    assert fault_of(picture[:2] + comment + picture[2:], "x.jpg") is FilePolyglot


def test_a_picture_too_large_to_draw_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_types, "PIXELS_MAX", 1_000)
    assert fault_of(an_image("PNG", (50, 50)), "x.png") is FileIsBomb
    header = an_image("PNG")
    huge = header[:16] + struct.pack(">II", 60_000, 60_000) + header[24:]
    assert fault_of(huge, "x.png") in {FileIsBomb, FileTruncated}


@pytest.mark.parametrize("name", ["../evil.pdf", "/etc/passwd", "a/../../b", "..\\evil", "C:\\evil", "a\nb"])
def test_names_that_climb_are_refused(name: str) -> None:
    assert fault_of(a_zip({name: b"x"}), "x.zip") is FileNameUnsafe


def test_links_doubles_and_two_names_are_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert fault_of(target.getvalue(), "x.zip") is FileNameUnsafe
    assert fault_of(with_member(a_zip({"a.txt": b"1"}), "A.txt", b"2"), "x.zip") is FileNameUnsafe
    shown = a_zip({"good.txt": b"1"})
    assert fault_of(shown.replace(b"good.txt", b"evil.txt", 1), "x.zip") is FileNameUnsafe


def test_bombs_are_refused() -> None:
    assert fault_of(a_zip({"zeros": b"\0" * 30_000_000}), "x.zip") is FileIsBomb
    assert fault_of(a_zip({f"m{number}": b"" for number in range(1_001)}), "x.zip") is FileIsBomb
    inner = a_zip({"a": b"a"})
    for _ in range(3):
        inner = a_zip({"inner.zip": inner})
    assert fault_of(inner, "x.zip") is FileIsBomb
    assert fault_of(a_zip({"b.zip": a_zip({"zeros": b"\0" * 30_000_000})}), "x.zip") is FileIsBomb
    assert fault_of(b"[" * 200_000, "x.json") in {FileIsBomb, FileTruncated}


def test_xml_with_a_document_type_is_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    for part in (laughs, outside):
        assert fault_of(with_member(a_workbook(), "xl/extra.xml", part), "x.xlsx") is FileIsBomb
        assert fault_of(with_member(an_ofd(), "Doc_0/Pages.xml", part), "x.ofd") is FileIsBomb
    assert fault_of(with_member(a_text_document(), "word/styles.xml", b"<a><b></a>"), "x.docx") is FileTruncated


def test_office_files_that_act_are_refused() -> None:
    assert fault_of(with_member(a_workbook(), "xl/vbaProject.bin", b"x"), "x.xlsx") is FileHasActiveContent
    assert (
        fault_of(with_member(a_text_document(), "word/activeX/activeX1.xml", b"<a/>"), "x.docx") is FileHasActiveContent
    )
    assert fault_of(with_member(a_text_document(), "word/embeddings/o.bin", b"x"), "x.docx") is FileHasActiveContent
    remote = (
        b"<Relationships><Relationship Id='1' Type='http://x/attachedTemplate' Target='http://x.test/t.dotm' "
        b"TargetMode='External'/></Relationships>"
    )
    assert (
        fault_of(with_member(a_text_document(), "word/_rels/settings.xml.rels", remote), "x.docx")
        is FileHasActiveContent
    )
    assert fault_of(a_zip({"run.exe": b"MZ"}), "x.zip") is FileHasActiveContent


def test_an_archive_with_a_password_is_refused() -> None:
    locked = bytearray(a_zip({"a.txt": b"abc"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    assert fault_of(bytes(locked), "x.zip") is FileEncrypted


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=' java\tscript:alert(1)'>x</a>",
        "<iframe src='https://x.test'></iframe>",
        "<meta http-equiv='refresh' content='0;url=https://x.test'>",
        "<form action='https://x.test'><input></form>",
    ],
)
def test_a_page_that_acts_is_refused(body: str) -> None:
    assert fault_of(f"<html><body>{body}</body></html>".encode(), "x.html") is FileHasActiveContent


def test_json_that_does_not_parse_is_refused() -> None:
    assert fault_of(b'{"a": ', "x.json") is FileTruncated
