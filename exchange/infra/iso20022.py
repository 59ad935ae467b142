"""Bank messages of ISO 20022: account statements and notices in (camt.053, camt.054), payment orders out (pain.001).

Read strictly: no document type, no entity, an allowed name space, one currency an entry, and the control sums of the
message must be its own. Written in the order of elements the standard asks for, and read back before it leaves.
Source: ISO 20022 message definitions camt.053.001.08, camt.054.001.08 and pain.001.001.09.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from exchange.core.errors import Invalid
from exchange.core.money import MINOR_DIGITS, scale_decimal, unscale_decimal

READ_SPACES = {
    f"urn:iso:std:iso:20022:tech:xsd:{name}": kind
    for kind, names in {
        "camt.053": ("camt.053.001.02", "camt.053.001.08"),
        "camt.054": ("camt.054.001.02", "camt.054.001.08"),
    }.items()
    for name in names
}
WRITTEN_SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MESSAGE_MAX_BYTES = 5_000_000
ENTRIES_MAX = 20_000
_TEXT_MAX = 500
_TAG = re.compile(r"\{(?P<space>[^}]*)\}(?P<name>.*)")


class BankMessageInvalid(Invalid):
    """The message is not one of the kinds that are read, or contradicts itself (422)."""

    code = "BANK_MESSAGE_INVALID"


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One booked line. ``reference`` is the bank's own; a credit is money in. Amount in minor units."""

    reference: str
    amount_minor: int
    currency: str
    is_credit: bool
    booked_on: date
    end_to_end_id: str
    remittance: str
    debtor: str


@dataclass(frozen=True, slots=True)
class BankMessage:
    """A message with its id, its kind (camt.053 or camt.054) and its booked entries in order."""

    message_id: str
    kind: str
    entries: tuple[BankEntry, ...]


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """One payment of a batch; amount in minor units."""

    end_to_end_id: str
    amount_minor: int
    currency: str
    creditor: str
    account_number: str
    remittance: str


def read_message(content: bytes) -> BankMessage:
    """A statement or notice from its XML. BankMessageInvalid names what is wrong; nothing of it is taken then."""
    if len(content) > MESSAGE_MAX_BYTES:
        raise BankMessageInvalid(why="size")
    try:
        root = fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ElementTree.ParseError, ValueError) as error:
        raise BankMessageInvalid(why="xml") from error
    found = _TAG.fullmatch(root.tag)
    kind = READ_SPACES.get(found["space"]) if found else None
    if found is None or kind is None or found["name"] != "Document":
        raise BankMessageInvalid(why="namespace")
    reader = _Reader(found["space"])
    entries = []
    for block in root.iter(reader.tag("Stmt" if kind == "camt.053" else "Ntfctn")):
        entries += reader.entries(block)
    if len(entries) > ENTRIES_MAX or len({entry.reference for entry in entries}) != len(entries):
        raise BankMessageInvalid(why="entries")
    return BankMessage(reader.text(root, ".//", "GrpHdr", "MsgId"), kind, tuple(entries))


class _Reader:
    """Reads elements of one name space."""

    def __init__(self, space: str) -> None:
        self._space = space

    def tag(self, name: str) -> str:
        return f"{{{self._space}}}{name}"

    def find(self, node: ElementTree.Element, *path: str) -> ElementTree.Element | None:
        start = ".//" if path[0] == ".//" else ""
        names = [name for name in path if name != ".//"]
        return node.find(start + "/".join(self.tag(name) for name in names))

    def text(self, node: ElementTree.Element, *path: str, needed: bool = True) -> str:
        found = self.find(node, *path)
        words = " ".join((found.text or "").split()) if found is not None else ""
        if (needed and not words) or len(words) > _TEXT_MAX:
            raise BankMessageInvalid(why=path[-1])
        return words

    def entries(self, block: ElementTree.Element) -> list[BankEntry]:
        entries = [self.entry(node) for node in block.findall(self.tag("Ntry")) if self._is_booked(node)]
        self._check_sums(block, entries)
        return entries

    def entry(self, node: ElementTree.Element) -> BankEntry:
        amount = self.find(node, "Amt")
        currency = amount.get("Ccy", "") if amount is not None else ""
        indicator = self.text(node, "CdtDbtInd")
        if amount is None or currency not in MINOR_DIGITS or indicator not in {"CRDT", "DBIT"}:
            raise BankMessageInvalid(why="Amt")
        detail = self.find(node, "NtryDtls", "TxDtls")
        inner = node if detail is None else detail
        return BankEntry(
            reference=self.text(node, "AcctSvcrRef"),
            amount_minor=_minor(amount.text, currency),
            currency=currency,
            is_credit=indicator == "CRDT",
            booked_on=self._date(node),
            end_to_end_id=self.text(inner, "Refs", "EndToEndId", needed=False),
            remittance=self.text(inner, "RmtInf", "Ustrd", needed=False),
            debtor=self.text(inner, "RltdPties", "Dbtr", "Pty", "Nm", needed=False)
            or self.text(inner, "RltdPties", "Dbtr", "Nm", needed=False),
        )

    def _is_booked(self, node: ElementTree.Element) -> bool:
        status = self.text(node, "Sts", "Cd", needed=False) or self.text(node, "Sts", needed=False)
        return status == "BOOK"

    def _date(self, node: ElementTree.Element) -> date:
        words = self.text(node, "BookgDt", "Dt", needed=False) or self.text(node, "BookgDt", "DtTm")[:10]
        try:
            return date.fromisoformat(words)
        except ValueError as error:
            raise BankMessageInvalid(why="BookgDt") from error

    def _check_sums(self, block: ElementTree.Element, entries: list[BankEntry]) -> None:
        summary = self.find(block, "TxsSummry", "TtlNtries")
        if summary is None:
            return
        count, total = self.text(summary, "NbOfNtries", needed=False), self.text(summary, "Sum", needed=False)
        if count and count != str(len(entries)):
            raise BankMessageInvalid(why="NbOfNtries")
        if total and entries and _minor(total, entries[0].currency) != sum(entry.amount_minor for entry in entries):
            raise BankMessageInvalid(why="Sum")


