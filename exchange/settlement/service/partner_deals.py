"""Partners take the outside buyer's place: its deal ends, and each of them gets one on the same terms."""

from collections.abc import Sequence
from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.ids import new_id
from exchange.core.money import PPM, divide_half_up
from exchange.diligence.service import checklists
from exchange.infra.database import Tx
from exchange.ledger import service as ledger
from exchange.ledger.cover import HoldChange
from exchange.rulebook import service as rulebook
from exchange.settlement.deal import DealEvent, DealOrigin, DealStatus
from exchange.settlement.pre_emption import Division
from exchange.settlement.service.falling import fall
from exchange.settlement.service.progress import advance_deal, tell
from exchange.settlement.store import deals as store
from exchange.settlement.store import steps
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.steps import PartnerAnswerRow

COPIED = (
    "trade_id",
    "listing_id",
    "book_id",
    "fund_id",
    "holding_id",
    "manager_organisation_id",
    "seller_organisation_id",
    "profile",
    "seller_is_state_owned",
    "price_ppm",
    "currency",
    "nav_statement_id",
    "reference_on",
    "nav_minor",
    "subscribed_minor",
    "adjustment",
    "is_simulated",
)
"""Terms a deal that takes another's place has in common with it."""


def open_partner_deals(
    tx: Tx, actor: Actor, now: datetime, row: DealRow, division: Division, answers: Sequence[PartnerAnswerRow]
) -> list[DealRow]:
    """End the outside buyer's locked deal, its deposit free at once, and open one for each partner who takes a part.

    The parts sum to the whole in capital and in price; each partner's deposit goes over from its answer to its deal.
    """
    give_back_partner_deposits(tx, now, answers)
    fall(tx, actor, now, row, DealEvent.EXERCISE_ROFR, reason="partners_exercised", keeps_frozen=True)
    opened = []
    for partner_id, amount in division.amounts_minor.items():
        opened.append(_open(tx, actor, now, row, partner_id, amount, division.prices_minor[partner_id]))
    return opened


def give_back_partner_deposits(tx: Tx, now: datetime, answers: Sequence[PartnerAnswerRow]) -> None:
    """Release what answers hold."""
    for answer in answers:
        if answer.deposit_account_id is None or answer.deposit_minor == 0:
            continue
        change = HoldChange(answer.deposit_account_id, -answer.deposit_minor, answer.id, new_id("transfer"))
        answer.deposit_minor = 0
        steps.add(tx, answer)
        ledger.apply_holds(tx, [change], now)


def _open(tx: Tx, actor: Actor, now: datetime, row: DealRow, partner_id: str, amount: int, price: int) -> DealRow:
    profile = rulebook.profile(row.profile, market_date(now))
    deposit = divide_half_up(price * profile.deposit_ppm.value, PPM)
    account_id = ledger.cash_account(tx, partner_id, row.currency)
    new = DealRow(
        id=new_id("deal"),
        origin=DealOrigin.ROFR,
        replaces_deal_id=row.id,
        buyer_organisation_id=partner_id,
        buyer_is_partner=True,
        amount_minor=amount,
        base_minor=price,
        plan=dict(row.plan),
        deposit_account_id=account_id,
        deposit_minor=deposit,
        status=DealStatus.CONFIRMED,
        status_at=now,
        created_at=now,
        **{name: getattr(row, name) for name in COPIED},
    )
    store.add(tx, new)
    if deposit:
        ledger.hold(tx, now, account_id=account_id, amount_minor=deposit, reference_id=new.id)
    checklists.open_bidder(tx, now, row.listing_id, partner_id)
    tell(tx, actor, now, new, "deal.opened", {"replaces_deal_id": row.id, "deposit_minor": deposit})
    return advance_deal(tx, actor, now, new, DealEvent.SKIP_NOTICE, reason="buyer_is_partner")
