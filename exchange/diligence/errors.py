"""Refusals of checklists."""

from datetime import UTC, datetime
from typing import ClassVar

from exchange.core.errors import Forbidden, Invalid, NotFound, Refused
from exchange.diligence.verdict import GateVerdict, MissingItem


class TemplateInvalid(Invalid):
    """A checklist template that cannot be read: an unknown word, a missing or a double entry."""

    code: ClassVar[str] = "TEMPLATE_INVALID"


class TemplateCycle(TemplateInvalid):
    """A type of a template that extends itself, directly or through others."""

    code: ClassVar[str] = "TEMPLATE_CYCLE"


class TemplateUnknownFact(TemplateInvalid):
    """A condition of a template that asks for a fact the template does not name."""

    code: ClassVar[str] = "TEMPLATE_UNKNOWN_FACT"


class TemplateNotFound(NotFound):
    """No such type of transaction, or version of the template."""

    code: ClassVar[str] = "TEMPLATE_NOT_FOUND"


class ChecklistNotFound(NotFound):
    """No such checklist, or not the caller's to see."""

    code: ClassVar[str] = "CHECKLIST_NOT_FOUND"


class ItemNotFound(NotFound):
    """No such item, or not the caller's to see."""

    code: ClassVar[str] = "ITEM_NOT_FOUND"


class FindingNotFound(NotFound):
    """No such finding, or not the caller's to see."""

    code: ClassVar[str] = "FINDING_NOT_FOUND"


class FactUnknown(Invalid):
    """A fact that the template does not know, or that does not belong to whom it was stated for."""

    code: ClassVar[str] = "FACT_UNKNOWN"


class FactOfTheRegisters(Invalid):
    """A fact that the registers answer is not declared."""

    code: ClassVar[str] = "FACT_OF_THE_REGISTERS"


class TypeFixed(Refused):
    """The type of a transaction stands once its listing was submitted."""

    code: ClassVar[str] = "TRANSACTION_TYPE_FIXED"


class NotItemProvider(Forbidden):
    """Only who is asked for the paper hands it in."""

    code: ClassVar[str] = "NOT_ITEM_PROVIDER"


class NotItemReviewer(Forbidden):
    """Only who reviews the paper decides about it, and never whoever handed it in."""

    code: ClassVar[str] = "NOT_ITEM_REVIEWER"


class ReviewedByProvider(Forbidden):
    """The organisation that handed a paper in does not review it."""

    code: ClassVar[str] = "REVIEWED_BY_PROVIDER"


class WaiverForbidden(Forbidden):
    """The item cannot be waived, or not by the caller."""

    code: ClassVar[str] = "WAIVER_FORBIDDEN"


class ReasonMissing(Invalid):
    """A return, a waiver and a resolution give their reason."""

    code: ClassVar[str] = "REASON_MISSING"


class PapersInvalid(Invalid):
    """Papers that cannot be taken; nothing was changed. Names every one by its place."""

    code: ClassVar[str] = "PAPERS_INVALID"


class DocumentNotClean(Refused):
    """The document has not been scanned clean."""

    code: ClassVar[str] = "DOCUMENT_NOT_CLEAN"


class FileKindNotAccepted(Invalid):
    """The item takes other kinds of files."""

    code: ClassVar[str] = "FILE_KIND_NOT_ACCEPTED"


class DocumentNotOwn(NotFound):
    """No such document of the caller's organisation."""

    code: ClassVar[str] = "PAPER_DOCUMENT_NOT_FOUND"


class PaperExpired(Refused):
    """The paper is already too old to count."""

    code: ClassVar[str] = "PAPER_EXPIRED"


class FindingBySubject(Forbidden):
    """Whom a finding is about does not resolve it."""

    code: ClassVar[str] = "FINDING_BY_SUBJECT"


class WorkbookInvalid(Invalid):
    """A workbook that is no checklist of this template, or does not fit what stands."""

    code: ClassVar[str] = "CHECKLIST_WORKBOOK_INVALID"


class GateNeedsBidder(Invalid):
    """A gate that stands before one bidder was asked about without saying which."""

    code: ClassVar[str] = "GATE_NEEDS_BIDDER"


NAMED_MOST = 5
"""So many missing items are named in the sentence; all of them are listed beside it."""


class GateBlocked(Refused):
    """Papers are missing before a gate; the problem document lists each with its state and who must act (409)."""

    code: ClassVar[str] = "GATE_BLOCKED"

    def __init__(self, verdict: GateVerdict) -> None:
        count = len(verdict.missing) + len(verdict.findings) + verdict.hidden
        super().__init__(
            gate=verdict.gate.value,
            n=count,
            items=_named(verdict),
        )
        self.verdict = verdict
        self.members = {
            "gate": verdict.gate.value,
            "hidden": verdict.hidden,
            "items": [_missing_member(item) for item in verdict.missing],
            "findings": [
                {"id": f.id, "code": f.code, "item_code": f.item_code, "since": _instant(f.since)}
                for f in verdict.findings
            ],
        }


def _named(verdict: GateVerdict) -> str:
    shown = [item.code for item in verdict.missing] + [finding.code for finding in verdict.findings]
    return ", ".join(shown[:NAMED_MOST]) + (" …" if len(shown) > NAMED_MOST or verdict.hidden else "")


def _missing_member(item: MissingItem) -> dict[str, object]:
    return {
        "id": item.item_id,
        "code": item.code,
        "name_zh": item.zh,
        "name_en": item.en,
        "state": item.state.value,
        "scope": item.scope.value,
        "organisation_id": item.organisation_id,
        "waits_for": [{"role": duty.role.value, "organisation_id": duty.organisation_id} for duty in item.waits_for],
        "since": _instant(item.since),
    }


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class PledgePapersMissing(Refused):
    """A pledge is asked for without every paper that its checklist demands."""

    code: ClassVar[str] = "PLEDGE_PAPERS_MISSING"


class PledgePaperUnknown(Invalid):
    """A paper the checklist of a pledge does not know, or one that came twice."""

    code: ClassVar[str] = "PLEDGE_PAPER_UNKNOWN"
