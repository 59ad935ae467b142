"""What the exchange charges a side of a deal: a marginal schedule, so that a higher price never costs less.

Each tier's rate is for the part of the base price inside it; the sum is rounded half-up once and kept between a
minimum and a maximum. Amounts in minor units, rates in ppm.
Example: 72,600,000.00 -> 50,000.00 + 120,000.00 + 22,600.00 = 192,600.00; 800,000.00 -> the minimum of 5,000.00.
Source: default of this exchange within 拍卖法 56 (R-15: at most 5 % a side, falling with the price).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from exchange.core.money import PPM, divide_half_up
from exchange.rulebook.profile import Mark

RATE_MAX_PPM = 50_000


@dataclass(frozen=True, slots=True)
class Tier:
    """A rate for the part of a price up to a bound; the last tier has none."""

    up_to_minor: int | None
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """One version of a schedule in one currency, with its source. ``base`` names the price it is charged on."""

    profile: str
    version: int
    effective_from: date
    currency: str
    base: str
    tiers: tuple[Tier, ...]
    minimum_minor: int
    maximum_minor: int
    rule_id: str
    source: str
    mark: Mark

    def __post_init__(self) -> None:
        bounds = [tier.up_to_minor for tier in self.tiers]
        rates = [tier.rate_ppm for tier in self.tiers]
        inner = [bound for bound in bounds[:-1] if bound is not None]
        if not self.tiers or bounds[-1] is not None or len(inner) != len(bounds) - 1:
            raise ValueError("every tier but the last has a bound")
        if inner != sorted(set(inner)) or (inner and inner[0] <= 0):
            raise ValueError("the bounds of the tiers rise")
        if rates != sorted(rates, reverse=True) or rates[-1] < 0 or rates[0] > RATE_MAX_PPM:
            raise ValueError("rates fall with the price and are at most 5 % (R-15)")
        if not 0 <= self.minimum_minor <= self.maximum_minor:
            raise ValueError("the minimum is not above the maximum")


def fee_minor(schedule: FeeSchedule, price_minor: int) -> int:
    """The fee of one side for a price in minor units; a price of zero or less bears the minimum."""
    total, floor = 0, 0
    for tier in schedule.tiers:
        top = price_minor if tier.up_to_minor is None else min(price_minor, tier.up_to_minor)
        if top > floor:
            total += (top - floor) * tier.rate_ppm
            floor = top
    return max(schedule.minimum_minor, min(schedule.maximum_minor, divide_half_up(total, PPM)))


def parse_fees(document: Mapping[str, Any]) -> list[FeeSchedule]:
    """Every schedule of a fee document, oldest first. ValueError for one that cannot be."""
    found = []
    for version in document["versions"]:
        for currency, entry in version.items():
            if not isinstance(entry, dict):
                continue
            found.append(
                FeeSchedule(
                    profile=document["profile"],
                    version=version["version"],
                    effective_from=version["effective_from"],
                    currency=currency,
                    base=version["base"],
                    tiers=tuple(Tier(tier.get("up_to_minor"), tier["rate_ppm"]) for tier in entry["tiers"]),
                    minimum_minor=entry["minimum_minor"],
                    maximum_minor=entry["maximum_minor"],
                    rule_id=version["rule"],
                    source=version["source"],
                    mark=Mark(version["mark"]),
                )
            )
    return sorted(found, key=lambda schedule: (schedule.effective_from, schedule.currency))
