"""Organisations: they apply, two operators admit, suspend and reinstate them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stdnum.cn import uscc

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.roles import Role
from exchange.access.service import approvals
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.lifecycle import advance
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.infra.settings import settings
from exchange.parties import store
from exchange.parties.errors import (
    CreditCodeInvalid,
    CreditCodeReal,
    CreditCodeTaken,
    KindNotOpen,
    OrganisationNotFound,
    SimulationForbidden,
)
from exchange.parties.lifecycle import ORGANISATION, OrganisationEvent, OrganisationKind, OrganisationStatus
from exchange.parties.service.standings import refresh_standing
from exchange.parties.tables import OrganisationRow

PERMISSION = "parties:write"
OPEN_KINDS = frozenset({OrganisationKind.GP, OrganisationKind.INVESTOR, OrganisationKind.ADVISER})
_PAST = {
    OrganisationEvent.APPROVE: "organisation.approved",
    OrganisationEvent.REJECT: "organisation.rejected",
    OrganisationEvent.SUSPEND: "organisation.suspended",
    OrganisationEvent.REINSTATE: "organisation.reinstated",
}
ROLES = {
    OrganisationKind.GP: frozenset({Role.GP, Role.INVESTOR}),
    OrganisationKind.INVESTOR: frozenset({Role.INVESTOR}),
    OrganisationKind.ADVISER: frozenset({Role.ADVISER}),
    OrganisationKind.OPERATOR: frozenset({Role.OPERATOR}),
    OrganisationKind.AUDITOR: frozenset({Role.AUDITOR, Role.REGULATOR}),
}
"""The roles a user of an organisation may have."""


@dataclass(frozen=True, slots=True)
class Application:
    """What an organisation says of itself."""

    kind: OrganisationKind
    name_zh: str
    name_en: str
    credit_code: str
    is_state_owned: bool = False
    is_simulated: bool = False


def simulated_credit_code(number: int) -> str:
    """A code of the right form whose check digit is wrong, so that it can belong to no real company."""
    stem = f"9111000000{number:07d}"
    right = str(uscc.calc_check_digit(stem))
    return stem + ("1" if right == "0" else "0")


def check_credit_code(code: str, *, is_simulated: bool) -> None:
    """CreditCodeInvalid for a real organisation with a wrong code, CreditCodeReal for a simulated one with a right
    code. Source: GB 32100-2015."""
    if is_simulated and not settings().sandbox:
        raise SimulationForbidden
    is_right = bool(uscc.is_valid(code)) and code == uscc.compact(code)
    if is_simulated and is_right:
        raise CreditCodeReal
    if not is_simulated and not is_right:
        raise CreditCodeInvalid


def apply(tx: Tx, actor: Actor | None, now: datetime, application: Application) -> OrganisationRow:
    """Take an application, from an operator or (``actor`` None) from the public."""
    is_operator = actor is not None and PERMISSION in actor.permissions
    if application.kind not in OPEN_KINDS and not is_operator:
        raise KindNotOpen(kind=application.kind.value)
    return enter(tx, now, application, entered_by=actor.user_id if actor else "public")


def enter(tx: Tx, now: datetime, application: Application, *, entered_by: str) -> OrganisationRow:
    """Enter an organisation as applied for. Asks for no permission: ``apply`` and the founding do."""
    check_credit_code(application.credit_code, is_simulated=application.is_simulated)
    if store.organisation_by_code(tx, application.credit_code) is not None:
        raise CreditCodeTaken
    row = OrganisationRow(
        id=new_id("organisation"),
        kind=application.kind,
        name_zh=application.name_zh,
        name_en=application.name_en,
        credit_code=application.credit_code,
        is_simulated=application.is_simulated,
        is_state_owned=application.is_state_owned,
        created_at=now,
    )
    store.add(tx, row)
    data = {"kind": row.kind.value, "is_simulated": row.is_simulated}
    event = Event("organisation.applied", row.id, audience=(row.id,), data=data)
    emit(tx, now, event, actor_id=entered_by)
    refresh_standing(tx, row.id)
    return row


def locked(tx: Tx, actor: Actor, organisation_id: str) -> OrganisationRow:
    """An organisation an operator is about to change, locked."""
    actor.require(PERMISSION)
    row = store.lock_organisation(tx, organisation_id)
    if row is None:
        raise OrganisationNotFound
    return row


def rename(
    tx: Tx, actor: Actor, now: datetime, row: OrganisationRow, *, name_zh: str | None, name_en: str | None
) -> OrganisationRow:
    """Change the names of a locked organisation."""
    row.name_zh = name_zh or row.name_zh
    row.name_en = name_en or row.name_en
    row.version += 1
    data = {"name_zh": row.name_zh, "name_en": row.name_en}
    emit(tx, now, Event("organisation.renamed", row.id, audience=(row.id,), data=data), actor_id=actor.user_id)
    return row


def ask(tx: Tx, actor: Actor, now: datetime, organisation_id: str, event: OrganisationEvent) -> Approval:
    """An operator asks a second one to admit, suspend or reinstate. IllegalTransition (409) out of order."""
    row = locked(tx, actor, organisation_id)
    advance(ORGANISATION, row.status, event)
    return approvals.request(tx, actor, now, _kind(event), organisation_id, {"version": row.version})


def _kind(event: OrganisationEvent) -> str:
    return f"organisation.{event.value}"


def _carry_out(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    event = OrganisationEvent(approval.kind.partition(".")[2])
    if not approval.is_approved:
        if event is not OrganisationEvent.APPROVE:
            return
        event = OrganisationEvent.REJECT
    row = store.lock_organisation(tx, approval.subject_id)
    if row is None:
        raise OrganisationNotFound
    row.status = advance(ORGANISATION, row.status, event)
    row.version += 1
    tx.flush()
    refresh_standing(tx, row.id)
    emit(tx, now, Event(_PAST[event], row.id, audience=(row.id,)), actor_id=actor.user_id)


for _event in (OrganisationEvent.APPROVE, OrganisationEvent.SUSPEND, OrganisationEvent.REINSTATE):
    approvals.register(_kind(_event), _carry_out)


def organisation_of(tx: Tx, actor: Actor, organisation_id: str) -> OrganisationRow:
    """An organisation: one's own, or any for those who watch. OrganisationNotFound (404) otherwise."""
    row = store.organisation(tx, organisation_id)
    if row is None or (row.id != actor.organisation_id and "parties:read" not in actor.permissions):
        raise OrganisationNotFound
    return row


