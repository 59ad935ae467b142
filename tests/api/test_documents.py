"""Documents over HTTP: what was uploaded comes back byte for byte, and nothing else gets in or out."""

import asyncio
import hashlib
import json
import resource
import tempfile
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from exchange.access.roles import Role
from exchange.infra.settings import settings
from tests.files import EICAR_FILES, GOOD_FILES, a_pdf, a_pdf_that_says
from tests.people import Person, World, a_key


def upload(
    by: Person,
    content: bytes,
    name: str = "paper.pdf",
    *,
    to: str = "/documents",
    key: str | None = None,
    **fields: str,
) -> httpx.Response:
    """Send a file as a form."""
    headers = {"X-CSRF-Token": by.csrf, "Idempotency-Key": key or a_key()}
    files = {"file": (name, content, "application/octet-stream")}
    answer: httpx.Response = by.client.post(f"/api/v1{to}", files=files, data=fields, headers=headers)
    return answer


def uploaded(by: Person, content: bytes, name: str = "paper.pdf", **fields: str) -> dict[str, Any]:
    """A file that was taken in."""
    answer = upload(by, content, name, **fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def stored_files() -> list[Path]:
    """Files that lie in the store."""
    return [path for path in (settings().data / "documents").rglob("*") if path.is_file()]


@pytest.fixture
def owner(world: World) -> Person:
    """A user of an investor."""
    return world.a_person(world.an_organisation()["id"], [Role.INVESTOR])


def test_what_was_uploaded_comes_back_as_an_attachment(world: World, owner: Person) -> None:
    for name, content in GOOD_FILES.items():
        found = uploaded(owner, content, name)
        version = found["versions"][0]
        assert (version["sha256"], version["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
        answer = owner.get(f"/documents/{found['id']}/versions/1/content")
        assert answer.content == content
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["cache-control"] == "no-store"


def test_the_name_of_a_file_is_shown_and_leads_nowhere(world: World, owner: Person) -> None:
    found = uploaded(owner, a_pdf(), "../../../../tmp/审计; X-Evil: 1.pdf", title="审计报告")
    assert (found["versions"][0]["file_name"], found["title"]) == ("审计; X-Evil: 1.pdf", "审计报告")
    answer = owner.get(f"/documents/{found['id']}/versions/1/content")
    assert answer.content == a_pdf()
    assert "x-evil" not in answer.headers
    assert [path.name for path in stored_files()] == [found["versions"][0]["sha256"]]


def test_a_repeated_upload_gives_the_same_document(world: World, owner: Person) -> None:
    key = a_key()
    first = upload(owner, a_pdf(), key=key)
    again = upload(owner, a_pdf(), key=key)
    assert (first.json()["id"], again.headers["idempotent-replayed"]) == (again.json()["id"], "true")
    assert upload(owner, a_pdf(words="other"), key=key).status_code == 422
    assert len(owner.get("/documents").json()["items"]) == 1


def test_versions_and_redactions_are_listed(world: World, owner: Person) -> None:
    found = uploaded(owner, a_pdf_that_says("secret", "open"))
    place = f"/documents/{found['id']}"
    assert (
        upload(owner, a_pdf_that_says("secret", "open"), to=f"{place}/versions").json()["code"] == "VERSION_UNCHANGED"
    )
    assert upload(owner, a_pdf(), to=f"{place}/versions", note="signed").status_code == 201
    region = {"page": 1, "left": 0, "top": 0, "right": 1000, "bottom": 400}
    body = {"number": 1, "regions": [region], "reason": "personal data"}
    redacted = owner.post(f"{place}/redactions", body)
    assert redacted.status_code == 201, redacted.text
    wrong = body | {"regions": [region | {"page": 3}]}
    assert owner.post(f"{place}/redactions", wrong).json()["code"] == "REGION_INVALID"
    shown = owner.get(place).json()
    assert [version["note"] for version in shown["versions"]] == ["", "signed"]
    assert [each["sha256"] for each in shown["redactions"]] == [redacted.json()["sha256"]]
    assert owner.get(f"{place}/versions/1/content").content == a_pdf_that_says("secret", "open")


def test_others_find_nothing_and_operators_say_why(world: World, owner: Person) -> None:
    found = uploaded(owner, a_pdf())
    place = f"/documents/{found['id']}"
    stranger = world.a_person(world.an_organisation()["id"], [Role.INVESTOR])
    assert stranger.get(place).status_code == stranger.get(f"{place}/versions/1/content").status_code == 404
    assert upload(stranger, a_pdf(words="x"), to=f"{place}/versions").status_code == 404
    assert world.maker.get(f"{place}/versions/1/content").json()["code"] == "READ_REASON_REQUIRED"
    assert world.maker.get(f"{place}/versions/1/content", reason="review of P01").content == a_pdf()
    assert len(stored_files()) == 1


def test_what_is_found_bad_is_refused_or_kept_from_all(world: World, owner: Person) -> None:
    assert upload(owner, b"MZ\x00\x01", "paper.pdf").json()["code"] == "FILE_TYPE_MISMATCH"
    assert upload(owner, a_pdf()[:200]).json()["code"] == "FILE_TRUNCATED"
    assert upload(owner, b"").json()["code"] == "DOCUMENT_EMPTY"
    assert upload(owner, a_pdf(), listing_id="lst_01KAR3Z5V9W3M8Q4T6X2Y7B1C0").status_code == 404
    assert stored_files() == []
    found = uploaded(owner, EICAR_FILES["packed.zip"], "packed.zip")
    assert found["versions"][0]["scan_state"] == "quarantined"
    refused = owner.get(f"/documents/{found['id']}/versions/1/content")
    assert (refused.status_code, refused.json()["code"]) == (409, "DOCUMENT_NOT_CLEAN")


@dataclass
class Endless:
    """A form whose file never ends, sent straight to the application in small chunks: what it took and answered."""

    head: bytes = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
    sent: int = 0
    status: int = 0
    body: bytes = b""

    async def receive(self) -> dict[str, Any]:
        """The next chunk of at most two thousand million bytes."""
        chunk = self.head if self.sent == 0 else b"0" * 65_536
        self.sent += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": self.sent < 2_000_000_000}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """What the application answers."""
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    def to(self, app: FastAPI, headers: dict[str, str]) -> None:
        """Send it."""
        fields = headers | {"Content-Type": "multipart/form-data; boundary=x", "Idempotency-Key": a_key()}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/api/v1/documents",
            "raw_path": b"/api/v1/documents",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }
        asyncio.run(app(scope, self.receive, self.send))


def cookie_of(person: Person) -> str:
    """The cookies of somebody who is signed in, as a header."""
    return "; ".join(f"{name}={value}" for name, value in person.client.cookies.items())


def test_an_endless_upload_is_refused_at_the_limit_and_leaves_nothing(
    world: World, owner: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    form = Endless()
    form.to(world.app, {"Cookie": cookie_of(owner), "X-CSRF-Token": owner.csrf})
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (form.status, json.loads(form.body)["code"]) == (413, "BODY_TOO_LARGE")
    assert form.sent < settings().max_document_bytes + 200_000
    assert grown_kib < 20_000
    assert stored_files() == list(tmp_path.iterdir()) == []


def test_who_may_not_upload_is_refused_before_his_file_is_read(world: World) -> None:
    watcher = world.a_person(world.an_organisation("auditor")["id"], [Role.AUDITOR])
    for headers, status in (
        ({}, 401),
        ({"Cookie": cookie_of(watcher), "X-CSRF-Token": watcher.csrf}, 403),
        ({"Cookie": cookie_of(watcher)}, 403),
    ):
        form = Endless()
        form.to(world.app, headers)
        assert (form.status, form.sent) == (status, 0)
