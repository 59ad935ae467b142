"""The papers of a pledge against its checklist: what is missing, what does not belong.

Source: checklist template, ``services.pledge`` (W01 to W03).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from exchange.diligence.item import Requirement
from exchange.diligence.template import ServiceChecklist

RELEASE_LETTER = "release_letter"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A document under the code of the paper it is meant to be."""

    code: str
    document_id: str


@dataclass(frozen=True, slots=True)
class PaperGaps:
    """Required papers that are not there; codes the list does not know, or that came twice."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def paper_gaps(checklist: ServiceChecklist, papers: Sequence[HandedIn]) -> PaperGaps:
    """Compare what was handed in with what the list asks for."""
    counts = Counter(paper.code for paper in papers)
    known = {item.code for item in checklist.items}
    missing = [
        item.code for item in checklist.items if item.requirement is Requirement.MANDATORY and item.code not in counts
    ]
    unknown = sorted(code for code, count in counts.items() if code not in known or count > 1)
    return PaperGaps(tuple(missing), tuple(unknown))
