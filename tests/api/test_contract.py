"""The OpenAPI document against the running application: generated requests, answered as documented."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from exchange.infra.database import transaction
from exchange.infra.settings import settings as exchange_settings
from exchange.matching import jobs
from exchange.matching.api import order_changes
from exchange.matching.service.intake import stop_intake
from exchange.oversight.service import invariant_findings
from tests.integration.matching.exchange_world import Market, a_market, settle
from tests.journeys.market_at_api import key_of

EXAMPLES = 3
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = {"stream_events"}
"""Answers that end only with the connection; tests/journeys reads them."""
LAST = ("move_sandbox_clock", "logout")
"""What changes the time or ends the caller comes after everything else."""
TABLES = {
    "organisation": "organisation",
    "user": "user_account",
    "fund": "fund",
    "listing": "listing",
    "holding": "holding",
    "account": "account",
    "book": "book",
    "order": "market_order",
    "key": "api_key",
}


@pytest.fixture
def market(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """A market in a sandbox; whatever was sent to it, every invariant holds afterwards."""
    assert database_url
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    monkeypatch.setenv("EXCHANGE_REDIS_URL", "")
    monkeypatch.setattr(order_changes, "WAIT_SECONDS", 0.02)
    exchange_settings.cache_clear()
    jobs.matcher.cache_clear()
    yield a_market()
    stop_intake()
    settle()
    with transaction() as tx:
        broken = [finding for finding in invariant_findings(tx) if not finding.holds]
    jobs.matcher.cache_clear()
    exchange_settings.cache_clear()
    assert not broken, broken


def known_ids(database_url: str) -> dict[str, str]:
    """An id that exists, by the name of its path parameter."""
    found = {}
    with psycopg.connect(database_url) as connection:
        for name, table in TABLES.items():
            row = connection.execute(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1".encode()).fetchone()
            if row is not None:
                found[f"{name}_id"] = str(row[0])
    return found


def operations_of(app: FastAPI) -> list[Any]:
    """Every operation of the API, those that end something last."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    results = list(schema.get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results), "an operation's own schema is wrong"
    kept = [item for item in found if item.definition.raw["operationId"] not in ENDLESS]
    assert len(kept) > 90
    return sorted(kept, key=lambda item: item.definition.raw["operationId"] in LAST)


@pytest.mark.parametrize("who", ["operator", "investor", "manager"])
def test_every_operation_answers_as_documented(market: Market, app: FastAPI, database_url: str, who: str) -> None:
    caller = {"operator": market.operator, "manager": market.seller, "investor": next(iter(market.buyers.values()))}
    client = TestClient(app, raise_server_exceptions=False)
    bearer = f"Bearer {key_of(caller[who])}"
    key_of(caller[who])  # the newest key is the one that gets rotated and revoked
    ids = known_ids(database_url)
    wrong: list[str] = []
    statuses: Counter[int] = Counter()

    def ask(case: Any, *, known: bool) -> None:
        if known:
            case.path_parameters = {name: ids.get(name, value) for name, value in (case.path_parameters or {}).items()}
        sent = case.as_transport_kwargs(base_url="http://testserver")
        sent["headers"] = {**sent["headers"], "Authorization": bearer}
        sent.pop("cookies", None)
        answer = client.request(**sent)
        # An upload's body is a stream that cannot be read again when a failure is shown.
        answer.request = httpx.Request(answer.request.method, answer.request.url)
        statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, Failure) as failure:
            reasons = getattr(failure, "exceptions", [failure])
            wrong.extend(
                f"{case.operation.label} {answer.status_code}: {str(reason)[:600]}\n{answer.text[:300]!a}"
                for reason in reasons
            )

    for operation in operations_of(app):

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def generated(case: Any) -> None:
            ask(case, known=False)
            if case.path_parameters:
                ask(case, known=True)

        generated()
    assert not wrong, "\n\n".join(dict.fromkeys(wrong))
    assert {200, 404, 422} <= statuses.keys()
    assert statuses[401] < 0.05 * statuses.total(), f"the caller was lost on the way: {statuses}"
