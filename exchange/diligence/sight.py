"""Which items of a checklist exist for whom: by side, visibility, agreement and short list.

The listing's sides see all items of the listing, a bidder all of its own; of the listing's items it sees those whose
visibility its stage reaches, and every waived one with its reason. Whoever is asked to act on an item sees it. The
exchange, auditors and regulators see all. What may not be seen does not exist.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.diligence.item import ItemState, Visibility


class Stage(StrEnum):
    """How far an investor has come with a listing."""

    QUALIFIED = "qualified"
    NDA = "nda"
    SHORTLIST = "shortlist"


_REACHED = {
    Stage.QUALIFIED: frozenset({Visibility.PUBLIC, Visibility.QUALIFIED}),
    Stage.NDA: frozenset({Visibility.PUBLIC, Visibility.QUALIFIED, Visibility.NDA}),
    Stage.SHORTLIST: frozenset({Visibility.PUBLIC, Visibility.QUALIFIED, Visibility.NDA, Visibility.SHORTLIST}),
}


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks: the exchange or a watcher, a side of the listing, the item's own bidder, or an investor at a stage."""

    sees_all: bool = False
    is_side: bool = False
    is_own_bidder: bool = False
    stage: Stage = Stage.QUALIFIED


def may_see(
    visibility: Visibility, state: ItemState, onlooker: Onlooker, *, is_of_bidder: bool, has_part: bool
) -> bool:
    """Whether an item exists for an onlooker. ``has_part``: asked to hand it in, to review or to waive it."""
    if onlooker.sees_all or has_part:
        return True
    if is_of_bidder:
        is_shown_to_sides = onlooker.is_side and visibility is not Visibility.EXCHANGE_ONLY
        return onlooker.is_own_bidder or is_shown_to_sides
    return onlooker.is_side or state is ItemState.WAIVED or visibility in _REACHED[onlooker.stage]
