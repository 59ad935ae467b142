"""Data rooms over HTTP: a bidder's way through one, and that it never learns of another bidder."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from exchange.access.actor import Actor
from exchange.core.ids import new_id
from exchange.infra.settings import settings
from tests.builders import Exchange, an_exchange
from tests.integration.diligence.room_world import (
    NDA,
    PUBLIC,
    QUALIFIED,
    SHORTLIST,
    Room,
    a_bidder,
    a_bidder_inside,
    a_colleague,
    a_room,
    let_through,
    react_all,
    shortlist,
)
from tests.journeys.market_at_api import key_of
from tests.people import a_key


@dataclass
class Caller:
    """Somebody with a key."""

    client: TestClient
    actor: Actor
    headers: dict[str, str]

    def get(self, path: str, **query: str) -> httpx.Response:
        """Read."""
        answer: httpx.Response = self.client.get(f"/api/v1{path}", params=query, headers=self.headers)
        return answer

    def post(self, path: str, body: object = None, *, status: int = 200) -> dict[str, Any]:
        """Command, which must have this status."""
        headers = self.headers | {"Idempotency-Key": a_key()}
        answer = self.client.post(f"/api/v1{path}", json={} if body is None else body, headers=headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def exchange(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """A founded exchange on a fresh database."""
    assert database_url
    monkeypatch.setenv("EXCHANGE_SANDBOX", "true")
    settings.cache_clear()
    yield an_exchange()
    settings.cache_clear()


def calling(app: FastAPI, actor: Actor) -> Caller:
    """Somebody at the API."""
    client = TestClient(app, raise_server_exceptions=False)
    return Caller(client, actor, {"Authorization": f"Bearer {key_of(actor)}", "Accept-Language": "en"})


def test_a_bidders_way_through_a_room(exchange: Exchange, app: FastAPI) -> None:
    room = a_room(exchange, [PUBLIC, QUALIFIED, NDA, SHORTLIST])
    bidder, seller = calling(app, a_bidder(exchange)), calling(app, room.deal.seller)
    found = bidder.get("/rooms", listing_id=room.listing_id).json()
    assert (found["id"], found["side"], found["stage"], found["has_nda"]) == (room.id, "bidder", "published", False)
    assert (found["shortlisted"], found["winners"]) == (None, None)
    bidder.post(f"/rooms/{room.id}/nda", {"text_hash": "0" * 64}, status=409)
    signed = bidder.post(f"/rooms/{room.id}/nda", {"text_hash": found["nda"]["text_hash"]}, status=201)
    assert signed["organisation_id"] == bidder.actor.organisation_id
    let_through(room, bidder.actor)
    tree = bidder.get(f"/rooms/{room.id}/tree").json()
    assert [folder["number"] for folder in tree["folders"]] == ["01", "03"]
    leaf = next(item for item in tree["folders"][1]["items"] if item["code"] == NDA)["documents"][0]
    assert (leaf["number"], leaf["page_count"], leaf["version"]) == ("03.01.01", 2, 1)
    picture = bidder.get(f"/documents/{leaf['document_id']}/versions/1/pages/1", width="300")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["cache-control"] == "private, no-store"
    bidder.post(f"/room-views/{picture.headers['x-room-view']}/dwell", {"seconds": 7})
    line = seller.get(f"/rooms/{room.id}/views").json()["items"][0]
    assert (line["organisation_id"], line["user_id"], line["seconds"]) == (bidder.actor.organisation_id, None, 7)
    answer = bidder.get(f"/documents/{leaf['document_id']}/versions/1/file")
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-disposition"].startswith("attachment;")
    hidden = bidder.get(f"/documents/{room.documents[SHORTLIST]}/versions/1/pages/1")
    missing = bidder.get(f"/documents/{new_id('document')}/versions/1/pages/1")
    assert hidden.status_code == missing.status_code == 404


def test_a_revoked_users_open_tab_fails_on_the_next_page(exchange: Exchange, app: FastAPI) -> None:
    room = a_room(exchange, [SHORTLIST])
    bidder, seller = calling(app, a_bidder_inside(room)), calling(app, room.deal.seller)
    document_id = room.documents[SHORTLIST]
    body = {
        "organisation_id": bidder.actor.organisation_id,
        "effect": "allow",
        "document_id": document_id,
        "reason": "asked for it",
    }
    grant = seller.post(f"/rooms/{room.id}/grants", body, status=201)
    assert bidder.get(f"/documents/{document_id}/versions/1/pages/1").status_code == 200
    assert seller.client.delete(f"/api/v1/grants/{grant['id']}", headers=seller.headers).status_code == 200
    assert bidder.get(f"/documents/{document_id}/versions/1/pages/2").status_code == 404
    assert bidder.get(f"/documents/{document_id}/versions/1/file").status_code == 404
    assert seller.get(f"/rooms/{room.id}/grants").json()["items"][0]["revoked_at"] is not None
    seller.post(f"/rooms/{room.id}/grants", body | {"item_code": NDA}, status=422)
    bidder.post(f"/rooms/{room.id}/grants", body, status=403)


def test_questions_and_answers_over_http(exchange: Exchange, app: FastAPI) -> None:
    room = a_room(exchange, [NDA])
    asker, other = calling(app, a_bidder_inside(room)), calling(app, a_bidder_inside(room))
    seller, gp = calling(app, room.deal.seller), calling(app, room.deal.gp)
    second = calling(app, a_colleague(room, room.deal.gp))
    body = {"text": "=cmd()", "document_id": room.documents[NDA], "page": 2}
    asked = asker.post(f"/rooms/{room.id}/questions", body, status=201)
    path = f"/questions/{asked['id']}"
    seller.post(f"{path}:assign", {"organisation_id": room.deal.gp.organisation_id})
    gp.post(f"{path}:answer", {"text": "No."})
    gp.post(f"{path}:publish", {}, status=409)
    second.post(f"{path}:publish", {"is_faq": True})
    assert other.get(f"/rooms/{room.id}/questions", only_faq="true").json()["items"][0]["messages"][1]["text"] == "No."
    sheet = other.get(f"/rooms/{room.id}/questions/export", file_format="csv").text
    assert '"\'=cmd()"' in sheet
    assert asker.actor.organisation_id not in sheet
    other.post(f"{path}:close", status=404)
    seller.post(f"{path}:close", status=403)
    assert asker.post(f"{path}:close")["state"] == "closed"
    lines = seller.get(f"/rooms/{room.id}/asymmetry", limit="1").json()
    assert lines["items"][0]["kind"] == "answer"
    rest = seller.get(f"/rooms/{room.id}/asymmetry", limit="1", cursor=lines["next_cursor"]).json()
    assert (rest["items"][0]["kind"], rest["next_cursor"]) == ("document", None)
    assert asker.get(f"/rooms/{room.id}/asymmetry").status_code == 403


def test_a_bulk_download_is_made_by_a_worker(exchange: Exchange, app: FastAPI) -> None:
    room = a_room(exchange, [PUBLIC, NDA])
    bidder = calling(app, a_bidder_inside(room))
    wanted = bidder.post(f"/rooms/{room.id}/bulk-download", status=202)
    path = f"/room-packages/{wanted['id']}"
    assert bidder.get(f"{path}/content").status_code == 409
    react_all()
    made = bidder.get(path).json()
    assert (made["state"], made["done_count"]) == ("ready", made["file_count"])
    archive = zipfile.ZipFile(BytesIO(bidder.get(f"{path}/content").content))
    assert archive.testzip() is None
    assert "manifest.json" in archive.namelist()
    assert calling(app, room.deal.seller).get(path).status_code == 404


def test_bidder_a_cannot_learn_that_b_exists(exchange: Exchange, app: FastAPI) -> None:
    room = a_room(exchange, [PUBLIC, QUALIFIED, NDA, SHORTLIST])
    a = calling(app, a_bidder_inside(room))
    a.post(f"/rooms/{room.id}/questions", {"text": "My own question"}, status=201)
    react_all()
    before = seen_by(a, room)
    b = calling(app, a_bidder_inside(room, is_shortlisted=True))
    for text in ("One", "Two"):
        b.post(f"/rooms/{room.id}/questions", {"text": text}, status=201)
    b.get(f"/documents/{room.documents[SHORTLIST]}/versions/1/pages/1")
    b.post(f"/rooms/{room.id}/bulk-download", status=202)
    react_all()
    seller = calling(app, room.deal.seller)
    seller.post(f"/rooms/{room.id}/shortlist", {"organisation_ids": [b.actor.organisation_id]})
    for question in seller.get(f"/rooms/{room.id}/questions").json()["items"]:
        if question["asker_organisation_id"] != a.actor.organisation_id:
            calling(app, room.deal.gp).post(f"/questions/{question['id']}:reject", {"reason": "Not for this deal"})
    react_all()
    assert seen_by(a, room) == before  # B's doings left A's answers as they were
    for secret in (b.actor.organisation_id, b.actor.user_id):
        assert secret not in str(before)
        assert secret not in a.get("/events", limit="200").text


def seen_by(who: Caller, room: Room) -> dict[str, Any]:
    """Everything a bidder reads of a room."""
    paths = ("", "/tree", "/questions", "/views")
    found = {path: who.get(f"/rooms/{room.id}{path}").json() for path in paths}
    events = who.get("/events", limit="200").json()["items"]
    found["events"] = [{**event, "position": 0} for event in events if "room" in event["type"]]
    return found


def test_the_shortlist_is_named_by_those_who_run_the_room(exchange: Exchange, app: FastAPI) -> None:
    room = a_room(exchange, [SHORTLIST])
    inside = a_bidder_inside(room)
    shortlist(room, inside)
    body = {"organisation_ids": [inside.organisation_id]}
    calling(app, inside).post(f"/rooms/{room.id}/shortlist", body, status=403)
    stranger = {"organisation_ids": [a_bidder(exchange).organisation_id]}
    calling(app, room.deal.seller).post(f"/rooms/{room.id}/shortlist", stranger, status=404)
    calling(app, room.deal.seller).post(f"/rooms/{room.id}:reopen", {"reason": "again"}, status=403)
