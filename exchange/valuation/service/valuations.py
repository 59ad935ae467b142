"""Ask for a valuation, compute it on the worker, read it, prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.events import MARKET, Event
from exchange.core.ids import new_id
from exchange.funds import service as funds
from exchange.funds.service import FundRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.valuation import store
from exchange.valuation.errors import ValuationInvalid, ValuationNotComputed, ValuationNotFound
from exchange.valuation.panel.assumptions import Assumptions
from exchange.valuation.panel.facts import LOCK_UP_DAYS_MAX, FundFacts
from exchange.valuation.panel.opinion import Panel
from exchange.valuation.service.computation import (
    COMPUTING_MILLISECONDS,
    compute,
    kept_inputs,
    kept_panel,
    recomputed_hash,
    sensitivity_grid,
    software_version,
)
from exchange.valuation.service.gathering import inputs_of
from exchange.valuation.service.subjects import Subject
from exchange.valuation.store import Computed
from exchange.valuation.tables import ValuationResultRow, ValuationRow

if TYPE_CHECKING:
    from exchange.valuation.panel.sensitivity import Sensitivity

EXIT_DELAYS_YEARS = (0, 1, 2, 3)
OLDEST_DAY = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Valuation:
    """A valuation with its fund, and its panel once it is computed."""

    row: ValuationRow
    fund: FundRow
    result: ValuationResultRow | None
    panel: Panel | None

    @property
    def is_computed(self) -> bool:
        """The figures are there."""
        return self.result is not None


@dataclass(frozen=True, slots=True)
class Verification:
    """What the kept inputs give now, beside what was kept."""

    valuation_id: str
    kept_hash: str
    recomputed_hash: str
    kept_version: str
    present_version: str

    @property
    def agrees(self) -> bool:
        """The same inputs gave the same bytes."""
        return self.kept_hash == self.recomputed_hash


def request(tx: Tx, actor: Actor, now: datetime, *, subject: Subject, valued_on: date | None) -> Valuation:
    """Ask for a valuation of a fund on a day, today unless another is named; the worker computes it.

    VALUATION_INVALID for a day that is not over yet or before any fund, and for a lock-up out of range.
    """
    actor.require("valuations:run")
    fund = funds.fund_of(tx, actor, subject.fund_id)
    day = valued_on or market_date(now)
    check_day(day, now)
    if not 0 <= subject.lock_up_days <= LOCK_UP_DAYS_MAX:
        raise ValuationInvalid(fields=(FieldError("/lock_up_days", "LOCK_UP_OUT_OF_RANGE"),))
    row = ValuationRow(
        id=new_id("valuation"),
        fund_id=fund.id,
        listing_id=subject.listing_id,
        profile=subject.profile,
        seller_is_state_owned=subject.seller_is_state_owned,
        lock_up_days=subject.lock_up_days,
        valued_on=day,
        requested_by=actor.user_id,
        requested_by_organisation_id=actor.organisation_id,
        requested_at=now,
    )
    store.add(tx, row)
    data = {"fund_id": fund.id, "valued_on": day.isoformat()}
    audience = (actor.organisation_id,)
    emit(
        tx,
        now,
        Event("valuation.requested", row.id, audience, data, listing_id=row.listing_id),
        actor_id=actor.user_id,
    )
    return Valuation(row, fund, None, None)


def check_day(day: date, now: datetime) -> None:
    """VALUATION_INVALID for a day that is not over yet or before any fund."""
    if day > market_date(now):
        raise ValuationInvalid(fields=(FieldError("/valued_on", "DATE_IN_FUTURE"),))
    if day < OLDEST_DAY:
        raise ValuationInvalid(fields=(FieldError("/valued_on", "DATE_TOO_OLD"),))


def run(tx: Tx, now: datetime, *, valuation_id: str) -> None:
    """Compute a valuation that was asked for; one that is computed already is left alone."""
    found = store.valuation(tx, valuation_id)
    if found is None or found.result is not None:
        return
    row = found.row
    store.allow_long_work(tx, COMPUTING_MILLISECONDS)
    inputs = inputs_of(
        tx,
        [row.fund_id],
        row.valued_on,
        profile=row.profile,
        seller_is_state_owned=row.seller_is_state_owned,
        lock_up_days=row.lock_up_days,
    )
    done = compute(inputs)
    (made,) = done.made
    store.add_documents(tx, done.documents)
    result = ValuationResultRow(
        valuation_id=row.id,
        facts_hash=made.facts_hash,
        assumptions_hash=made.assumptions_hash,
        panel_hash=made.panel_hash,
        software_version=software_version(),
        computed_at=now,
    )
    store.add(tx, result)
    data = {"fund_id": row.fund_id, "valued_on": row.valued_on.isoformat(), "panel_hash": made.panel_hash}
    emit(tx, now, Event("valuation.computed", row.id, (MARKET,), data, listing_id=row.listing_id))


def valuation_of(tx: Tx, actor: Actor, valuation_id: str) -> Valuation:
    """One valuation. Its inputs are facts and parameters that every participant may read, so it is for all of them."""
    actor.require("valuations:read")
    found = store.valuation(tx, valuation_id)
    if found is None:
        raise ValuationNotFound
    panel = None if found.result is None else kept_panel(tx, found.result)
    return Valuation(found.row, funds.fund_facts(tx, found.row.fund_id), found.result, panel)


def computed_valuation(tx: Tx, actor: Actor, valuation_id: str) -> tuple[Valuation, ValuationResultRow, Panel]:
    """A valuation whose figures are there; VALUATION_NOT_COMPUTED otherwise."""
    found = valuation_of(tx, actor, valuation_id)
    if found.result is None or found.panel is None:
        raise ValuationNotComputed
    return found, found.result, found.panel


def valuations_of(
    tx: Tx, actor: Actor, *, fund_id: str | None = None, before: str | None = None, limit: int = 200
) -> list[Valuation]:
    """Valuations, newest first, without their panels."""
    actor.require("valuations:read")
    if fund_id is not None:
        funds.fund_of(tx, actor, fund_id)
    return _with_funds(tx, store.valuations(tx, fund_id=fund_id, before=before, limit=limit))


def latest_valuation_of(tx: Tx, actor: Actor, fund_id: str) -> tuple[Valuation, ValuationResultRow, Panel]:
    """The newest computed valuation of a fund; VALUATION_NOT_FOUND when there is none."""
    actor.require("valuations:read")
    found = store.latest_valuation(tx, fund_id)
    if found is None or found.result is None:
        raise ValuationNotFound
    panel = kept_panel(tx, found.result)
    return Valuation(found.row, funds.fund_facts(tx, fund_id), found.result, panel), found.result, panel


def inputs_kept(tx: Tx, actor: Actor, valuation_id: str) -> tuple[ValuationResultRow, FundFacts, Assumptions]:
    """What a computed valuation was made from."""
    _, result, _ = computed_valuation(tx, actor, valuation_id)
    return result, *kept_inputs(tx, result)


def sensitivity_of(tx: Tx, actor: Actor, valuation_id: str) -> "Sensitivity | None":
    """How the discounted price moves with the target return and with later exits; None where that model is silent."""
    _, facts, assumed = inputs_kept(tx, actor, valuation_id)
    return sensitivity_grid(facts, assumed, EXIT_DELAYS_YEARS)


def verify(tx: Tx, actor: Actor, *, valuation_id: str) -> Verification:
    """Compute the kept inputs again and compare the bytes."""
    _, result, _ = computed_valuation(tx, actor, valuation_id)
    return Verification(
        valuation_id=valuation_id,
        kept_hash=result.panel_hash,
        recomputed_hash=recomputed_hash(tx, result),
        kept_version=result.software_version,
        present_version=software_version(),
    )


def _with_funds(tx: Tx, found: Sequence[Computed]) -> list[Valuation]:
    known = funds.funds_by_id(tx, sorted({item.row.fund_id for item in found}))
    return [Valuation(item.row, known[item.row.fund_id], item.result, None) for item in found]
