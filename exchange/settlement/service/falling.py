"""A deal ends before the register: money goes back to who brought it, the interest is the seller's again.

Whoever ends a deal (a refusal, a withdrawal, a default, an order) ends here, so that nothing is forgotten.
"""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.ids import new_id
from exchange.custody import service as custody
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.ledger.cover import HoldChange
from exchange.ledger.kinds import EntryKind
from exchange.ledger.transfer import Leg
from exchange.listings import service as listings
from exchange.settlement.deal import DealEvent
from exchange.settlement.service.progress import advance_deal
from exchange.settlement.tables.deals import DealRow


def fall(
    tx: Tx,
    actor: Actor,
    now: datetime,
    row: DealRow,
    event: DealEvent,
    *,
    reason: str,
    note: str = "",
    forfeits_deposit: bool = False,
    keeps_frozen: bool = False,
) -> DealRow:
    """End a locked deal before its transfer by an event that leads to a fallen status.

    What stands in the settlement account goes back as it came; the deposit is released, or forfeited to the seller.
    The interest is free again unless ``keeps_frozen`` (other buyers take the deal's place). ILLEGAL_TRANSITION, and
    nothing moves, when the status does not allow the event.
    """
    advance_deal(tx, actor, now, row, event, reason=reason, note=note)
    give_back_payments(tx, now, row)
    give_back_deposit(tx, now, row, forfeits=forfeits_deposit)
    if not keeps_frozen:
        custody.release(
            tx, actor, now, holding_id=row.holding_id, amount_minor=row.amount_minor, reference_id=row.listing_id
        )
        listings.note_settled(tx, row.listing_id, row.amount_minor)
    return row


def give_back_payments(tx: Tx, now: datetime, row: DealRow) -> None:
    """Undo every transfer that stands for a deal, the newest first."""
    for transfer in reversed(ledger.transfers_of(tx, row.id)):
        ledger.reverse_transfer(tx, now, transfer_id=transfer.id, reference_id=row.id)


def give_back_deposit(tx: Tx, now: datetime, row: DealRow, *, forfeits: bool = False) -> None:
    """Release a deal's deposit to its buyer, or forfeit it to the seller."""
    if row.deposit_account_id is None or row.deposit_minor == 0:
        return
    amount, row.deposit_minor = row.deposit_minor, 0
    tx.flush()
    released = HoldChange(row.deposit_account_id, -amount, row.id, new_id("transfer"))
    ledger.apply_holds(tx, [released], now)
    if forfeits:
        seller = ledger.cash_account(tx, row.seller_organisation_id, row.currency)
        legs = [Leg(row.deposit_account_id, -amount), Leg(seller, amount)]
        ledger.post_transfer(
            tx, now, legs=legs, kind=EntryKind.FORFEIT, reference_id=f"{row.id}/forfeit", once="forfeit"
        )
