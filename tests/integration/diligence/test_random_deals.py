"""Whatever is handed in, decided, declared and however days pass: no gate opens while a paper is missing."""

from random import Random

import pytest

from exchange.core.clock import market_date
from exchange.core.errors import ExchangeError
from exchange.diligence.gate import OF_A_BIDDER, OF_THE_LISTING, Gate
from exchange.diligence.item import FULFILLED, ItemEvent, ItemState
from exchange.diligence.service import checklists, clearances, gates, items
from exchange.diligence.service.items import Decision
from exchange.diligence.service.positions import positions
from exchange.diligence.verdict import does_expiry_matter
from tests.builders import Exchange, at_work
from tests.integration.diligence.deal_world import Deal, a_deal, hand_in, move_on, settle_up_to, work_through

DECLARED = ("fund_has_debt", "cross_border", "target_has_redemption", "lpa_rofr", "lpa_consent_needed")
STEPS = 40


def take_a_step(deal: Deal, chance: Random) -> None:
    """Something happens to the deal; the exchange may refuse it."""
    position = deal.position()
    rows = [row for owner in position.items.values() for row in owner.values()]
    row = chance.choice(rows)
    kind = chance.choice(("hand_in", "hand_in", "decide", "decide", "decide", "facts", "days", "gate"))
    if kind == "hand_in":
        hand_in(deal, [row.code])
    elif kind == "decide":
        event = chance.choice([e for e in ItemEvent if e not in {ItemEvent.EXPIRE, ItemEvent.SET_ASIDE}])
        actor = chance.choice([*deal.people, deal.exchange.maker])
        with at_work() as (tx, now):
            items.decide(tx, actor, now, [Decision(row.id, event, "by chance")])
    elif kind == "facts":
        facts = {chance.choice(DECLARED): chance.random() < 0.5}
        with at_work() as (tx, now):
            checklists.declare_facts(tx, deal.gp, now, listing_id=deal.listing_id, facts=facts)
    elif kind == "days":
        move_on(chance.choice((1, 8, 40)))
        if chance.random() < 0.5:
            work_through()
    else:
        deal.pass_gate(chance.choice([*OF_THE_LISTING, *OF_A_BIDDER]))


def check(deal: Deal) -> None:
    """No gate stands open without its papers, and the kept clearance is the derived one."""
    owner = deal.bidder.organisation_id
    with at_work() as (tx, now):
        position = positions(tx, [deal.listing_id], [owner])[deal.listing_id]
        today, passed = market_date(now), position.passed(owner)
        for found in gates.gate_states(tx, now, listing_id=deal.listing_id, organisation_id=owner):
            if found.is_open and not found.is_passed:
                for item in position.standings(owner):
                    if item.is_required and item.spec.gate.is_up_to(found.gate):
                        state = item.state_on(today)
                        is_old = state is ItemState.EXPIRED
                        assert state in FULFILLED or is_old
                        assert not (is_old and does_expiry_matter(item.spec, found.gate, passed))
        assert all(kept == derived for _, _, kept, derived in clearances.clearances_derived(tx, now))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_gate_opens_while_a_paper_is_missing_however_a_deal_goes(exchange: Exchange, seed: int) -> None:
    chance = Random(seed)
    deal = a_deal(exchange)
    settle_up_to(deal, Gate.BID if seed == 1 else Gate.LIST_PUBLISH)
    done = refused = 0
    for _ in range(STEPS):
        try:
            take_a_step(deal, chance)
            done += 1
        except ExchangeError:
            refused += 1
        check(deal)
    assert done > 5
    assert refused > 5
