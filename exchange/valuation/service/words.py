"""The words of valuations in Chinese and English, by dotted key, read once: models, statuses, notes, pictures."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

TEXTS = Path(__file__).parents[1] / "texts"
LANGUAGES = ("zh", "en")


@lru_cache(maxsize=len(LANGUAGES))
def words_of(language: str) -> Mapping[str, str]:
    """Every word of a language: `words_of("zh")["model.appraisal"]`."""
    sections = tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, entries in sections.items() for name, text in entries.items()}
