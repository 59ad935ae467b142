"""What fills and order changes of a pass become: rows of fills, proposals and trades, and events, before the COPY."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.core.money import Money
from exchange.core.terms import MatchingMode, Side
from exchange.infra.database import Tx
from exchange.infra.outbox import Emission
from exchange.matching.deadlines import Deadline
from exchange.matching.lifecycle import ProposalStatus
from exchange.matching.outcome import BookOutcome, FillRecord, Sweep
from exchange.matching.service.periods import confirmation_deadline
from exchange.matching.store.awards import KnownAward
from exchange.matching.store.drain import LockedOrder
from exchange.matching.store.journal import MatchingBook

FILL = (
    "id",
    "book_id",
    "fill_number",
    "sequence",
    "buy_order_id",
    "sell_order_id",
    "buy_organisation_id",
    "sell_organisation_id",
    "price_ppm",
    "amount_minor",
    "money_minor",
    "at",
)
PROPOSAL = (
    "id",
    "book_id",
    "listing_id",
    "fund_id",
    "fill_id",
    "award_id",
    "buy_order_id",
    "sell_order_id",
    "buyer_organisation_id",
    "seller_organisation_id",
    "rank",
    "is_backup",
    "price_ppm",
    "amount_minor",
    "money_minor",
    "currency",
    "policy",
    "counterfactual",
    "priority_cost_minor",
    "status",
    "status_reason",
    "status_note",
    "seller_confirmed_by",
    "seller_confirmed_at",
    "lapses_at",
    "lapse_rule",
    "is_simulated",
    "created_at",
    "version",
)
TRADE = (
    "id",
    "book_id",
    "fund_id",
    "listing_id",
    "fill_id",
    "proposal_id",
    "buy_order_id",
    "sell_order_id",
    "buyer_organisation_id",
    "seller_organisation_id",
    "price_ppm",
    "amount_minor",
    "money_minor",
    "currency",
    "is_simulated",
    "at",
)


@dataclass(frozen=True, slots=True)
class Matched:
    """A book, what its commands meant, how far it came, and its digest there."""

    book: MatchingBook
    outcome: BookOutcome
    applied: int
    fill_count: int
    digest: str


@dataclass(slots=True)
class Written:
    """Rows and events gathered before they are copied."""

    fills: list[tuple[object, ...]] = field(default_factory=list)
    proposals: list[tuple[object, ...]] = field(default_factory=list)
    trades: list[tuple[object, ...]] = field(default_factory=list)
    events: list[Emission] = field(default_factory=list)


def gather_book(
    tx: Tx,
    item: Matched,
    now: datetime,
    locked: Mapping[str, LockedOrder],
    ranks: dict[str, int],
    awards: Mapping[str, KnownAward],
    written: Written,
) -> None:
    book, outcome = item.book, item.outcome
    is_trade = book.mode is MatchingMode.CONTINUOUS
    deadline = confirmation_deadline(tx, book.profile, now) if outcome.fills and not is_trade else None
    costs = _costs(item)
    proposal_ids = sorted(new_id("proposal") for _ in outcome.fills)  # newest last, whatever the clock's grain
    for index, fill in enumerate(outcome.fills):
        fill_id = new_id("fill")
        money = book.basis.value_minor(fill.amount, fill.price_ppm)
        written.fills.append(
            (
                fill_id,
                book.id,
                fill.number,
                fill.sequence,
                fill.buy_order_id,
                fill.sell_order_id,
                fill.buyer,
                fill.seller,
                fill.price_ppm,
                fill.amount,
                money,
                now,
            )
        )
        if deadline is None:
            _gather_trade(item, fill, fill_id, money, now, locked[fill.sell_order_id].listing_id, written)
        elif book.listing_id is not None:
            ranks[book.listing_id] = rank = ranks.get(book.listing_id, 0) + 1
            called = Called(proposal_ids[index], fill_id, money, rank, awards.get(book.id), costs[index])
            _gather_proposal(item, fill, called, now, deadline, written)
    _gather_order_events(item, locked, written)


def _costs(item: Matched) -> list[int]:
    """The cost of each sweep or award in money, shared over its fills by amount, so that the shares add up."""
    outcome, basis = item.outcome, item.book.basis
    shares = [0] * len(outcome.fills)
    wholes = [
        (basis.value_minor(sweep.cost, 1), [i for i, fill in enumerate(outcome.fills) if fill.sweep == number])
        for number, sweep in enumerate(outcome.sweeps)
    ]
    for sequence, awarded in outcome.awards:  # its sweep has no comparison of its own: the award is compared as a whole
        won = [i for i, fill in enumerate(outcome.fills) if fill.sequence == sequence and not fill.is_backup]
        wholes.append((awarded.award.priority_cost_minor(basis), won))
    for cost, members in wholes:
        if not cost or not members:
            continue
        parts = Money(cost, item.book.currency).split([outcome.fills[i].amount for i in members])
        for i, part in zip(members, parts, strict=True):
            shares[i] = part.minor
    return shares


def comparison(book: MatchingBook, sweep: Sweep) -> dict[str, object]:
    """The counterfactual of a sweep as plain JSON: fills under ``price_first``, real fills, cost in minor units."""

    def lines(fills: Sequence[Any]) -> list[dict[str, object]]:
        return [
            {
                "order_id": fill.order_id,
                "price_ppm": fill.price_ppm,
                "amount_minor": fill.amount,
                "money_minor": book.basis.value_minor(fill.amount, fill.price_ppm),
            }
            for fill in fills
        ]

    return {
        "priority": "price_first",
        "fills": lines(sweep.price_first),
        "actual": lines(sweep.actual),
        "cost_ppm_minor": sweep.cost,
        "cost_minor": book.basis.value_minor(sweep.cost, 1),
    }


@dataclass(frozen=True, slots=True)
class Called:
    """A proposal's own figures: ids, money and its share of the priority's cost in minor units, rank.

    An award the seller has accepted is its yes to the backups under the same award rules too.
    """

    id: str
    fill_id: str
    money: int
    rank: int
    award: KnownAward | None
    cost: int


def _gather_proposal(
    item: Matched, fill: FillRecord, called: Called, now: datetime, deadline: Deadline, written: Written
) -> None:
    book, sides, award = item.book, (fill.buyer, fill.seller), called.award
    accepted_by, accepted_at = (award.accepted_by, award.accepted_at) if award else (None, None)
    written.proposals.append(
        (
            called.id,
            book.id,
            book.listing_id,
            book.fund_id,
            called.fill_id,
            award.id if award else None,
            fill.buy_order_id,
            fill.sell_order_id,
            fill.buyer,
            fill.seller,
            called.rank,
            fill.is_backup,
            fill.price_ppm,
            fill.amount,
            called.money,
            book.currency,
            book.policy.value,
            comparison(book, item.outcome.sweeps[fill.sweep]),
            called.cost,
            ProposalStatus.PROPOSED.value,
            "",
            "",
            accepted_by,
            accepted_at,
            deadline.at,
            deadline.rule,
            book.is_simulated,
            now,
            1,
        )
    )
    data: dict[str, object] = {
        "listing_id": book.listing_id or "",
        "price_ppm": fill.price_ppm,
        "amount_minor": fill.amount,
        "money_minor": called.money,
        "rank": called.rank,
        "is_backup": fill.is_backup,
        "seller_confirmed": accepted_at is not None,
        "lapses_at": deadline.at.isoformat(),
    }
    made = Event("proposal.made", called.id, sides, data, book.id, book.listing_id)
    lapsing = Event("proposal.confirmation_ended", called.id, sides, {"rule": deadline.rule}, book.id, book.listing_id)
    written.events += [Emission(made), Emission(lapsing, due_at=deadline.at)]


def _gather_trade(
    item: Matched,
    fill: FillRecord,
    fill_id: str,
    money: int,
    now: datetime,
    listing_id: str | None,
    written: Written,
) -> None:
    book, trade_id = item.book, new_id("trade")
    written.trades.append(
        (
            trade_id,
            book.id,
            book.fund_id,
            listing_id,
            fill_id,
            None,
            fill.buy_order_id,
            fill.sell_order_id,
            fill.buyer,
            fill.seller,
            fill.price_ppm,
            fill.amount,
            money,
            book.currency,
            book.is_simulated,
            now,
        )
    )
    data: dict[str, object] = {
        "fund_id": book.fund_id,
        "price_ppm": fill.price_ppm,
        "amount_minor": fill.amount,
        "money_minor": money,
        "currency": book.currency,
    }
    written.events.append(Emission(Event("trade.made", trade_id, (MARKET,), data, book.id, listing_id)))


def _gather_order_events(item: Matched, locked: Mapping[str, LockedOrder], written: Written) -> None:
    book, outcome = item.book, item.outcome
    for change in outcome.changes.values():
        listing_id = locked[change.order_id].listing_id or book.listing_id
        data: dict[str, object] = {
            "status": change.status.value,
            "reason": change.reason,
            "price_ppm": change.price_ppm,
            "leaves_minor": change.leaves,
            "filled_minor": change.filled,
            "sequence": item.applied,
        }
        for told in change.told:
            event = Event(told, change.order_id, (change.owner,), data, book.id, listing_id)
            written.events.append(Emission(event))
        may_end = not change.leaves or book.mode is MatchingMode.ONE_WAY_AUCTION
        if change.side is Side.SELL and may_end and listing_id:
            moved: dict[str, object] = {"leaves_minor": change.leaves, "filled_minor": change.filled}
            event = Event("listing.ask_changed", listing_id, (change.owner,), moved, book.id, listing_id)
            written.events.append(Emission(event))
    for order_id, (sequence, code) in outcome.refused.items():
        before = locked.get(order_id)
        if before is not None:
            refusal: dict[str, object] = {"code": code, "sequence": sequence}
            audience = (before.organisation_id,)
            event = Event("order.change_refused", order_id, audience, refusal, book.id, before.listing_id)
            written.events.append(Emission(event))
    if outcome.changes or outcome.phase_changed or outcome.closed:
        sealed = book.mode is MatchingMode.ONE_WAY_AUCTION
        state: dict[str, object] = {"sequence": item.applied, "fills": len(outcome.fills)}
        seen_by = () if sealed else (MARKET,)
        written.events.append(Emission(Event("book.changed", book.id, seen_by, state, book.id, book.listing_id)))
