"""Whether a transfer may be entered on the roll: the caps on holders and the minimum on what either side is left with.

A partnership has a capped number of partners (R-06). Holders in all are capped too, counted through to who stands
behind them, somebody behind two holders once (R-05, R-24): a holder nobody is recorded behind counts as itself, and
one whose recorded owners are not the whole counts one more for whom is unknown. Whoever is a partner already uses no
place; a seller that sells all it holds leaves its own free. What stays with the seller is nothing or the minimum,
and so is what the buyer then has (R-26); a rest that is all frozen for other sales is on its way too.
A partnership that is left with its general partner alone is none any more (R-07).
Example: 50 partners, a new one buys a part -> PARTNER_CAP_EXCEEDED; it buys all of the seller's -> it may.
Source: 合伙企业法 61, 75; 证券投资基金法 87; 私募投资基金监督管理条例 18.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.core.errors import Breach
from exchange.core.money import unscale_decimal
from exchange.parties.relations import Behind


@dataclass(frozen=True, slots=True)
class Caps:
    """What the market profile allows, each with the rule it comes from. The minimum in minor units."""

    partners: int | None
    partners_rule: str
    holders: int
    holders_rule: str
    minimum_holding_minor: int
    minimum_rule: str


@dataclass(frozen=True, slots=True)
class Roll:
    """Who holds something of a fund before the transfer (minor units), and who stands behind each and the buyer."""

    subscribed_minor: Mapping[str, int]
    behind: Mapping[str, Behind]
    currency: str


@dataclass(frozen=True, slots=True)
class Sale:
    """The transfer. ``frozen_minor``: what is frozen of the seller's holding, this amount included;
    ``general_partner_id``: who manages a partnership, None for other funds.
    """

    seller_id: str
    buyer_id: str
    amount_minor: int
    frozen_minor: int
    general_partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every broken rule, the counts after the transfer, and holders whose recorded owners are not the whole."""

    breaches: tuple[Breach, ...]
    partners: int
    ultimate_holders: int
    incomplete: tuple[str, ...]


def transfer_breaches(sale: Sale, roll: Roll, caps: Caps) -> Verdict:
    """Judge a transfer against the roll as it would be: all broken rules at once, never only the first."""
    before = frozenset(roll.subscribed_minor)
    rest = roll.subscribed_minor.get(sale.seller_id, 0) - sale.amount_minor
    after = before | {sale.buyer_id} if rest > 0 else (before - {sale.seller_id}) | {sale.buyer_id}
    ultimate = ultimate_holders(roll.behind, after)
    found = []
    if caps.partners is not None and sale.buyer_id not in before and len(after) > caps.partners:
        numbers = {"n": str(caps.partners), "count": str(len(after))}
        found.append(Breach(caps.partners_rule, "PARTNER_CAP_EXCEEDED", numbers))
    # A roll that is over the cap already may change hands among those who are on it.
    if len(ultimate) > caps.holders and ultimate - ultimate_holders(roll.behind, before):
        numbers = {"n": str(caps.holders), "count": str(len(ultimate))}
        found.append(Breach(caps.holders_rule, "HOLDER_CAP_EXCEEDED", numbers))
    if sale.general_partner_id is not None and after <= {sale.general_partner_id}:
        found.append(Breach("R-07", "NO_LIMITED_PARTNER"))
    found += _below_minimum(sale, roll, caps, rest)
    incomplete = tuple(sorted(holder for holder in after if not roll.behind[holder].is_complete))
    return Verdict(tuple(found), len(after), len(ultimate), incomplete)


def ultimate_holders(behind: Mapping[str, Behind], holders: frozenset[str]) -> frozenset[str]:
    """Who stands behind these holders, each once; for a holder not known to the whole one more, named by its id."""
    found: set[str] = set()
    for holder in holders:
        found |= behind[holder].owners
        if not behind[holder].is_complete:
            found.add(f"unknown behind {holder}")
    return frozenset(found)


def _below_minimum(sale: Sale, roll: Roll, caps: Caps, rest: int) -> list[Breach]:
    found = []
    minimum = _money(caps.minimum_holding_minor, roll)
    if 0 < rest < caps.minimum_holding_minor and rest > sale.frozen_minor - sale.amount_minor:
        numbers = {"remainder": _money(rest, roll), "minimum": minimum}
        found.append(Breach(caps.minimum_rule, "REMAINDER_BELOW_MINIMUM", numbers))
    bought = roll.subscribed_minor.get(sale.buyer_id, 0) + sale.amount_minor
    if bought < caps.minimum_holding_minor:
        found.append(
            Breach(caps.minimum_rule, "HOLDING_BELOW_MINIMUM", {"holding": _money(bought, roll), "minimum": minimum})
        )
    return found


def _money(minor: int, roll: Roll) -> str:
    return f"{unscale_decimal(minor, 2)} {roll.currency}"
