"""What recording many facts did: a correction is a new version, a repetition is nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

F = TypeVar("F")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many of the facts were new, corrected, or already so."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


def due_versions(
    facts: Sequence[tuple[T, F]], current: Mapping[T, tuple[int, F]]
) -> tuple[list[tuple[int, F]], Recorded]:
    """The facts that differ from what is current, each with its next version, and the counts.

    Example: current version 2 says 10; a fact says 11 -> version 3. A fact that says 10 is left out.
    """
    due = []
    added = 0
    for key, fact in facts:
        known = current.get(key)
        if known is None:
            added += 1
            due.append((1, fact))
        elif known[1] != fact:
            due.append((known[0] + 1, fact))
    return due, Recorded(added, len(due) - added, len(facts) - len(due))
