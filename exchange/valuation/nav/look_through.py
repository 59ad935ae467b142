"""A fund's NAV added up from what it holds, and the investor's share of it.

N = sum own x FV x (1 - discount) + cash + other assets - debt - fees payable - accrued carry, times the share of the
net assets that belongs to the valued account after the distribution scheme (not its share of commitments). FV is the
fair value of the whole stake by one of the `project_methods`; the discount is for a restriction of the holding itself,
such as the AMAC formula for listed shares under a lock-up, and is 0 for all others: a fair value of unlisted equity
already reflects that it cannot be sold at once. Carry accrued comes from the manager or `waterfall.liquidation`.
Source: AMAC guideline on valuing unlisted equity of private funds (in force 1 July 2018), bottom-up valuation.

Worked example: 50 % of 200 listed under lock-up (discount 10.69 %) and 100 % of 30, cash 8, debt 5, fees 1, carry 2,
share 40 %: (89.31 + 30 + 8 - 5 - 1 - 2) x 0.4 = 47.724.
"""

from dataclasses import dataclass

import numpy as np

from exchange.valuation.nav.checks import Floats, Statuses, any_of, first_status, not_numbers, only_where_ok, too_large
from exchange.valuation.status import Status


@dataclass(frozen=True, eq=False)
class Holdings:
    """Stakes of n funds, each (n, k): the fund's share of the stake (0 to 1), fair value of the whole stake in minor
    units, discount for its restriction (0 to 1). A padded entry has fair value 0."""

    owned: Floats
    fair_value: Floats
    discount: Floats


@dataclass(frozen=True, eq=False)
class Balance:
    """The rest of the balance sheet, each (n,) in minor units and >= 0, and the investor's share after the scheme."""

    cash: Floats
    other_assets: Floats
    debt: Floats
    fees_payable: Floats
    accrued_carry: Floats
    investor_share: Floats


@dataclass(frozen=True, eq=False)
class LookThrough:
    """`nav` (n,) of the valued account, NaN unless OK; `holding_value` (n, k) after own share and discount;
    `holdings` and `net_assets` (n,) of the whole fund. Minor units."""

    nav: Floats
    net_assets: Floats
    holdings: Floats
    holding_value: Floats
    status: Statuses


def look_through(holdings: Holdings, balance: Balance) -> LookThrough:
    """Add up n funds; see the module.

    Statuses: NOT_A_NUMBER; TOO_LARGE; OUT_OF_RANGE (a share or discount outside [0, 1], a negative fair value or
    balance); NAV_NOT_POSITIVE (net assets <= 0: debts, fees and carry take all there is).
    """
    count = len(balance.cash)
    sheet = (balance.cash, balance.other_assets, balance.debt, balance.fees_payable, balance.accrued_carry)
    shares = (holdings.owned, holdings.discount, balance.investor_share)
    outside = [(share < 0) | (share > 1) for share in shares]
    negative = [amount < 0 for amount in (holdings.fair_value, *sheet)]
    with np.errstate(all="ignore"):  # funds with a status other than OK may carry NaN or infinities
        value = holdings.owned * holdings.fair_value * (1 - holdings.discount)
        held = value.sum(axis=1)
        assets = held + balance.cash + balance.other_assets
        net = assets - balance.debt - balance.fees_payable - balance.accrued_carry
        own = net * balance.investor_share
    status = first_status(
        count,
        (not_numbers(count, holdings.fair_value, *sheet, *shares), Status.NOT_A_NUMBER),
        (too_large(count, holdings.fair_value, *sheet), Status.TOO_LARGE),
        (any_of([*outside, *negative], count), Status.OUT_OF_RANGE),
        (net <= 0, Status.NAV_NOT_POSITIVE),
    )
    return LookThrough(only_where_ok(own, status), net, held, value, status)
