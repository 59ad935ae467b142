"""Bank messages as a bank would write them, for tests: small, by hand, after the element names of the standard."""

from dataclasses import dataclass

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


@dataclass(frozen=True)
class Line:
    """A booked line of a notice."""

    reference: str
    amount: str
    remittance: str = ""
    currency: str = "CNY"
    indicator: str = "CRDT"
    status: str = "BOOK"


def notice(message_id: str, *lines: Line, space: str = SPACE, total: str = "", count: str = "") -> bytes:
    """A camt.054 with these lines; ``total`` and ``count`` stand in its summary when given."""
    summary = ""
    if total or count:
        summary = f"<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries><Sum>{total}</Sum></TtlNtries></TxsSummry>"
    entries = "".join(
        f"<Ntry><Amt Ccy='{line.currency}'>{line.amount}</Amt><CdtDbtInd>{line.indicator}</CdtDbtInd>"
        f"<Sts><Cd>{line.status}</Cd></Sts><BookgDt><Dt>2026-07-15</Dt></BookgDt>"
        f"<AcctSvcrRef>{line.reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>e2e</EndToEndId></Refs>"
        f"<RltdPties><Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>{line.remittance}</Ustrd></RmtInf>"
        "</TxDtls></NtryDtls></Ntry>"
        for line in lines
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Document xmlns='{space}'><BkToCstmrDbtCdtNtfctn>"
        f"<GrpHdr><MsgId>{message_id}</MsgId></GrpHdr><Ntfctn>{summary}{entries}</Ntfctn>"
        "</BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()
