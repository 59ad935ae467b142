"""Payment references, lifecycles and signatures of the bank desk."""

from datetime import UTC, date, datetime, timedelta

import pytest

from exchange.bank.payment import (
    PAYMENT_LIFECYCLE,
    PAYOUT_LIFECYCLE,
    MoneyIn,
    PaymentEvent,
    PaymentStatus,
    PayoutEvent,
    PayoutStatus,
    named_account,
)
from exchange.bank.signature import is_signed, signature_of
from exchange.core.errors import IllegalTransition
from exchange.core.lifecycle import advance

ONE = "acc_01KAR3Z5V9W3M8Q4T6X2Y7B1C0"
TWO = "acc_01KAR3Z5V9W3M8Q4T6X2Y7B1C1"
NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


@pytest.mark.parametrize(
    ("end_to_end", "remittance", "named"),
    [
        ("", f"deposit {ONE} thanks", ONE),
        (ONE, "", ONE),
        (ONE, ONE, ONE),
        (ONE, TWO, None),
        ("", "thanks", None),
        ("", "acc_short", None),
    ],
)
def test_a_payment_names_one_account_or_none(end_to_end: str, remittance: str, named: str | None) -> None:
    assert named_account(MoneyIn("R", 1, "CNY", date(2026, 7, 15), end_to_end, remittance)) == named


def test_queued_money_is_decided_once() -> None:
    assigned = advance(PAYMENT_LIFECYCLE, PaymentStatus.QUEUED, PaymentEvent.ASSIGN)
    with pytest.raises(IllegalTransition):
        advance(PAYMENT_LIFECYCLE, assigned, PaymentEvent.RETURN)


def test_nothing_is_sent_that_was_not_approved() -> None:
    with pytest.raises(IllegalTransition):
        advance(PAYOUT_LIFECYCLE, PayoutStatus.REQUESTED, PayoutEvent.SEND)
    sent = advance(PAYOUT_LIFECYCLE, PayoutStatus.APPROVED, PayoutEvent.SEND)
    assert advance(PAYOUT_LIFECYCLE, sent, PayoutEvent.REJECT) is PayoutStatus.REJECTED


def test_a_notice_is_signed_with_the_secret_and_fresh() -> None:
    signed = signature_of("secret", STAMP, b"body")
    assert is_signed("secret", STAMP, b"body", signed, NOW)
    assert not is_signed("secret", STAMP, b"other", signed, NOW)
    assert not is_signed("other", STAMP, b"body", signed, NOW)
    assert not is_signed("", STAMP, b"body", signature_of("", STAMP, b"body"), NOW)
    assert not is_signed("secret", STAMP, b"body", signed, NOW + timedelta(minutes=6))
    assert not is_signed("secret", "soon", b"body", signed, NOW)
