"""A template with two papers, as small as one can be."""

from collections.abc import Mapping, Sequence
from typing import Any

from exchange.diligence.gate import Gate
from exchange.diligence.item import PartyRole


def an_item(code: str, **changes: Any) -> dict[str, Any]:
    """A paper that the seller brings before the listing is published, for the deal; with changes."""
    return {
        "code": code,
        "zh": "文件",
        "en": "Paper",
        "by": ["seller"],
        "review": ["exchange"],
        "req": "M",
        "gate": "list_publish",
        "validity": {"kind": "deal"},
        "vis": "nda",
        "files": ["pdf"],
        "waive": "exchange",
        **changes,
    }


def a_template(
    *,
    items: Sequence[Mapping[str, Any]] | None = None,
    types: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A template with one type of two papers; with other papers, further types, or other facts."""
    return {
        "version": 1,
        "roles": {role.value: role.value for role in PartyRole},
        "gates": [{"code": gate.value, "zh": gate.value, "en": gate.value} for gate in Gate],
        "facts": facts or {"one": {"zh": "一", "en": "One", "of": "listing", "from": "declared", "default": False}},
        "folders": [{"number": "01", "zh": "一", "en": "One", "groups": ["A"], "codes": []}],
        "account_items": [an_item("P01", gate="onboard")],
        "platform_items": [an_item("X01")],
        "transaction_types": {
            "plain": {"zh": "简", "en": "Plain", "items": list(items or [an_item("A01"), an_item("A02")])},
            **(types or {}),
        },
        "service_checklists": {},
        "automatic_flags": [],
    }
