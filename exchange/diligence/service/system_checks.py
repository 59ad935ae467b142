"""What the exchange itself knows before it accepts a paper that nobody but the system reviews.

A file alone proves nothing to a machine: the agreement must have been signed in the room, the suitability record must
be in force, the deposit account must hold money. Papers that only the exchange hands in (payment vouchers, notices)
have no register behind them yet and are taken as they are.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from exchange.core.clock import market_date
from exchange.core.errors import Refused
from exchange.diligence.store import checklists as store
from exchange.diligence.store import rooms as room_store
from exchange.diligence.tables.checklists import ChecklistItemRow
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.parties import service as parties


class NotKnownToTheRegisters(Refused):
    """The registers do not bear out what a paper says."""

    code: ClassVar[str] = "PAPER_NOT_BORNE_OUT"


def require_known(tx: Tx, now: datetime, row: ChecklistItemRow) -> None:
    """PAPER_NOT_BORNE_OUT (409) when the registers do not know what a paper for this item would state."""
    check = CHECKS.get(row.code)
    if check is not None and not check(tx, now, row):
        raise NotKnownToTheRegisters(item=row.code)


def _is_nda_signed(tx: Tx, now: datetime, row: ChecklistItemRow) -> bool:
    room = room_store.room_of_listing(tx, str(row.listing_id))
    signed = [] if room is None else room_store.signatures(tx, room.id, str(row.organisation_id))
    return any(room is not None and signature.text_hash == room.nda_hash for signature in signed)


def _is_suitable(tx: Tx, now: datetime, row: ChecklistItemRow) -> bool:
    found = parties.standings_of(tx, [str(row.organisation_id)]).get(str(row.organisation_id))
    return found is not None and found.suitable_until is not None and found.suitable_until >= market_date(now)


def _is_deposit_there(tx: Tx, now: datetime, row: ChecklistItemRow) -> bool:
    checklist = store.checklist(tx, str(row.listing_id))
    if checklist is None:
        return False
    currency = funds.fund_facts(tx, checklist.fund_id).currency
    return ledger.cash_minor(tx, str(row.organisation_id), currency) > 0


CHECKS: Mapping[str, Callable[[Tx, datetime, ChecklistItemRow], bool]] = {
    "G06": _is_nda_signed,
    "G09": _is_deposit_there,
    "P05": _is_suitable,
}
"""Item code -> what the registers must say. The amount of a deposit is held with each bid, by the ledger itself."""
