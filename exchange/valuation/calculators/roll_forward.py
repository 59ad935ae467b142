"""One reported NAV brought to another day: the exact sum of its parts in minor units, with what it leaves out.

N_T = N_0 + calls - distributions + growth - fee - change in accrued carry. Calls, distributions and growth are whole
amounts; fee and carry come from the model (`nav.roll_forward`) and are rounded once each, so that the parts shown add
up to the NAV shown. Flows on the NAV date are inside an end-of-day NAV; an NAV of the beginning of its day leaves them
to be counted. A translation is made once, at the exchange rate of the valuation day.

Worked example: 88,000,000.00 + call 5,000,000.00 - distribution 3,200,000.00 = 89,800,000.00.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from exchange.core.money import MINOR_DIGITS, PPM, divide_half_up
from exchange.valuation.calculators.figures import (
    Amount,
    Flow,
    amount_of,
    currencies_of,
    first_reason,
    no_amount,
    whole,
)
from exchange.valuation.nav.checks import Integers
from exchange.valuation.nav.roll_forward import (
    CarryAtNav,
    FeeBasis,
    FeeTerms,
    Flows,
    RollInputs,
    roll_cash_minor,
    roll_forward,
)
from exchange.valuation.nav.roll_forward import Rolled as RolledArrays
from exchange.valuation.nav.waterfall import CarryTerms, WaterfallPosition
from exchange.valuation.panel.opinion import Note
from exchange.valuation.status import Status


@dataclass(frozen=True, slots=True)
class Fee:
    """Management fee that accrues: rate a year, its basis, and the two bases that are not the NAV."""

    rate: float
    basis: FeeBasis
    commitment_minor: int = 0
    paid_in_minor: int = 0


@dataclass(frozen=True, slots=True)
class Carry:
    """Whole-fund carry: its terms, and where the waterfall stood at the NAV date; `accrued_minor` None: computed."""

    rate: float
    preferred_return: float
    catch_up_share: float
    capital_due_minor: int
    preferred_due_minor: int = 0
    preferred_paid_minor: int = 0
    profit_paid_minor: int = 0
    accrued_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """Units of another currency for one of the fund's on the valuation day, in ppm."""

    currency: str
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class RollForwardQuestion:
    """What is rolled from where to where; `growth_minor` is the change of value of the portfolio since the NAV date."""

    nav_minor: int
    currency: str
    nav_on: date
    valued_on: date
    flows: tuple[Flow, ...] = ()
    is_end_of_day: bool = True
    growth_minor: int = 0
    fee: Fee | None = None
    carry: Carry | None = None
    translation: Translation | None = None
    stale_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class RollForwardAnswer:
    """The rolled NAV with its parts; `translated` is None when no translation was asked for."""

    status: Status
    nav: Amount
    translated: Amount | None
    called: Amount
    distributed: Amount
    growth: Amount
    fee: Amount
    carry_change: Amount
    stale_days: int
    notes: tuple[Note, ...]


def roll(question: RollForwardQuestion) -> RollForwardAnswer:
    """Roll one NAV. Statuses: CURRENCIES_MIXED, TOO_LARGE, DATES_OUT_OF_ORDER, NAV_NOT_POSITIVE (below zero),
    OUT_OF_RANGE (terms or exchange rate), DATA_INCONSISTENT (the rolled NAV is negative; its parts stay)."""
    nav_day, valued_day = _days(question)
    cash = roll_cash_minor(
        np.array([question.nav_minor], np.int64),
        nav_day,
        valued_day,
        *_flow_table(question),
        np.array([question.is_end_of_day]),
    )
    called, distributed = int(cash.called_minor[0]), int(cash.distributed_minor[0])
    modelled = roll_forward(_inputs(question)) if question.fee or question.carry else None
    fee, carry_change = _modelled(modelled, Status(int(cash.status[0])))
    total = question.nav_minor + called - distributed + question.growth_minor
    total -= (fee.minor or 0) + (carry_change.minor or 0)
    status = _status(question, Status(int(cash.status[0])), modelled, total)
    nav = whole(total) if status is Status.OK else no_amount(status)
    return RollForwardAnswer(
        nav.status,
        nav,
        None if question.translation is None else _translated(nav, question.currency, question.translation),
        whole(called),
        whole(distributed),
        whole(question.growth_minor),
        fee,
        carry_change,
        (question.valued_on - question.nav_on).days,
        _notes(question),
    )


def _days(question: RollForwardQuestion) -> tuple[Integers, Integers]:
    """The NAV date and the valuation day, each (1,)."""
    days = (question.nav_on.toordinal(), question.valued_on.toordinal())
    return np.array(days[:1], np.int64), np.array(days[1:], np.int64)


