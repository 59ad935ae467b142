"""A checklist template as values: which papers a type of transaction asks for, of whom, until which gate.

The effective list of a type is the account items, the platform's items and the type's own (those of the type it
extends, without what it removes, with what it adds, then overridden field by field).
Source: checklist template, loader rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from exchange.diligence.condition import Condition
from exchange.diligence.document import FileKind
from exchange.diligence.finding import Severity
from exchange.diligence.gate import OF_THE_LISTING, Gate
from exchange.diligence.item import ItemScope, PartyRole, Requirement, Visibility


class ValidityKind(StrEnum):
    """By which rule a paper grows old."""

    AMEND = "amend"
    DAYS = "days"
    LATEST_DUE = "latest_due"
    PERIOD = "period"
    BASE = "base"
    DEAL = "deal"
    TERM = "term"


class CountedFrom(StrEnum):
    """What the days of a paper are counted from: its issue, or the day on which a register was asked."""

    ISSUE = "issue"
    QUERY = "query"


class FactScope(StrEnum):
    """For whom a fact is kept."""

    LISTING = "listing"
    BIDDER = "bidder"


class FactSource(StrEnum):
    """Who answers a fact: the registers, or a side that declares it."""

    REGISTER = "register"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a paper is good. ``count`` is days (``days``, ``period``) or months (``base``)."""

    kind: ValidityKind
    count: int = 0
    counted_from: CountedFrom = CountedFrom.ISSUE
    in_working_days: bool = False


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """A paper that is asked for: who hands it in, who reviews it, until which gate, who may waive it (None: nobody)."""

    code: str
    zh: str
    en: str
    providers: tuple[PartyRole, ...]
    reviewers: tuple[PartyRole, ...]
    requirement: Requirement
    gate: Gate
    validity: Validity
    visibility: Visibility
    files: tuple[FileKind, ...]
    condition: Condition | None = None
    refresh: Gate | None = None
    waiver: PartyRole | None = None
    feeds: tuple[str, ...] = ()
    note: str = ""
    basis: str = ""
    due: str = ""
    is_of_account: bool = False

    @property
    def scope(self) -> ItemScope:
        """For whom the item is kept: what only the buyer brings, and everything from ``bid`` on, for each bidder."""
        if self.is_of_account:
            return ItemScope.ACCOUNT
        is_of_buyer = PartyRole.BUYER in self.providers and set(self.providers) <= {
            PartyRole.BUYER,
            PartyRole.CUSTODIAN,
        }
        return ItemScope.BIDDER if is_of_buyer or Gate.BID.is_up_to(self.gate) else ItemScope.LISTING

    def applies(self, facts: Mapping[str, bool]) -> bool:
        """Whether the list asks for the paper at all, as a must or as a may."""
        return self.condition is None or self.condition.holds(facts)

    def is_required(self, facts: Mapping[str, bool]) -> bool:
        """True when a gate waits for it: req = M, or req = C and its condition holds."""
        return self.requirement is Requirement.MANDATORY or (
            self.requirement is Requirement.CONDITIONAL and self.applies(facts)
        )


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A yes or no that conditions ask for; ``default`` stands until it is declared."""

    name: str
    zh: str
    en: str
    scope: FactScope
    source: FactSource
    default: bool


@dataclass(frozen=True, slots=True)
class FolderSpec:
    """A folder of the data room's index: the groups (first letters) and single codes filed in it."""

    number: str
    zh: str
    en: str
    groups: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate and its names."""

    gate: Gate
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """A paper of a service that is no transaction (first custody, pledge)."""

    code: str
    zh: str
    en: str
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class ServiceChecklist:
    """The papers of a service, and who brings them."""

    code: str
    zh: str
    en: str
    provider: PartyRole
    items: tuple[ServiceItem, ...]
    working_days_to_confirm: int | None = None


@dataclass(frozen=True, slots=True)
class FlagSpec:
    """A cheap check that the engine runs on accepted papers."""

    code: str
    severity: Severity
    rule: str


@dataclass(frozen=True, slots=True)
class TransactionType:
    """A type of transaction with its own papers; the platform's and the account's stand beside them."""

    code: str
    zh: str
    en: str
    items: Mapping[str, ItemSpec]


@dataclass(frozen=True, slots=True)
class Template:
    """One version of the template, read and checked."""

    version: int
    roles: Mapping[PartyRole, str]
    gates: tuple[GateSpec, ...]
    facts: Mapping[str, FactSpec]
    folders: tuple[FolderSpec, ...]
    account_items: Mapping[str, ItemSpec]
    platform_items: Mapping[str, ItemSpec]
    types: Mapping[str, TransactionType]
    service_checklists: Mapping[str, ServiceChecklist]
    flags: tuple[FlagSpec, ...]

    def deal_items(self, transaction_type: str) -> Mapping[str, ItemSpec]:
        """What a deal of the type asks for without the account items. KeyError for an unknown type."""
        return {**self.platform_items, **self.types[transaction_type].items}

    def effective(self, transaction_type: str) -> Mapping[str, ItemSpec]:
        """Everything that is asked of the parties to a deal of the type. KeyError for an unknown type."""
        return {**self.account_items, **self.deal_items(transaction_type)}

    def spec(self, transaction_type: str, code: str) -> ItemSpec:
        """An item of a type; one that the type no longer has, as another type has it. KeyError for an unknown code."""
        effective = self.effective(transaction_type)
        if code in effective:
            return effective[code]
        return next(kind.items[code] for kind in self.types.values() if code in kind.items)

    def facts_with(self, stated: Mapping[str, bool]) -> dict[str, bool]:
        """Every fact: as stated, else its default. Names that the template does not know are left out."""
        return {name: stated.get(name, fact.default) for name, fact in self.facts.items()}


def is_before_a_bidder(gate: Gate) -> bool:
    """True for the gates that stand before the listing, not before one of its bidders."""
    return gate in OF_THE_LISTING
