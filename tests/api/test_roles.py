"""Every route against every role: open to whom it says, closed to all others, and closed before anything else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from exchange.access.roles import ALL_PERMISSIONS, Role, permissions_of
from exchange.app import silent_routes
from exchange.core.ids import PREFIXES
from exchange.rest.permissions import PUBLIC, SIGNED_IN, declared
from tests.people import Person, World, a_key

SLOW_STREAMS = re.compile(r"/stream$|/events/stream$")
ULID = "01KAR3Z5V9W3M8Q4T6X2Y7B1C0"


@dataclass(frozen=True)
class Route:
    """A route of the API with what it declares."""

    method: str
    path: str
    stated: str

    def is_open_to(self, role: Role) -> bool:
        """Whether the role holds one of the permissions the route names."""
        if self.stated in {PUBLIC, SIGNED_IN}:
            return True
        return bool(permissions_of(frozenset({role})) & set(self.stated.split("|")))

    def address(self) -> str:
        """The path with well-formed ids that belong to nothing."""

        def filled(match: re.Match[str]) -> str:
            kind = match[1].removesuffix("_id")
            kind = {"key": "api_key", "session": "session", "item": "checklist_item"}.get(kind, kind)
            if kind == "gate":
                return "sign"
            return f"{PREFIXES[kind]}_{ULID}" if kind in PREFIXES else "CN_BJ"

        return re.sub(r"{(\w+)(?::\w+)?}", filled, self.path)


def routes_of(app: FastAPI) -> Iterator[Route]:
    """Every route of the API and its verbs."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = str(context.path)
        if isinstance(route, APIRoute) and path.startswith("/api/v1") and not SLOW_STREAMS.search(path):
            for method in sorted(context.methods or ()):
                yield Route(method, path, declared(route.openapi_extra) or "-")


BID = {"price": "0.9000", "amount": "1000000.00", "time_in_force": "good_till_cancelled"}
BODIES: dict[str, object] = {
    "/api/v1/orders": BID | {"listing_id": f"lst_{ULID}"},
    "/api/v1/listings/{listing_id}/bids": BID,
    "/api/v1/orders:bulk": {"orders": [BID | {"listing_id": f"lst_{ULID}"}]},
}
"""Orders prove their caller together with others, after their shape: they need a body to get that far."""

KEYS_ONLY = frozenset({"/api/v1/orders:bulk"})
"""Open to systems: no session gets in, whatever its role."""

SIGNED_BY_THE_BANK = frozenset({"/api/v1/payments:notify"})
"""Open to nobody's session: a notice proves itself by the bank's signature."""


def call(person: Person, route: Route) -> int:
    """The status a caller gets; the ids belong to nothing and other bodies are empty, so nothing can change."""
    headers = {"X-CSRF-Token": person.csrf, "Idempotency-Key": a_key(), "If-Match": '"1"'}
    body = BODIES.get(route.path)
    return int(person.client.request(route.method, route.address(), headers=headers, json=body).status_code)


def test_every_route_states_who_may_call_it(app: FastAPI) -> None:
    assert silent_routes(app) == []
    unknown = {
        permission
        for route in routes_of(app)
        if route.stated not in {PUBLIC, SIGNED_IN}
        for permission in route.stated.split("|")
        if permission not in ALL_PERMISSIONS
    }
    assert unknown == set()


def test_every_route_stands_once_under_the_prefix_of_the_api(app: FastAPI) -> None:
    assert [route.path for route in routes_of(app) if route.path.count("/api/") != 1] == []


def test_without_a_credential_only_public_routes_answer(world: World) -> None:
    visitor = world.visitor()
    wrong = [
        f"{route.method} {route.path}: {status}"
        for route in routes_of(world.app)
        if route.stated != PUBLIC and (status := call(visitor, route)) != 401
    ]
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_every_role_meets_exactly_the_doors_that_are_open_to_it(world: World, role: Role) -> None:
    kind = {Role.REGULATOR: "auditor"}.get(role, role.value)
    organisation = world.an_organisation(kind)["id"]
    person = world.a_person(organisation, [role])
    wrong = []
    for route in routes_of(world.app):
        if route.path.startswith("/api/v1/auth/"):
            continue  # these end or replace the caller's own session
        status = call(person, route)
        if route.path in SIGNED_BY_THE_BANK:
            assert status == 401
            continue
        if route.path in KEYS_ONLY:
            assert status == 403
            continue
        if (status != 403) != route.is_open_to(role) or status in {401, 500}:
            wrong.append(f"{route.method} {route.path} ({route.stated}): {status}")
    assert wrong == []
