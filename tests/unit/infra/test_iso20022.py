"""Bank messages are read strictly and written so that they read back the same."""

from datetime import UTC, date, datetime

import pytest

from exchange.infra.iso20022 import (
    BankMessageInvalid,
    PaymentOrder,
    read_message,
    read_payments,
    write_payments,
)
from tests.bank_files import SPACE, Line, notice

BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    b"<Document xmlns='" + SPACE.encode() + b"'><x>&b;</x></Document>"
)
ORDERS = (
    PaymentOrder("pyo_1", 12_345_67, "CNY", "甲公司", "6222020200112233", "payout 1"),
    PaymentOrder("pyo_2", 1_00, "CNY", "Beta Ltd", "6222020200445566", "payout 2"),
)


def test_a_notice_gives_its_booked_credits() -> None:
    found = read_message(
        notice("M1", Line("R1", "100.50", "acc"), Line("R2", "3.00", indicator="DBIT"), total="103.50", count="2")
    )
    assert (found.message_id, found.kind) == ("M1", "camt.054")
    assert [(entry.reference, entry.amount_minor, entry.is_credit) for entry in found.entries] == [
        ("R1", 100_50, True),
        ("R2", 3_00, False),
    ]
    assert (found.entries[0].remittance, found.entries[0].debtor, found.entries[0].booked_on) == (
        "acc",
        "Payer",
        date(2026, 7, 15),
    )


def test_what_is_only_announced_is_no_money() -> None:
    assert read_message(notice("M1", Line("R1", "1.00", status="PDNG"))).entries == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not xml", "xml"),
        (BOMB, "xml"),
        (notice("M", Line("R", "1.00"), space="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"), "namespace"),
        (notice("M", Line("R", "1.00", currency="XXX")), "Amt"),
        (notice("M", Line("R", "-1.00")), "Amt"),
        (notice("M", Line("R", "1e3")), "Amt"),
        (notice("M", Line("R", "1.001")), "Amt"),
        (notice("M", Line("R", "1.00"), total="2.00", count="1"), "Sum"),
        (notice("M", Line("R", "1.00"), total="1.00", count="2"), "NbOfNtries"),
        (notice("M", Line("R", "1.00"), Line("R", "2.00")), "entries"),
        (notice("", Line("R", "1.00")), "MsgId"),
        (notice("M", Line("", "1.00")), "AcctSvcrRef"),
        (b" " * 5_000_001, "size"),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(content: bytes, why: str) -> None:
    with pytest.raises(BankMessageInvalid) as refused:
        read_message(content)
    assert refused.value.parameters == {"why": why}


def test_a_batch_reads_back_as_it_was_written() -> None:
    content = write_payments("B1", datetime(2026, 7, 15, tzinfo=UTC), date(2026, 7, 16), "House", "0001", ORDERS)
    assert read_payments(content) == ("B1", ORDERS)
    assert b"pain.001.001.09" in content
    assert b"<CtrlSum>12346.67</CtrlSum>" in content


def test_a_batch_whose_sums_were_changed_is_not_read() -> None:
    content = write_payments("B1", datetime(2026, 7, 15, tzinfo=UTC), date(2026, 7, 16), "House", "0001", ORDERS)
    for old, new in ((b"12346.67", b"12346.68"), (b"<NbOfTxs>2<", b"<NbOfTxs>3<")):
        with pytest.raises(BankMessageInvalid):
            read_payments(content.replace(old, new))


def test_a_batch_has_one_currency() -> None:
    mixed = (*ORDERS, PaymentOrder("pyo_3", 1, "USD", "x", "12345678", "y"))
    for orders in (mixed, ()):
        with pytest.raises(ValueError, match="one currency"):
            write_payments("B1", datetime(2026, 7, 15, tzinfo=UTC), date(2026, 7, 16), "House", "0001", orders)
