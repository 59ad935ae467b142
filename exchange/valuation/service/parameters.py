"""Figures of a market: one operator proposes them with their source, another one approves; nothing is overwritten.

The exchange ships published international figures, which an operator proposes like any others. It ships none for
China: rows of region CN exist only after operators entered them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from exchange.access.actor import Actor
from exchange.access.approval import Approval
from exchange.access.service import approvals
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.events import MARKET, Event, canonical_json
from exchange.core.ids import new_id
from exchange.core.terms import SourceMark
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.valuation import store
from exchange.valuation.errors import ParameterProposalNotFound, ParametersInvalid
from exchange.valuation.panel.canonical import text_hash
from exchange.valuation.parameters import Parameter, ParameterKind, check_parameter, read_values
from exchange.valuation.tables import ParameterProposalRow
from exchange.valuation.tables import ValuationParameterRow as ValuationParameterRow

PERMISSION = "valuation_parameters:write"
APPROVAL = "valuation_parameters"
ITEMS_MAX = 1_000
ERRORS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Entered:
    """A row as entered: values as strict decimal strings, whole days and years."""

    kind: ParameterKind
    region: str
    strategy: str
    name: str
    effective_on: date
    values: Mapping[str, Any]
    mark: SourceMark
    source: str


def propose(tx: Tx, actor: Actor, now: datetime, *, entered: Sequence[Entered]) -> Approval:
    """Ask a second operator to approve figures. VALUATION_PARAMETERS_INVALID names every wrong one."""
    actor.require(PERMISSION)
    items = _checked(entered, market_date(now))
    row = ParameterProposalRow(
        id=new_id("parameter_proposal"),
        items=items,
        items_hash=text_hash(canonical_json(items)),
        entered_by=actor.user_id,
        entered_at=now,
    )
    store.add(tx, row)
    payload = {"proposal_id": row.id, "count": len(items), "items_hash": row.items_hash}
    return approvals.request(tx, actor, now, APPROVAL, row.id, payload)


def proposal_of(tx: Tx, actor: Actor, proposal_id: str) -> ParameterProposalRow:
    """What a second operator is asked to approve."""
    actor.require("parties:read")
    row = store.proposal(tx, proposal_id)
    if row is None:
        raise ParameterProposalNotFound
    return row


def parameters_of(
    tx: Tx,
    actor: Actor,
    *,
    kind: ParameterKind | None = None,
    region: str | None = None,
    after: str | None = None,
    limit: int = 200,
) -> list[ValuationParameterRow]:
    """Every version of the figures in force, for every participant: nobody is judged by numbers he cannot see."""
    actor.require("valuations:read")
    return store.parameters(tx, kind=kind, region=region, after=after, limit=limit)


def _decided(tx: Tx, actor: Actor, now: datetime, approval: Approval) -> None:
    """The second operator said yes: each figure becomes the next version of its place and day."""
    if not approval.is_approved:
        return
    actor.require(PERMISSION)
    store.lock_parameters(tx)
    proposal = store.proposal(tx, approval.subject_id)
    if proposal is None:
        raise ParameterProposalNotFound
    keys = [_key(item) for item in proposal.items]
    versions = store.parameter_versions(tx, keys)
    ids = sorted(new_id("valuation_parameter") for _ in keys)  # ids of one instant sort by chance: keep the order
    rows = [
        ValuationParameterRow(
            id=row_id,
            kind=ParameterKind(item["kind"]),
            region=item["region"],
            strategy=item["strategy"],
            name=item["name"],
            effective_on=date.fromisoformat(item["effective_on"]),
            version=versions.get(key, 0) + 1,
            values=item["values"],
            source_mark=SourceMark(item["source_mark"]),
            source=item["source"],
            proposal_id=proposal.id,
            entered_by=proposal.entered_by,
            entered_at=proposal.entered_at,
            approved_by=actor.user_id,
            approved_at=now,
        )
        for row_id, key, item in zip(ids, keys, proposal.items, strict=True)
    ]
    store.add_parameters(tx, rows)
    data = {"count": len(rows), "items_hash": proposal.items_hash}
    emit(tx, now, Event("valuation_parameters.changed", proposal.id, (MARKET,), data), actor_id=actor.user_id)


approvals.register(APPROVAL, _decided)


def _checked(entered: Sequence[Entered], today: date) -> list[dict[str, Any]]:
    errors: list[FieldError] = []
    items = []
    seen = set()
    if not 1 <= len(entered) <= ITEMS_MAX:
        raise ParametersInvalid(fields=(FieldError("/items", "FIELD_LENGTH"),))
    for place, item in enumerate(entered):
        values, wrong = read_values(item.kind, item.values)
        parameter = Parameter(
            kind=item.kind,
            region=item.region,
            strategy=item.strategy,
            name=item.name,
            effective_on=item.effective_on,
            values=values,
            mark=item.mark,
            source=item.source,
        )
        wrong += check_parameter(parameter, today)
        if parameter.key in seen:
            wrong.append(FieldError("", "PARAMETER_TWICE"))
        seen.add(parameter.key)
        errors += [FieldError(f"/items/{place}{error.pointer}", error.code, error.parameters) for error in wrong]
        items.append(_item(parameter))
    if errors:
        raise ParametersInvalid(fields=tuple(errors[:ERRORS_SHOWN]))
    return items


def _item(parameter: Parameter) -> dict[str, Any]:
    return {
        "kind": parameter.kind.value,
        "region": parameter.region,
        "strategy": parameter.strategy,
        "name": parameter.name,
        "effective_on": parameter.effective_on.isoformat(),
        "values": dict(parameter.values),
        "source_mark": parameter.mark.value,
        "source": parameter.source,
    }


def _key(item: Mapping[str, Any]) -> tuple[str, str, str, str, date]:
    day = date.fromisoformat(item["effective_on"])
    return item["kind"], item["region"], item["strategy"], item["name"], day
