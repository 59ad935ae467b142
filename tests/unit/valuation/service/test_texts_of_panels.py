"""Every status and every note a panel can carry has a sentence in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from exchange.rest.texts import catalogue
from exchange.valuation.panel.opinion import Note
from exchange.valuation.schemas.panel import NOTE_PREFIX, STATUS_PREFIX, NoteView, StatusView
from exchange.valuation.status import Status

PURE = Path(__file__).parents[4] / "exchange" / "valuation"
CODE = re.compile("[A-Z]+(_[A-Z]+)+")


def codes_in(folder: str) -> Iterator[str]:
    """Every text in a folder's code that is written like the code of a note."""
    for path in sorted((PURE / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


def test_every_status_has_texts() -> None:
    assert not [status.code for status in Status if f"{STATUS_PREFIX}{status.code}" not in catalogue()]


def test_every_note_of_the_panel_has_texts() -> None:
    found = {code for folder in ("panel", "pricing") for code in codes_in(folder)} - {status.code for status in Status}
    assert "NAV_OLD" in found
    assert not [code for code in sorted(found) if f"{NOTE_PREFIX}{code}" not in catalogue()]


def test_a_note_says_its_numbers_in_both_languages() -> None:
    view = NoteView.of(Note("NAV_OLD", (("days", "130"), ("limit", "120"))))
    assert "130" in view.detail_zh
    assert "120" in view.detail_en
    assert StatusView.of("PARAMETERS_MISSING").title_zh == "缺少市场参数"
