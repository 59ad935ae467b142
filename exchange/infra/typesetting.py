"""Documents set by typst as PDF/A-2b: a template of ours and plain data in, bytes out.

Text of users reaches the template as JSON data and is never spliced into markup. The document's date is the one it
is given, so the same template, data, date and font give the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import typst

from exchange.core.errors import Busy
from exchange.fonts import font_files
from exchange.infra.coverage import covered, displayable


class FontMissing(Busy):
    """No Chinese font is on this machine yet."""

    code = "FONT_MISSING"


@lru_cache(maxsize=1)
def _fonts() -> tuple[Path, ...]:
    found = font_files()
    if not found:
        _fonts.cache_clear()
        raise FontMissing
    return found


def font_file() -> Path:
    """The regular weight of the Chinese font, for drawing on pictures. FontMissing when it is not there."""
    return _fonts()[0]


def shown(text: str) -> str:
    """A text with only what the font can show, the rest by its code points."""
    return displayable(text, covered(_fonts()[-1]))


def typeset(template: Path, data: Mapping[str, object], pictures: Mapping[str, str], made_at: datetime) -> bytes:
    """A PDF/A-2b document.

    Args:
        template: a `.typ` file of the project; it reads `sys.inputs.data` (JSON) and `sys.inputs.<picture>` (SVG).
        data: texts, lists and tables, already in words.
        pictures: SVG by name.
        made_at: creation time written into the file, aware.

    Raises:
        FontMissing: the font is not there.
    """
    files = _fonts()
    ranges = covered(files[-1])
    shown = json.dumps(_displayable(data, ranges), ensure_ascii=False, sort_keys=True)
    inputs = {"data": shown, **{name: displayable(svg, ranges) for name, svg in pictures.items()}}
    return typst.compile(
        template,
        format="pdf",
        pdf_standards="a-2b",
        font_paths=sorted({path.parent for path in files}),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        timestamp=int(made_at.timestamp()),
    )


def _displayable(value: object, ranges: tuple[tuple[int, int], ...]) -> object:
    """Every text inside a value with only what the font can show."""
    if isinstance(value, str):
        return displayable(value, ranges)
    if isinstance(value, Mapping):
        return {str(key): _displayable(inner, ranges) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_displayable(inner, ranges) for inner in value]
    return value
