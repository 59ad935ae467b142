"""The template that ships, the loader's rules, and templates that are refused."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from exchange.diligence.errors import TemplateCycle, TemplateInvalid, TemplateUnknownFact
from exchange.diligence.flags import CHECKS
from exchange.diligence.folder import folder_of
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, PartyRole, Requirement, Visibility
from exchange.diligence.service.templates import template
from exchange.diligence.template_reading import read_template
from tests.unit.diligence.small_template import a_template, an_item

COUNTS = {
    "lp_transfer": (44, 27, 17, 0),
    "lp_transfer_state_owned": (64, 44, 20, 0),
    "gp_led_continuation": (55, 42, 13, 0),
    "company_equity": (38, 21, 15, 2),
    "company_equity_amc": (47, 29, 16, 2),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_type_asks_for_as_many_papers_as_the_domain_counts(name: str) -> None:
    items = template().types[name].items
    kinds = Counter(spec.requirement for spec in items.values())
    assert (len(items), *(kinds[kind] for kind in Requirement)) == COUNTS[name]
    assert len(template().effective(name)) == len(items) + 6 + 5


def test_types_are_what_the_template_names_and_every_flag_has_its_check() -> None:
    assert template().types.keys() == COUNTS.keys()
    assert CHECKS.keys() == {flag.code for flag in template().flags}
    assert len(CHECKS) == 14
    assert template().service_checklists.keys() == {"initial_custody", "pledge"}
    assert len(template().service_checklists["initial_custody"].items) == 9


def test_what_only_the_buyer_brings_and_everything_from_the_bid_on_is_kept_for_each_bidder() -> None:
    items = template().effective("lp_transfer")
    expected = {
        "P01": ItemScope.ACCOUNT,
        "A05": ItemScope.LISTING,
        "C07": ItemScope.LISTING,
        "G06": ItemScope.BIDDER,
        "G04": ItemScope.BIDDER,
        "F03": ItemScope.BIDDER,
        "X02": ItemScope.BIDDER,
        "X04": ItemScope.BIDDER,
        "J01": ItemScope.BIDDER,
        "F02": ItemScope.LISTING,
    }
    assert {code: items[code].scope for code in expected} == expected


def test_an_override_merges_field_by_field_and_null_clears() -> None:
    plain, state_owned = template().types["lp_transfer"].items, template().types["lp_transfer_state_owned"].items
    assert plain["F02"].condition is not None
    assert state_owned["F02"].condition is None
    assert state_owned["F02"].requirement is Requirement.MANDATORY
    assert state_owned["F02"].gate is plain["F02"].gate
    assert plain["A03"].waiver is PartyRole.EXCHANGE
    assert state_owned["A03"].waiver is None


def test_extends_is_followed_through_several_types() -> None:
    items = template().types["company_equity_amc"].items
    assert items["F04"].requirement is Requirement.MANDATORY
    assert items["T02"].gate is Gate.LIST_PUBLISH
    assert "C07" not in items


def test_an_item_is_filed_by_its_code_before_its_group() -> None:
    folders = template().folders
    assert [folder_of(folders, code) for code in ("C07", "C01", "S13", "S04", "X01", "X02", "Z99")] == [
        "04",
        "03",
        "01",
        "08",
        "07",
        "10",
        "90",
    ]


def test_a_fact_stands_at_its_default_until_it_is_stated() -> None:
    facts = template().facts_with({"large_deal": True, "no_such_fact": True})
    assert facts["large_deal"]
    assert facts["lpa_rofr"]
    assert not facts["seller_state_owned"]
    assert "no_such_fact" not in facts


def test_a_small_template_is_read() -> None:
    found = read_template(a_template())
    assert list(found.types["plain"].items) == ["A01", "A02"]
    assert found.types["plain"].items["A01"].visibility is Visibility.NDA


def wrong(change: dict[str, Any]) -> dict[str, Any]:
    return a_template(items=[an_item("A01", **change)])


@pytest.mark.parametrize(
    "raw",
    [
        wrong({"gate": "sunday"}),
        wrong({"refresh": "sunday"}),
        wrong({"by": ["butcher"]}),
        wrong({"by": []}),
        wrong({"review": ["butcher"]}),
        wrong({"waive": "butcher"}),
        wrong({"vis": "friends"}),
        wrong({"files": ["exe"]}),
        wrong({"req": "X"}),
        wrong({"req": "C"}),
        wrong({"when": {"any": ["one"]}}),
        wrong({"req": "C", "when": {"some": ["one"]}}),
        wrong({"req": "C", "when": {}}),
        wrong({"validity": {"kind": "moon"}}),
        wrong({"validity": {"kind": "days", "from": "issue"}}),
        wrong({"validity": {"kind": "days", "n": 5}}),
        wrong({"validity": {"kind": "days", "n": 5, "from": "birth"}}),
        wrong({"validity": {"kind": "period", "n": 0}}),
        wrong({"validity": {"kind": "base", "n": True}}),
        wrong({"validity": {"kind": "deal", "n": 5}}),
        wrong({"validity": {"kind": "deal", "weeks": 5}}),
        wrong({"colour": "red"}),
        a_template(items=[an_item("A01"), an_item("A01")]),
        a_template(items=[an_item("P01")]),
        a_template(types={"child": {"zh": "x", "en": "x", "extends": "nothing"}}),
        a_template(types={"child": {"zh": "x", "en": "x", "extends": "plain", "remove": ["Q01"]}}),
        a_template(types={"child": {"zh": "x", "en": "x", "extends": "plain", "add": [an_item("A01")]}}),
        a_template(types={"child": {"zh": "x", "en": "x", "extends": "plain", "override": {"Q01": {}}}}),
        a_template(types={"child": {"zh": "x", "en": "x", "extends": "plain", "override": {"A01": {"en": None}}}}),
        a_template(types={"child": {"zh": "x", "en": "x", "items": [], "also": []}}),
        a_template(facts={"one": {"zh": "x", "en": "x", "of": "nobody", "from": "register", "default": False}}),
        a_template(facts={"one": {"zh": "x", "en": "x", "of": "listing", "from": "hearsay", "default": False}}),
        a_template(facts={"one": {"zh": "x", "en": "x", "of": "listing", "from": "register", "default": "no"}}),
        {**a_template(), "gates": list(reversed(a_template()["gates"]))},
        {name: part for name, part in a_template().items() if name != "folders"},
    ],
)
def test_a_wrong_template_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        read_template(raw)
    assert refused.value.code == "TEMPLATE_INVALID"
    assert refused.value.parameters["what"]


@pytest.mark.parametrize("loop", [("one", "one"), ("one", "two", "one"), ("one", "two", "three", "one")])
def test_a_type_that_extends_itself_is_refused(loop: tuple[str, ...]) -> None:
    types = {name: {"zh": "x", "en": "x", "extends": above} for name, above in pairwise(loop)}
    with pytest.raises(TemplateCycle):
        read_template(a_template(types=types))


def test_a_condition_over_an_unknown_fact_is_refused() -> None:
    with pytest.raises(TemplateUnknownFact):
        read_template(wrong({"req": "C", "when": {"none": ["weather_is_fine"]}}))
