"""The words of the client, one flat catalogue a language; the keys of both are the same, by test.

Words of valuations are their package's own, because its PDF notes say the same; here they begin with `valuation.`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from exchange.valuation.service.words import words_of

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
FOLDER = Path(__file__).parent / "texts"


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


class Catalogue:
    """Words by dotted key. ``words("market.title")``; keyword arguments fill the placeholders."""

    def __init__(self, language: str) -> None:
        self.language = language
        with (FOLDER / f"{language}.toml").open("rb") as file:
            self.entries = dict(_flat(tomllib.load(file)))
        self.entries |= {f"valuation.{key}": text for key, text in words_of(language).items()}

    def __call__(self, key: str, **values: object) -> str:
        text = self.entries[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether the catalogue knows the key."""
        return key in self.entries


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, read once a process."""
    return Catalogue(language)
