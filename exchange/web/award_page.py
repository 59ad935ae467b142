"""An award as a page shows it: who won, who waits, what price first would have given, and the proof of it.

The seller, operators and auditors see every bid with its holder. A bidder sees the winners' prices and amounts without
names, and of those that did not win only its own bids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.access.roles import Role
from exchange.core.money import Money
from exchange.core.quantity import NavBasis
from exchange.funds import service as funds
from exchange.listings import service as listings
from exchange.matching.award import GUIDANCE_RANK
from exchange.matching.lifecycle import AwardStatus
from exchange.matching.service import awards as service
from exchange.matching.service import views
from exchange.matching.service.awards import AwardRow
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

LINES_MAX = 200


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One bid of an award: its place, whose it is as far as the viewer may know, and what it got."""

    place: int
    holder: str
    is_own: bool
    is_guidance: bool
    price_ppm: int
    asked: Money
    got: Money | None
    money: Money | None
    by_match_right: bool
    reason: str
    rule: str
    cash_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the viewer may take under the match right, with one of its bids."""

    order_id: str
    price_ppm: int
    own_price_ppm: int
    at_least: Money
    up_to: Money


@dataclass(frozen=True, slots=True)
class AwardPage:
    """Everything the page of an award shows."""

    award_id: str
    listing_id: str
    fund_name: str
    fund_code: str
    status: str
    policy: str
    margin: str
    first_refusal: str
    supply: Money
    sold: Money
    proceeds: Money
    proceeds_by_price: Money
    priority_cost: Money
    clearing_ppm: int | None
    floor_ppm: int
    winners: tuple[AwardLine, ...]
    backups: tuple[AwardLine, ...]
    excluded: tuple[AwardLine, ...]
    counterfactual: tuple[AwardLine, ...]
    offers: tuple[Offer, ...]
    bids: int
    sees_all: bool
    proof_hash: str
    created_at: datetime
    version: int
    can_decide: bool
    can_refuse: bool
    can_take: bool


def award_page(visit: Visit, award_id: str) -> AwardPage:
    """An award for those who may see it; AWARD_NOT_FOUND for others."""
    row = service.award_of(visit.tx, visit.actor, award_id)
    facts = listings.listing_facts(visit.tx, row.listing_id)
    fund = funds.funds_by_id(visit.tx, [facts.fund_id])[facts.fund_id]
    book = views.book_of(visit.tx, visit.actor, row.book_id).row
    is_seller = facts.seller_organisation_id == visit.actor.organisation_id
    lines = Lines(visit, row, NavBasis(book.nav_minor, book.subscribed_minor), is_seller=is_seller)
    proof, decides = row.proof, is_seller and row.status is AwardStatus.PROPOSED and visit.viewer.may(service.DECIDE)
    offers = _offers(visit, row, lines)
    return AwardPage(
        award_id=row.id,
        listing_id=row.listing_id,
        fund_name=fund.name,
        fund_code=fund.code,
        status=row.status.value,
        policy=row.policy.value,
        margin=proof["policy"]["margin"],
        first_refusal=proof["policy"].get("first_refusal", ""),
        supply=lines.amount(proof["supply_minor"]),
        sold=lines.amount(proof["supply_minor"] - proof["unsold_minor"]),
        proceeds=lines.worth(proof["proceeds_ppm_minor"]),
        proceeds_by_price=lines.worth(proof["counterfactual"]["proceeds_ppm_minor"]),
        priority_cost=lines.amount(row.priority_cost_minor),
        clearing_ppm=proof["clearing_price_ppm"],
        floor_ppm=proof["limits"]["floor_price_ppm"],
        winners=lines.fills(proof["fills"]),
        backups=lines.standby(proof["backups"]),
        excluded=lines.standby(proof["excluded"]),
        counterfactual=lines.fills(proof["counterfactual"]["fills"]),
        offers=offers,
        bids=len(proof["bids"]["rows"]),
        sees_all=lines.sees_all,
        proof_hash=row.proof_hash,
        created_at=row.created_at,
        version=row.version,
        can_decide=decides,
        can_refuse=decides and not facts.seller_is_state_owned,
        can_take=bool(offers) and visit.viewer.may("orders:write") and Role.INVESTOR in visit.actor.roles,
    )


def award_link(visit: Visit, listing_id: str) -> str:
    """The address of a listing's award, empty before there is one or for whom it does not exist."""
    found = service.find_award_of_listing(visit.tx, visit.actor, listing_id)
    return f"/awards/{found.id}" if found else ""


