"""The right of first refusal: frozen terms, the partners' answers, and how several who want the interest share it.

Equal terms are four: quantity, price, payment method, time limit. They are frozen with the notice and hashed; any
change of one opens the right anew. Several who exercise agree among themselves; without an agreement the interest is
shared pro rata to contribution by the largest remainder, nobody above what he asked, and what one does not ask goes to
the others. An answer that never came is a waiver only where the law or the fund's agreement says so; else an operator
records the lapse.

Example: 10,000,000.00 offered, A (contribution 60) asks for all, B (contribution 40) asks for 3,000,000.00: B gets
3,000,000.00, A 7,000,000.00. Source: 合伙企业法 23, 73; 公司法 (2023) 84 and 司法解释(四) 18 by analogy; R-32 to R-35.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from exchange.core.errors import Breach
from exchange.core.money import Money, allocate
from exchange.rulebook.verdict import Verdict


@dataclass(frozen=True, slots=True)
class EqualTerms:
    """The four terms: subscribed capital, price (total in minor units and in ppm of NAV), payment plan, time limit.

    ``plan`` is the document of the payment plan, empty when all is paid at closing.
    """

    fund_id: str
    amount_minor: int
    price_ppm: int
    price_minor: int
    currency: str
    plan: Mapping[str, Any]
    closing_by: date


def terms_hash(terms: EqualTerms) -> str:
    """SHA-256 of the four terms in one canonical writing; equal terms have equal hashes."""
    words = {**asdict(terms), "closing_by": terms.closing_by.isoformat()}
    text = json.dumps(words, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()


def reopens(frozen_hash: str, terms: EqualTerms) -> bool:
    """Whether the terms are no longer those that were offered, so that the right begins anew (R-34)."""
    return terms_hash(terms) != frozen_hash


class ServiceMethod(StrEnum):
    """How a notice reached a partner."""

    EXCHANGE_INBOX = "exchange_inbox"
    REGISTERED_MAIL = "registered_mail"
    PERSONAL_DELIVERY = "personal_delivery"


class AnswerKind(StrEnum):
    """What a partner answers."""

    EXERCISE = "exercise"
    WAIVE = "waive"


class RightPosition(StrEnum):
    """Where the right stands. LAPSE_TO_RECORD: the time is over, silence is no waiver, an operator has to record it."""

    OPEN = "open"
    EXERCISED = "exercised"
    CLEARED = "cleared"
    LAPSE_TO_RECORD = "lapse_to_record"


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """One partner's answer; ``asked_minor`` is subscribed capital, ``contribution_minor`` what it shares by.

    The contribution is paid in or subscribed, as the fund's agreement says.
    """

    partner_id: str
    kind: AnswerKind
    answered_at: datetime
    asked_minor: int = 0
    contribution_minor: int = 0


@dataclass(frozen=True, slots=True)
class Division:
    """Subscribed capital and money for each who exercises, in minor units; what nobody asked for is left."""

    amounts_minor: Mapping[str, int]
    prices_minor: Mapping[str, int]
    left_minor: int

    @property
    def takes_all(self) -> bool:
        """The quantity of the equal terms is met."""
        return self.left_minor == 0


def position(
    partners: Collection[str],
    answers: Sequence[PartnerAnswer],
    closes_at: datetime,
    now: datetime,
    *,
    silence_waives: bool,
) -> RightPosition:
    """Where the right of these partners stands; it closes at an instant and not before unless all have answered."""
    counted = [answer for answer in answers if answer.partner_id in partners and answer.answered_at <= closes_at]
    answered = {answer.partner_id for answer in counted}
    if now <= closes_at and answered != set(partners):
        return RightPosition.OPEN
    if any(answer.kind is AnswerKind.EXERCISE for answer in counted):
        return RightPosition.EXERCISED
    if answered == set(partners) or silence_waives:
        return RightPosition.CLEARED
    return RightPosition.LAPSE_TO_RECORD


def divide(terms: EqualTerms, answers: Sequence[PartnerAnswer]) -> Division:
    """Shares pro rata to contribution, bounded by what each asked; the same whatever the order of the answers.

    A fen that is left over by rounding goes to the larger remainder, then to the earlier answer, then by id. Partners
    who contributed nothing share only what the others leave, equally. ValueError when a partner answers twice.
    """
    claims = sorted(
        (answer for answer in answers if answer.kind is AnswerKind.EXERCISE and answer.asked_minor > 0),
        key=lambda answer: (answer.answered_at, answer.partner_id),
    )
    if len({claim.partner_id for claim in claims}) != len(claims):
        raise ValueError("a partner answers once")
    given: dict[str, int] = {}
    left = terms.amount_minor
    while claims and left > 0:
        weights = [max(claim.contribution_minor, 0) for claim in claims]
        if not sum(weights):
            weights = [1] * len(claims)
        whole = sum(weights)
        met = [
            claim
            for claim, weight in zip(claims, weights, strict=True)
            if weight and claim.asked_minor * whole <= left * weight
        ]
        if not met:
            shares = allocate(left, weights)
            given |= {claim.partner_id: share for claim, share in zip(claims, shares, strict=True)}
            left = 0
            break
        given |= {claim.partner_id: claim.asked_minor for claim in met}
        left -= sum(claim.asked_minor for claim in met)
        claims = [claim for claim in claims if claim not in met]
    return _division(terms, {partner: amount for partner, amount in given.items() if amount > 0}, left)


def agreement_verdict(terms: EqualTerms, answers: Sequence[PartnerAnswer], agreed: Mapping[str, int]) -> Verdict:
    """Whether an agreement among those who exercise holds: their names, the whole quantity, nobody above his ask."""
    asked = {answer.partner_id: answer.asked_minor for answer in answers if answer.kind is AnswerKind.EXERCISE}
    total = sum(agreed.values())
    numbers = {
        "agreed": Money(total, terms.currency).text(),
        "offered": Money(terms.amount_minor, terms.currency).text(),
    }
    outside = set(agreed) != set(asked) or any(not 0 <= agreed[name] <= asked.get(name, 0) for name in agreed)
    return Verdict.of(
        (
            Breach("R-35", "AGREEMENT_NOT_OF_THE_CLAIMS") if outside else None,
            Breach("R-35", "AGREEMENT_NOT_THE_WHOLE", numbers) if total != terms.amount_minor else None,
        )
    )


def agreed_division(terms: EqualTerms, answers: Sequence[PartnerAnswer], agreed: Mapping[str, int]) -> Division:
    """The division the partners agreed on. RulesBroken (409) when the agreement does not hold."""
    agreement_verdict(terms, answers, agreed).demand()
    return _division(terms, {name: agreed[name] for name in sorted(agreed) if agreed[name] > 0}, 0)


def _division(terms: EqualTerms, amounts: Mapping[str, int], left_minor: int) -> Division:
    """The money follows the capital by the largest remainder, what is left standing last in the line."""
    names = sorted(amounts)
    parts = Money(terms.price_minor, terms.currency).split([*(amounts[name] for name in names), left_minor])
    prices = {name: part.minor for name, part in zip(names, parts[:-1], strict=True)}
    return Division({name: amounts[name] for name in names}, prices, left_minor)
