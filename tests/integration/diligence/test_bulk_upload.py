"""A ZIP of papers: each goes to the item its name says, and one that is refused does not hold up the others."""

import io
import zipfile

import pytest

from exchange.access.actor import Actor
from exchange.core.errors import ExchangeError
from exchange.diligence.bulk_names import code_of, is_a_file, path_of, title_of
from exchange.diligence.document_errors import ArchiveExpected
from exchange.diligence.item import ItemState
from exchange.diligence.service import documents
from exchange.diligence.service.bulk_upload import BulkRow, add_bulk, receive_bulk
from exchange.diligence.service.templates import template
from exchange.infra.file_faults import FileIsBomb, FileNameUnsafe
from tests.builders import Exchange, at_work
from tests.files import EICAR_FILES, a_pdf, a_text_document, a_zip
from tests.integration.diligence.deal_world import a_deal


def bulk(by: Actor, listing_id: str, content: bytes) -> list[BulkRow]:
    """Upload an archive as the API does it."""
    files = receive_bulk(io.BytesIO(content))
    with at_work() as (tx, now):
        return add_bulk(tx, by, now, listing_id=listing_id, files=files)


def test_each_file_goes_where_its_name_says(exchange: Exchange) -> None:
    deal = a_deal(exchange)
    content = a_zip(
        {
            "A05_转让申请书.docx": a_text_document(),
            "卖方文件/B04 认购协议/subscription.pdf": a_pdf(words="B04"),
            "卖方文件/B04 认购协议/side letter.pdf": a_pdf(words="B04 again"),
            "notes.pdf": a_pdf(words="no code"),
            "C01_LPA.pdf": a_pdf(words="of the manager"),
            "A03.exe": b"MZ\x00\x01",
            "B03_declaration.csv": EICAR_FILES["plain.csv"],
            "Z99_x.pdf": a_pdf(words="unknown"),
            "__MACOSX/._A05.docx": b"\x00\x05\x16\x07",
        }
    )
    rows = {row.path.rpartition("/")[2]: row for row in bulk(deal.seller, deal.listing_id, content)}
    found = {name: (row.code, row.is_handed_in, row.fault, row.document_id is not None) for name, row in rows.items()}
    assert found == {
        "A05_转让申请书.docx": ("A05", True, None, True),
        "subscription.pdf": ("B04", True, None, True),
        "side letter.pdf": ("B04", False, "BULK_CODE_TWICE", True),
        "notes.pdf": (None, False, "BULK_CODE_MISSING", True),
        "C01_LPA.pdf": ("C01", False, "NOT_ITEM_PROVIDER", True),
        "A03.exe": ("A03", False, "FILE_TYPE_UNKNOWN", False),
        "B03_declaration.csv": ("B03", False, rows["B03_declaration.csv"].fault, True),
        "Z99_x.pdf": ("Z99", False, "ITEM_NOT_FOUND", True),
    }
    assert rows["B03_declaration.csv"].fault in {"DOCUMENT_NOT_CLEAN", "FILE_KIND_NOT_ACCEPTED"}
    states = deal.states()
    assert {states["A05"], states["B04"]} <= {ItemState.SUBMITTED, ItemState.IN_REVIEW, ItemState.ACCEPTED}
    with at_work() as (tx, _):
        kept = documents.documents_of(tx, deal.seller, listing_id=deal.listing_id)
    assert len(kept) == 7
    assert {each.document.title for each in kept} >= {"转让申请书", "subscription", "notes", "LPA"}


def test_an_archive_that_is_none_or_unsafe_is_refused_whole() -> None:
    faults: list[tuple[bytes, type[ExchangeError]]] = [
        (a_pdf(), ArchiveExpected),
        (a_zip({}), ArchiveExpected),
        (a_zip({"../C01.pdf": a_pdf()}), FileNameUnsafe),
        (a_zip({"C01.csv": b"0" * 30_000_000}), FileIsBomb),
        (a_zip({f"C{number}.csv": b"" for number in range(301)}), FileIsBomb),
    ]
    for content, fault in faults:
        with pytest.raises(fault):
            receive_bulk(io.BytesIO(content))


@pytest.mark.parametrize(
    ("path", "code", "title"),
    [
        ("C07_审计报告.pdf", "C07", "审计报告"),
        ("c07-report.pdf", "C07", "report"),
        ("C07/report 2025.pdf", "C07", "report 2025"),
        ("基金文件/C07 审计/2025.pdf", "C07", "2025"),
        ("C07/B03_x.pdf", "B03", "x"),
        ("C07.pdf", "C07", ""),
        ("report.pdf", None, "report"),
        ("C0712.pdf", None, "C0712"),
        ("Q42025.pdf", None, "Q42025"),
    ],
)
def test_a_code_is_read_from_the_name_or_the_nearest_folder(path: str, code: str | None, title: str) -> None:
    assert (code_of(path), title_of(path)) == (code, title)


def test_every_code_of_the_template_can_be_read_from_a_name() -> None:
    specs = template()
    codes = {code for of_type in specs.types for code in specs.deal_items(of_type)} | set(specs.account_items)
    assert len(codes) > 50
    assert {code for code in codes if code_of(f"{code}_x.pdf") != code} == set()


def test_names_written_in_gb18030_are_read() -> None:
    content = a_zip({"C07_0000.pdf": b"x"}).replace(b"0000", "审计".encode("gb18030"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [path_of(member) for member in archive.infolist()] == ["C07_审计.pdf"]
    assert [is_a_file(name) for name in ("a/b.pdf", "a/", "__MACOSX/x", "a/.DS_Store", "a/._x")] == [
        True,
        False,
        False,
        False,
        False,
    ]
