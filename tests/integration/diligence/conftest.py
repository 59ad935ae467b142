"""A sandbox exchange with two operators; afterwards the registers must agree."""

from collections.abc import Iterator

import pytest

from exchange.infra.database import transaction
from exchange.infra.settings import settings
from exchange.oversight.service import invariant_findings
from tests.builders import Exchange, an_exchange


@pytest.fixture
def exchange(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """A founded exchange on a fresh database."""
    assert database_url
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    settings.cache_clear()
    yield an_exchange()
    with transaction() as tx:
        findings = invariant_findings(tx)
    settings.cache_clear()
    assert not [finding for finding in findings if not finding.holds]
