"""A sandbox market on a fresh database for every test here."""

from collections.abc import Iterator

import pytest

from exchange.infra.database import transaction
from exchange.infra.doorbell import doorbell
from exchange.infra.settings import settings
from exchange.matching import jobs
from exchange.oversight.service import invariant_findings
from tests.integration.matching.exchange_world import Market, a_market, settle


@pytest.fixture
def market(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """A market without Redis; afterwards every invariant must hold."""
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    monkeypatch.setenv("EXCHANGE_REDIS_URL", "")
    settings.cache_clear()
    doorbell.cache_clear()
    jobs.matcher.cache_clear()
    yield a_market()
    settle()
    with transaction() as tx:
        broken = [finding for finding in invariant_findings(tx) if not finding.holds]
    assert not broken, broken
    jobs.matcher.cache_clear()
