"""Shapes of checklist templates on the wire."""

from exchange.diligence.condition import Condition
from exchange.diligence.document import FileKind
from exchange.diligence.gate import Gate
from exchange.diligence.item import ItemScope, PartyRole, Requirement, Visibility
from exchange.diligence.template import (
    CountedFrom,
    FactScope,
    FactSource,
    ItemSpec,
    ServiceChecklist,
    Template,
    ValidityKind,
)
from exchange.rest.model import ViewModel


class ConditionView(ViewModel):
    """When a conditional item is asked for."""

    any: list[str]
    all: list[str]
    none: list[str]

    @classmethod
    def of(cls, condition: Condition) -> "ConditionView":
        """As it goes out."""
        return cls(any=list(condition.any), all=list(condition.all), none=list(condition.none))


class TemplateItemView(ViewModel):
    """An item of a template."""

    code: str
    name_zh: str
    name_en: str
    scope: ItemScope
    providers: list[PartyRole]
    reviewers: list[PartyRole]
    requirement: Requirement
    condition: ConditionView | None
    gate: Gate
    refresh: Gate | None
    validity_kind: ValidityKind
    validity_count: int
    validity_from: CountedFrom
    visibility: Visibility
    files: list[FileKind]
    waiver: PartyRole | None
    feeds: list[str]
    note: str
    basis: str
    due: str

    @classmethod
    def of(cls, spec: ItemSpec) -> "TemplateItemView":
        """As it goes out."""
        return cls(
            code=spec.code,
            name_zh=spec.zh,
            name_en=spec.en,
            scope=spec.scope,
            providers=list(spec.providers),
            reviewers=list(spec.reviewers),
            requirement=spec.requirement,
            condition=ConditionView.of(spec.condition) if spec.condition else None,
            gate=spec.gate,
            refresh=spec.refresh,
            validity_kind=spec.validity.kind,
            validity_count=spec.validity.count,
            validity_from=spec.validity.counted_from,
            visibility=spec.visibility,
            files=list(spec.files),
            waiver=spec.waiver,
            feeds=list(spec.feeds),
            note=spec.note,
            basis=spec.basis,
            due=spec.due,
        )


class TemplateFactView(ViewModel):
    """A fact that conditions ask for."""

    name: str
    name_zh: str
    name_en: str
    scope: FactScope
    source: FactSource
    default: bool


class NamedView(ViewModel):
    """A code with its names."""

    code: str
    name_zh: str
    name_en: str


class TemplateView(ViewModel):
    """What a type of transaction asks for."""

    transaction_type: str
    name_zh: str
    name_en: str
    template_version: int
    items: list[TemplateItemView]
    facts: list[TemplateFactView]
    gates: list[NamedView]
    folders: list[NamedView]

    @classmethod
    def of(cls, template: Template, transaction_type: str) -> "TemplateView":
        """As it goes out."""
        kind = template.types[transaction_type]
        return cls(
            transaction_type=kind.code,
            name_zh=kind.zh,
            name_en=kind.en,
            template_version=template.version,
            items=[TemplateItemView.of(spec) for spec in template.effective(transaction_type).values()],
            facts=[
                TemplateFactView(
                    name=fact.name,
                    name_zh=fact.zh,
                    name_en=fact.en,
                    scope=fact.scope,
                    source=fact.source,
                    default=fact.default,
                )
                for fact in template.facts.values()
            ],
            gates=[NamedView(code=spec.gate, name_zh=spec.zh, name_en=spec.en) for spec in template.gates],
            folders=[NamedView(code=spec.number, name_zh=spec.zh, name_en=spec.en) for spec in template.folders],
        )


class ServiceItemView(NamedView):
    """A paper of a service."""

    requirement: Requirement


class ServiceChecklistView(NamedView):
    """The papers of a service that is no transaction, and who brings them."""

    provider: PartyRole
    working_days_to_confirm: int | None
    items: list[ServiceItemView]

    @classmethod
    def of(cls, service: ServiceChecklist) -> "ServiceChecklistView":
        """As it goes out."""
        return cls(
            code=service.code,
            name_zh=service.zh,
            name_en=service.en,
            provider=service.provider,
            working_days_to_confirm=service.working_days_to_confirm,
            items=[
                ServiceItemView(code=item.code, name_zh=item.zh, name_en=item.en, requirement=item.requirement)
                for item in service.items
            ],
        )
