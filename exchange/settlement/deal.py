"""The lifecycle of a deal, one for each buyer: from the confirmed match to the settled transfer (rulebook 4.3).

A hold makes a deal read-only; resuming takes it back to where it was. Steps out of order are refused with the allowed
ones. Example: noticed + clear_rofr -> rofr_cleared; noticed + sign is refused.
Source: 合伙企业法 23, 73 (notice and right of first refusal), 证券法 111, 117 (bust, finality) by analogy.
"""

from collections.abc import Mapping
from enum import StrEnum

from exchange.core.errors import IllegalTransition
from exchange.core.lifecycle import advance, allowed_events
from exchange.diligence.gate import Gate


class DealStatus(StrEnum):
    """Where a deal stands."""

    CONFIRMED = "confirmed"
    NOTICED = "noticed"
    ROFR_EXERCISED = "rofr_exercised"
    ROFR_CLEARED = "rofr_cleared"
    GP_CONSENTED = "gp_consented"
    GP_REFUSED = "gp_refused"
    APPROVED = "approved"
    SIGNED = "signed"
    FUNDED = "funded"
    CLOSING = "closing"
    TRANSFERRED = "transferred"
    FILED = "filed"
    SETTLED = "settled"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"
    DEFAULTED = "defaulted"
    BUSTED = "busted"
    TERMINATED = "terminated"


class DealEvent(StrEnum):
    """What may happen to a deal."""

    SERVE_NOTICE = "serve_notice"
    SKIP_NOTICE = "skip_notice"
    EXERCISE_ROFR = "exercise_rofr"
    CLEAR_ROFR = "clear_rofr"
    CONSENT = "consent"
    REFUSE = "refuse"
    APPROVE = "approve"
    SIGN = "sign"
    FUND = "fund"
    ISSUE_STATEMENT = "issue_statement"
    TRANSFER = "transfer"
    FILE = "file"
    SETTLE = "settle"
    HOLD = "hold"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    DEFAULT = "default"
    BUST = "bust"
    TERMINATE = "terminate"


class DealOrigin(StrEnum):
    """What a deal comes from: a trade of the book, a partner's right, or a backup who was called."""

    TRADE = "trade"
    ROFR = "rofr"
    BACKUP = "backup"


_S, _E = DealStatus, DealEvent

UP_TO_APPROVED = (_S.CONFIRMED, _S.NOTICED, _S.ROFR_CLEARED, _S.GP_CONSENTED, _S.APPROVED)
"""Before anything is signed: each side may still withdraw, at its cost."""

BEFORE_TRANSFER = (*UP_TO_APPROVED, _S.SIGNED, _S.FUNDED, _S.CLOSING)
"""The interest is still the seller's: it stays frozen for the deal."""

FALLEN = frozenset({_S.ROFR_EXERCISED, _S.GP_REFUSED, _S.WITHDRAWN, _S.DEFAULTED, _S.BUSTED, _S.TERMINATED})
"""The deal ended and the interest is, or is again, the seller's."""

FINAL = FALLEN | {_S.SETTLED}

DEAL_LIFECYCLE: Mapping[tuple[DealStatus, DealEvent], DealStatus] = {
    (_S.CONFIRMED, _E.SERVE_NOTICE): _S.NOTICED,
    (_S.CONFIRMED, _E.SKIP_NOTICE): _S.ROFR_CLEARED,
    (_S.NOTICED, _E.EXERCISE_ROFR): _S.ROFR_EXERCISED,
    (_S.NOTICED, _E.CLEAR_ROFR): _S.ROFR_CLEARED,
    (_S.ROFR_CLEARED, _E.CONSENT): _S.GP_CONSENTED,
    (_S.ROFR_CLEARED, _E.REFUSE): _S.GP_REFUSED,
    (_S.GP_CONSENTED, _E.APPROVE): _S.APPROVED,
    (_S.APPROVED, _E.SIGN): _S.SIGNED,
    (_S.SIGNED, _E.FUND): _S.FUNDED,
    (_S.FUNDED, _E.ISSUE_STATEMENT): _S.CLOSING,
    (_S.CLOSING, _E.TRANSFER): _S.TRANSFERRED,
    (_S.TRANSFERRED, _E.FILE): _S.FILED,
    (_S.FILED, _E.SETTLE): _S.SETTLED,
    **{(status, _E.HOLD): _S.ON_HOLD for status in (*UP_TO_APPROVED, _S.SIGNED)},
    **{(status, _E.WITHDRAW): _S.WITHDRAWN for status in UP_TO_APPROVED},
    (_S.SIGNED, _E.DEFAULT): _S.DEFAULTED,
    (_S.FUNDED, _E.DEFAULT): _S.DEFAULTED,
    (_S.TRANSFERRED, _E.BUST): _S.BUSTED,
    **{(status, _E.TERMINATE): _S.TERMINATED for status in (*BEFORE_TRANSFER, _S.ON_HOLD, _S.TRANSFERRED, _S.FILED)},
}
"""Resuming stands beside the table: it leads back to where the deal was held."""

GATES: Mapping[DealEvent, Gate] = {
    _E.CONSENT: Gate.CONSENT,
    _E.SIGN: Gate.SIGN,
    _E.FUND: Gate.FUND,
    _E.TRANSFER: Gate.REGISTER,
    _E.SETTLE: Gate.RELEASE,
}
"""The checklist gate that a step asks; a shut one refuses the step with the list of what is missing."""


def step(status: DealStatus, event: DealEvent, held_from: DealStatus | None = None) -> DealStatus:
    """The status after an event. IllegalTransition (409) names the current status and the allowed events."""
    if event is _E.RESUME:
        if status is not _S.ON_HOLD or held_from is None:
            raise IllegalTransition(status=status.value, event=event.value, allowed=", ".join(allowed(status)) or "-")
        return held_from
    if status is _S.ON_HOLD and event is not _E.TERMINATE:
        raise IllegalTransition(status=status.value, event=event.value, allowed=", ".join(allowed(status)))
    return advance(DEAL_LIFECYCLE, status, event)


def allowed(status: DealStatus) -> list[str]:
    """The events a status accepts."""
    events = allowed_events(DEAL_LIFECYCLE, status)
    return [_E.RESUME.value, *events] if status is _S.ON_HOLD else events
