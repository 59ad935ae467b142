"""The rules of law in words: what each says, how it is enforced, where in the code, and which tests prove it.

The numbers of a rule stand in the market profiles, under the rule's id; the catalogue joins the two. A rule that
software cannot enforce says who does (`organisation`), one that is not enforced yet says so (`open`), each with its
reason.
Source of each rule: in its entry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from exchange.rulebook.profile import Mark, MarketProfile, Rule


class Enforcement(StrEnum):
    """How the exchange holds people to a rule."""

    BLOCK = "block"  # the request is refused
    GATE = "gate"  # the next step is refused
    WARN = "warn"  # people are told
    COMPUTED = "computed"  # the figure follows the rule
    BY_CONSTRUCTION = "by_construction"  # the exchange knows no other way
    ORGANISATION = "organisation"  # people see to it
    OPEN = "open"  # not enforced yet


NEEDS_REASON = frozenset({Enforcement.BY_CONSTRUCTION, Enforcement.ORGANISATION, Enforcement.OPEN})
NEEDS_TESTS = frozenset({Enforcement.BLOCK, Enforcement.GATE, Enforcement.WARN, Enforcement.COMPUTED})


@dataclass(frozen=True, slots=True)
class LawRule:
    """One rule. ``where``: dotted paths; ``trips`` and ``passes``: tests, as ``file::function``."""

    id: str
    zh: str
    en: str
    source: str
    mark: Mark
    enforcement: Enforcement
    where: tuple[str, ...] = ()
    trips: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    why_zh: str = ""
    why_en: str = ""

    def __post_init__(self) -> None:
        if self.enforcement in NEEDS_REASON and not (self.why_zh and self.why_en):
            raise ValueError(f"{self.id} is {self.enforcement} and says not why")
        if self.enforcement in NEEDS_TESTS and not (self.where and self.trips and self.passes):
            raise ValueError(f"{self.id} is {self.enforcement} and names no place or no tests")


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that belong together, in the order of their ids."""

    title_zh: str
    title_en: str
    rules: tuple[LawRule, ...]


def parse_group(document: Mapping[str, Any]) -> RuleGroup:
    """A group from its data. ValueError for an unknown word, or a rule that leaves out what it must say."""
    rules = []
    for entry in document["rules"]:
        known: dict[str, Any] = dict(entry)
        known |= {name: tuple(known.get(name, ())) for name in ("where", "trips", "passes")}
        known |= {"mark": Mark(known["mark"]), "enforcement": Enforcement(known["enforcement"])}
        rules.append(LawRule(**known))
    return RuleGroup(document["title_zh"], document["title_en"], tuple(rules))


def numbers_of(rule_id: str, profile: MarketProfile) -> dict[str, Rule[Any]]:
    """The numbers of a profile that stand under a rule, by name."""
    return {name: rule for name, rule in profile.rules().items() if rule.rule_id == rule_id}


def find(groups: Iterable[RuleGroup], rule_id: str) -> LawRule | None:
    """A rule by its id."""
    return next((rule for group in groups for rule in group.rules if rule.id == rule_id), None)


HOW = {
    Enforcement.BLOCK: "the request is refused",
    Enforcement.GATE: "the next step is refused",
    Enforcement.WARN: "people are told",
    Enforcement.COMPUTED: "the figure follows it",
    Enforcement.BY_CONSTRUCTION: "there is no other way",
    Enforcement.ORGANISATION: "people see to it",
    Enforcement.OPEN: "**not enforced yet**",
}


def document_of(groups: Iterable[RuleGroup], profiles: Iterable[MarketProfile]) -> str:
    """The catalogue as a page of the documentation: each rule, its numbers, where it is enforced, its tests."""
    known = list(profiles)
    lines = [
        "# Rules",
        "",
        "Made from the catalogue and the market profiles by `python3 -m exchange rules`; a test keeps it so.",
        "",
    ]
    for group in groups:
        lines += [f"## {group.title_en}", "", "| rule | says | source | enforced | where | tests |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        lines += [_row(rule, known) for rule in group.rules]
        lines.append("")
    return "\n".join(lines)


def _row(rule: LawRule, profiles: list[MarketProfile]) -> str:
    numbers = []
    for profile in profiles:
        found = numbers_of(rule.id, profile)
        if found:
            numbers.append(
                f"{profile.name}: " + ", ".join(f"{name} {_text(each.value)}" for name, each in found.items())
            )
    said = "<br>".join([rule.en, *numbers])
    how = HOW[rule.enforcement] + (f": {rule.why_en}" if rule.why_en else "")
    where = "<br>".join(f"`{path}`" for path in rule.where)
    tests = "<br>".join(dict.fromkeys(f"`{test.rpartition('/')[2]}`" for test in (*rule.trips, *rule.passes)))
    return f"| {rule.id} | {said} | {rule.source} ({rule.mark}) | {how} | {where} | {tests} |"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key} {amount}" for key, amount in value.items())
    if isinstance(value, tuple):
        return " ".join(str(each) for each in value)
    return str(value)
