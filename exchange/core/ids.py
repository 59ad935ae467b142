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
    "interest_transfer": "itr",
    "account": "acc",
    "transfer": "tfr",
    "listing": "lst",
    "listing_approval": "lap",
    "listing_call": "lcl",
    "book": "bok",
    "order": "ord",
    "order_plan": "opl",
    "fill": "fil",
    "proposal": "prp",
    "award": "awd",
    "trade": "trd",
    "deal": "dea",
    "deal_notice": "ntc",
    "rofr_answer": "rfa",
    "deal_approval": "dap",
    "agreement": "agr",
    "signature": "sig",
    "closing_statement": "cls",
    "statement_answer": "sta",
    "instalment": "ins",
    "plan_statement": "pls",
    "obligation": "obl",
    "bust_request": "bst",
    "backup_offer": "bko",
    "result_notice": "rsn",
    "pledge": "plg",
    "certificate": "crt",
    "bank_message": "bkm",
    "payment": "pay",
    "payout": "pyo",
    "payout_batch": "pyb",
    "calendar_year": "cal",
    "parameter": "prm",
    "halt": "hlt",
    "valuation": "val",
    "scenario": "scn",
    "weight_set": "wgt",
    "appraisal": "apl",
    "valuation_parameter": "vpm",
    "parameter_proposal": "vpp",
    "revaluation": "rvl",
    "checklist_fact": "cfa",
    "checklist_item": "itm",
    "item_submission": "sub",
    "item_decision": "dec",
    "gate_passage": "gpa",
    "finding": "fin",
    "document": "doc",
    "redaction": "red",
    "room": "rom",
    "nda_signature": "nda",
    "room_entry": "ren",
    "room_grant": "grt",
    "room_view": "vew",
    "question": "qst",
    "question_message": "msg",
    "room_package": "pkg",
    "adviser_relation": "rel",
    "engagement": "eng",
    "quote": "quo",
    "deliverable": "dlv",
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


# Chance is drawn ahead for many ids: each draw is a system call that gives up the interpreter lock, and under load the
# thread that numbers orders would wait for its turn again, three times an order. A forked child draws its own.
_LETTERS = _ALPHABET.encode() * 8  # every byte is one of 32 characters, eight bytes each
_CHANCE_LENGTH = 16
_DRAWN = 512
_ahead: list[str] = []
_moment = (0, "")
os.register_at_fork(after_in_child=_ahead.clear)


def _draw() -> None:
    text = os.urandom(_CHANCE_LENGTH * _DRAWN).translate(_LETTERS).decode("ascii")
    _ahead.extend(text[at : at + _CHANCE_LENGTH] for at in range(0, len(text), _CHANCE_LENGTH))


def new_id(kind: str) -> str:
    """A fresh id of this kind, from any thread. Never called by pure files: ids are passed in."""
    global _moment
    milliseconds = time.time_ns() // 1_000_000
    moment = _moment
    if moment[0] != milliseconds:
        text = "".join([_PAIRS[milliseconds >> shift & 1023] for shift in (40, 30, 20, 10, 0)])
        _moment = moment = (milliseconds, text)
    while True:
        try:
            chance = _ahead.pop()
        except IndexError:
            _draw()
        else:
            return f"{PREFIXES[kind]}_{moment[1]}{chance}"
