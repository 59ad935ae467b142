"""The templates that ship with the exchange, read once."""

from functools import lru_cache
from pathlib import Path

import yaml

from exchange.access.actor import Actor
from exchange.diligence.errors import TemplateNotFound
from exchange.diligence.template import ServiceChecklist, Template
from exchange.diligence.template_reading import read_template

FOLDER = Path(__file__).parents[1] / "templates"
CURRENT_VERSION = 1


def template_of_type(actor: Actor, transaction_type: str) -> Template:
    """The current template, when it has the type; TEMPLATE_NOT_FOUND (404) otherwise."""
    actor.require("diligence:read")
    current = template()
    if transaction_type not in current.types:
        raise TemplateNotFound
    return current


def service_checklist(actor: Actor, code: str) -> ServiceChecklist:
    """The papers of a service that is no transaction; TEMPLATE_NOT_FOUND (404) for an unknown one."""
    actor.require("diligence:read")
    found = template().service_checklists.get(code)
    if found is None:
        raise TemplateNotFound
    return found


@lru_cache(maxsize=8)
def template(version: int = CURRENT_VERSION) -> Template:
    """A version of the template; TEMPLATE_NOT_FOUND (404) for one that does not exist."""
    path = FOLDER / f"version_{version}.yaml"
    if not path.is_file():
        raise TemplateNotFound
    return read_template(yaml.safe_load(path.read_text(encoding="utf-8")))
