"""A paper handed in for an item: a version of a document with its dates and the figures that stand in it.

Figures are kept beside the document so that checks can compare them; amounts are decimal texts. Source: fields of the
capital account, cash flows and schedule of investments after ILPA.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Paper:
    """A version of a document handed in for an item, with its dates and the figures that stand in it."""

    code: str
    document_id: str
    document_version: int
    issued_on: date | None = None
    as_of: date | None = None
    expires_on: date | None = None
    structured: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """The version of the document."""
        return self.document_id, self.document_version