def organisations_of(
    tx: Tx,
    actor: Actor,
    *,
    status: OrganisationStatus | None,
    kind: OrganisationKind | None,
    after: str,
    limit: int,
) -> list[OrganisationRow]:
    """Organisations in the order of their ids."""
    actor.require("parties:read")
    return list(store.organisations(tx, status, kind, after, limit))


def organisations_by_credit_code(tx: Tx, credit_codes: Sequence[str]) -> dict[str, OrganisationRow]:
    """Organisations by unified social credit code, in one statement; unknown codes are absent."""
    return store.organisations_by_code(tx, credit_codes) if credit_codes else {}


def names_of(tx: Tx, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Names (Chinese, English) by organisation id, in one statement."""
    return {row.id: (row.name_zh, row.name_en) for row in store.organisations_by_id(tx, ids).values()}


def names_and_codes_of(tx: Tx, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Chinese name and unified social credit code by organisation id; for papers made from the registers."""
    return {row.id: (row.name_zh, row.credit_code) for row in store.organisations_by_id(tx, ids).values()}


def is_admitted(tx: Tx, organisation_id: str) -> bool:
    """Whether an organisation is admitted and not suspended."""
    row = store.organisation(tx, organisation_id)
    return row is not None and row.status is OrganisationStatus.APPROVED


def is_simulated(tx: Tx, organisation_id: str) -> bool:
    """Whether an organisation is made up; what it does is marked so. OrganisationNotFound when there is none."""
    row = store.organisation(tx, organisation_id)
    if row is None:
        raise OrganisationNotFound
    return row.is_simulated


def is_state_owned(tx: Tx, organisation_id: str) -> bool:
    """Whether an organisation is state-owned (rules R-42 and after). OrganisationNotFound when there is none."""
    row = store.organisation(tx, organisation_id)
    if row is None:
        raise OrganisationNotFound
    return row.is_state_owned
