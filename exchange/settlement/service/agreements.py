"""The agreement: generated from the registers, signed by seller, buyer and manager on the same version."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.access.actor import Actor
from exchange.core.errors import Forbidden, IllegalTransition
from exchange.core.ids import new_id
from exchange.core.quantity import price_text
from exchange.diligence.gate import Gate
from exchange.diligence.service import gates
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.infra.files import file_store
from exchange.infra.paper import PlainPaper, paper_pdf
from exchange.infra.signing import sign_pdf
from exchange.listings.payment_plan import plan_from_document
from exchange.parties import service as parties
from exchange.settlement.agreement import PARAGRAPHS, SIDES_NEEDED, hash_of, rows_of
from exchange.settlement.deal import DealEvent, DealStatus, allowed
from exchange.settlement.errors import AgreementNotFound, AgreementOutdated, AlreadySigned
from exchange.settlement.service.progress import advance_deal, lock_deal, tell
from exchange.settlement.service.reads import deal_of, locked_deal_of, may_follow
from exchange.settlement.store import agreements as store
from exchange.settlement.tables.agreements import AgreementRow, SignatureRow, SignatureSide
from exchange.settlement.tables.deals import DealRow


@dataclass(frozen=True, slots=True)
class SeenAgreement:
    """A version with its signatures; only the newest may be signed."""

    row: AgreementRow
    signatures: tuple[SignatureRow, ...]
    is_newest: bool


def generate(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> SeenAgreement:
    """Make the next version of an approved deal's agreement as PDF/A in both languages; earlier signatures are void.

    By one of its parties, the manager or an operator. The deal's own date stands in it, so the same terms give the same
    bytes.
    """
    if "deals:run" not in actor.permissions:
        actor.require("deals:act")
    row = locked_deal_of(tx, actor, deal_id)
    _require_approved(row, DealEvent.SIGN)
    terms = terms_of(tx, row)
    content = paper_pdf(
        PlainPaper(
            title_zh="基金份额转让协议",
            title_en="Agreement on the transfer of a fund interest",
            reference=row.id,
            rows=rows_of(terms),
            paragraphs=PARAGRAPHS,
            notice="模拟交易，仅供演示 Simulated, for demonstration only" if row.is_simulated else "",
        ),
        row.created_at,
    )
    before = store.versions(tx, row.id)
    written = AgreementRow(
        id=new_id("agreement"),
        deal_id=row.id,
        version=len(before) + 1,
        terms=terms,
        terms_hash=hash_of(terms),
        sha256=file_store().put([content]),
        made_by=actor.user_id,
        made_at=now,
    )
    store.add(tx, written)
    data: dict[str, object] = {"agreement_id": written.id, "agreement": written.version, "sha256": written.sha256}
    tell(tx, actor, now, row, "deal.agreement_made", data)
    return SeenAgreement(written, (), is_newest=True)


def sign(tx: Tx, actor: Actor, now: datetime, *, agreement_id: str) -> SeenAgreement:
    """Sign the newest version for every side the caller's organisation is. With all three the deal is signed.

    AGREEMENT_OUTDATED when the terms or the version are no longer the deal's; GATE_BLOCKED names missing papers;
    ALREADY_SIGNED for a second time.
    """
    actor.require("deals:act")
    seen = store.agreement(tx, agreement_id)
    if seen is None:
        raise AgreementNotFound
    row = lock_deal(tx, seen.deal_id)
    sides = _sides_of(actor, row)
    if not sides:
        raise AgreementNotFound if not may_follow(actor, row) else Forbidden(permission="deals:act")
    _require_approved(row, DealEvent.SIGN)
    if store.versions(tx, row.id)[-1].id != seen.id or hash_of(terms_of(tx, row)) != seen.terms_hash:
        raise AgreementOutdated
    gates.require_gate(
        tx,
        now,
        listing_id=row.listing_id,
        gate=Gate.SIGN,
        organisation_id=row.buyer_organisation_id,
        actor=actor,
    )
    done = store.signatures(tx, seen.id)
    due = [side for side in sides if side not in {item.side for item in done}]
    if not due:
        raise AlreadySigned
    _write(tx, actor, now, row, seen, due)
    signed = store.signatures(tx, seen.id)
    if {item.side.value for item in signed} == set(SIDES_NEEDED):
        advance_deal(tx, actor, now, row, DealEvent.SIGN, more={"agreement": seen.version})
    return SeenAgreement(seen, tuple(signed), is_newest=True)


def agreements_of(tx: Tx, actor: Actor, *, deal_id: str) -> list[SeenAgreement]:
    """The versions of a deal's agreement the caller may read, oldest first."""
    row = deal_of(tx, actor, deal_id)
    found = store.versions(tx, row.id)
    return [SeenAgreement(item, tuple(store.signatures(tx, item.id)), is_newest=item is found[-1]) for item in found]


