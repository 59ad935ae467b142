"""The templates that ship with the exchange, read once."""

from functools import lru_cache
from pathlib import Path

import yaml

from exchange.diligence.errors import TemplateNotFound
from exchange.diligence.template import Template
from exchange.diligence.template_reading import read_template

FOLDER = Path(__file__).parents[1] / "templates"
CURRENT_VERSION = 1


@lru_cache(maxsize=8)
def template(version: int = CURRENT_VERSION) -> Template:
    """A version of the template; TEMPLATE_NOT_FOUND (404) for one that does not exist."""
    path = FOLDER / f"version_{version}.yaml"
    if not path.is_file():
        raise TemplateNotFound
    return read_template(yaml.safe_load(path.read_text(encoding="utf-8")))
