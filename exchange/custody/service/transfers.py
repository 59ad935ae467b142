"""An interest goes from one holder to another, and back. Called by settlement, which has judged.

Order of locks: fund, listing, deal, accounts by id, holdings by id.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.core.money import unscale_decimal
from exchange.custody.errors import HoldingNotFound, InterestNotFree, InterestNotMoved, ReleaseTooLarge
from exchange.custody.roll import Part, part_of
from exchange.custody.store import holdings as store
from exchange.custody.tables import CustodyEntryKind, CustodyEntryRow, InterestTransferRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


@dataclass(frozen=True, slots=True)
class Moved:
    """What went over: subscribed capital with its paid-in and unfunded, in minor units, and to which line."""

    transfer_id: str
    to_holding_id: str
    amount_minor: int
    paid_in_minor: int
    unfunded_minor: int


def transfer_interest(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    from_holding_id: str,
    to_organisation_id: str,
    amount_minor: int,
    frozen_reference_id: str,
    reference_id: str,
) -> Moved:
    """Move a frozen amount to another holder's line, opened when missing; paid-in and unfunded go pro rata.

    One reference moves once: repeating it returns what was moved. RELEASE_TOO_LARGE when the freezing reference (the
    listing) keeps less frozen than the amount.
    """
    known = store.transfer_by_reference(tx, reference_id)
    if known is not None:
        return _moved(known)
    seen = store.holding(tx, from_holding_id)
    if seen is None:
        raise HoldingNotFound
    to_id = store.open_holding(tx, seen.fund_id, to_organisation_id, is_simulated=seen.is_simulated)
    held = store.lock_holdings(tx, [from_holding_id, to_id])[from_holding_id]
    frozen = store.frozen_for(tx, from_holding_id, frozen_reference_id)
    if amount_minor > frozen:
        raise ReleaseTooLarge(amount=unscale_decimal(amount_minor, 2), frozen=unscale_decimal(frozen, 2))
    part = part_of(held, amount_minor)
    row = InterestTransferRow(
        id=new_id("interest_transfer"),
        reference_id=reference_id,
        fund_id=held.fund_id,
        from_holding_id=from_holding_id,
        to_holding_id=to_id,
        amount_minor=amount_minor,
        paid_in_minor=part.paid_in_minor,
        unfunded_minor=part.unfunded_minor,
        frozen_reference_id=frozen_reference_id,
        actor_id=actor.user_id,
        at=now,
    )
    kinds = CustodyEntryKind.TRANSFERRED_OUT, CustodyEntryKind.TRANSFERRED_IN
    _write(tx, now, actor, row, part, kinds, frozen=(-amount_minor, 0))
    _tell(tx, now, actor, row, "holding.transferred", (held.holder_organisation_id, to_organisation_id))
    return _moved(row)


def reverse_interest(
    tx: Tx, actor: Actor, now: datetime, *, reference_id: str, reversal_reference_id: str, freeze_again: bool
) -> Moved:
    """Put back exactly what a reference moved; with ``freeze_again`` it is frozen for the same listing as before.

    Repeating it changes nothing. INTEREST_NOT_FREE when the receiver has frozen, pledged or passed on what it got;
    INTEREST_NOT_MOVED when the reference moved nothing.
    """
    moved = store.transfer_by_reference(tx, reference_id)
    if moved is None:
        raise InterestNotMoved
    known = store.reversal_of(tx, moved.id)
    if known is not None:
        return _moved(known)
    held = store.lock_holdings(tx, [moved.from_holding_id, moved.to_holding_id])
    part = Part(moved.amount_minor, moved.paid_in_minor, moved.unfunded_minor)
    row = InterestTransferRow(
        id=new_id("interest_transfer"),
        reference_id=reversal_reference_id,
        fund_id=moved.fund_id,
        from_holding_id=moved.to_holding_id,
        to_holding_id=moved.from_holding_id,
        amount_minor=part.subscribed_minor,
        paid_in_minor=part.paid_in_minor,
        unfunded_minor=part.unfunded_minor,
        frozen_reference_id=moved.frozen_reference_id,
        reverses_id=moved.id,
        actor_id=actor.user_id,
        at=now,
    )
    kinds = CustodyEntryKind.REVERSED_OUT, CustodyEntryKind.REVERSED_IN
    _write(tx, now, actor, row, part, kinds, frozen=(0, part.subscribed_minor if freeze_again else 0))
    sides = (held[moved.from_holding_id].holder_organisation_id, held[moved.to_holding_id].holder_organisation_id)
    _tell(tx, now, actor, row, "holding.transfer_reversed", sides)
    return _moved(row)


def _write(
    tx: Tx,
    now: datetime,
    actor: Actor,
    row: InterestTransferRow,
    part: Part,
    kinds: tuple[CustodyEntryKind, CustodyEntryKind],
    *,
    frozen: tuple[int, int],
) -> None:
    store.add_transfer(tx, row)
    sides = ((row.from_holding_id, -1), (row.to_holding_id, 1))
    for (holding_id, sign), kind, frozen_delta in zip(sides, kinds, frozen, strict=True):
        entry = CustodyEntryRow(
            id=new_id("custody_entry"),
            holding_id=holding_id,
            kind=kind,
            subscribed_delta_minor=sign * part.subscribed_minor,
            paid_in_delta_minor=sign * part.paid_in_minor,
            unfunded_delta_minor=sign * part.unfunded_minor,
            frozen_delta_minor=frozen_delta,
            reference_id=row.frozen_reference_id if frozen_delta else row.reference_id,
            actor_id=actor.user_id,
            at=now,
        )
        if not store.move(tx, entry):
            held = store.holding(tx, holding_id)
            free = held.free_minor if held else 0
            raise InterestNotFree(amount=unscale_decimal(part.subscribed_minor, 2), free=unscale_decimal(free, 2))


def _moved(row: InterestTransferRow) -> Moved:
    return Moved(row.id, row.to_holding_id, row.amount_minor, row.paid_in_minor, row.unfunded_minor)


def _tell(tx: Tx, now: datetime, actor: Actor, row: InterestTransferRow, kind: str, sides: tuple[str, ...]) -> None:
    data: dict[str, object] = {
        "fund_id": row.fund_id,
        "from_holding_id": row.from_holding_id,
        "to_holding_id": row.to_holding_id,
        "amount_minor": row.amount_minor,
        "reference_id": row.reference_id,
    }
    emit(tx, now, Event(kind, row.id, tuple(dict.fromkeys(sides)), data), actor_id=actor.user_id)
