"""Room for words in a picture: estimated widths, shortening, and labels that do not run into one another.

A renderer's exact widths are unknown here, so they are estimated on the safe side: a full-width character is one em,
any other 0.6 em. Example: `text_width("要价 85%", 12)` is 2 x 12 + 4 x 7.2 = 52.8.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_NARROW_EM = 0.6
_ELLIPSIS = "…"


def text_width(text: str, size: float) -> float:
    """Estimated width of a line of text, in the units of the font size."""
    return sum(size if unicodedata.east_asian_width(char) in "WF" else size * _NARROW_EM for char in text)


def shortened(text: str, width: float, size: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width(_ELLIPSIS, size)
    kept = ""
    for char in text:
        room -= text_width(char, size)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + _ELLIPSIS


@dataclass(frozen=True, slots=True)
class Flag:
    """A label beside a vertical line: left edge, width, and its lane counted upwards from the plot."""

    left: float
    width: float
    lane: int

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width


def flags(positions: Sequence[float], widths: Sequence[float], right_edge: float, gap: float = 6) -> list[Flag]:
    """A label for each vertical line, right of it (left where the picture ends), none over another.

    Lanes are given from the rightmost line on, so that the foot of a label's line seldom crosses a label below it.
    """
    placed: dict[int, Flag] = {}
    for index in sorted(range(len(positions)), key=lambda item: -positions[item]):
        width = widths[index]
        left = positions[index] + gap / 2
        if left + width > right_edge:
            left = max(0.0, min(positions[index] - gap / 2 - width, right_edge - width))
        taken = {
            other.lane for other in placed.values() if left < other.right + gap and other.left < left + width + gap
        }
        lane = max(taken, default=-1) + 1
        placed[index] = Flag(left, width, lane)
    return [placed[index] for index in range(len(positions))]
