"""Run migrations inside the caller's process and settings."""

import importlib
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

from exchange.infra.database import sqlalchemy_url

PACKAGE = Path(__file__).parents[1]


def load_tables() -> None:
    """Import every ``tables`` slot so that the metadata is complete."""
    for path in sorted([*PACKAGE.glob("*/tables.py"), *PACKAGE.glob("*/tables/[!_]*.py")]):
        importlib.import_module(".".join(("exchange", *path.relative_to(PACKAGE).with_suffix("").parts)))


def run() -> None:
    """Connect and upgrade in one transaction."""
    load_tables()
    engine = create_engine(sqlalchemy_url(context.config.attributes["url"]), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


run()
