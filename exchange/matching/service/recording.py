"""What a pass of the matcher writes: the outcomes of its books as rows and events, set by set.

Order of writes: orders locked and updated, holds released, fills, passes-over, awards, proposals or trades, events.
A hold is settled only when no later command of the same order waits in the journal: that command brings its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.core.terms import MatchingMode, Side
from exchange.infra.database import Tx
from exchange.infra.outbox import Emission, emit_bulk
from exchange.ledger import service as ledger
from exchange.ledger.cover import HoldChange
from exchange.matching.award import Award
from exchange.matching.holds import deposit_minor
from exchange.matching.lifecycle import AwardStatus
from exchange.matching.outcome import BookOutcome
from exchange.matching.proof import proof_hash, proof_of
from exchange.matching.service.gathering import FILL, PROPOSAL, TRADE, Matched, Written, gather_book
from exchange.matching.service.periods import match_right_deadline
from exchange.matching.store import awards as award_store
from exchange.matching.store import drain as store
from exchange.matching.store.awards import KnownAward
from exchange.matching.store.drain import LockedOrder


def record(tx: Tx, now: datetime, matched: Sequence[Matched]) -> None:
    """Write everything the outcomes of a pass mean, and move the books' progress."""
    locked = _write_orders(tx, now, matched)
    written = Written()
    ranks = store.proposals_of_listings(tx, _listings_with_fills(matched))
    awards = _write_awards(tx, now, matched, written)
    for item in matched:
        gather_book(tx, item, now, locked, ranks, awards, written)
    store.copy_rows(tx, "fill", FILL, written.fills)
    store.copy_rows(tx, "proposal", PROPOSAL, written.proposals)
    store.copy_rows(tx, "trade", TRADE, written.trades)
    store.insert_skips(tx, now, [(m.book.id, skip) for m in matched for skip in m.outcome.skips.values()])
    emit_bulk(tx, now, written.events)
    store.move_progress(tx, now, [(m.book.id, m.applied, m.fill_count, m.digest) for m in matched])


def _listings_with_fills(matched: Sequence[Matched]) -> list[str]:
    return sorted({m.book.listing_id for m in matched if m.book.listing_id and m.outcome.fills})


# -- orders and holds -------------------------------------------------------------------------------------------------


def _write_orders(tx: Tx, now: datetime, matched: Sequence[Matched]) -> dict[str, LockedOrder]:
    """Write the orders and settle their holds: orders are locked by id, then accounts by id, as everywhere."""
    wanted = [order_id for m in matched for order_id in (*m.outcome.changes, *m.outcome.refused)]
    if not wanted:
        return {}
    settling = {order_id for m in matched for order_id in _settling(m.outcome)}
    locked = store.lock_orders(tx, wanted)
    holds: dict[str, int] = {}
    only_holds: dict[str, int] = {}
    for item in matched:
        for change in item.outcome.changes.values():
            before = locked[change.order_id]
            open_minor = change.leaves + change.filled - before.settled_minor
            is_settled = change.order_id in settling
            holds[change.order_id] = (
                _hold(item, open_minor, change.price_ppm, before) if is_settled else before.hold_minor
            )
        for order_id in item.outcome.refused.keys() - item.outcome.changes.keys():
            known = locked.get(order_id)
            if known is not None:
                only_holds[order_id] = _hold(item, known.open_minor, known.price_ppm, known)
    store.update_orders(tx, [change for m in matched for change in m.outcome.changes.values()], holds)
    store.update_holds(tx, only_holds)
    _release(tx, now, locked, {**holds, **only_holds})
    return locked


def _settling(outcome: BookOutcome) -> Iterator[str]:
    """Orders whose hold may have changed: a fill never changes it, whatever ends or amends does."""
    yield from outcome.refused
    for change in outcome.changes.values():
        if change.side is Side.BUY and change.told.keys() - {"order.filled", "order.reclassed"}:
            yield change.order_id


def _hold(item: Matched, open_minor: int, price_ppm: int, before: LockedOrder) -> int:
    if before.side is Side.SELL or before.account_id is None:
        return 0
    if before.last_sequence > item.applied:
        return before.hold_minor
    return deposit_minor(item.book.basis, item.book.deposit_ppm, open_minor, price_ppm)


def _release(tx: Tx, now: datetime, locked: Mapping[str, LockedOrder], holds: Mapping[str, int]) -> None:
    changes = [
        HoldChange(before.account_id, hold - before.hold_minor, order_id, new_id("transfer"))
        for order_id, hold in holds.items()
        if (before := locked[order_id]).account_id is not None and hold != before.hold_minor
    ]
    if ledger.apply_holds(tx, changes, now).uncovered:
        raise ArithmeticError("the matcher asked for more money than an order had set aside")


# -- awards -----------------------------------------------------------------------------------------------------------


def _write_awards(tx: Tx, now: datetime, matched: Sequence[Matched], written: Written) -> dict[str, KnownAward]:
    """Awards by book id, for the books of this pass that make one or call a backup of one."""
    auctions = [
        m for m in matched if m.book.mode is MatchingMode.ONE_WAY_AUCTION and (m.outcome.fills or m.outcome.awards)
    ]
    awards = award_store.kept_awards(tx, [m.book.id for m in auctions])
    for item in auctions:
        for sequence, awarded in item.outcome.awards:
            award, book = awarded.award, item.book
            proof = proof_of(award)
            values: dict[str, Any] = {
                "status": _award_status(award, final=awarded.final).value,
                "proof": proof,
                "proof_hash": proof_hash(proof),
                "counterfactual": proof["counterfactual"],
                "priority_cost_minor": award.priority_cost_minor(book.basis),
            }
            known = awards.get(book.id)
            if known is None:
                awards[book.id] = known = KnownAward(new_id("award"))
                award_store.insert_award(tx, now, known.id, book, sequence, values)
            else:
                award_store.update_award(tx, known.id, values)
            written.events += _award_events(item, known.id, award, now, final=awarded.final)
    return awards


def _award_status(award: Award, *, final: bool) -> AwardStatus:
    if not award.fills:
        return AwardStatus.NO_BID
    return AwardStatus.PROPOSED if final else AwardStatus.MATCH_RIGHT_OFFERED


def _award_events(item: Matched, award_id: str, award: Award, now: datetime, *, final: bool) -> Iterator[Emission]:
    book = item.book
    data: dict[str, object] = {
        "listing_id": book.listing_id or "",
        "sold_minor": award.outcome.sold_minor,
        "unsold_minor": award.unsold_minor,
        "winners": len(award.fills),
        "status": _award_status(award, final=final).value,
    }
    kind = "award.made" if final else "award.match_right_offered"
    yield Emission(Event(kind, award_id, (MARKET,), data, book.id, book.listing_id))
    if not final:
        deadline = match_right_deadline(book.profile, now)
        ends = {**data, "rule": deadline.rule}
        event = Event("award.match_right_ended", award_id, (MARKET,), ends, book.id, book.listing_id)
        yield Emission(event, due_at=deadline.at)
