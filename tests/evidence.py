"""Papers that a test is not about: everything a listing and its bidders owe up to a gate is in and accepted.

Written set-wise, as the services would have left it; tests of diligence itself hand papers in.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from exchange.diligence.gate import Gate
from exchange.diligence.service import checklists, gates
from exchange.diligence.service.templates import template
from exchange.diligence.store import simulation
from exchange.infra.clock import business_now
from exchange.infra.database import Tx, transaction

# The trade confirmation is made by the trade itself.
MADE_BY_THE_TRADE = "X02"


def all_accepted(
    tx: Tx,
    now: datetime,
    listing_id: str,
    bidders: Sequence[str] = (),
    *,
    but_for: Collection[str] = (),
    up_to: Gate = Gate.AWARD,
) -> None:
    """Everything owed up to a gate is accepted, of the listing and of these bidders' organisations.

    ``but_for``: codes of papers that stay as they are.
    """
    if bidders:
        checklists.open_bidders(tx, now, listing_id, bidders)
    simulation.accept_all(
        tx,
        now,
        listing_id=listing_id,
        bidders=bidders,
        codes=[code for code in _codes(up_to) if code not in but_for],
        paper=None,
        provider="test",
        reviewer="exchange",
        reason="test",
    )
    gates.refresh_clearances(tx, now, listing_id=listing_id)


def complete(listing_id: str, *bidders: str, but_for: Collection[str] = ()) -> None:
    """``all_accepted`` in a transaction of its own, for a world whose listings are made through the API."""
    with transaction() as tx:
        all_accepted(tx, business_now(tx), listing_id, bidders, but_for=but_for)


def _codes(up_to: Gate) -> list[str]:
    known = template()
    specs = {code: spec for kind in known.types for code, spec in known.effective(kind).items()}
    return sorted(code for code, spec in specs.items() if spec.gate.is_up_to(up_to) and code != MADE_BY_THE_TRADE)
