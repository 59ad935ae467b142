"""Bring the database to the newest version, one process at a time."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from exchange.infra.database import make_engine
from exchange.infra.settings import settings

LOCK = 7_312_001


def alembic_config(url: str) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Upgrade to head under an advisory lock; does nothing when the database is current."""
    engine = make_engine(url, pool_size=1, overflow=1)
    try:
        with engine.connect() as guard:
            guard.execute(text("SET idle_in_transaction_session_timeout = 0"))
            guard.execute(text("SET lock_timeout = 0"))
            guard.execute(text("SET statement_timeout = 0"))
            guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            command.upgrade(alembic_config(url), "head")
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
    finally:
        engine.dispose()


def main(_: Sequence[str] = ()) -> int:
    """``python3 -m exchange migrate``."""
    migrate(settings().database_url)
    return 0
