"""What a fund's agreement says of transfers, and the law where it says nothing."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.events import MARKET, Event
from exchange.funds.service.reporting import fund_facts, lock_funds, managed_fund
from exchange.funds.store import terms as store
from exchange.funds.tables import TransferTermsRow
from exchange.funds.transfer_terms import TransferTerms, terms_by_law
from exchange.infra.database import Tx
from exchange.infra.outbox import emit


def transfer_terms(tx: Tx, fund_id: str) -> TransferTerms:
    """What binds a transfer to an outsider: the fund's agreement, or the law where it says nothing."""
    row = store.transfer_terms(tx, fund_id)
    if row is None:
        return terms_by_law(fund_facts(tx, fund_id).legal_form)
    return TransferTerms(row.has_first_refusal, row.silence_waives, row.clause)


def set_transfer_terms(tx: Tx, actor: Actor, now: datetime, *, fund_id: str, terms: TransferTerms) -> TransferTerms:
    """Record what the fund's agreement says of transfers; by its manager. Deals under way keep what they began with."""
    actor.require("funds:write")
    fund = managed_fund(tx, actor, fund_id)
    lock_funds(tx, [fund_id])
    row = store.transfer_terms(tx, fund_id)
    if row is None:
        row = TransferTermsRow(
            fund_id=fund_id,
            has_first_refusal=terms.has_first_refusal,
            silence_waives=terms.silence_waives,
            clause=terms.clause,
            recorded_by=actor.user_id,
            recorded_at=now,
        )
    else:
        row.has_first_refusal, row.silence_waives = terms.has_first_refusal, terms.silence_waives
        row.clause, row.recorded_by, row.recorded_at = terms.clause, actor.user_id, now
        row.version += 1
    store.save_transfer_terms(tx, row)
    data: dict[str, object] = {
        "has_first_refusal": terms.has_first_refusal,
        "silence_waives": terms.silence_waives,
        "version": row.version,
    }
    emit(tx, now, Event("fund.transfer_terms_recorded", fund.id, (MARKET,), data), actor_id=actor.user_id)
    return terms
