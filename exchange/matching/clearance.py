"""May this organisation bid on this listing: what the checklist's bid gate says of it, as the order path reads it.

Diligence keeps one row for each bidder of a listing: the last day on which its bid gate is open, or what is missing.
A bidder without a row has not begun: it has no checklist on the listing and has signed no NDA. A book of many listings
asks no gate of one. Example: row until 2026-08-31, today 2026-09-01 -> shut, its papers have run out.
Source: docs/decisions/0006-diligence.md; 京金融〔2020〕7号 measure 9.
"""

from dataclasses import dataclass
from datetime import date

from exchange.core.errors import Breach

RULE = "M-9"
NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Missing:
    """A paper that keeps the gate shut: its code and its names."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Clearance:
    """The bid gate of one bidder: open up to and including ``clear_until``, or shut by what is missing."""

    clear_until: date | None
    missing: tuple[Missing, ...] = ()


def gate_breaches(clearance: Clearance | None, today: date) -> tuple[Breach, ...]:
    """Why the bid gate is shut on a day; nothing while it is open."""
    if clearance is None:
        return (Breach(RULE, "DILIGENCE_NOT_BEGUN"),)
    until = clearance.clear_until
    if until is not None and today <= until:
        return ()
    if until is not None:
        return (Breach(RULE, "DILIGENCE_EXPIRED", {"date": until.isoformat()}),)
    named = [f"{item.code} {item.name_zh} / {item.name_en}" for item in clearance.missing[:NAMED_MAX]]
    numbers = {
        "n": str(len(clearance.missing)),
        "codes": ", ".join(item.code for item in clearance.missing),
        "items": "; ".join(named) + (" …" if len(clearance.missing) > len(named) else ""),
    }
    return (Breach(RULE, "DILIGENCE_GATE_SHUT", numbers),)
