"""The small market seen over HTTP: every actor has an API key, the worker's loops run between the requests."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from starlette.testclient import TestClient

from exchange.access.actor import Actor
from exchange.access.service import api_keys
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from tests.integration.matching.exchange_world import Market
from tests.people import a_key


def key_of(actor: Actor) -> str:
    """A new API key with everything the actor may do."""
    with transaction() as tx:
        return api_keys.create_key(tx, actor, business_now(tx), name="test", scopes=actor.permissions, days=30).text


@dataclass
class Caller:
    """One organisation's system at the API."""

    client: TestClient
    key: str

    def get(self, path: str, **query: str | int) -> httpx.Response:
        """Read."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer: httpx.Response = self.client.get(f"/api/v1{path}", params=query, headers=headers)
        return answer

    def post(self, path: str, body: Mapping[str, object] | None = None, key: str | None = None) -> httpx.Response:
        """Command, under a fresh idempotency key unless one is given."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key or a_key()}
        answer: httpx.Response = self.client.post(f"/api/v1{path}", json=body or {}, headers=headers)
        return answer


def callers(app: FastAPI, market: Market) -> dict[str, Caller]:
    """Everybody of the market by name."""
    actors = {
        "seller": market.seller,
        "operator": market.operator,
        "second operator": market.second_operator,
        **market.buyers,
    }
    client = TestClient(app)
    return {name: Caller(client, key_of(actor)) for name, actor in actors.items()}
