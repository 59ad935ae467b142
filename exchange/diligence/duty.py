"""Who may hand a paper in, review it, and waive it: from the roles of the template to organisations.

Some roles have no organisation on the exchange (target, custodian, authority, other partners): their papers are handed
in by the side in ``DEPUTIES``. A reviewer's role that nobody fills, or only the provider's own organisation, is
filled by the exchange, recorded as in its place. The system accepts only what names it as a reviewer. Who handed a
paper in never reviews it. Source: checklist template (by, review, waive), decision 0006.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exchange.diligence.item import PartyRole
from exchange.diligence.template import ItemSpec
from exchange.parties.lifecycle import OrganisationKind

SYSTEM_ID = "system"
"""The organisation id of the exchange's own machinery."""

_R = PartyRole
OF_THE_EXCHANGE = frozenset({_R.EXCHANGE, _R.EXCHANGE_RISK})
OF_ADVISERS = (_R.LAW, _R.AUDIT, _R.APPRAISAL, _R.TAX)

DEPUTIES: Mapping[PartyRole, tuple[PartyRole, ...]] = {
    _R.TARGET: (_R.SELLER, _R.GP),
    _R.CUSTODIAN: (_R.EXCHANGE,),
    _R.SASAC: (_R.SELLER,),
    _R.LP_PEERS: (_R.GP,),
    _R.LPAC: (_R.GP,),
    _R.AMC: (_R.SELLER, _R.GP),
    _R.LAW: (_R.SELLER, _R.GP),
    _R.AUDIT: (_R.SELLER, _R.GP),
    _R.APPRAISAL: (_R.SELLER, _R.GP),
    _R.TAX: (_R.SELLER, _R.GP),
}
"""Who hands in for a role that no organisation has."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An organisation that acts, and whether it runs the exchange."""

    organisation_id: str
    is_exchange: bool = False

    @property
    def is_system(self) -> bool:
        """True for the exchange's own machinery."""
        return self.organisation_id == SYSTEM_ID


@dataclass(frozen=True, slots=True)
class Sides:
    """Which organisations stand in which role around one item. ``bidder`` only for an item of a bidder."""

    seller: str
    manager: str
    bidder: str | None = None
    advisers: Mapping[PartyRole, tuple[str, ...]] = field(default_factory=dict)

    def holders(self, role: PartyRole) -> tuple[str, ...]:
        """The organisations in a role; none for the exchange, whose people are known by their own role."""
        if role is PartyRole.SELLER:
            return (self.seller,)
        if role is PartyRole.GP:
            return (self.manager,)
        if role is PartyRole.BUYER:
            return (self.bidder,) if self.bidder else ()
        return self.advisers.get(role, ())


def sides_of_account(organisation_id: str) -> Sides:
    """An account item: whoever it asks for is the participant itself."""
    advisers = dict.fromkeys(OF_ADVISERS, (organisation_id,))
    return Sides(organisation_id, organisation_id, organisation_id, advisers)


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody who may act: in which role, in whose place, which organisation (None: the exchange, the system)."""

    role: PartyRole
    organisation_id: str | None = None
    in_place_of: PartyRole | None = None

    def is_of(self, caller: Caller) -> bool:
        """Whether the caller is meant."""
        if self.role is PartyRole.SYSTEM:
            return caller.is_system
        if self.role in OF_THE_EXCHANGE:
            return caller.is_exchange and not caller.is_system
        return caller.organisation_id == self.organisation_id


def providing(spec: ItemSpec, sides: Sides) -> tuple[Duty, ...]:
    """Who may hand the paper in. The exchange stands in for nobody where it alone reviews: it would review itself."""
    duties = _unique(duty for role in spec.providers for duty in _providing_as(role, sides))
    if set(spec.reviewers) <= OF_THE_EXCHANGE:
        return tuple(duty for duty in duties if not (duty.in_place_of and duty.role in OF_THE_EXCHANGE))
    return duties


def reviewing(spec: ItemSpec, sides: Sides, provider_organisation_id: str | None) -> tuple[Duty, ...]:
    """Who may accept or return the paper: each reviewing role that is not the provider's own organisation."""
    return _unique(duty for role in spec.reviewers for duty in _reviewing_as(role, sides, provider_organisation_id))


def waiving(spec: ItemSpec, sides: Sides) -> tuple[Duty, ...]:
    """Who may do without the paper; nobody when the template says so."""
    if spec.waiver is None:
        return ()
    if spec.waiver in OF_THE_EXCHANGE:
        return (Duty(spec.waiver),)
    return tuple(Duty(spec.waiver, holder) for holder in sides.holders(spec.waiver))


def duty_of(duties: Sequence[Duty], caller: Caller) -> Duty | None:
    """The first duty that is the caller's; None when none is."""
    return next((duty for duty in duties if duty.is_of(caller)), None)


def is_for_the_system_alone(spec: ItemSpec) -> bool:
    """True when nobody but the system reviews the paper: what is handed in is accepted at once."""
    return set(spec.reviewers) == {PartyRole.SYSTEM}


def _providing_as(role: PartyRole, sides: Sides) -> Iterable[Duty]:
    if role in OF_THE_EXCHANGE or role is PartyRole.SYSTEM:
        return (Duty(role),)
    if holders := sides.holders(role):
        return tuple(Duty(role, holder) for holder in holders)
    return tuple(
        Duty(deputy, holder, in_place_of=role)
        for deputy in DEPUTIES.get(role, ())
        for holder in (sides.holders(deputy) or ((None,) if deputy in OF_THE_EXCHANGE else ()))
    )


def _reviewing_as(role: PartyRole, sides: Sides, provider_organisation_id: str | None) -> Iterable[Duty]:
    if role in OF_THE_EXCHANGE or role is PartyRole.SYSTEM:
        return (Duty(role),)
    others = [holder for holder in sides.holders(role) if holder != provider_organisation_id]
    if others:
        return tuple(Duty(role, holder) for holder in others)
    return (Duty(PartyRole.EXCHANGE, in_place_of=role),)


def _unique(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    # The exchange in somebody's place adds nothing where the exchange reviews in its own right.
    found: dict[tuple[PartyRole, str | None], Duty] = {}
    for duty in sorted(duties, key=lambda duty: duty.in_place_of is not None):
        found.setdefault((duty.role, duty.organisation_id), duty)
    return tuple(found.values())


ACCOUNT_ROLES: Mapping[OrganisationKind, tuple[PartyRole, ...]] = {
    OrganisationKind.GP: (_R.GP, _R.SELLER),
    OrganisationKind.INVESTOR: (_R.SELLER, _R.BUYER),
    OrganisationKind.ADVISER: (_R.LAW, _R.AUDIT, _R.APPRAISAL),
    OrganisationKind.OPERATOR: (),
    OrganisationKind.AUDITOR: (),
}
"""In which roles a kind of participant is asked for account items when it is admitted."""
