"""Who hands in, who reviews, who waives."""

from exchange.diligence.duty import (
    SYSTEM_ID,
    Caller,
    Duty,
    Sides,
    duty_of,
    is_for_the_system_alone,
    providing,
    reviewing,
    sides_of_account,
    waiving,
)
from exchange.diligence.item import ItemScope, PartyRole
from exchange.diligence.service.templates import template
from exchange.diligence.template import ItemSpec

SIDES = Sides("seller", "manager", "bidder")
DESK = Caller("desk", is_exchange=True)
MACHINE = Caller(SYSTEM_ID, is_exchange=True)


def item(code: str, kind: str = "lp_transfer") -> ItemSpec:
    return template().effective(kind)[code]


def roles(duties: tuple[Duty, ...]) -> set[tuple[str, str | None]]:
    return {(duty.role.value, duty.organisation_id) for duty in duties}


def test_a_paper_is_handed_in_by_each_side_that_the_template_names() -> None:
    assert roles(providing(item("A05"), SIDES)) == {("seller", "seller"), ("gp", "manager")}
    assert duty_of(providing(item("A05"), SIDES), Caller("bidder")) is None


def test_a_role_without_an_organisation_is_handed_in_by_its_deputy_and_recorded_so() -> None:
    duty = duty_of(providing(item("S12", "lp_transfer_state_owned"), SIDES), Caller("seller"))
    assert duty == Duty(PartyRole.SELLER, "seller", in_place_of=PartyRole.SASAC)
    assert roles(providing(item("X04"), SIDES)) == {("exchange", None)}


def test_an_engaged_firm_takes_the_place_of_its_deputy() -> None:
    sides = Sides("seller", "manager", advisers={PartyRole.APPRAISAL: ("valuers",)})
    assert roles(providing(item("F02"), sides)) == {("appraisal", "valuers")}
    assert roles(providing(item("F02"), SIDES)) == {("seller", "seller"), ("gp", "manager")}


def test_a_reviewer_that_nobody_is_means_the_exchange_in_its_place() -> None:
    duty = duty_of(reviewing(item("D04"), SIDES, "manager"), DESK)
    assert duty == Duty(PartyRole.EXCHANGE, in_place_of=PartyRole.APPRAISAL)
    listing = Sides("seller", "manager")
    assert duty_of(reviewing(item("D03"), listing, "manager"), DESK) == Duty(
        PartyRole.EXCHANGE, in_place_of=PartyRole.BUYER
    )


def test_the_exchange_in_its_own_right_stands_in_for_nobody() -> None:
    assert duty_of(reviewing(item("C07"), SIDES, "manager"), DESK) == Duty(PartyRole.EXCHANGE)


def test_the_provider_does_not_review_even_where_its_role_is_named() -> None:
    duties = reviewing(item("X02"), SIDES, "seller")
    assert duty_of(duties, Caller("seller")) is None
    assert duty_of(duties, Caller("bidder")) is not None


def test_one_house_on_both_sides_leaves_the_review_to_the_exchange() -> None:
    sides = Sides("house", "house", "bidder")
    duties = reviewing(item("S16", "lp_transfer_state_owned"), sides, "house")
    assert duty_of(duties, Caller("house")) is None
    assert duty_of(duties, DESK) == Duty(PartyRole.EXCHANGE, in_place_of=PartyRole.SELLER)


def test_the_system_and_the_desk_are_not_each_other() -> None:
    assert duty_of(reviewing(item("G06"), SIDES, "bidder"), MACHINE) == Duty(PartyRole.SYSTEM)
    assert duty_of(reviewing(item("G06"), SIDES, "bidder"), DESK) is None
    assert duty_of(reviewing(item("A05"), SIDES, "seller"), MACHINE) is None
    assert duty_of(providing(item("X05"), SIDES), MACHINE) is None


def test_only_what_names_the_system_alone_is_accepted_at_once() -> None:
    alone = {code for code, spec in template().effective("lp_transfer").items() if is_for_the_system_alone(spec)}
    assert alone == {"P05", "G06", "G09", "X04"}


def test_a_waiver_belongs_to_the_named_role_and_sometimes_to_nobody() -> None:
    assert waiving(item("A05"), SIDES) == ()
    assert roles(waiving(item("F04"), SIDES)) == {("buyer", "bidder")}
    assert duty_of(waiving(item("A03"), SIDES), DESK) == Duty(PartyRole.EXCHANGE)
    assert duty_of(waiving(item("A03"), SIDES), Caller("seller")) is None


def test_an_account_item_is_the_participants_own_and_reviewed_by_another() -> None:
    sides = sides_of_account("investor")
    assert duty_of(providing(item("P03"), sides), Caller("investor")) is not None
    assert duty_of(providing(item("P03"), sides), DESK) is None
    assert duty_of(reviewing(item("P03"), sides, "investor"), DESK) == Duty(PartyRole.EXCHANGE_RISK)


def test_every_item_of_every_type_can_be_handed_in_and_reviewed_by_somebody_else() -> None:
    for kind in template().types:
        for spec in template().effective(kind).values():
            sides = Sides("seller", "manager", None if spec.scope is ItemScope.LISTING else "bidder")
            if spec.scope is ItemScope.ACCOUNT:
                sides = sides_of_account("participant")
            for duty in providing(spec, sides):
                provider = SYSTEM_ID if duty.role is PartyRole.SYSTEM else duty.organisation_id or "desk"
                reviewers = reviewing(spec, sides, provider)
                others = [r for r in reviewers if not r.is_of(Caller(provider, is_exchange=provider == "desk"))]
                assert others or is_for_the_system_alone(spec), (kind, spec.code, duty)
