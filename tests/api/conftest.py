"""The real application over a fresh database."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from exchange.app import create_app
from exchange.infra.settings import settings
from tests.people import World, a_world


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The application; it opens no connection before the first request."""
    return create_app()


@pytest.fixture
def world(database_url: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A sandbox exchange that two operators have founded."""
    assert database_url
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    settings.cache_clear()
    yield a_world(app)
    settings.cache_clear()
