"""The bank of the sandbox: pays in full, short or late, through the same intake as a real one, marked as simulated."""

from datetime import date, datetime, timedelta
from hashlib import sha256

from exchange.access.actor import SYSTEM, Actor
from exchange.bank.payment import MoneyIn
from exchange.bank.service.money_in import Received, take_message
from exchange.core.clock import market_date
from exchange.core.events import Event
from exchange.core.ids import new_id
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.infra.settings import settings
from exchange.ledger.errors import SandboxOnly

HOURS_MAX = 24 * 90
PAYER = "模拟付款人 / simulated payer"


def pay(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    reference: str,
    amount_minor: int,
    currency: str,
    short_minor: int = 0,
    late_hours: int = 0,
) -> str:
    """Let the simulated bank pay an amount, perhaps less or later; returns the message id it will carry.

    ``reference``: what the payer wrote, a payment reference or anything else (then the money queues). SANDBOX_ONLY.
    """
    actor.require("sandbox:run")
    if not settings().sandbox:
        raise SandboxOnly
    message_id = f"SIM-{new_id('request')}"
    data: dict[str, object] = {
        "reference": reference,
        "amount_minor": amount_minor - short_minor,
        "currency": currency,
        "message_id": message_id,
    }
    event = Event("bank.simulated_due", message_id, (), data)
    emit(tx, now, event, actor_id=actor.user_id, due_at=now + timedelta(hours=late_hours))
    return message_id


def arrive(tx: Tx, now: datetime, *, message_id: str, reference: str, amount_minor: int, currency: str) -> None:
    """The simulated money reaches the bank; repeating it changes nothing."""
    today: date = market_date(now)
    money = MoneyIn(message_id, amount_minor, currency, today, remittance=reference, debtor=PAYER)
    digest = sha256(message_id.encode()).hexdigest()
    take_message(tx, SYSTEM, now, Received(message_id, "camt.054", digest, [money], is_simulated=True))
