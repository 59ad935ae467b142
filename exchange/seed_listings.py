"""The listings of the demo world: drafted by a manager for a holder, their papers in, reviewed, and open to bidders.

Two listings have every paper handed in and accepted one by one; on the others one simulated file stands for all. One
listing is left to its bidders: they sign the NDA and hand in their papers themselves.
"""

from datetime import timedelta
from typing import Any

from exchange.core.clock import MARKET_ZONE
from exchange.core.money import PPM, scale_decimal
from exchange.core.terms import FirstRefusalMode, MatchingMode, PriorityPolicy
from exchange.custody import service as custody
from exchange.diligence.gate import Gate
from exchange.diligence.service.simulation import accept_simulated
from exchange.funds import service as funds
from exchange.listings import service as listings
from exchange.listings.draft import DraftTerms, PlanTerms
from exchange.listings.pricing import PriceInput
from exchange.seed_papers import Desk
from exchange.seed_world import DEMO, World

WINDOW_DAYS = 150


def list_interests(world: World) -> None:
    """Every listing of the demo file, as far along as it says."""
    known = funds.funds_by_code(world.tx, list(world.managers))
    actors = {actor.organisation_id: actor for actor in world.actors.values()}
    desk = Desk(world.tx, world.now, world.operators[1], actors)
    for plan in DEMO["listings"]:
        code = plan["fund"] if isinstance(plan["fund"], str) else world.real_codes[plan["fund"]]
        # The manager enters what a holder asked it to, but for the open venue, where holders act themselves.
        actor = world.actors[plan["holder"] if plan["profile"] == "OPEN" else world.managers[code]]
        row = listings.create_draft(world.tx, actor, world.now, terms=_terms(world, plan, known[code].id))
        if plan.get("stop_at") == "draft":
            continue
        if plan.get("papers") == "each":
            desk.satisfy(row.id, Gate.LIST_SUBMIT)
            desk.satisfy(row.id, Gate.LIST_PUBLISH)
        _simulate(world, row.id, Gate.DATAROOM)
        listings.submit(world.tx, actor, world.now, listing_id=row.id)
        desk.file_note(row.id)
        if plan.get("stop_at") == "submitted":
            continue
        listings.publish(world.tx, world.operators[0], world.now, listing_id=row.id)
        if plan["mode"] != MatchingMode.CONTINUOUS.value and plan.get("room") != "shut":
            investors = [world.actors[entry["login"]].organisation_id for entry in DEMO["investors"]]
            _simulate(world, row.id, Gate.AWARD, investors)


def _simulate(world: World, listing_id: str, gate: Gate, bidders: list[str] | None = None) -> None:
    operator = world.operators[1]
    accept_simulated(world.tx, operator, world.now, listing_id=listing_id, gate=gate, bidders=bidders or [])


def _terms(world: World, plan: dict[str, Any], fund_id: str) -> DraftTerms:
    holder_id = world.actors[plan["holder"]].organisation_id
    held = custody.current_holdings(world.tx, [(fund_id, holder_id)])[fund_id, holder_id]
    opens_at = world.now + timedelta(days=plan["opens_in_days"])
    closes_at = (world.now + timedelta(days=WINDOW_DAYS)).astimezone(MARKET_ZONE).replace(hour=15)
    return DraftTerms(
        holding_id=held.id,
        profile=plan["profile"],
        amount_minor=held.subscribed_minor * scale_decimal(plan["share"], 6) // PPM,
        price=PriceInput(ratio=plan["price"]),
        opens_at=opens_at,
        closes_at=closes_at,
        mode=MatchingMode(plan["mode"]),
        policy=PriorityPolicy(plan["policy"]) if "policy" in plan else None,
        floor_price_ppm=scale_decimal(plan["floor"], 6) if "floor" in plan else None,
        first_refusal=FirstRefusalMode(plan.get("first_refusal", "after_bidding")),
        payment=PlanTerms(takes_plans=plan.get("takes_plans", False)),
    )