class Lines:
    """The bids of a proof as this viewer may see them."""

    def __init__(self, visit: Visit, row: AwardRow, basis: NavBasis, *, is_seller: bool) -> None:
        self.visit = visit
        self.basis = basis
        self.currency = row.currency
        self.sees_all = is_seller or visit.actor.sees_everything
        columns = row.proof["bids"]["columns"]
        bids = [dict(zip(columns, values, strict=True)) for values in row.proof["bids"]["rows"]]
        self.bids: Mapping[str, Mapping[str, Any]] = {bid["bid_id"]: bid for bid in bids}
        holders = sorted({bid["holder"] for bid in bids}) if self.sees_all else []
        self.names = organisation_names(visit.tx, holders, visit.language)

    def amount(self, minor: int) -> Money:
        """An amount in the award's currency."""
        return Money(minor, self.currency)

    def worth(self, ppm_minor: int) -> Money:
        """The money of a sum of price (ppm) times amount, rounded once."""
        return self.amount(self.basis.value_minor(ppm_minor, 1))

    def fills(self, fills: Sequence[Mapping[str, Any]]) -> tuple[AwardLine, ...]:
        """Bids with what they got, best rank first."""
        return tuple(
            self._line(place, fill["bid_id"], fill=fill) for place, fill in enumerate(fills[:LINES_MAX], start=1)
        )

    def standby(self, standby: Sequence[Mapping[str, Any]]) -> tuple[AwardLine, ...]:
        """Bids without a fill, each with its reason; a bidder sees its own, under their true place."""
        found = enumerate(standby, start=1)
        mine = ((place, bid) for place, bid in found if self.sees_all or self._is_own(bid["bid_id"]))
        return tuple(self._line(place, bid["bid_id"], standby=bid) for place, bid in list(mine)[:LINES_MAX])

    def _is_own(self, bid_id: str) -> bool:
        return bool(self.bids[bid_id]["holder"] == self.visit.actor.organisation_id)

    def _line(
        self,
        place: int,
        bid_id: str,
        *,
        fill: Mapping[str, Any] | None = None,
        standby: Mapping[str, Any] | None = None,
    ) -> AwardLine:
        bid = self.bids[bid_id]
        price = fill["price_ppm"] if fill else bid["price_ppm"]
        got = fill["amount_minor"] if fill else None
        reason = f"reason.{standby['reason']}" if standby else ""
        return AwardLine(
            place=place,
            holder=self.names.get(bid["holder"], ""),
            is_own=self._is_own(bid_id),
            is_guidance=bid["class_rank"] == GUIDANCE_RANK,
            price_ppm=price,
            asked=self.amount(bid["amount_minor"]),
            got=self.amount(got) if got is not None else None,
            money=self.amount(self.basis.value_minor(got, price)) if got is not None else None,
            by_match_right=bool(fill and fill["by_match_right"]),
            reason=self.visit.t(reason) if reason else "",
            rule=(standby or {}).get("rule") or "",
            cash_ppm=bid["rank_price_ppm"] if bid["rank_price_ppm"] not in {None, bid["price_ppm"]} else None,
        )


def _offers(visit: Visit, row: AwardRow, lines: Lines) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            order_id=offer.bid_id,
            price_ppm=offer.price_ppm,
            own_price_ppm=lines.bids[offer.bid_id]["price_ppm"],
            at_least=lines.amount(offer.at_least_minor),
            up_to=lines.amount(offer.up_to_minor),
        )
        for offer in service.offers_for(row, visit.actor.organisation_id)
    )
