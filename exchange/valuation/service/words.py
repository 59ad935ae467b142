"""The words of valuations in Chinese and English, by dotted key, read once: models, statuses, notes, pictures.

Statuses and notes have their words where every code of the exchange has them (`STATUS_...` and `NOTE_...` of
`rest.texts`): `status.` is the short name of a status, `why.` its sentence, `note.` the sentence of a note.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from exchange.rest.texts import catalogue

TEXTS = Path(__file__).parents[1] / "texts"
LANGUAGES = ("zh", "en")


@lru_cache(maxsize=len(LANGUAGES))
def words_of(language: str) -> Mapping[str, str]:
    """Every word of a language: `words_of("zh")["model.appraisal"]`."""
    sections = tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
    found = {f"{section}.{name}": text for section, entries in sections.items() for name, text in entries.items()}
    for code, text in catalogue().items():
        kind, _, name = code.partition("_")
        if kind == "STATUS":
            found |= {f"status.{name}": text.title[language], f"why.{name}": text.detail[language]}
        elif kind == "NOTE":
            found[f"note.{name}"] = text.detail[language]
    return found
