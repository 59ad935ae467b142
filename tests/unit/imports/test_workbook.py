import struct
import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook

from exchange.core.archive import PIECE
from exchange.imports.workbook import inspect

SHEET = "xl/worksheets/sheet1.xml"


def a_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> BytesIO:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def fault_of(file: BytesIO) -> str:
    fault = inspect(file)
    return "" if fault is None else fault.reason


def a_sheet(*references: str) -> bytes:
    cells = "".join(f'<c r="{reference}"/>' for reference in references)
    return f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>".encode()


def test_an_ordinary_workbook_passes() -> None:
    book = Workbook()
    for number in range(500):
        book.active.append([f"F-{number}", "2026-03-31", 12.5, "基金"])
    file = BytesIO()
    book.save(file)
    assert fault_of(file) == ""
    assert fault_of(a_zip({SHEET: a_sheet("A1", "Z209999")}, zipfile.ZIP_STORED)) == ""


@pytest.mark.parametrize("reference", ["XFD1", "AA1", "A1048576", "A210000", "A300000", "&#65;1"])
def test_a_cell_far_out_is_refused_before_anything_allocates_for_it(reference: str) -> None:
    assert fault_of(a_zip({SHEET: a_sheet("A1", reference)})).startswith("cells beyond")


def test_a_far_cell_is_found_across_pieces_and_in_other_quotes() -> None:
    filler = b"x" * (PIECE - 20)
    assert fault_of(a_zip({SHEET: b"<a>" + filler + b"</a><c r = 'XFD9'/>"}, zipfile.ZIP_STORED)).startswith("cells")


def test_a_bomb_is_refused_whatever_it_says_of_itself() -> None:
    file = a_zip({SHEET: b"0" * 30_000_000})
    assert fault_of(file) == "unpacks to too much"
    raw = bytearray(file.getvalue())
    directory = raw.rindex(b"PK\x01\x02")
    struct.pack_into("<I", raw, directory + 24, 10)  # the directory claims ten bytes
    assert fault_of(BytesIO(bytes(raw))) == "unpacks to too much"


def test_what_is_no_workbook_is_refused() -> None:
    assert fault_of(BytesIO(b"PK\x03\x04 nothing more")) == "not a workbook"
    assert fault_of(a_zip({SHEET: "<a/>".encode("utf-16")})) == "sheet is not UTF-8"
    assert fault_of(a_zip({f"m{number}": b"" for number in range(1_001)})) == "too many members"
    assert fault_of(a_zip({SHEET: b"<a/>"}, zipfile.ZIP_BZIP2)) == "broken member"


def test_a_cut_member_is_refused() -> None:
    file = a_zip({SHEET: bytes(range(256)) * 50})
    raw = bytearray(file.getvalue())
    raw[40:60] = b"\xff" * 20
    assert fault_of(BytesIO(bytes(raw))) in {"broken member", "sheet is not UTF-8"}
