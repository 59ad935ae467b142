"""What must always hold, in the words of an auditor. The SQL that finds violations is in the store.

Each invariant yields the rows that break it; none means it holds. Example: O1 holds when for every order
filled + leaves + cancelled = amount.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """Id, statement, and two queries: how many things were looked at, and which break the rule."""

    id: str
    statement: str
    population_sql: str
    violations_sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one invariant: how many were looked at, and up to ten that break it."""

    id: str
    statement: str
    population: int
    violations: int
    examples: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """True when nothing breaks it."""
        return self.violations == 0
