"""A plain paper in both languages as PDF/A: a title, a table of names and values, paragraphs.

For what the exchange itself puts into a deal's file: confirmations, receipts, certificates of a click. Words come as
data, so nothing a user wrote is read as markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exchange.core.clock import market_date
from exchange.infra.typesetting import typeset

TEMPLATE = Path(__file__).with_name("paper.typ")


@dataclass(frozen=True, slots=True)
class PlainPaper:
    """What the paper says. ``reference`` stands at the foot of each page; ``notice`` in a box under the title."""

    title_zh: str
    title_en: str
    reference: str
    rows: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()
    notice: str = ""


def paper_pdf(paper: PlainPaper, made_at: datetime) -> bytes:
    """The paper as PDF/A-2b; the same paper and time give the same bytes.

    Raises:
        FontMissing: this machine has no Chinese font yet.
    """
    day = market_date(made_at)
    data = {
        "title_zh": paper.title_zh,
        "title_en": paper.title_en,
        "reference": paper.reference,
        "notice": paper.notice,
        "rows": [list(row) for row in paper.rows],
        "paragraphs": list(paper.paragraphs),
        "date": [day.year, day.month, day.day],
    }
    return typeset(TEMPLATE, data, {}, made_at)
