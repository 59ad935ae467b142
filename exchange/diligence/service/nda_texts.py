"""The texts of the non-disclosure agreement that ship with the exchange, read once."""

import tomllib
from functools import lru_cache
from pathlib import Path

from exchange.diligence.nda import NdaText, parse_nda

FOLDER = Path(__file__).parents[1] / "templates"
CURRENT_VERSION = "1"


@lru_cache(maxsize=8)
def nda_text(version: str = CURRENT_VERSION) -> NdaText:
    """A version of the text. FileNotFoundError for one that never shipped."""
    return parse_nda(tomllib.loads((FOLDER / f"nda_version_{version}.toml").read_text(encoding="utf-8")))
