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
from exchange.settlement.deal import DealEvent, DealOrigin
from exchange.settlement.pre_emption import Division
from exchange.settlement.service.falling import fall
from exchange.settlement.service.opening import open_replacement
from exchange.settlement.service.progress import advance_deal
from exchange.settlement.store import steps
from exchange.settlement.tables.deals import DealRow
from exchange.settlement.tables.steps import PartnerAnswerRow


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
    new = open_replacement(
        tx,
        now,
        row,
        origin=DealOrigin.ROFR,
        buyer_organisation_id=partner_id,
        price_ppm=row.price_ppm,
        amount_minor=amount,
        base_minor=price,
        deposit_minor=deposit,
        plan=row.plan,
    )
    checklists.open_bidder(tx, now, row.listing_id, partner_id)
    return advance_deal(tx, actor, now, new, DealEvent.SKIP_NOTICE, reason="buyer_is_partner")
