"""Who may not advise whom: the conflict rules, over facts gathered from declarations and registers.

``block``: the adviser cannot be engaged, whatever anybody consents to. ``disclose``: it may be once its client and
every organisation the finding names have consented in writing.

- AFFILIATED (block): related by ownership or control to a party, the fund or one of its largest positions.
- BOTH_SIDES (block): the same firm already acts for another side of the same listing.
- SUCCESS_FEE (block): an appraiser whose fee hangs on the outcome.
- AUDITOR_AS_VALUER (block): the fund's auditor as its independent valuer.
- EXCHANGE_STAFF (block): a person of the exchange has an interest in the adviser.
- DECLARED (block): the adviser says itself that it is not free.
- VALUED_FOR_OTHER (disclose): an appraiser that valued the same interest for somebody else within the look-back.
- COUNSEL_AS_VERIFIER (disclose): the manager's lawyer verifies the right of first refusal.
- ACTS_FOR_OTHER (disclose): it works for the seller or the manager while a bidder asks it, for the fund or one of its
  largest positions. Bidders are left out: a disclosure would tell one bidder of another.

A declared relation counts while it lasts and for the look-back after its end: who leaves a client today is not free
tomorrow.
Facts are sets and every rule only asks whether something is among them, so a fact that is added never takes a finding
away. Seller and manager are one side of a listing; every bidder is a side of its own.
Example: an appraiser that audits the fund's books, asked by the seller -> AUDITOR_AS_VALUER, block.
Source: conflict rules of the exchange's advice service (京金融〔2020〕7号, measure 9); independence of appraisers as in
资产评估法 art. 13 and 20; the look-back is a number of the market profile.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from exchange.diligence.engagement import AdviserKind, FeeBasis, RelationKind

SELL_SIDE = "sell"
"""The side of the seller and the manager; a bidder's side is its own id."""

VERIFIES_PRIORITY = frozenset({"H01", "H03", "S16"})
"""Items in which a lawyer says who may buy first: transfer restrictions, waivers of other partners, their notice."""


class ConflictRule(StrEnum):
    """The rule that is met."""

    AFFILIATED = "affiliated"
    BOTH_SIDES = "both_sides"
    SUCCESS_FEE = "success_fee"
    AUDITOR_AS_VALUER = "auditor_as_valuer"
    EXCHANGE_STAFF = "exchange_staff"
    DECLARED = "declared"
    VALUED_FOR_OTHER = "valued_for_other"
    COUNSEL_AS_VERIFIER = "counsel_as_verifier"
    ACTS_FOR_OTHER = "acts_for_other"


class Weight(StrEnum):
    """What a finding does: ``block`` ends it, ``disclose`` asks for written consents."""

    BLOCK = "block"
    DISCLOSE = "disclose"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One rule that is met, and with whom; ``with_id`` is None for a company that is no organisation here."""

    rule: ConflictRule
    weight: Weight
    with_id: str | None
    with_name: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody the matter concerns: its side, its names, and the beneficial owners and controllers it shares.

    ``side`` is empty for the fund and its positions, which take none. ``organisation_id`` is None for a company known
    by its name only.
    """

    side: str
    organisation_id: str | None
    names: frozenset[str]
    group_keys: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """A name to call it by."""
        return min(self.names, default="")


@dataclass(frozen=True, slots=True)
class Relation:
    """What the adviser declared of somebody, while it lasts or lasted. ``subject``: the fund, by code or name."""

    kind: RelationKind
    organisation_id: str | None
    name: str
    subject: str
    valid_from: date
    valid_until: date | None

    def counts(self, on: date, since: date) -> bool:
        """Whether the relation holds on a day, or ended no earlier than ``since``."""
        return self.valid_from <= on and (self.valid_until is None or since <= self.valid_until)


@dataclass(frozen=True, slots=True)
class EarlierValuation:
    """A report the adviser, or its group, delivered on the exchange about an interest in a fund."""

    fund_id: str
    client_id: str
    client_name: str
    delivered_on: date


@dataclass(frozen=True, slots=True)
class OtherMandate:
    """An engagement of the same firm, or its group, on the same listing."""

    side: str
    client_id: str
    client_name: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What the advice is about: the kind of work, the client's side, the fund, the items to be fed, the day."""

    kind: AdviserKind
    client_id: str
    client_side: str
    fund_id: str
    fund_names: frozenset[str]
    item_codes: frozenset[str]
    on: date
    look_back_days: int

    @property
    def since(self) -> date:
        """The first day that still counts."""
        return self.on - timedelta(days=self.look_back_days)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of an adviser and a matter. ``fee_basis`` None: it has not quoted yet."""

    matter: Matter
    adviser_id: str
    group_keys: frozenset[str] = frozenset()
    has_declared_conflict: bool = False
    fee_basis: FeeBasis | None = None
    parties: frozenset[Party] = field(default_factory=frozenset)
    relations: frozenset[Relation] = field(default_factory=frozenset)
    valuations: frozenset[EarlierValuation] = field(default_factory=frozenset)
    mandates: frozenset[OtherMandate] = field(default_factory=frozenset)


def normal_name(name: str) -> str:
    """A name as it is compared: full and half width alike, without case, spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if each.isalnum())


def conflicts_of(facts: Facts) -> tuple[Conflict, ...]:
    """Every rule that is met, the blocking ones first, each once for each organisation it is met with."""
    found = {*_of_the_adviser(facts), *_of_parties(facts), *_of_earlier_work(facts)}
    weights = list(Weight)
    return tuple(
        sorted(found, key=lambda each: (weights.index(each.weight), each.rule, each.with_id or "", each.with_name))
    )