def _flow_table(question: RollForwardQuestion) -> tuple[Integers, Integers, Integers]:
    """Days, calls and distributions in day order, each (1, k)."""
    flows = sorted(question.flows, key=lambda flow: flow.on)
    days = np.array([[flow.on.toordinal() for flow in flows]], np.int64)
    called = np.array([[flow.called_minor for flow in flows]], np.int64)
    return days, called, np.array([[flow.distributed_minor for flow in flows]], np.int64)


def _inputs(question: RollForwardQuestion) -> RollInputs:
    nav_day, valued_day = _days(question)
    days, called, distributed = _flow_table(question)
    fee, carry = question.fee, question.carry
    return RollInputs(
        np.array([float(question.nav_minor)]),
        nav_day,
        valued_day,
        Flows(days, called.astype(np.float64), distributed.astype(np.float64)),
        growth=np.array([float(question.growth_minor)]),
        end_of_day=np.array([question.is_end_of_day]),
        fee=None if fee is None else _fee_terms(fee),
        carry=None if carry is None else _carry_at_nav(carry),
    )


def _fee_terms(fee: Fee) -> FeeTerms:
    basis = np.array([int(fee.basis)], np.uint8)
    rate, commitment, paid_in = (np.array([float(x)]) for x in (fee.rate, fee.commitment_minor, fee.paid_in_minor))
    return FeeTerms(rate, basis, commitment, paid_in)


def _carry_at_nav(carry: Carry) -> CarryAtNav:
    terms = (np.array([rate]) for rate in (carry.rate, carry.preferred_return, carry.catch_up_share))
    position = (
        np.array([float(minor)])
        for minor in (
            carry.capital_due_minor,
            carry.preferred_due_minor,
            carry.preferred_paid_minor,
            carry.profit_paid_minor,
        )
    )
    accrued = np.array([np.nan if carry.accrued_minor is None else float(carry.accrued_minor)])
    return CarryAtNav(CarryTerms(*terms), WaterfallPosition(*position), accrued)


def _modelled(modelled: RolledArrays | None, cash: Status) -> tuple[Amount, Amount]:
    """Fee and change in carry; zero where none accrues, no amount where the model does not hold."""
    if modelled is None:
        return whole(0), whole(0)
    status = Status(int(modelled.status[0]))
    if status not in {Status.OK, Status.DATA_INCONSISTENT}:
        return no_amount(status), no_amount(status)
    if cash not in {Status.OK, Status.DATA_INCONSISTENT}:
        return no_amount(cash), no_amount(cash)
    return amount_of(float(modelled.fee[0])), amount_of(float(modelled.carry_change[0]))


def _status(question: RollForwardQuestion, cash: Status, modelled: RolledArrays | None, total: int) -> Status:
    """Why there is no rolled NAV; whether it is negative is judged on the sum of all parts."""
    model = Status.OK if modelled is None else Status(int(modelled.status[0]))
    translation = question.translation
    return first_reason(
        [
            (currencies_of(question.currency, question.flows) is not Status.OK, Status.CURRENCIES_MIXED),
            (cash not in {Status.OK, Status.DATA_INCONSISTENT}, cash),
            (model not in {Status.OK, Status.DATA_INCONSISTENT}, model),
            (translation is not None and translation.rate_ppm <= 0, Status.OUT_OF_RANGE),
            (total < 0, Status.DATA_INCONSISTENT),
        ]
    )


def _translated(nav: Amount, currency: str, translation: Translation) -> Amount:
    """The rolled NAV in another currency, rounded once."""
    if nav.minor is None:
        return nav
    scale = 10 ** MINOR_DIGITS[translation.currency]
    return whole(divide_half_up(nav.minor * translation.rate_ppm * scale, PPM * 10 ** MINOR_DIGITS[currency]))


def _notes(question: RollForwardQuestion) -> tuple[Note, ...]:
    """Flows that the roll leaves out, and the age of the NAV."""
    notes = []
    first = question.nav_on.toordinal() + (1 if question.is_end_of_day else 0)
    inside = sum(flow.on.toordinal() < first for flow in question.flows)
    later = sum(flow.on > question.valued_on for flow in question.flows)
    if inside:
        notes.append(Note("FLOWS_INSIDE_NAV", (("flows", str(inside)), ("nav_on", question.nav_on.isoformat()))))
    if later:
        values = (("flows", str(later)), ("valued_on", question.valued_on.isoformat()))
        notes.append(Note("FLOWS_AFTER_VALUATION", values))
    days, limit = (question.valued_on - question.nav_on).days, question.stale_after_days
    if limit is not None and days > limit:
        notes.append(Note("NAV_OLDER_THAN", (("days", str(days)), ("limit", str(limit)))))
    return tuple(notes)
