"""People at the API: a founded exchange with two operators, and whoever else signs in."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.testclient import TestClient

from exchange.access.roles import Role
from exchange.core.clock import market_date, system_now
from exchange.infra.database import transaction
from exchange.parties import service as parties
from exchange.parties.lifecycle import OrganisationKind
from exchange.parties.service import Application, Founder

PASSWORD = "a long and quiet sentence"
_NUMBERS = itertools.count(1)


def a_key() -> str:
    """A fresh idempotency key."""
    return f"key-of-a-test-{next(_NUMBERS):010d}"


@dataclass
class Person:
    """Somebody with a browser: cookies, the CSRF token, and a fresh idempotency key for every command."""

    client: TestClient
    csrf: str = ""
    me: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str, **query: str | int) -> httpx.Response:
        """Read."""
        answer: httpx.Response = self.client.get(f"/api/v1{path}", params=query)
        return answer

    def post(
        self, path: str, body: object = None, *, key: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Command, with the CSRF token of the session."""
        sent = {"X-CSRF-Token": self.csrf, "Idempotency-Key": key or a_key(), **(headers or {})}
        answer: httpx.Response = self.client.post(f"/api/v1{path}", json={} if body is None else body, headers=sent)
        return answer

    def put(self, path: str, body: object) -> httpx.Response:
        """Set, with the CSRF token of the session."""
        sent = {"X-CSRF-Token": self.csrf, "Idempotency-Key": a_key()}
        answer: httpx.Response = self.client.put(f"/api/v1{path}", json=body, headers=sent)
        return answer

    def patch(self, path: str, body: object, *, version: int | None) -> httpx.Response:
        """Change, on the basis of a version."""
        sent = {"X-CSRF-Token": self.csrf} | ({"If-Match": f'"{version}"'} if version is not None else {})
        answer: httpx.Response = self.client.patch(f"/api/v1{path}", json=body, headers=sent)
        return answer

    def delete(self, path: str) -> httpx.Response:
        """End something."""
        answer: httpx.Response = self.client.delete(f"/api/v1{path}", headers={"X-CSRF-Token": self.csrf})
        return answer


@dataclass
class World:
    """An application over a founded exchange."""

    app: FastAPI
    operator_organisation_id: str
    maker: Person
    checker: Person

    def visitor(self) -> Person:
        """Somebody who has not signed in."""
        return Person(TestClient(self.app, raise_server_exceptions=False))

    def sign_in(self, login: str, password: str = PASSWORD) -> Person:
        """Somebody signed in."""
        return signed_in(self.app, login, password)

    def decided(self, approval: httpx.Response, verb: str = "approve") -> dict[str, Any]:
        """The second operator decides what the first one asked for."""
        assert approval.status_code == 202, approval.text
        answer = self.checker.post(f"/approvals/{approval.json()['id']}:{verb}", {"reason": "seen and checked"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def an_organisation(self, kind: str = "investor", *, admitted: bool = True, **fields: object) -> dict[str, Any]:
        """A simulated organisation, admitted by two operators unless told otherwise."""
        number = next(_NUMBERS)
        body = {
            "kind": kind,
            "name_zh": f"模拟机构{number}",
            "name_en": f"Simulated organisation {number}",
            "credit_code": parties.simulated_credit_code(number),
            "is_simulated": True,
        }
        answer = self.maker.post("/participants", body | fields)
        assert answer.status_code == 201, answer.text
        organisation_id = answer.json()["id"]
        if admitted:
            self.decided(self.maker.post(f"/participants/{organisation_id}:approve"))
        found: dict[str, Any] = self.maker.get(f"/participants/{organisation_id}").json()
        return found

    def a_person(self, organisation_id: str, roles: Sequence[Role]) -> Person:
        """A user of an organisation, signed in."""
        login = f"person{next(_NUMBERS)}@example.test"
        body = {"login": login, "name": "Person", "password": PASSWORD, "roles": [role.value for role in roles]}
        answer = self.maker.post(f"/participants/{organisation_id}/users", body)
        assert answer.status_code == 201, answer.text
        return self.sign_in(login)

    def a_class(self, organisation_id: str, buyer_class: str = "guidance_fund") -> None:
        """An approved class of an organisation."""
        today = market_date(system_now())
        body = {
            "buyer_class": buyer_class,
            "evidence": "approving document 7",
            "valid_from": today.isoformat(),
            "valid_to": (today + timedelta(days=300)).isoformat(),
        }
        self.decided(self.maker.post(f"/participants/{organisation_id}/classes", body))


def signed_in(app: FastAPI, login: str, password: str = PASSWORD) -> Person:
    """Sign in over the API."""
    person = Person(TestClient(app, raise_server_exceptions=False))
    answer = person.post("/auth/login", {"login": login, "password": password})
    assert answer.status_code == 200, answer.text
    person.me = answer.json()
    person.csrf = person.me["csrf_token"]
    return person


def a_world(app: FastAPI) -> World:
    """Found the exchange with two operators and sign both in."""
    operator = Application(
        kind=OrganisationKind.OPERATOR,
        name_zh="模拟运营方",
        name_en="Simulated operator",
        credit_code=parties.simulated_credit_code(0),
        is_simulated=True,
    )
    logins = ("maker@example.test", "checker@example.test")
    with transaction() as tx:
        founders = [Founder(login, login, PASSWORD) for login in logins]
        founded = parties.found(tx, system_now(), operator, founders)
    return World(app, founded.organisation_id, signed_in(app, logins[0]), signed_in(app, logins[1]))