def is_blocked(conflicts: Iterable[Conflict]) -> bool:
    """Whether one of them cannot be consented to."""
    return any(each.weight is Weight.BLOCK for each in conflicts)


def consents_needed(conflicts: Iterable[Conflict], client_id: str) -> frozenset[str]:
    """Who has to consent before the adviser is engaged: nobody without a disclosure, else both sides."""
    disclosed = [each for each in conflicts if each.weight is Weight.DISCLOSE]
    named = {each.with_id for each in disclosed if each.with_id is not None}
    return frozenset(named | {client_id}) if disclosed else frozenset()


def _of_the_adviser(facts: Facts) -> Iterator[Conflict]:
    """What lies in the adviser itself."""
    if facts.has_declared_conflict:
        yield Conflict(ConflictRule.DECLARED, Weight.BLOCK, None, "")
    if facts.matter.kind is AdviserKind.APPRAISAL and facts.fee_basis is FeeBasis.SUCCESS:
        yield Conflict(ConflictRule.SUCCESS_FEE, Weight.BLOCK, None, "")
    if any(_counts(facts, relation, RelationKind.EXCHANGE_STAFF) for relation in facts.relations):
        yield Conflict(ConflictRule.EXCHANGE_STAFF, Weight.BLOCK, None, "")
    if facts.matter.kind is AdviserKind.APPRAISAL:
        for relation in facts.relations:
            if _counts(facts, relation, RelationKind.AUDITOR) and _is_with_the_fund(facts, relation):
                known = (relation.organisation_id, relation.name)
                yield Conflict(ConflictRule.AUDITOR_AS_VALUER, Weight.BLOCK, *known)


def _of_parties(facts: Facts) -> Iterator[Conflict]:
    """What lies between the adviser and those the matter concerns."""
    matter = facts.matter
    is_verifier = matter.kind is AdviserKind.LAW and bool(matter.item_codes & VERIFIES_PRIORITY)
    for party in facts.parties:
        kinds = {each.kind for each in facts.relations if each.counts(matter.on, matter.since) and _names(each, party)}
        met = (party.organisation_id, party.shown)
        is_self = party.organisation_id == facts.adviser_id
        if is_self or party.group_keys & facts.group_keys or RelationKind.AFFILIATE in kinds:
            yield Conflict(ConflictRule.AFFILIATED, Weight.BLOCK, *met)
        is_of_the_sell_side = party.side == SELL_SIDE and party.organisation_id != matter.client_id
        if is_verifier and is_of_the_sell_side and RelationKind.COUNSEL in kinds:
            yield Conflict(ConflictRule.COUNSEL_AS_VERIFIER, Weight.DISCLOSE, *met)
        acts = kinds & {RelationKind.CLIENT, RelationKind.COUNSEL, RelationKind.AUDITOR}
        if acts and party.side in {SELL_SIDE, ""} and party.side != matter.client_side:
            yield Conflict(ConflictRule.ACTS_FOR_OTHER, Weight.DISCLOSE, *met)


def _of_earlier_work(facts: Facts) -> Iterator[Conflict]:
    """What lies in other work on the same listing or the same interest."""
    matter = facts.matter
    for mandate in facts.mandates:
        if mandate.side != matter.client_side:
            yield Conflict(ConflictRule.BOTH_SIDES, Weight.BLOCK, mandate.client_id, mandate.client_name)
    if matter.kind is not AdviserKind.APPRAISAL:
        return
    for valuation in facts.valuations:
        is_other = valuation.client_id != matter.client_id
        if valuation.fund_id == matter.fund_id and is_other and matter.since <= valuation.delivered_on:
            client = (valuation.client_id, valuation.client_name)
            yield Conflict(ConflictRule.VALUED_FOR_OTHER, Weight.DISCLOSE, *client)
    for relation in facts.relations:
        if not _counts(facts, relation, RelationKind.VALUED) or relation.organisation_id == matter.client_id:
            continue
        if normal_name(relation.subject) in _normal(matter.fund_names):
            known = (relation.organisation_id, relation.name)
            yield Conflict(ConflictRule.VALUED_FOR_OTHER, Weight.DISCLOSE, *known)


def _counts(facts: Facts, relation: Relation, kind: RelationKind) -> bool:
    return relation.kind is kind and relation.counts(facts.matter.on, facts.matter.since)


def _names(relation: Relation, party: Party) -> bool:
    """Whether a relation is with this party: by its id or that of its group, or by a name."""
    if relation.organisation_id is not None and (
        relation.organisation_id == party.organisation_id or relation.organisation_id in party.group_keys
    ):
        return True
    return normal_name(relation.name) in _normal(party.names)


def _is_with_the_fund(facts: Facts, relation: Relation) -> bool:
    """Whether a relation is with the fund itself: by its name or its subject.

    One with the seller or the manager that does not say of which fund is taken for one with this fund.
    """
    funds = _normal(facts.matter.fund_names)
    if normal_name(relation.subject) in funds or normal_name(relation.name) in funds:
        return True
    sell_side = (party for party in facts.parties if party.side == SELL_SIDE)
    return not relation.subject.strip() and any(_names(relation, party) for party in sell_side)


def _normal(names: Iterable[str]) -> frozenset[str]:
    """Names as they are compared; one of signs only is no name."""
    return frozenset(normal for name in names if (normal := normal_name(name)))
