"""Reading a checklist template: its mapping in, checked values out.

``extends`` is followed first, then ``remove``, ``add`` and ``override`` field by field (null clears a field). Nothing
unknown is let through: a word that no enum has, a fact that is not named, a code that stands twice, a type that
extends itself. Source: checklist template, loader rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from exchange.diligence.condition import Condition
from exchange.diligence.document import FileKind
from exchange.diligence.errors import TemplateCycle, TemplateInvalid, TemplateUnknownFact
from exchange.diligence.finding import Severity
from exchange.diligence.gate import Gate
from exchange.diligence.item import PartyRole, Requirement, Visibility
from exchange.diligence.template import (
    CountedFrom,
    FactScope,
    FactSource,
    FactSpec,
    FlagSpec,
    FolderSpec,
    GateSpec,
    ItemSpec,
    ServiceChecklist,
    ServiceItem,
    Template,
    TransactionType,
    Validity,
    ValidityKind,
)

Raw = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)

NOBODY = "none"
COUNTED = frozenset({ValidityKind.DAYS, ValidityKind.PERIOD, ValidityKind.BASE})
ITEM_FIELDS = frozenset(
    {"code", "zh", "en", "by", "review", "req", "when", "gate", "refresh", "validity", "vis", "files", "waive"}
    | {"feeds", "note", "basis", "due"}
)
TYPE_FIELDS = frozenset({"zh", "en", "extends", "items", "remove", "add", "override"})
DAY_FIELDS = frozenset({"kind", "n", "from", "working_days"})


def read_template(raw: Raw) -> Template:
    """The template of a mapping. TemplateInvalid (422) names what is wrong with it."""
    facts = {name: _fact(name, entry) for name, entry in _mapping(raw, "facts").items()}
    account = _items(_sequence(raw, "account_items"), facts, is_of_account=True)
    platform = _items(_sequence(raw, "platform_items"), facts)
    types = _types(_mapping(raw, "transaction_types"), facts)
    for kind in types.values():
        for code in (account.keys() | platform.keys()) & kind.items.keys():
            raise TemplateInvalid(where=kind.code, what=f"double code {code}")
    if account.keys() & platform.keys():
        raise TemplateInvalid(where="platform_items", what="double code")
    return Template(
        version=int(raw["version"]),
        roles={_word(PartyRole, code, "roles"): str(zh) for code, zh in _mapping(raw, "roles").items()},
        gates=_gates(_sequence(raw, "gates")),
        facts=facts,
        folders=tuple(_folder(entry) for entry in _sequence(raw, "folders")),
        account_items=account,
        platform_items=platform,
        types=types,
        service_checklists={
            code: _service_checklist(code, entry) for code, entry in _mapping(raw, "service_checklists").items()
        },
        flags=tuple(_flag(entry) for entry in _sequence(raw, "automatic_flags")),
    )


def _types(raw: Raw, facts: Mapping[str, FactSpec]) -> dict[str, TransactionType]:
    return {
        code: TransactionType(
            code, str(entry["zh"]), str(entry["en"]), _items(list(_derived(raw, code, ()).values()), facts)
        )
        for code, entry in raw.items()
    }


def _derived(raw: Raw, code: str, through: tuple[str, ...]) -> dict[str, Raw]:
    """The raw items of a type after extends, remove, add and override, in the order in which they stand."""
    if code in through:
        raise TemplateCycle(where=code, what=" -> ".join((*through, code)))
    if code not in raw:
        raise TemplateInvalid(where=through[-1], what=f"extends unknown type {code}")
    entry = raw[code]
    if unknown := set(entry) - TYPE_FIELDS:
        raise TemplateInvalid(where=code, what=f"unknown field {sorted(unknown)[0]}")
    inherited = _derived(raw, entry["extends"], (*through, code)) if "extends" in entry else {}
    for removed in entry.get("remove", ()):
        if inherited.pop(removed, None) is None:
            raise TemplateInvalid(where=code, what=f"removes unknown item {removed}")
    for item in (*entry.get("items", ()), *entry.get("add", ())):
        if item["code"] in inherited:
            raise TemplateInvalid(where=code, what=f"double code {item['code']}")
        inherited[item["code"]] = item
    for changed, fields in entry.get("override", {}).items():
        if changed not in inherited:
            raise TemplateInvalid(where=code, what=f"overrides unknown item {changed}")
        merged = {**inherited[changed], **fields}
        inherited[changed] = {name: value for name, value in merged.items() if value is not None}
    return inherited


def _items(raw: Sequence[Raw], facts: Mapping[str, FactSpec], *, is_of_account: bool = False) -> dict[str, ItemSpec]:
    found: dict[str, ItemSpec] = {}
    for entry in raw:
        item = _item(entry, facts, is_of_account=is_of_account)
        if item.code in found:
            raise TemplateInvalid(where=item.code, what=f"double code {item.code}")
        found[item.code] = item
    return found


def _item(raw: Raw, facts: Mapping[str, FactSpec], *, is_of_account: bool) -> ItemSpec:
    code = str(raw.get("code", "?"))
    if unknown := set(raw) - ITEM_FIELDS:
        raise TemplateInvalid(where=code, what=f"unknown field {sorted(unknown)[0]}")
    if absent := {"code", "zh", "en", "by", "review", "req", "gate", "validity", "vis", "files", "waive"} - set(raw):
        raise TemplateInvalid(where=code, what=f"missing field {sorted(absent)[0]}")
    requirement = _word(Requirement, raw["req"], code)
    condition = _condition(raw["when"], facts, code) if "when" in raw else None
    if (requirement is Requirement.CONDITIONAL) != (condition is not None):
        raise TemplateInvalid(where=code, what="`when` goes with req C, and with it alone")
    return ItemSpec(
        code=code,
        zh=str(raw["zh"]),
        en=str(raw["en"]),
        providers=_words(PartyRole, raw["by"], code),
        reviewers=_words(PartyRole, raw["review"], code),
        requirement=requirement,
        gate=_word(Gate, raw["gate"], code),
        validity=_validity(raw["validity"], code),
        visibility=_word(Visibility, raw["vis"], code),
        files=_words(FileKind, raw["files"], code),
        condition=condition,
        refresh=_word(Gate, raw["refresh"], code) if "refresh" in raw else None,
        waiver=None if raw["waive"] == NOBODY else _word(PartyRole, raw["waive"], code),
        feeds=tuple(raw.get("feeds", ())),
        note=str(raw.get("note", "")),
        basis=str(raw.get("basis", "")),
        due=str(raw.get("due", "")),
        is_of_account=is_of_account,
    )


def _condition(raw: Raw, facts: Mapping[str, FactSpec], code: str) -> Condition:
    if not raw or set(raw) - {"any", "all", "none"}:
        raise TemplateInvalid(where=code, what="a condition has the keys any, all, none")
    condition = Condition(tuple(raw.get("any", ())), tuple(raw.get("all", ())), tuple(raw.get("none", ())))
    if unknown := condition.names - facts.keys():
        raise TemplateUnknownFact(where=code, what=f"unknown fact {sorted(unknown)[0]}")
    return condition


def _validity(raw: Raw, code: str) -> Validity:
    if unknown := set(raw) - DAY_FIELDS:
        raise TemplateInvalid(where=code, what=f"unknown validity field {sorted(unknown)[0]}")
    kind = _word(ValidityKind, raw["kind"], code)
    count = raw.get("n", 0)
    is_counted = isinstance(count, int) and not isinstance(count, bool) and count > 0
    if (kind in COUNTED) != is_counted:
        raise TemplateInvalid(where=code, what="validity has a number with days, period and base, and with them alone")
    if (kind is ValidityKind.DAYS) != ("from" in raw):
        raise TemplateInvalid(where=code, what="validity has `from` with days, and with them alone")
    counted_from = _word(CountedFrom, raw.get("from", CountedFrom.ISSUE), code)
    return Validity(kind, int(count), counted_from, bool(raw.get("working_days", False)))


def _fact(name: str, raw: Raw) -> FactSpec:
    if not isinstance(raw.get("default"), bool):
        raise TemplateInvalid(where=name, what="a fact has a default of true or false")
    scope, source = _word(FactScope, raw.get("of"), name), _word(FactSource, raw.get("from"), name)
    return FactSpec(name, str(raw["zh"]), str(raw["en"]), scope, source, raw["default"])


def _gates(raw: Sequence[Raw]) -> tuple[GateSpec, ...]:
    gates = tuple(GateSpec(_word(Gate, entry["code"], "gates"), str(entry["zh"]), str(entry["en"])) for entry in raw)
    if [spec.gate for spec in gates] != list(Gate):
        raise TemplateInvalid(where="gates", what="the gates in another order")
    return gates


def _folder(raw: Raw) -> FolderSpec:
    return FolderSpec(
        str(raw["number"]), str(raw["zh"]), str(raw["en"]), tuple(raw.get("groups", ())), tuple(raw.get("codes", ()))
    )


def _service_checklist(code: str, raw: Raw) -> ServiceChecklist:
    items = tuple(
        ServiceItem(str(item["code"]), str(item["zh"]), str(item["en"]), _word(Requirement, item["req"], code))
        for item in raw["items"]
    )
    if len({item.code for item in items}) < len(items):
        raise TemplateInvalid(where=code, what="double code")
    days = raw.get("working_days_to_confirm")
    return ServiceChecklist(code, str(raw["zh"]), str(raw["en"]), _word(PartyRole, raw["who"], code), items, days)


def _flag(raw: Raw) -> FlagSpec:
    return FlagSpec(str(raw["code"]), _word(Severity, raw["severity"], str(raw["code"])), str(raw["rule"]))


def _mapping(raw: Raw, name: str) -> Raw:
    value = raw.get(name)
    if not isinstance(value, Mapping):
        raise TemplateInvalid(where=name, what="missing")
    return value


def _sequence(raw: Raw, name: str) -> Sequence[Raw]:
    value = raw.get(name)
    if not isinstance(value, list):
        raise TemplateInvalid(where=name, what="missing")
    return value


def _word(kind: type[Word], value: object, where: str) -> Word:
    try:
        return kind(str(value))
    except ValueError:
        raise TemplateInvalid(where=where, what=f"unknown word {value!s:.40}") from None


def _words(kind: type[Word], values: Iterable[object], where: str) -> tuple[Word, ...]:
    found = tuple(_word(kind, value, where) for value in values)
    if not found:
        raise TemplateInvalid(where=where, what="an empty list")
    return found
