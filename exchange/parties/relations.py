"""Who stands behind whom: beneficial owners through chains of ownership, and who controls whom.

The share of an owner is the sum over all chains of the product of the shares along each chain. A chain never passes
its own organisation again, so cross-holdings end. Control needs more than half at every link, whatever the product:
51 % of 51 % is 26.01 % of the capital and still the last word.
Example: P holds 60 % of A, A holds 50 % of B, P holds 10 % of B -> P has 40 % of B, and at a threshold of 25 % it is
a beneficial owner of both; B is not controlled by A (50 % is not more than half).
Source: rules R-14 and R-24; beneficial ownership at 25 % as in anti-money-laundering practice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from exchange.core.money import PPM

DEPTH_MAX = 32
HALF_PPM = PPM // 2


@dataclass(frozen=True, slots=True)
class Edge:
    """An owner (organisation or natural person) holds a share of an organisation."""

    owner_id: str
    owned_id: str
    share_ppm: int


def _owners(edges: Iterable[Edge]) -> Mapping[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for edge in edges:
        found.setdefault(edge.owned_id, []).append((edge.owner_id, edge.share_ppm))
    return found


def effective_shares(edges: Iterable[Edge], organisation_id: str) -> dict[str, Fraction]:
    """The share of everybody upstream in an organisation, exactly, capped at the whole."""
    owners = _owners(edges)
    total: dict[str, Fraction] = {}
    level = {organisation_id: Fraction(1)}
    for _ in range(DEPTH_MAX):
        above: dict[str, Fraction] = {}
        for owned, share in level.items():
            for owner, share_ppm in owners.get(owned, []):
                if owner != organisation_id:
                    above[owner] = above.get(owner, Fraction(0)) + share * Fraction(share_ppm, PPM)
        # What falls under one part in a million decides nothing and would make cross-holdings endless.
        level = {owner: share for owner, share in above.items() if share * PPM >= 1}
        for owner, share in above.items():
            total[owner] = min(total.get(owner, Fraction(0)) + share, Fraction(1))
        if not level:
            break
    return total


def beneficial_owners(edges: Iterable[Edge], organisation_id: str, threshold_ppm: int) -> dict[str, int]:
    """Owners at or above the threshold with their share in ppm (rounded down)."""
    shares = effective_shares(edges, organisation_id)
    return {owner: int(share * PPM) for owner, share in sorted(shares.items()) if share >= Fraction(threshold_ppm, PPM)}


def controllers(edges: Iterable[Edge], organisation_id: str) -> set[str]:
    """Everybody who controls the organisation through links of more than half each. Safe on cycles."""
    owners = _owners(edges)
    found: set[str] = set()
    waiting = [organisation_id]
    while waiting:
        for owner, share_ppm in owners.get(waiting.pop(), []):
            if share_ppm > HALF_PPM and owner not in found and owner != organisation_id:
                found.add(owner)
                waiting.append(owner)
    return found


@dataclass(frozen=True, slots=True)
class Behind:
    """Who ultimately stands behind somebody: owners nobody is recorded behind, itself when it has none.

    ``is_complete``: at every step the recorded owners are the whole.
    """

    owners: frozenset[str]
    is_complete: bool


def ultimate_owners(
    edges: Iterable[Edge], organisation_id: str, not_looked_through: frozenset[str] = frozenset()
) -> Behind:
    """Follow every chain to its end, whatever the shares; a circle of owners with nobody behind it is one owner.

    A chain also ends at whom the law does not look through (R-23).
    """
    owners = _owners(edges)
    ends: set[str] = set()
    is_complete = True
    seen = {organisation_id}
    waiting = [organisation_id]
    while waiting:
        owned = waiting.pop()
        above = [] if owned in not_looked_through else owners.get(owned, [])
        if not above:
            ends.add(owned)
            continue
        is_complete = is_complete and sum(share for _, share in above) >= PPM
        fresh = {owner for owner, _ in above} - seen
        seen |= fresh
        waiting += sorted(fresh)
    return Behind(frozenset(ends or {organisation_id}), is_complete)


def group_keys(edges: Iterable[Edge], organisation_id: str, threshold_ppm: int) -> tuple[str, ...]:
    """The organisation, its beneficial owners and its controllers: two parties that share a key are related."""
    known = list(edges)
    keys = {organisation_id} | beneficial_owners(known, organisation_id, threshold_ppm).keys()
    return tuple(sorted(keys | controllers(known, organisation_id)))
