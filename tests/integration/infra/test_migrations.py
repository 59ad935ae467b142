"""The migrations give the tables that the code declares."""

from alembic import command

from exchange.infra.migrate import alembic_config


def test_migrated_tables_are_the_declared_ones(database_url: str) -> None:
    command.check(alembic_config(database_url))
