"""Keys of systems over HTTP."""

from datetime import timedelta

import psycopg
import pytest

from exchange.access.actor import Actor
from exchange.access.credential import Credential, CredentialKind, hash_of
from exchange.access.roles import Role
from exchange.access.service import actors_of
from exchange.core.clock import system_now
from exchange.infra.database import transaction
from tests.people import Person, World, a_key


@pytest.fixture
def gp(world: World) -> Person:
    """A user of an admitted manager."""
    return world.a_person(world.an_organisation("gp")["id"], [Role.GP])


def made(person: Person, scopes: list[str]) -> dict[str, str]:
    """A key of a person."""
    answer = person.post("/api-keys", {"name": "back office", "scopes": scopes})
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def status_with(world: World, key: str, path: str = "/me") -> int:
    """What a system gets that shows this key."""
    answer = world.visitor().client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
    return int(answer.status_code)


def test_a_key_acts_for_its_owner_within_its_scopes(world: World, gp: Person) -> None:
    key = made(gp, ["me:read", "funds:read"])["key"]
    answer = world.visitor().client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
    assert answer.json()["permissions"] == ["funds:read", "me:read"]
    assert answer.json()["csrf_token"] is None
    assert status_with(world, key, "/api-keys") == 403


def test_a_key_cannot_do_more_than_its_owner(world: World, gp: Person) -> None:
    answer = gp.post("/api-keys", {"name": "too much", "scopes": ["approvals:decide"]})
    assert answer.status_code == 422
    assert answer.json()["code"] == "SCOPE_NOT_HELD"
    assert gp.get("/api-keys").json()["items"] == []


def test_a_key_loses_what_its_owner_loses(world: World, gp: Person) -> None:
    key = made(gp, ["me:read", "funds:write"])["key"]
    world.maker.patch(f"/users/{gp.me['user_id']}", {"roles": ["investor"]}, version=1)
    answer = world.visitor().client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
    assert answer.json()["permissions"] == ["me:read"]


def test_the_text_of_a_key_is_shown_once_and_stored_nowhere(world: World, gp: Person, database_url: str) -> None:
    repeated = a_key()
    body = {"name": "back office", "scopes": ["me:read"]}
    first = gp.post("/api-keys", body, key=repeated)
    again = gp.post("/api-keys", body, key=repeated)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"key": None}
    secret = first.json()["key"].rpartition("_")[2]
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT answer::text FROM idempotency").fetchall()
        keys = connection.execute("SELECT id, secret_hash FROM api_key").fetchall()
    assert len(keys) == 1
    assert secret not in str(rows) + str(keys)


def test_rotation_overlaps_and_revocation_is_at_once(world: World, gp: Person) -> None:
    old = made(gp, ["me:read"])
    new = gp.post(f"/api-keys/{old['id']}:rotate").json()
    assert new["rotated_from"] == old["id"]
    assert status_with(world, old["key"]) == 200
    assert status_with(world, new["key"]) == 200
    assert gp.delete(f"/api-keys/{old['id']}").status_code == 200
    assert status_with(world, old["key"]) == 401
    assert status_with(world, new["key"]) == 200
    assert gp.post(f"/api-keys/{old['id']}:rotate").json()["code"] == "API_KEY_REVOKED"


def test_after_the_overlap_the_old_key_is_dead(world: World, gp: Person, database_url: str) -> None:
    old = made(gp, ["me:read"])
    gp.post(f"/api-keys/{old['id']}:rotate")
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT expires_at - now() FROM api_key WHERE id = %s", (old["id"],)).fetchone()
        assert row is not None
        assert timedelta(hours=23) < row[0] <= timedelta(hours=24)
        connection.execute("UPDATE api_key SET expires_at = now() WHERE id = %s", (old["id"],))
    assert status_with(world, old["key"]) == 401


@pytest.mark.parametrize("key", ["", "fx_", "Bearer", "fx_key_01KAR3Z5V9W3M8Q4T6X2Y7B1C0_" + "0" * 64, "abc"])
def test_a_false_key_is_refused(world: World, key: str) -> None:
    assert status_with(world, key) == 401


def test_the_key_of_another_is_not_there(world: World, gp: Person) -> None:
    key = made(gp, ["me:read"])
    other = world.a_person(world.an_organisation("gp")["id"], [Role.GP])
    assert other.delete(f"/api-keys/{key['id']}").status_code == 404
    assert other.post(f"/api-keys/{key['id']}:rotate").status_code == 404
    assert status_with(world, key["key"]) == 200


def test_last_use_is_written_at_most_once_a_minute(world: World, gp: Person, database_url: str) -> None:
    key = made(gp, ["me:read"])
    status_with(world, key["key"])
    first = gp.get("/api-keys").json()["items"][0]["last_used_at"]
    status_with(world, key["key"])
    assert first is not None
    assert gp.get("/api-keys").json()["items"][0]["last_used_at"] == first


def test_many_credentials_are_resolved_at_once_each_with_its_own_answer(world: World, gp: Person) -> None:
    key = made(gp, ["me:read"])
    secret = key["key"].rpartition("_")[2]
    session = hash_of(gp.client.cookies["sid"])
    credentials = [
        Credential(CredentialKind.SESSION, session),
        Credential(CredentialKind.API_KEY, hash_of(secret), key_id=key["id"]),
        Credential(CredentialKind.SESSION, hash_of("unknown")),
        Credential(CredentialKind.SESSION, session, csrf_ok=False),
        Credential(CredentialKind.API_KEY, hash_of("wrong"), key_id=key["id"]),
    ]
    with transaction() as tx:
        answers = actors_of(tx, credentials, system_now())
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["Actor", "Actor", "SessionEnded", "CsrfRefused", "ApiKeyInvalid"]
    assert isinstance(answers[1], Actor)
    assert answers[1].permissions == {"me:read"}
