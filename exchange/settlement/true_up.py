"""The true-up after closing: what reached the wrong side is turned over, and a contested statement is paid in part.

After the closing all cash of the interest is the buyer's, whatever the adjustment policy: a distribution that reached
the seller is owed to the buyer, a call the seller still paid is owed to the seller. A clawback of a distribution from
before the reference date is the seller's even when the buyer was asked for it. A flow of the window that the statement
missed is settled as it would have been counted. The lines net to one payment.

Who contests a statement names the lines and his own figures. What both sides admit is paid at closing; the difference
waits for the decision.

Example: after closing 500,000.00 were distributed to the seller and the buyer paid a clawback of 120,000.00 of a
distribution before the reference date: the seller owes 620,000.00. Source: rulebook 5.1, edge cases 3 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exchange.core.terms import AdjustmentPolicy
from exchange.settlement.closing import ClosingStatement, ClosingTerms, share_of
from exchange.settlement.closing_flows import SaleFlow, Treatment, treatment

SELLER_BEARS = frozenset({Treatment.EXCLUDED_OBLIGATION, Treatment.IN_NAV, Treatment.POLICY_NONE})
MOVES_NO_CASH = frozenset({Treatment.DELIVERED_IN_KIND})


class Party(StrEnum):
    """The two sides of a deal."""

    SELLER = "seller"
    BUYER = "buyer"


@dataclass(frozen=True, slots=True)
class MovedCash:
    """A flow of the interest the terms refer to, and which side the cash reached or left."""

    flow: SaleFlow
    moved_with: Party


@dataclass(frozen=True, slots=True)
class TurnoverLine:
    """One amount that is owed; positive to the buyer, negative to the seller, in minor units."""

    reference: str
    cash_on: date
    treatment: Treatment
    to_buyer_minor: int


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What is owed after the closing, line by line and net."""

    lines: tuple[TurnoverLine, ...]

    @property
    def net_to_buyer_minor(self) -> int:
        """The one payment the lines come to; negative: the buyer pays the seller."""
        return sum(line.to_buyer_minor for line in self.lines)

    @property
    def payer(self) -> Party | None:
        """Who pays the net; None when nothing is owed."""
        net = self.net_to_buyer_minor
        return None if not net else Party.SELLER if net > 0 else Party.BUYER


def true_up(
    terms: ClosingTerms, statement: ClosingStatement, policy: AdjustmentPolicy, moved: Sequence[MovedCash]
) -> TrueUp:
    """The lines for cash that moved; what the statement counted already is taken off, so repeating it adds nothing.

    ``policy`` decides only over flows up to the closing. The amounts are of all the subscribed capital of the terms;
    the lines are this buyer's share.
    """
    counted = {line.reference: line for line in statement.flows if line.treatment is Treatment.ADJUSTS}
    lines = []
    for cash in moved:
        treated = treatment(cash.flow, policy, terms.reference_on, statement.closing_on)
        bearer = Party.SELLER if treated in SELLER_BEARS else Party.BUYER
        if bearer is cash.moved_with or treated in MOVES_NO_CASH:
            continue
        amount = share_of(terms, cash.flow.amount_minor)
        before = counted.get(cash.flow.reference)
        if treated is Treatment.ADJUSTS and before is not None:
            # A notice that was corrected may have turned a call into a distribution.
            amount += before.amount_minor * (-1 if before.is_distribution is cash.flow.is_distribution else 1)
        is_to_buyer = cash.flow.is_distribution is (cash.moved_with is Party.SELLER)
        owed = amount if is_to_buyer else -amount
        if owed:
            lines.append(TurnoverLine(cash.flow.reference, cash.flow.cash_on, treated, owed))
    return TrueUp(tuple(lines))


class ContestedLine(StrEnum):
    """The lines of a statement that a party may contest."""

    BASE = "base"
    CONTRIBUTIONS = "contributions"
    DISTRIBUTIONS = "distributions"


@dataclass(frozen=True, slots=True)
class Contest:
    """A payment as stated and as claimed, in minor units (negative: the seller pays).

    ``admitted_minor`` is what both figures have in common and is paid at closing; ``in_dispute_minor`` waits.
    """

    stated_minor: int
    claimed_minor: int
    admitted_minor: int
    in_dispute_minor: int


def contest(statement: ClosingStatement, claims: Mapping[ContestedLine, int]) -> Contest:
    """The payment at closing as a party claims it, from its own figures for the lines it contests.

    Under the policy NONE the sums of flows move nothing, so contesting them disputes nothing.
    """
    stated = statement.to_pay_minor
    claimed = stated + claims.get(ContestedLine.BASE, statement.base_minor) - statement.base_minor
    if statement.policy is not AdjustmentPolicy.NONE:
        paid, received = statement.contributions_minor, statement.distributions_minor
        claimed += claims.get(ContestedLine.CONTRIBUTIONS, paid) - paid
        claimed -= claims.get(ContestedLine.DISTRIBUTIONS, received) - received
    admitted = min(stated, claimed) if min(stated, claimed) > 0 else min(max(stated, claimed), 0)
    return Contest(stated, claimed, admitted, abs(stated - claimed))