def _minor(text: str | None, currency: str) -> int:
    try:
        found = scale_decimal((text or "").strip(), MINOR_DIGITS[currency])
    except ValueError as error:
        raise BankMessageInvalid(why="Amt") from error
    if found <= 0:
        raise BankMessageInvalid(why="Amt")
    return found


def write_payments(
    message_id: str,
    made_at: datetime,
    execute_on: date,
    debtor: str,
    debtor_account: str,
    orders: tuple[PaymentOrder, ...],
) -> bytes:
    """A credit transfer initiation (pain.001.001.09) of payments in one currency. ValueError for none or several."""
    currencies = {order.currency for order in orders}
    if len(currencies) != 1:
        raise ValueError("a batch has payments of one currency")
    digits = MINOR_DIGITS[currencies.pop()]
    total = unscale_decimal(sum(order.amount_minor for order in orders), digits)
    ElementTree.register_namespace("", WRITTEN_SPACE)
    root = _child(None, "Document")
    start = _child(root, "CstmrCdtTrfInitn")
    header = _child(start, "GrpHdr")
    _child(header, "MsgId", message_id)
    _child(header, "CreDtTm", made_at.isoformat(timespec="seconds"))
    _child(header, "NbOfTxs", str(len(orders)))
    _child(header, "CtrlSum", total)
    _child(_child(header, "InitgPty"), "Nm", debtor)
    block = _child(start, "PmtInf")
    _child(block, "PmtInfId", message_id)
    _child(block, "PmtMtd", "TRF")
    _child(block, "NbOfTxs", str(len(orders)))
    _child(block, "CtrlSum", total)
    _child(_child(block, "ReqdExctnDt"), "Dt", execute_on.isoformat())
    _child(_child(block, "Dbtr"), "Nm", debtor)
    _account(_child(block, "DbtrAcct"), debtor_account)
    _child(_child(_child(_child(block, "DbtrAgt"), "FinInstnId"), "Othr"), "Id", "NOTPROVIDED")
    for order in orders:
        line = _child(block, "CdtTrfTxInf")
        _child(_child(line, "PmtId"), "EndToEndId", order.end_to_end_id)
        amount = _child(_child(line, "Amt"), "InstdAmt", unscale_decimal(order.amount_minor, digits))
        amount.set("Ccy", order.currency)
        _child(_child(line, "Cdtr"), "Nm", order.creditor)
        _account(_child(line, "CdtrAcct"), order.account_number)
        _child(_child(line, "RmtInf"), "Ustrd", order.remittance)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def read_payments(content: bytes) -> tuple[str, tuple[PaymentOrder, ...]]:
    """A batch read back: its message id and payments. BankMessageInvalid when its control sums are not its own."""
    try:
        root = fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ElementTree.ParseError, ValueError) as error:
        raise BankMessageInvalid(why="xml") from error
    if root.tag != f"{{{WRITTEN_SPACE}}}Document":
        raise BankMessageInvalid(why="namespace")
    reader = _Reader(WRITTEN_SPACE)
    orders = []
    for line in root.iter(reader.tag("CdtTrfTxInf")):
        amount = reader.find(line, "Amt", "InstdAmt")
        currency = amount.get("Ccy", "") if amount is not None else ""
        if amount is None or currency not in MINOR_DIGITS:
            raise BankMessageInvalid(why="InstdAmt")
        orders.append(
            PaymentOrder(
                end_to_end_id=reader.text(line, "PmtId", "EndToEndId"),
                amount_minor=_minor(amount.text, currency),
                currency=currency,
                creditor=reader.text(line, "Cdtr", "Nm"),
                account_number=reader.text(line, "CdtrAcct", "Id", "Othr", "Id"),
                remittance=reader.text(line, "RmtInf", "Ustrd"),
            )
        )
    header = reader.find(root, "CstmrCdtTrfInitn", "GrpHdr")
    if header is None or not orders or reader.text(header, "NbOfTxs") != str(len(orders)):
        raise BankMessageInvalid(why="NbOfTxs")
    if _minor(reader.text(header, "CtrlSum"), orders[0].currency) != sum(order.amount_minor for order in orders):
        raise BankMessageInvalid(why="CtrlSum")
    return reader.text(header, "MsgId"), tuple(orders)


def _child(parent: ElementTree.Element | None, name: str, text: str = "") -> ElementTree.Element:
    tag = f"{{{WRITTEN_SPACE}}}{name}"
    node = ElementTree.Element(tag) if parent is None else ElementTree.SubElement(parent, tag)
    node.text = text or None
    return node


def _account(parent: ElementTree.Element, number: str) -> None:
    _child(_child(_child(parent, "Id"), "Othr"), "Id", number)
