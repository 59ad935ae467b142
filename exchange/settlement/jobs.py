"""What workers do for settlement. Each job may run twice or late."""

from datetime import datetime

from exchange.core.events import Event
from exchange.infra.database import Tx
from exchange.rulebook import service as rulebook
from exchange.settlement.deal import FALLEN
from exchange.settlement.service import (
    backups,
    bank_money,
    clocks,
    obligations,
    opening,
    plans,
    recounting,
    settling,
    transfer,
)
from exchange.settlement.service.progress import lock_deal


def trade_made(tx: Tx, now: datetime, event: Event) -> None:
    """Open the deal of a trade."""
    opening.open_deal(tx, now, event.subject_id)


def deal_due(tx: Tx, now: datetime, event: Event) -> None:
    """Look at a deal whose deadline has come."""
    clocks.due(
        tx,
        now,
        deal_id=event.subject_id,
        status=str(event.data["status"]),
        version=int(str(event.data["version"])),
    )


def payment_received(tx: Tx, now: datetime, event: Event) -> None:
    """Money reached the bank: when it names a deal, it is matched with it."""
    if deal_id := str(event.data["deal_id"]):
        bank_money.reconcile(tx, now, payment_id=event.subject_id, deal_id=deal_id)


def final_due(tx: Tx, now: datetime, event: Event) -> None:
    """The time to bust a transfer is over: the seller may use what it was paid, and what is filed is filed."""
    deal = lock_deal(tx, event.subject_id)
    if obligations.is_final(tx, deal, now):
        transfer.end_of_window(tx, now, deal)
        obligations.file_if_done(tx, now, deal)


def deal_transferred(tx: Tx, now: datetime, event: Event) -> None:
    """A transfer makes filings due, and the later parts of the price."""
    obligations.open_obligations(tx, now, event.subject_id)
    plans.open_instalments(tx, now, event.subject_id)


def deal_fell(tx: Tx, now: datetime, event: Event) -> None:
    """A deal is over before its end: nothing is owed after a transfer undone, and the next in rank is asked."""
    deal = lock_deal(tx, event.subject_id)
    if deal.status in FALLEN:
        obligations.void_obligations(tx, now, deal)
        plans.void_instalments(tx, now, deal)
        backups.call_next(tx, now, deal.id)


def listing_ended(tx: Tx, now: datetime, event: Event) -> None:
    """A sold listing's book is over: deals that fell before are offered to the next in rank."""
    backups.listing_ended(tx, now, event.subject_id)


def backup_due(tx: Tx, now: datetime, event: Event) -> None:
    """The time to answer an offer to a backup is over."""
    backups.lapse(tx, now, event.subject_id)


def backup_accepted(tx: Tx, now: datetime, event: Event) -> None:
    """A backup that took an offer gets its confirmation, like the buyer of a trade."""
    backups.file_confirmation(tx, now, event.subject_id)


def obligation_due(tx: Tx, now: datetime, event: Event) -> None:
    """A day of a filing has come."""
    obligations.obligation_due(tx, now, event.subject_id)


def instalment_due(tx: Tx, now: datetime, event: Event) -> None:
    """A day of a later part of the price has come."""
    plans.instalment_due(tx, now, event.subject_id)


def year_loaded(tx: Tx, now: datetime, event: Event) -> None:
    """The days of a year are published for the first time: what was counted into it is counted again."""
    if (start := rulebook.beginning_of_loaded_year(event)) is not None:
        recounting.recount(tx, now, start)


def paper_came(tx: Tx, now: datetime, event: Event) -> None:
    """A paper was accepted: perhaps filed deals of its listing waited for it to be settled."""
    if event.listing_id is not None:
        settling.listing_may_settle(tx, now, event.listing_id)
