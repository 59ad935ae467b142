"""Whether a closing statement is agreed: both sides confirmed it, or nobody disputed it in time, or it was upheld.

The latest answer of each side counts; an operator's decision ends a dispute. Example: buyer confirms, seller is silent
until the period is over -> agreed by silence; seller disputes -> open until an operator upholds it or a new version is
issued. Source: rulebook 4.3, FUNDED -> CLOSING (both sign or silence).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class StatementAnswer(StrEnum):
    """What is said of a statement: a party's yes or no, silence, or an operator's decision."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    SILENT = "silent"
    UPHELD = "upheld"


class StatementState(StrEnum):
    """Where the newest version of a statement stands."""

    OPEN = "open"
    AGREED = "agreed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words: who said what. ``silent`` and ``upheld`` are said by the exchange."""

    organisation_id: str
    answer: str


def statement_state(said: Sequence[Said], sides: Collection[str]) -> StatementState:
    """Where a statement stands after these answers, oldest first."""
    latest = {item.organisation_id: item.answer for item in said}
    if "upheld" in latest.values():
        return StatementState.AGREED
    answers = {side: latest.get(side) for side in sides}
    if "disputed" in answers.values():
        return StatementState.DISPUTED
    if "silent" in latest.values() or all(answer == "confirmed" for answer in answers.values()):
        return StatementState.AGREED
    return StatementState.OPEN
