"""Class and suitability records: an operator enters one with its evidence, a second one approves it.

A newly approved record replaces the one before it. A class ends by itself on its last day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import store
from exchange.parties.deemed import PROOFS, DeemedProof
from exchange.parties.errors import DeemedInvalid, OrganisationNotFound, RecordDates
from exchange.parties.lifecycle import RECORD, OrganisationKind, RecordEvent, RecordStatus
from exchange.parties.proofs import ClassProof as ClassProof
from exchange.parties.proofs import SuitabilityProof as SuitabilityProof
from exchange.parties.service.organisations import locked, organisation_of
from exchange.parties.service.standings import refresh_standing, watch_class_end
from exchange.parties.suitability import asset_breaches
from exchange.parties.tables import InvestorClassRow, SuitabilityRow
from exchange.rulebook.service import DEFAULT_PROFILE, profile
from exchange.rulebook.verdict import Verdict

CLASS_KIND = "investor_class.approve"
SUITABILITY_KIND = "suitability.approve"


def propose_class(tx: Tx, actor: Actor, now: datetime, organisation_id: str, proof: ClassProof) -> Approval:
    """Enter a class record and ask a second operator. RecordDates (422) when it is not in force or runs too long."""
    locked(tx, actor, organisation_id)
    row = class_row(now, organisation_id, proof, RecordStatus.PROPOSED)
    store.add(tx, row)
    return ask_about_class(tx, actor, now, row)


def class_row(now: datetime, organisation_id: str, proof: ClassProof, status: RecordStatus) -> InvestorClassRow:
    """A class record. RecordDates (422) when it is not in force or runs too long."""
    today = market_date(now)
    longest = profile(DEFAULT_PROFILE, today).class_record_days.value
    if not proof.valid_from <= today <= proof.valid_to <= proof.valid_from + timedelta(days=longest):
        raise RecordDates(days=longest)
    return InvestorClassRow(
        id=new_id("investor_class"),
        organisation_id=organisation_id,
        buyer_class=proof.buyer_class,
        evidence=proof.evidence,
        valid_from=proof.valid_from,
        valid_to=proof.valid_to,
        status=status,
    )


def ask_about_class(tx: Tx, actor: Actor, now: datetime, row: InvestorClassRow) -> Approval:
    """Put a proposed class record before a second operator."""
    payload = {
        "organisation_id": row.organisation_id,
        "buyer_class": row.buyer_class.value,
        "valid_to": row.valid_to.isoformat(),
        "evidence": row.evidence,
    }
    return approvals.request(tx, actor, now, CLASS_KIND, row.id, payload)


def propose_suitability(tx: Tx, actor: Actor, now: datetime, organisation_id: str, proof: SuitabilityProof) -> Approval:
    """Enter a suitability record and ask a second operator.

    RulesBroken (409) when the assets are below the profile's numbers (R-21, R-22), RecordDates (422) when the
    evidence lies in the future or is too old, DEEMED_INVALID when the proof of who is qualified by law does not fit.
    """
    locked(tx, actor, organisation_id)
    row = suitability_row(tx, now, organisation_id, proof, RecordStatus.PROPOSED)
    store.add(tx, row)
    return ask_about_suitability(tx, actor, now, row)


def suitability_row(
    tx: Tx, now: datetime, organisation_id: str, proof: SuitabilityProof, status: RecordStatus
) -> SuitabilityRow:
    """A suitability record; refused as `propose_suitability` says."""
    today = market_date(now)
    rules = profile(DEFAULT_PROFILE, today)
    longest = rules.suitability_record_days.value
    declared = (proof.as_of, proof.risk_statement_signed_on or today, proof.no_nominee_declared_on or today)
    if max(declared) > today or not today <= proof.valid_to <= today + timedelta(days=longest):
        raise RecordDates(days=longest)
    if proof.deemed is None:
        Verdict(asset_breaches(proof.net_assets_minor, proof.financial_assets_minor, proof.currency, rules)).demand()
    else:
        _require_fitting(tx, proof.deemed)
    return SuitabilityRow(
        id=new_id("suitability"),
        organisation_id=organisation_id,
        currency=proof.currency,
        net_assets_minor=proof.net_assets_minor,
        financial_assets_minor=proof.financial_assets_minor,
        evidence=proof.evidence,
        as_of=proof.as_of,
        valid_to=proof.valid_to,
        risk_rating=proof.risk_rating,
        risk_statement_signed_on=proof.risk_statement_signed_on,
        no_nominee_declared_on=proof.no_nominee_declared_on,
        status=status,
        **_deemed_columns(proof.deemed),
    )


def _require_fitting(tx: Tx, proof: DeemedProof) -> None:
    """DEEMED_INVALID when the proof is not the one of the kind, or the manager is none."""
    manager_id = proof.deemed.manager_organisation_id
    manager = store.organisation(tx, manager_id) if manager_id is not None else None
    is_manager = manager is not None and manager.kind is OrganisationKind.GP
    if not proof.fits() or (manager_id is not None and not is_manager):
        raise DeemedInvalid(proof=PROOFS[proof.deemed.kind].value)


def _deemed_columns(proof: DeemedProof | None) -> dict[str, Any]:
    if proof is None:
        return {}
    return {
        "deemed_kind": proof.deemed.kind,
        "deemed_proof_kind": proof.proof_kind,
        "deemed_proof_number": proof.proof_number,
        "deemed_manager_id": proof.deemed.manager_organisation_id,
    }


def ask_about_suitability(tx: Tx, actor: Actor, now: datetime, row: SuitabilityRow) -> Approval:
    """Put a proposed suitability record before a second operator."""
    payload = {
        "organisation_id": row.organisation_id,
        "currency": row.currency,
        "net_assets_minor": row.net_assets_minor,
        "financial_assets_minor": row.financial_assets_minor,
        "risk_rating": row.risk_rating,
        "valid_to": row.valid_to.isoformat(),
        "evidence": row.evidence,
    }
    if row.deemed_kind is not None:
        payload |= {"deemed_kind": row.deemed_kind.value, "proof_number": row.deemed_proof_number}
    return approvals.request(tx, actor, now, SUITABILITY_KIND, row.id, payload)


def _decide_class(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    organisation_id = str(approval.payload["organisation_id"])
    store.lock_organisation(tx, organisation_id)
    row = store.class_record(tx, approval.subject_id)
    if row is None:
        raise OrganisationNotFound
    if not approval.is_approved:
        row.status = advance(RECORD, row.status, RecordEvent.REJECT)
        return
    earlier = store.approved_class(tx, organisation_id)
    if earlier is not None:
        earlier.status = advance(RECORD, earlier.status, RecordEvent.REPLACE)
    row.status = advance(RECORD, row.status, RecordEvent.APPROVE)
    tx.flush()
    data = {"investor_class_id": row.id, "buyer_class": row.buyer_class.value, "valid_to": row.valid_to.isoformat()}
    event = Event("investor_class.approved", organisation_id, audience=(organisation_id,), data=data)
    emit(tx, now, event, actor_id=actor.user_id)
    watch_class_end(tx, now, organisation_id, row.id)
    refresh_standing(tx, organisation_id)


def _decide_suitability(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    organisation_id = str(approval.payload["organisation_id"])
    store.lock_organisation(tx, organisation_id)
    row = store.suitability_record(tx, approval.subject_id)
    if row is None:
        raise OrganisationNotFound
    if not approval.is_approved:
        row.status = advance(RECORD, row.status, RecordEvent.REJECT)
        return
    earlier = store.approved_suitability(tx, organisation_id)
    if earlier is not None:
        earlier.status = advance(RECORD, earlier.status, RecordEvent.REPLACE)
    row.status = advance(RECORD, row.status, RecordEvent.APPROVE)
    tx.flush()
    data = {"suitability_id": row.id, "valid_to": row.valid_to.isoformat(), "risk_rating": row.risk_rating}
    if row.deemed_kind is not None:
        data["deemed_kind"] = row.deemed_kind.value
    event = Event("suitability.approved", organisation_id, audience=(organisation_id,), data=data)
    emit(tx, now, event, actor_id=actor.user_id)
    refresh_standing(tx, organisation_id)


approvals.register(CLASS_KIND, _decide_class)
approvals.register(SUITABILITY_KIND, _decide_suitability)


def class_ended(tx: Tx, organisation_id: str) -> None:
    """A class may have come to its last day: the standing is rewritten and says so. Doing it again does nothing."""
    if store.lock_organisation(tx, organisation_id) is not None:
        refresh_standing(tx, organisation_id)


def classes_of(tx: Tx, actor: Actor, organisation_id: str) -> Sequence[InvestorClassRow]:
    """Class records of an organisation the caller may see, newest first."""
    organisation_of(tx, actor, organisation_id)
    return store.classes_of(tx, organisation_id)


def suitability_of(tx: Tx, actor: Actor, organisation_id: str) -> Sequence[SuitabilityRow]:
    """Suitability records of an organisation the caller may see, newest first."""
    organisation_of(tx, actor, organisation_id)
    return store.suitability_records(tx, organisation_id)
