"""Commands and queries of custody: record, correct, freeze, release, and who holds what."""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.money import unscale_decimal
from exchange.custody import roll
from exchange.custody.errors import (
    HoldingBelowEncumbrance,
    HoldingInvalid,
    HoldingNotFound,
    InterestNotFree,
    ReleaseTooLarge,
)
from exchange.custody.roll import Holding, HoldingRecord, RollTotals
from exchange.custody.store import holdings as store
from exchange.funds import service as funds
from exchange.funds.errors import FundNotFound
from exchange.funds.recorded import Recorded
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


def record_holding(tx: Tx, actor: Actor, now: datetime, *, record: HoldingRecord, reference_id: str) -> Holding:
    """Put a holder on the roll or correct its figures; the entry keeps the difference.

    Refused: contradicting figures (HOLDING_INVALID), less than is frozen or pledged (HOLDING_BELOW_ENCUMBRANCE).
    """
    actor.require("funds:write")
    fund = funds.managed_fund(tx, actor, record.fund_id)
    done = record_holdings(tx, actor, now, records=[record], reference_id=reference_id)
    held = store.holdings_by_key(tx, [record.key])[record.key]
    if done.added or done.changed:
        emit(
            tx,
            now,
            Event(
                "holding.recorded",
                held.id,
                audience=(held.holder_organisation_id, fund.manager_organisation_id),
                data={"fund_id": held.fund_id, "subscribed_minor": held.subscribed_minor, "version": held.version},
            ),
            actor_id=actor.user_id,
        )
    return held


def record_holdings(
    tx: Tx, actor: Actor, now: datetime, *, records: Sequence[HoldingRecord], reference_id: str
) -> Recorded:
    """Record many holdings set-wise, all or nothing. The caller has checked the right to each fund.

    Locks the funds and then the holdings, both in id order.
    """
    for record in records:
        if fields := roll.check_record(record):
            raise HoldingInvalid(fields=fields)
    funds.lock_funds(tx, sorted({record.fund_id for record in records}))
    current = store.holdings_by_key(tx, [record.key for record in records], lock=True)
    changes = roll.changes_of(records, current)
    for change in changes:
        if not roll.keeps_encumbrance(change):
            raise HoldingBelowEncumbrance(holder=change.record.holder_organisation_id)
    due = [change for change in changes if not change.is_nothing]
    if due:
        store.apply_changes(tx, due, reference_id, actor.user_id, now)
    added = sum(change.is_new for change in due)
    return Recorded(added, len(due) - added, len(changes) - len(due))


def current_holdings(tx: Tx, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Holding]:
    """Holdings by (fund id, holder organisation id), without asking who wants to know."""
    return store.holdings_by_key(tx, keys)


def partners_of(tx: Tx, fund_id: str) -> list[Holding]:
    """Everybody who holds something of a fund, in the order of the roll; for other services."""
    return [held for held in store.holdings(tx, fund_ids=[fund_id]) if held.subscribed_minor > 0]


def freeze(tx: Tx, actor: Actor, now: datetime, *, holding_id: str, amount_minor: int, reference_id: str) -> Holding:
    """Set an amount of a holding aside for one reference (a listing). INTEREST_NOT_FREE when less is free (R-40)."""
    frozen = store.shift_frozen(tx, holding_id, amount_minor, reference_id, actor.user_id, now)
    if frozen is None:
        held = holding_facts(tx, holding_id)
        raise InterestNotFree(amount=unscale_decimal(amount_minor, 2), free=unscale_decimal(held.free_minor, 2))
    _announce(tx, actor, now, "holding.frozen", frozen, amount_minor, reference_id)
    return frozen


def release(tx: Tx, actor: Actor, now: datetime, *, holding_id: str, amount_minor: int, reference_id: str) -> Holding:
    """Give back an amount that this reference froze. RELEASE_TOO_LARGE when it froze less."""
    held = store.frozen_for(tx, holding_id, reference_id)
    released = None
    if amount_minor <= held:
        released = store.shift_frozen(tx, holding_id, -amount_minor, reference_id, actor.user_id, now)
    if released is None:
        raise ReleaseTooLarge(amount=unscale_decimal(amount_minor, 2), frozen=unscale_decimal(held, 2))
    _announce(tx, actor, now, "holding.released", released, amount_minor, reference_id)
    return released


def frozen_for(tx: Tx, holding_id: str, reference_id: str) -> int:
    """What one reference keeps frozen of a holding, in minor units. The caller holds the reference's lock."""
    return store.frozen_for(tx, holding_id, reference_id)


def last_bought_at(tx: Tx, holding_id: str) -> datetime | None:
    """When the register last added to a holding by a transfer that stands (R-04); None when it never did."""
    return store.last_bought_at(tx, holding_id)


def holding_facts(tx: Tx, holding_id: str) -> Holding:
    """A holding without asking who wants to know; for other services."""
    held = store.holding(tx, holding_id)
    if held is None:
        raise HoldingNotFound
    return held


def holding_of(tx: Tx, actor: Actor, holding_id: str) -> Holding:
    """A holding the caller may see: its own, of a fund it manages, or any for operators and auditors."""
    actor.require("holdings:read")
    held = holding_facts(tx, holding_id)
    if actor.sees_everything or held.holder_organisation_id == actor.organisation_id:
        return held
    if held.fund_id in funds.managed_fund_ids(tx, actor.organisation_id):
        return held
    raise HoldingNotFound


def holdings_of(
    tx: Tx,
    actor: Actor,
    *,
    fund_id: str | None = None,
    holder_id: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[Holding]:
    """Holdings the caller may see, in id order."""
    actor.require("holdings:read")
    visible_to = None if actor.sees_everything else actor.organisation_id
    return store.holdings(
        tx,
        fund_ids=None if fund_id is None else [fund_id],
        holder_id=holder_id,
        visible_to=visible_to,
        managed_fund_ids=[] if visible_to is None else funds.managed_fund_ids(tx, visible_to),
        after=after,
        limit=limit,
    )


def roll_of(tx: Tx, actor: Actor, fund_id: str) -> tuple[list[Holding], RollTotals]:
    """The whole roll of a fund with its sums; only for its manager, operators and auditors."""
    actor.require("holdings:read")
    fund = funds.fund_of(tx, actor, fund_id)
    if not actor.sees_everything and fund.manager_organisation_id != actor.organisation_id:
        raise FundNotFound
    rows = store.holdings(tx, fund_ids=[fund_id])
    return rows, roll.totals(rows)


def _announce(
    tx: Tx, actor: Actor, now: datetime, kind: str, held: Holding, amount_minor: int, reference_id: str
) -> None:
    data = {
        "fund_id": held.fund_id,
        "amount_minor": amount_minor,
        "frozen_minor": held.frozen_minor,
        "reference_id": reference_id,
    }
    event = Event(kind, held.id, audience=(held.holder_organisation_id,), data=data)
    emit(tx, now, event, actor_id=actor.user_id)
