"""From what the service found to what goes out."""

from exchange.diligence.schemas.checklists import (
    ChecklistOut,
    DecisionView,
    DutyView,
    FactView,
    ItemHistoryView,
    ItemView,
    PaperView,
    SubmissionView,
    TaskView,
)
from exchange.diligence.service.reading import ChecklistView, EffectiveItem, FactState, ItemHistory
from exchange.diligence.service.tasks import Task


def item_view(item: EffectiveItem) -> ItemView:
    """As it goes out."""
    spec, row = item.spec, item.row
    return ItemView(
        id=row.id if row else None,
        code=spec.code,
        name_zh=spec.zh,
        name_en=spec.en,
        scope=spec.scope,
        organisation_id=item.organisation_id,
        folder=item.folder,
        gate=spec.gate,
        refresh=spec.refresh,
        requirement=spec.requirement,
        is_required=item.is_required,
        state=item.state,
        since=row.state_since_at if row else None,
        valid_until=row.valid_until if row else None,
        due_on=row.due_on if row else None,
        due_note=spec.due,
        reason=row.reason if row and item.shows_reason else "",
        decided_as=row.reviewer_role if row and item.shows_reason else None,
        visibility=spec.visibility,
        files=list(spec.files),
        providers=list(spec.providers),
        reviewers=list(spec.reviewers),
        waiver=spec.waiver,
        waits_for=DutyView.all_of(item.waits_for),
        actions=list(item.actions),
        paper=_paper_view(item),
        version=row.version if row else 0,
    )


def fact_view(fact: FactState) -> FactView:
    """As it goes out."""
    return FactView(
        name=fact.name,
        name_zh=fact.zh,
        name_en=fact.en,
        scope=fact.scope,
        source=fact.source,
        value=fact.value,
        is_stated=fact.is_stated,
    )


def checklist_view(view: ChecklistView) -> ChecklistOut:
    """As it goes out."""
    row = view.checklist
    return ChecklistOut(
        listing_id=row.listing_id if row else None,
        organisation_id=view.organisation_id,
        transaction_type=row.transaction_type if row else None,
        template_version=row.template_version if row else None,
        items=[item_view(item) for item in view.items],
        facts=[fact_view(fact) for fact in view.facts],
        version=row.version if row else 0,
    )


def history_view(history: ItemHistory) -> ItemHistoryView:
    """As it goes out."""
    item = item_view(history.item)
    return ItemHistoryView(
        item=item,
        submissions=[SubmissionView.of(row) for row in history.submissions],
        decisions=[DecisionView.of(row) for row in history.decisions],
        version=item.version,
    )


def task_view(task: Task) -> TaskView:
    """As it goes out."""
    return TaskView(kind=task.kind, listing_id=task.row.listing_id, due_on=task.due_on, item=item_view(task.item))


def _paper_view(item: EffectiveItem) -> PaperView | None:
    row = item.row
    if row is None or not item.shows_paper or row.document_id is None:
        return None
    return PaperView(**{name: getattr(row, name) for name in PaperView.model_fields})
