"""The advisers of the demo world: they apply for the directory and are admitted. Licences and cover are simulated."""

from datetime import timedelta
from typing import Any

from exchange.core.clock import market_date
from exchange.core.money import scale_decimal
from exchange.diligence.adviser_entry import AdviserEntry, LiabilityCover, Licence
from exchange.diligence.engagement import AdviserKind, FeeBasis
from exchange.diligence.service import advisers
from exchange.seed_world import DEMO, World

COVER_DAYS = 700
COVER = "50000000.00"


def admit_advisers(world: World) -> None:
    """Every adviser of the demo file applies for itself and is admitted by an operator."""
    for plan in DEMO["advisers"]:
        adviser = world.actors[plan["login"]]
        advisers.apply(world.tx, adviser, world.now, entry=_entry(world, plan))
        advisers.admit(
            world.tx,
            world.operators[0],
            world.now,
            organisation_id=adviser.organisation_id,
            is_state_shortlisted=plan.get("is_state_shortlisted", False),
        )


def _entry(world: World, plan: dict[str, Any]) -> AdviserEntry:
    today = market_date(world.now)
    kinds = tuple(AdviserKind(kind) for kind in plan["kinds"])
    until = today + timedelta(days=plan["licence_days"])
    cover_until = today + timedelta(days=COVER_DAYS)
    return AdviserEntry(
        kinds=kinds,
        licences=tuple(Licence(kind, plan["authority"], plan["number"], until) for kind in kinds),
        cover=LiabilityCover(
            "模拟保险公司 simulated insurer", f"{plan['number']}-P", scale_decimal(COVER, 2), "CNY", cover_until
        ),
        confidentiality_signed_on=today - timedelta(days=10),
        regions=tuple(plan["regions"]),
        strategies=("成长PE", "科创VC早期", "并购"),
        deal_types=("基金份额转让",),
        languages=("zh", "en"),
        team_leads=(f"{plan['name_zh'].removesuffix('【模拟】')}负责人【模拟】",),
        fee_basis=FeeBasis.FIXED,
        fee_currency="CNY",
        fee_low_minor=scale_decimal(plan["fee_low"], 2),
        fee_high_minor=scale_decimal(plan["fee_high"], 2),
        capacity="可同时承接三项【模拟】",
        discipline="",
    )
