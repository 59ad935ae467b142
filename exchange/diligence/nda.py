"""The non-disclosure agreement of a data room: one version of a text, known by the hash of its Chinese original.

Whoever signs, signs the text he saw: he sends its hash back, and a signature is in force only for that text and only
as long as item G06 of the checklist lets it count. The English text is a reading copy and is not hashed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

ITEM_CODE = "G06"
"""The checklist item of the signed agreement, kept for each bidder."""
VALID_DAYS = 730
"""Item G06: days from the signature (validity ``days``, n 730, from issue)."""


@dataclass(frozen=True, slots=True)
class NdaText:
    """One version: titles and paragraphs by language, and the sha-256 of the Chinese original."""

    version: str
    titles: Mapping[str, str]
    paragraphs: Mapping[str, Sequence[str]]
    text_hash: str


def parse_nda(document: Mapping[str, Any]) -> NdaText:
    """The text in a template file. KeyError when a part or a language is missing."""
    titles = {language: str(document["title"][language]) for language in ("zh", "en")}
    paragraphs = {language: tuple(map(str, document["paragraphs"][language])) for language in ("zh", "en")}
    return NdaText(str(document["version"]), titles, paragraphs, text_hash(titles["zh"], paragraphs["zh"]))


def text_hash(title: str, paragraphs: Sequence[str]) -> str:
    """sha-256 (hexadecimal) over the title and the paragraphs, each on a line of its own, UTF-8."""
    return hashlib.sha256("\n".join((title, *paragraphs)).encode()).hexdigest()


def is_in_force(signed_at: datetime, now: datetime) -> bool:
    """Whether a signature still counts."""
    return now < signed_at + timedelta(days=VALID_DAYS)
