"""When a conditional item is asked for: named facts joined by any, all and none.

``{any: [a, b]}`` holds when one of the facts is true, ``{all: [..]}`` when each is, ``{none: [..]}`` when none is. Keys
may be combined; all of them must hold. Example: {any: [large_deal], none: [seller_foreign]} over large_deal = true and
seller_foreign = false holds. Source: checklist template, loader rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition over facts. An empty part asks for nothing."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every fact it asks for."""
        return frozenset((*self.any, *self.all, *self.none))

    def holds(self, facts: Mapping[str, bool]) -> bool:
        """Whether it holds over the facts; KeyError for a fact that nobody states."""
        return (
            (not self.any or any(facts[name] for name in self.any))
            and all(facts[name] for name in self.all)
            and not any(facts[name] for name in self.none)
        )
