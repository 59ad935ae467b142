"""The words of refusals in Chinese and English, read once from ``texts/*.toml``.

An entry is a code with a title and a detail in both languages; parameters of an error fill ``{placeholders}``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Text:
    """Title and detail of one code, by language."""

    title: Mapping[str, str]
    detail: Mapping[str, str]


class _Parameters(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"  # a gap in a sentence is better than an error while telling of an error


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Text]:
    """Every code of every package. ValueError when a code stands twice or lacks a language."""
    found: dict[str, Text] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for code, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if code in found or any(
                language not in entry[part] for part in ("title", "detail") for language in LANGUAGES
            ):
                raise ValueError(f"{path.name}: {code} stands twice or lacks a language")
            found[code] = Text(title=entry["title"], detail=entry["detail"])
    return found


def title(code: str, language: str) -> str:
    """The short name of a code; the code itself when it has no text."""
    entry = catalogue().get(code)
    return entry.title[language] if entry else code


def detail(code: str, language: str, parameters: Mapping[str, str] | None = None) -> str:
    """The sentence of a code with its parameters filled in."""
    entry = catalogue().get(code)
    return entry.detail[language].format_map(_Parameters(parameters or {})) if entry else code


def preferred_language(accept_language: str) -> str:
    """``zh`` or ``en`` from an Accept-Language header; Chinese when nothing is said or nothing fits."""
    best, best_weight = "zh", 0.0
    for part in accept_language[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.strip().lower().split("-")[0]
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
