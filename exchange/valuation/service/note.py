"""The valuation note as a PDF."""

from pathlib import Path

from exchange.infra.typesetting import typeset
from exchange.valuation.note.content import NoteSubject, note_content, note_picture
from exchange.valuation.service.words import words_of

TEMPLATE = Path(__file__).parents[1] / "note" / "document.typ"


def note_pdf(subject: NoteSubject, language: str) -> bytes:
    """The note of a kept valuation in one language, PDF/A-2b; the same valuation gives the same bytes.

    Raises:
        FontMissing: this machine has no Chinese font yet.
    """
    words = words_of(language)
    pictures = {"picture": note_picture(subject, words, language).svg}
    return typeset(TEMPLATE, note_content(subject, words, language), pictures, subject.made_at)
