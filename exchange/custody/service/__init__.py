"""Commands and queries of custody: the roll, freezes, transfers of interests."""

from exchange.custody.service.caps import transfer_verdict
from exchange.custody.service.holdings import (
    current_holdings,
    freeze,
    frozen_for,
    holding_facts,
    holding_of,
    holdings_of,
    last_bought_at,
    partners_of,
    record_holding,
    record_holdings,
    release,
    roll_of,
)
from exchange.custody.service.transfers import Moved, reverse_interest, transfer_interest

__all__ = [
    "Moved",
    "current_holdings",
    "freeze",
    "frozen_for",
    "holding_facts",
    "holding_of",
    "holdings_of",
    "last_bought_at",
    "partners_of",
    "record_holding",
    "record_holdings",
    "release",
    "reverse_interest",
    "roll_of",
    "transfer_interest",
    "transfer_verdict",
]
