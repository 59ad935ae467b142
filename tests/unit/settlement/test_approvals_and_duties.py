"""Which approvals a deal needs and what a transfer makes due, by who sells to whom."""

from datetime import date

from exchange.parties.standing import Standing
from exchange.rulebook import service as rulebook
from exchange.settlement.approval import ApprovalKind, ApprovalStatus, all_granted, needed_approvals
from exchange.settlement.obligation import Duty, ObligationKind, duties

FRIDAY = date(2026, 7, 10)


def due(*, seller_is_state_owned: bool) -> dict[ObligationKind, Duty]:
    profile = rulebook.profile("CN_BJ", FRIDAY)
    found = duties(profile, rulebook.shipped_calendar(), FRIDAY, seller_is_state_owned=seller_is_state_owned)
    return {duty.kind: duty for duty in found}


def test_a_related_buyer_needs_a_resolution_of_the_partners() -> None:
    needed = needed_approvals(is_related=True, seller_is_state_owned=False)
    assert needed == (ApprovalKind.MONEY_LAUNDERING_CHECK, ApprovalKind.RELATED_PARTY_RESOLUTION)
    assert not all_granted((ApprovalStatus.GRANTED, ApprovalStatus.PENDING))


def test_an_unrelated_buyer_needs_none() -> None:
    assert needed_approvals(is_related=False, seller_is_state_owned=False) == (ApprovalKind.MONEY_LAUNDERING_CHECK,)
    assert all_granted((ApprovalStatus.GRANTED,))


def test_related_is_who_shares_somebody_in_control() -> None:
    manager = Standing("org_gp", group_keys=("org_gp", "ubo_1"))
    assert Standing("org_b", group_keys=("org_b", "ubo_1")).is_related_to(manager)
    assert not Standing("org_c", group_keys=("org_c", "ubo_2")).is_related_to(manager)


def test_the_result_of_a_state_owned_sale_stays_public_five_working_days() -> None:
    notice = due(seller_is_state_owned=True)[ObligationKind.RESULT_NOTICE]
    assert (notice.rule, notice.due_on) == ("R-48", date(2026, 7, 17))


def test_the_result_of_a_private_sale_is_not_announced() -> None:
    assert ObligationKind.RESULT_NOTICE not in due(seller_is_state_owned=False)
