"""Certificates of holdings: what the roll says of one line, as a paper that keeps its bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.money import unscale_decimal
from exchange.custody.certificate import FIGURES, LABELS
from exchange.custody.errors import CertificateNotFound, HoldingNotFound
from exchange.custody.roll import Holding
from exchange.custody.service.holdings import holding_of
from exchange.custody.store import holdings as holding_store
from exchange.custody.store import pledges as store
from exchange.custody.tables import CertificateRow as CertificateRow
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.files import file_store
from exchange.infra.outbox import emit
from exchange.infra.paper import PlainPaper, paper_pdf
from exchange.parties import service as parties

SIMULATED = "模拟持有，不具法律效力。 Simulated holding without legal effect."


def issue_certificate(tx: Tx, actor: Actor, now: datetime, *, holding_id: str) -> CertificateRow:
    """A certificate of a holding as it stands; the same standing gives the certificate that was issued before.

    HOLDING_NOT_FOUND for a line the caller may not see; FONT_MISSING where no Chinese font is installed yet.
    """
    held = holding_of(tx, actor, holding_id)
    held = holding_store.lock_holdings(tx, [held.id])[held.id]
    known = store.certificate_of(tx, held.id, held.version)
    if known is not None:
        return known
    certificate_id = new_id("certificate")
    state = _state(tx, held)
    content = paper_pdf(_paper(certificate_id, state, now), now)
    row = CertificateRow(
        id=certificate_id,
        holding_id=held.id,
        holding_version=held.version,
        state=state,
        sha256=file_store().put([content]),
        size_bytes=len(content),
        issued_by=actor.user_id,
        at=now,
    )
    store.add(tx, row)
    manager = funds.fund_facts(tx, held.fund_id).manager_organisation_id
    audience = tuple(dict.fromkeys((held.holder_organisation_id, manager)))
    data: dict[str, object] = {"holding_id": held.id, "holding_version": held.version, "sha256": row.sha256}
    emit(tx, now, Event("certificate.issued", row.id, audience, data), actor_id=actor.user_id)
    return row


def certificate_of(tx: Tx, actor: Actor, certificate_id: str) -> tuple[CertificateRow, bool]:
    """A certificate of a line the caller may see, and whether the holding still stands as it says."""
    row = store.certificate(tx, certificate_id)
    if row is None:
        raise CertificateNotFound
    try:
        held = holding_of(tx, actor, row.holding_id)
    except HoldingNotFound as error:
        raise CertificateNotFound from error
    return row, held.version == row.holding_version


def certificate_file(tx: Tx, actor: Actor, certificate_id: str) -> tuple[CertificateRow, bytes]:
    """The bytes that were issued; they are hashed again before they are served."""
    row, _ = certificate_of(tx, actor, certificate_id)
    return row, file_store().read(row.sha256)


def _state(tx: Tx, held: Holding) -> dict[str, Any]:
    fund = funds.fund_facts(tx, held.fund_id)
    known = parties.names_and_codes_of(tx, [held.holder_organisation_id, fund.manager_organisation_id])
    holder, manager = known[held.holder_organisation_id], known[fund.manager_organisation_id]
    return {
        "fund": {"name": fund.name, "code": fund.code},
        "holder": {"name": holder[0], "code": holder[1]},
        "manager": {"name": manager[0], "code": manager[1]},
        "currency": fund.currency,
        "is_simulated": held.is_simulated,
        **{f"{name}_minor": getattr(held, f"{name}_minor") for name in FIGURES},
    }


def _grouped(minor: int) -> str:
    whole, _, fraction = unscale_decimal(minor, 2).partition(".")
    return f"{int(whole):,}.{fraction:0<2}"


def _paper(certificate_id: str, state: Mapping[str, Any], now: datetime) -> PlainPaper:
    currency = str(state["currency"])
    figures = [(LABELS[name], f"{_grouped(state[f'{name}_minor'])} {currency}") for name in FIGURES]
    return PlainPaper(
        title_zh="基金份额持有凭证",
        title_en="Certificate of a fund interest",
        reference=f"{certificate_id}",
        rows=[
            ("凭证编号 Certificate", certificate_id),
            ("基金 Fund", f"{state['fund']['name']} ({state['fund']['code']})"),
            ("管理人 Manager", f"{state['manager']['name']} {state['manager']['code']}"),
            ("持有人 Holder", f"{state['holder']['name']} {state['holder']['code']}"),
            *figures,
            ("登记时间 Time", now.isoformat()),
        ],
        paragraphs=[
            "以上为平台登记簿于上述时间的记载，其后的变动以登记簿为准。",
            "This is what the register of the exchange said at that time; later changes are found in the register.",
        ],
        notice=SIMULATED if state["is_simulated"] else "",
    )
