"""In which encoding a text file was saved: UTF-8 (with or without mark) or GB18030; nothing else is guessed.

Example: the bytes ``BB F9 BD F0`` are no UTF-8 but are 基金 in GB18030.
"""

import codecs
from collections.abc import Iterable

UTF8 = "utf-8-sig"
GB18030 = "gb18030"
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def detect(pieces: Iterable[bytes]) -> str | None:
    """The encoding of a file given in pieces; None when neither fits or the file holds NUL bytes."""
    candidates = {name: codecs.getincrementaldecoder(name)("strict") for name in (UTF8, GB18030)}
    is_first = True
    for piece in pieces:
        if b"\x00" in piece or (is_first and piece.startswith(WIDE_MARKS)):
            return None
        is_first = False
        for name, decoder in list(candidates.items()):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                del candidates[name]
    for name, decoder in candidates.items():
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    return None
