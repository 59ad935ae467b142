"""Is a text file what it says: CSV, JSON or HTML in UTF-8 or GB18030, without control characters, and inert?"""

import json
from html.parser import HTMLParser
from typing import IO

from exchange.core.encoding import detect
from exchange.infra.file_faults import FileHasActiveContent, FileIsBomb, FileTruncated, FileTypeUnknown
from exchange.infra.files import pieces_of

PARSED_MAX = 20_000_000
"""JSON and HTML beyond this many bytes are not read into memory and so not taken."""

_CONTROL = bytes(number for number in range(32) if number not in b"\t\n\r\f\x1a")
_ACTIVE_TAGS = frozenset({"script", "iframe", "frame", "object", "embed", "applet", "base", "form", "portal", "meta"})
_LINKS = frozenset({"href", "src", "action", "formaction", "xlink:href", "data", "background", "poster", "srcdoc"})
_INERT_META = frozenset({"charset", "name", "content", "property", "itemprop"})


def inspect_csv(file: IO[bytes]) -> None:
    """Text of cells: a known encoding and no control characters. FileTypeUnknown otherwise."""
    if detect(pieces_of(file)) is None or _has_control(file):
        raise FileTypeUnknown(found="-")


def inspect_json(file: IO[bytes]) -> None:
    """One JSON value. FileTruncated when it does not parse, FileIsBomb when it is too large or too deep."""
    try:
        json.loads(_text_of(file))
    except RecursionError as error:
        raise FileIsBomb(reason="depth") from error
    except ValueError as error:
        raise FileTruncated from error


def inspect_html(file: IO[bytes]) -> None:
    """A page that only shows. FileHasActiveContent names the element or attribute that would do more."""
    reader = _Page()
    reader.feed(_text_of(file))
    reader.close()


def _text_of(file: IO[bytes]) -> str:
    encoding = detect(pieces_of(file))
    if encoding is None or _has_control(file):
        raise FileTypeUnknown(found="-")
    if file.seek(0, 2) > PARSED_MAX:
        raise FileIsBomb(reason="size")
    file.seek(0)
    return file.read().decode(encoding)


def _has_control(file: IO[bytes]) -> bool:
    return any(len(piece.translate(None, _CONTROL)) != len(piece) for piece in pieces_of(file))


class _Page(HTMLParser):
    """Objects to everything that runs, loads a frame, or sends."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag in _ACTIVE_TAGS and not (tag == "meta" and names <= _INERT_META):
            raise FileHasActiveContent(found=tag)
        for name, value in attrs:
            if name.startswith("on"):
                raise FileHasActiveContent(found="event handler")
            if name in _LINKS and _runs(value or ""):
                raise FileHasActiveContent(found="script link")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def _runs(link: str) -> bool:
    """True for a link that is a script or a page of its own; white space and control characters hide nothing."""
    plain = "".join(char for char in link if not char.isspace() and ord(char) > 32).lower()
    return plain.startswith(("javascript:", "vbscript:", "data:text", "data:application", "data:image/svg"))
