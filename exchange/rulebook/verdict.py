"""The answer of a check: every rule that is broken, never only the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from exchange.core.errors import Breach, RulesBroken


@dataclass(frozen=True, slots=True)
class Verdict:
    """Passed when it names no breach. Verdicts add up: ``suitability + interval``."""

    breaches: tuple[Breach, ...] = ()

    @classmethod
    def of(cls, breaches: Iterable[Breach | None]) -> "Verdict":
        """From breaches and the None of rules that hold."""
        return cls(tuple(breach for breach in breaches if breach is not None))

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.breaches + other.breaches)

    @property
    def passed(self) -> bool:
        """No rule is broken."""
        return not self.breaches

    @property
    def passes_on(self) -> date | None:
        """The first date on which all of it passes; None when it passes now or no date can be named."""
        dates = [breach.passes_on for breach in self.breaches]
        known = [day for day in dates if day is not None]
        return max(known) if known and len(known) == len(dates) else None

    def demand(self) -> None:
        """RulesBroken (409) with all breaches unless passed."""
        if self.breaches:
            raise RulesBroken(breaches=self.breaches)
