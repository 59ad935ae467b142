"""Sign-in, sessions, CSRF and limits over HTTP."""

from datetime import timedelta

import psycopg
import pytest

from exchange.access.roles import Role
from exchange.access.session_rules import ABSOLUTE, IDLE, LOGIN_FAILURES_MAX
from tests.people import PASSWORD, World


def events_of(database_url: str, kind: str) -> int:
    """How many events of a type are stored."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM event WHERE type = %s", (kind,)).fetchone()
    assert row is not None
    return int(row[0])


def test_me_tells_roles_rights_and_the_csrf_token(world: World) -> None:
    me = world.maker.get("/me").json()
    assert me["login"] == "maker@example.test"
    assert me["roles"] == ["operator"]
    assert "approvals:decide" in me["permissions"]
    assert me["csrf_token"] == world.maker.csrf


def test_the_cookie_is_closed_to_scripts_and_other_sites(world: World) -> None:
    visitor = world.visitor()
    answer = visitor.post("/auth/login", {"login": "maker@example.test", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert PASSWORD not in answer.text


def test_an_unknown_login_and_a_wrong_password_look_the_same(world: World) -> None:
    answers = [
        world.visitor().post("/auth/login", {"login": login, "password": "not the password"})
        for login in ("maker@example.test", "nobody@example.test")
    ]
    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "SIGN_IN_REFUSED"


@pytest.mark.parametrize("login", ["maker@example.test", "nobody@example.test"])
def test_guessing_is_stopped_for_known_and_unknown_logins_alike(world: World, login: str) -> None:
    visitor = world.visitor()
    codes = [
        visitor.post("/auth/login", {"login": login, "password": f"guess {n}"}).status_code
        for n in range(LOGIN_FAILURES_MAX + 1)
    ]
    assert codes == [401] * LOGIN_FAILURES_MAX + [429]
    refused = visitor.post("/auth/login", {"login": login, "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_a_success_forgives_the_failures_before_it(world: World) -> None:
    for _ in range(3):
        for n in range(LOGIN_FAILURES_MAX - 1):
            answer = world.visitor().post("/auth/login", {"login": "maker@example.test", "password": f"guess {n}"})
            assert answer.status_code == 401
        world.sign_in("maker@example.test")


def test_a_change_by_cookie_without_the_token_is_refused_and_changes_nothing(world: World, database_url: str) -> None:
    world.maker.csrf = ""
    organisation = world.checker.get("/participants").json()["items"][0]["id"]
    answer = world.maker.post(f"/participants/{organisation}:suspend")
    assert answer.status_code == 403
    assert answer.json()["code"] == "CSRF_REFUSED"
    assert events_of(database_url, "approval.requested") == 0


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}],
)
def test_another_site_cannot_command_even_with_the_token(world: World, headers: dict[str, str]) -> None:
    organisation = world.operator_organisation_id
    answer = world.maker.post(f"/participants/{organisation}:suspend", headers=headers)
    assert answer.json()["code"] == "CSRF_REFUSED"
    assert world.visitor().post("/auth/login", {"login": "x", "password": "y"}, headers=headers).status_code == 403


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    cookie = world.maker.client.cookies["sid"]
    assert world.maker.post("/auth/logout").status_code == 204
    thief = world.visitor()
    thief.client.cookies.set("sid", cookie)
    answer = thief.get("/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "SESSION_ENDED"


@pytest.mark.parametrize(
    ("column", "age"), [("last_seen_at", IDLE), ("ends_at", timedelta(seconds=1)), ("created_at", ABSOLUTE)]
)
def test_a_session_ends_idle_or_old(world: World, database_url: str, column: str, age: timedelta) -> None:
    with psycopg.connect(database_url) as connection:
        if column == "created_at":
            query = b"SELECT max(ends_at - created_at) FROM user_session"
            row = connection.execute(query).fetchone()
            assert row is not None
            assert row[0] == age
            return
        connection.execute(f"UPDATE user_session SET {column} = now() - %s".encode(), (age,))
    assert world.maker.get("/me").json()["code"] == "SESSION_ENDED"


def test_step_up_gives_a_new_token_and_kills_the_old(world: World) -> None:
    old = world.maker.client.cookies["sid"]
    answer = world.maker.post("/auth/step-up", {"password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["csrf_token"] != world.maker.csrf
    assert world.maker.client.cookies["sid"] != old
    thief = world.visitor()
    thief.client.cookies.set("sid", old)
    assert thief.get("/me").status_code == 401
    assert world.maker.get("/me").status_code == 200


def test_a_new_password_ends_every_session_and_the_old_password(world: World) -> None:
    second = world.sign_in("maker@example.test")
    body = {"password": PASSWORD, "new_password": "another long sentence"}
    assert world.maker.post("/auth/change-password", body).status_code == 204
    assert second.get("/me").status_code == 401
    assert world.visitor().post("/auth/login", {"login": "maker@example.test", "password": PASSWORD}).status_code == 401
    assert world.sign_in("maker@example.test", "another long sentence").get("/me").status_code == 200


def test_a_role_change_ends_the_sessions_at_once(world: World) -> None:
    gp = world.an_organisation("gp")
    person = world.a_person(gp["id"], [Role.GP])
    user_id = person.me["user_id"]
    user = world.maker.get(f"/users/{user_id}")
    answer = world.maker.patch(f"/users/{user_id}", {"roles": ["investor"]}, version=user.json()["version"])
    assert answer.status_code == 200
    assert person.get("/me").status_code == 401
    again = world.sign_in(person.me["login"])
    assert again.me["roles"] == ["investor"]


def test_a_blocked_user_cannot_sign_in(world: World) -> None:
    gp = world.an_organisation("gp")
    person = world.a_person(gp["id"], [Role.GP])
    user_id = person.me["user_id"]
    assert world.maker.patch(f"/users/{user_id}", {"is_active": False}, version=1).status_code == 200
    assert person.get("/me").status_code == 401
    answer = world.visitor().post("/auth/login", {"login": person.me["login"], "password": PASSWORD})
    assert answer.json()["code"] == "SIGN_IN_REFUSED"


def test_nobody_changes_his_own_roles(world: World) -> None:
    user_id = world.maker.me["user_id"]
    answer = world.maker.patch(f"/users/{user_id}", {"is_active": False}, version=1)
    assert answer.json()["code"] == "OWN_ACCOUNT"
    assert world.maker.get("/me").status_code == 200


def test_a_change_needs_the_version_it_is_based_on(world: World) -> None:
    user_id = world.checker.me["user_id"]
    assert world.maker.patch(f"/users/{user_id}", {"name": "New"}, version=None).status_code == 428
    assert world.maker.patch(f"/users/{user_id}", {"name": "New"}, version=9).json()["code"] == "VERSION_CONFLICT"
    answer = world.maker.patch(f"/users/{user_id}", {"name": "New"}, version=1)
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'


def test_sign_ins_are_on_record_and_hold_no_secret(world: World, database_url: str) -> None:
    assert events_of(database_url, "user.signed_in") == 2
    world.visitor().post("/auth/login", {"login": "maker@example.test", "password": "a wrong sentence"})
    assert events_of(database_url, "user.sign_in_failed") == 1
    with psycopg.connect(database_url) as connection:
        stored = str(connection.execute("SELECT data::text FROM event").fetchall())
        tokens = connection.execute("SELECT token_hash FROM user_session").fetchall()
    assert PASSWORD not in stored
    assert "wrong sentence" not in stored
    assert world.maker.client.cookies["sid"] not in str(tokens)
