"""The lifecycle of a deal: every pair of status and event is listed or refused."""

import pytest

from exchange.core.errors import IllegalTransition
from exchange.settlement.deal import (
    BEFORE_TRANSFER,
    DEAL_LIFECYCLE,
    FALLEN,
    FINAL,
    UP_TO_APPROVED,
    DealEvent,
    DealStatus,
    allowed,
    step,
)

S, E = DealStatus, DealEvent


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        (
            "serve_notice clear_rofr consent approve sign fund issue_statement transfer file settle",
            S.SETTLED,
        ),
        ("skip_notice consent approve sign fund issue_statement transfer bust", S.BUSTED),
        ("serve_notice exercise_rofr", S.ROFR_EXERCISED),
        ("serve_notice clear_rofr refuse", S.GP_REFUSED),
        ("serve_notice clear_rofr consent approve withdraw", S.WITHDRAWN),
        ("serve_notice clear_rofr consent approve sign default", S.DEFAULTED),
    ],
)
def test_a_deal_runs_its_course(steps: str, end: DealStatus) -> None:
    status = S.CONFIRMED
    for name in steps.split():
        status = step(status, E(name))
    assert status is end


@pytest.mark.parametrize("status", list(DealStatus))
@pytest.mark.parametrize("event", [event for event in DealEvent if event is not E.RESUME])
def test_every_pair_is_listed_or_refused_with_what_is_allowed(status: DealStatus, event: DealEvent) -> None:
    if (status, event) in DEAL_LIFECYCLE:
        assert step(status, event) is DEAL_LIFECYCLE[status, event]
        return
    with pytest.raises(IllegalTransition) as refused:
        step(status, event)
    assert refused.value.parameters["allowed"] == (", ".join(allowed(status)) or "-")


@pytest.mark.parametrize("held_from", [*UP_TO_APPROVED, S.SIGNED])
def test_a_hold_leads_back_to_where_it_was(held_from: DealStatus) -> None:
    assert step(held_from, E.HOLD) is S.ON_HOLD
    assert step(S.ON_HOLD, E.RESUME, held_from) is held_from


def test_a_held_deal_takes_no_other_step_but_an_order() -> None:
    assert allowed(S.ON_HOLD) == ["resume", "terminate"]
    assert step(S.ON_HOLD, E.TERMINATE) is S.TERMINATED
    with pytest.raises(IllegalTransition):
        step(S.ON_HOLD, E.RESUME)
    with pytest.raises(IllegalTransition):
        step(S.CONFIRMED, E.RESUME, S.CONFIRMED)


def test_what_is_final_takes_no_step() -> None:
    assert {status for status in DealStatus if not allowed(status)} == FINAL
    assert not FALLEN & set(BEFORE_TRANSFER)
