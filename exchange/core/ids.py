"""Identifiers: a prefix that names the kind, then a ULID. One of the two taps where chance enters.

An id is text and passes unchanged through JSON, URLs, logs and job arguments. The prefix lets the edge
refuse an id of the wrong kind before any query. Example: ``ord_01KAR3Z5V9W3M8Q4T6X2Y7B1C0``.
Source of the layout: the ULID specification (48 bits of milliseconds, 80 random bits, Crockford base 32).
"""

import os
import re
import time
from typing import NewType

OrganisationId = NewType("OrganisationId", str)
UserId = NewType("UserId", str)
FundId = NewType("FundId", str)
NavStatementId = NewType("NavStatementId", str)
HoldingId = NewType("HoldingId", str)
AccountId = NewType("AccountId", str)
ListingId = NewType("ListingId", str)
BookId = NewType("BookId", str)
OrderId = NewType("OrderId", str)
ProposalId = NewType("ProposalId", str)
AwardId = NewType("AwardId", str)
TradeId = NewType("TradeId", str)
EventId = NewType("EventId", str)

PREFIXES = {
    "organisation": "org",
    "person": "psn",
    "user": "usr",
    "session": "ses",
    "api_key": "key",
    "approval": "apr",
    "investor_class": "icl",
    "suitability": "sui",
    "ownership": "own",
    "fund": "fnd",
    "nav_statement": "nav",
    "cash_flow": "flw",
    "investment_schedule": "sch",
    "import": "imp",
    "holding": "hld",
    "custody_entry": "cst",
    "account": "acc",
    "transfer": "tfr",
    "listing": "lst",
    "book": "bok",
    "order": "ord",
    "fill": "fil",
    "proposal": "prp",
    "award": "awd",
    "trade": "trd",
    "halt": "hlt",
    "valuation": "val",
    "scenario": "scn",
    "weight_set": "wgt",
    "appraisal": "apl",
    "valuation_parameter": "vpm",
    "parameter_proposal": "vpp",
    "revaluation": "rvl",
    "event": "evt",
    "request": "req",
}

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"


def id_pattern(kind: str) -> str:
    """The regular expression (without anchors) of an id of this kind, for routes and schemas."""
    return f"{PREFIXES[kind]}_{_ULID}"


_PATTERNS = {kind: re.compile(id_pattern(kind)) for kind in PREFIXES}


def is_id(kind: str, text: str) -> bool:
    """True when the text is a well-formed id of this kind; says nothing of its existence."""
    return _PATTERNS[kind].fullmatch(text) is not None


def encode_ulid(milliseconds: int, chance: int) -> str:
    """The 26 characters of a ULID from its two parts: milliseconds since 1970 and 80 random bits."""
    number = (milliseconds << 80) | chance
    parts = []
    for _ in range(13):
        number, low = divmod(number, 1024)
        parts.append(_PAIRS[low])
    return "".join(reversed(parts))


def new_id(kind: str) -> str:
    """A fresh id of this kind. Never called by pure files: ids are passed in."""
    chance = int.from_bytes(os.urandom(10), "big")
    return f"{PREFIXES[kind]}_{encode_ulid(time.time_ns() // 1_000_000, chance)}"
