"""Which characters a font file has: its character map, read from the bytes (OpenType `cmap`, format 12).

PDF/A refuses a document with a character that its font lacks, so a name with a rare character would cost the whole
document. It is shown instead by its code point, as in `[U+20BB7]`: nothing vanishes, nothing is guessed.
"""

import struct
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

_UNICODE_FULL = {(3, 10), (0, 4), (0, 6)}
_LEFT_OUT = {"Cc", "Cs", "Cn", "Co"}
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@lru_cache(maxsize=4)
def covered(path: Path) -> tuple[tuple[int, int], ...]:
    """Ranges of code points with a glyph, in order; of a collection the first font's. Empty when there is no map."""
    data = path.read_bytes()
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    count = struct.unpack_from(">H", data, start + 4)[0]
    tables = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(start + 12, start + 12 + 16 * count, 16)
    }
    cmap = tables[b"cmap"]
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * index)
        at = cmap + offset
        if (platform, encoding) in _UNICODE_FULL and struct.unpack_from(">H", data, at)[0] == 12:
            groups = struct.unpack_from(">I", data, at + 12)[0]
            return tuple(struct.unpack_from(">II", data, at + 16 + 12 * group) for group in range(groups))
    return ()


def displayable(text: str, ranges: tuple[tuple[int, int], ...]) -> str:
    """The text with what the font lacks as code points; control, unassigned and direction-turning characters go."""
    return "".join(_shown(char, ranges) for char in unicodedata.normalize("NFC", text))


def _shown(char: str, ranges: tuple[tuple[int, int], ...]) -> str:
    if char == "\n":
        return char
    if char in _TURNING or unicodedata.category(char) in _LEFT_OUT:
        return ""
    index = bisect_right(ranges, (ord(char), 0x110000)) - 1
    has = index >= 0 and ranges[index][0] <= ord(char) <= ranges[index][1]
    return char if has else f"[U+{ord(char):04X}]"
