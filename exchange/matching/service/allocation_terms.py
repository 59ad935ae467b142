"""What an auction's allocation depends on beside its bids, as plain JSON for the journal: limits and the roll."""

from datetime import datetime
from typing import Any

from exchange.access.actor import Actor
from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.custody import service as custody
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.listings.listing import ListingFacts
from exchange.rulebook.service import profile

_REGISTRAR = Actor("system", "system", frozenset({Role.OPERATOR}), frozenset({"holdings:read", "funds:read"}))


def allocation_terms(tx: Tx, now: datetime, facts: ListingFacts) -> dict[str, Any]:
    """Limits of the listing and its market profile, and who holds how much of the fund at this moment.

    A new holder needs a place under the partner cap (R-06; R-05 where the fund is no partnership); a seller that
    sells all it holds leaves its own place free.
    """
    rules = profile(facts.profile, market_date(now))
    holders, _ = custody.roll_of(tx, _REGISTRAR, facts.fund_id)
    roll = {line.holder_organisation_id: line.subscribed_minor for line in holders if line.subscribed_minor > 0}
    fund = funds.fund_facts(tx, facts.fund_id)
    cap = rules.partner_cap if fund.legal_form == "partnership" else rules.holder_cap
    held = roll.get(facts.seller_organisation_id, facts.amount_minor)
    leaving = 1 if held <= facts.amount_minor else 0
    least = rules.minimum_holding_minor
    return {
        "margin": "pro_rata",
        "roll": roll,
        "first_refusal": facts.first_refusal.value,
        "limits": {
            "floor_price_ppm": facts.floor_price_ppm,
            "divisible": True,
            "minimum_holding_minor": least.value[facts.currency],
            "new_holder_slots": max(0, cap.value - len(roll) + leaving),
            "seller_holding_minor": max(held, facts.amount_minor),
            "minimum_remainder_minor": least.value[facts.currency],
            "full_sale_required": facts.all_or_none,
            "guidance_only": False,
            "rules": {
                "reserve": "R-13",
                "window": rules.priority_window_working_days.rule_id,
                "indivisible": "X-TERMS",
                "minimum_holding": least.rule_id,
                "new_holder_slots": cap.rule_id,
                "seller_remainder": least.rule_id,
                "full_sale": "X-TERMS",
            },
        },
    }
