"""A fund added up from its holdings, and every way in which it cannot be."""

import numpy as np
import pytest

from exchange.valuation.nav.look_through import Balance, Holdings, look_through
from exchange.valuation.status import Status


def a_balance(**changes: float) -> Balance:
    values = {
        "cash": 8.0,
        "other_assets": 0.0,
        "debt": 5.0,
        "fees_payable": 1.0,
        "accrued_carry": 2.0,
        "investor_share": 0.4,
    }
    return Balance(**{name: np.array([value]) for name, value in (values | changes).items()})


def holdings(owned: float = 0.5, value: float = 200.0, discount: float = 0.1069) -> Holdings:
    return Holdings(np.array([[owned, 1.0]]), np.array([[value, 30.0]]), np.array([[discount, 0.0]]))


def test_restricted_listed_shares_take_their_discount() -> None:
    found = look_through(holdings(), a_balance())
    assert found.holding_value.tolist() == [pytest.approx([89.31, 30.0])]
    assert found.net_assets[0] == pytest.approx(119.31)
    assert found.nav[0] == pytest.approx(47.724)
    assert found.status.tolist() == [Status.OK]


def test_padding_adds_nothing() -> None:
    plain = Holdings(np.array([[0.5]]), np.array([[200.0]]), np.array([[0.0]]))
    padded = Holdings(np.array([[0.5, 0.0]]), np.array([[200.0, 0.0]]), np.zeros((1, 2)))
    assert look_through(plain, a_balance()).nav[0] == look_through(padded, a_balance()).nav[0]


@pytest.mark.parametrize(
    ("held", "balance", "status"),
    [
        (holdings(owned=1.2), a_balance(), Status.OUT_OF_RANGE),
        (holdings(discount=-0.1), a_balance(), Status.OUT_OF_RANGE),
        (holdings(value=-1.0), a_balance(), Status.OUT_OF_RANGE),
        (holdings(value=np.nan), a_balance(), Status.NOT_A_NUMBER),
        (holdings(value=1e20), a_balance(), Status.TOO_LARGE),
        (holdings(), a_balance(investor_share=1.1), Status.OUT_OF_RANGE),
        (holdings(), a_balance(cash=-1.0), Status.OUT_OF_RANGE),
        (holdings(), a_balance(debt=1000.0), Status.NAV_NOT_POSITIVE),
    ],
)
def test_what_cannot_be_added_up_says_why(held: Holdings, balance: Balance, status: Status) -> None:
    found = look_through(held, balance)
    assert found.status.tolist() == [status]
    assert np.isnan(found.nav[0])