def content_of(tx: Tx, actor: Actor, *, agreement_id: str) -> bytes:
    """The PDF of a version with all its signatures, for who may follow the deal."""
    seen = store.agreement(tx, agreement_id)
    if seen is None:
        raise AgreementNotFound
    deal_of(tx, actor, seen.deal_id)
    done = store.signatures(tx, seen.id)
    return file_store().read(done[-1].sha256 if done else seen.sha256)


def terms_of(tx: Tx, row: DealRow) -> dict[str, Any]:
    """What a deal's agreement says, from the registers alone."""
    sides = {
        "seller": row.seller_organisation_id,
        "buyer": row.buyer_organisation_id,
        "manager": row.manager_organisation_id,
    }
    known = parties.names_and_codes_of(tx, list(sides.values()))
    fund = funds.fund_facts(tx, row.fund_id)
    terms: dict[str, Any] = {
        "trade_id": row.trade_id,
        "deal_id": row.id,
        "fund_name": fund.name,
        "fund_code": fund.code,
        "currency": row.currency,
        "amount_minor": row.amount_minor,
        "price_ppm": row.price_ppm,
        "base_minor": row.base_minor,
        "reference_on": row.reference_on.isoformat(),
        "adjustment": row.adjustment.value,
        "plan": dict(row.plan),
        "plan_text": _plan_text(row),
    }
    for side, organisation_id in sides.items():
        terms[f"{side}_name"], terms[f"{side}_code"] = known[organisation_id]
    return terms


def _write(tx: Tx, actor: Actor, now: datetime, row: DealRow, seen: AgreementRow, due: list[SignatureSide]) -> None:
    done = store.signatures(tx, seen.id)
    content = file_store().read(done[-1].sha256 if done else seen.sha256)
    for side in due:
        content = sign_pdf(
            content, field=f"v{seen.version}_{side.value}", name=actor.user_id, reason=f"{side.value} {row.id}"
        )
        signature = SignatureRow(
            id=new_id("signature"),
            agreement_id=seen.id,
            side=side,
            organisation_id=actor.organisation_id,
            user_id=actor.user_id,
            sha256=file_store().put([content]),
            signed_at=now,
        )
        store.add(tx, signature)
        data: dict[str, object] = {"agreement": seen.version, "side": side.value, "sha256": signature.sha256}
        tell(tx, actor, now, row, "deal.agreement_signed", data)


def _sides_of(actor: Actor, row: DealRow) -> list[SignatureSide]:
    owners = (
        (SignatureSide.SELLER, row.seller_organisation_id),
        (SignatureSide.BUYER, row.buyer_organisation_id),
        (SignatureSide.MANAGER, row.manager_organisation_id),
    )
    return [side for side, owner in owners if owner == actor.organisation_id]


def _require_approved(row: DealRow, event: DealEvent) -> None:
    if row.status is not DealStatus.APPROVED:
        raise IllegalTransition(
            status=row.status.value, event=event.value, allowed=", ".join(allowed(row.status)) or "-"
        )


def _plan_text(row: DealRow) -> str:
    plan = plan_from_document(row.plan)
    if not plan.later:
        return "交割时一次付清 In full at closing"
    parts = ", ".join(f"{price_text(part.share_ppm)} / {part.days} d" for part in plan.later)
    return f"交割后分期 Later parts: {parts}"
