"""The demo world while it is made: the demo file, and what has been made so far by its short names."""

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange.access.actor import Actor
from exchange.infra.database import Tx

DATA = Path(__file__).parent / "data"
DEMO: dict[str, Any] = tomllib.loads((DATA / "demo.toml").read_text(encoding="utf-8"))


@dataclass
class World:
    """What has been made so far, by the short names of the demo file."""

    tx: Tx
    now: datetime
    operators: tuple[Actor, Actor]
    actors: dict[str, Actor] = field(default_factory=dict)
    credit_codes: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    real_codes: list[str] = field(default_factory=list)
    managers: dict[str, str] = field(default_factory=dict)
