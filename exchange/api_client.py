"""A caller of the public API over HTTP: sign-in, keys for repeated commands, problems as exceptions."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from exchange.core.ids import new_id

T = TypeVar("T")
API = "/api/v1"


class ApiProblem(Exception):
    """A problem answer: its HTTP status, its code, and the whole document."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(f"{status} {document.get('code')}: {document.get('detail')}")
        self.status = status
        self.code = str(document.get("code"))
        self.document = document


class ApiCaller:
    """One signed-in user."""

    def __init__(self, address: str, login: str, password: str, *, language: str = "en") -> None:
        self._http = httpx.Client(base_url=address, timeout=30, headers={"Accept-Language": language})
        self.login = login
        answer = self.post("/auth/login", {"login": login, "password": password}, keyed=False)
        self._http.headers["X-CSRF-Token"] = answer["csrf_token"]
        self.organisation_id = str(answer["organisation_id"])

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """The answer of a GET below ``/api/v1``. ApiProblem for anything but 2xx."""
        return self._answer(self._http.get(API + path, params=query))

    def items(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """All items of a paged list."""
        found: list[dict[str, Any]] = []
        page: dict[str, Any] = {"next_cursor": ""}
        while page.get("next_cursor") is not None:
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = self.get(path, limit=200, **query, **cursor)
            found += page["items"]
        return found

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None, keyed: bool = True
    ) -> dict[str, Any]:
        """The answer of a POST below ``/api/v1``, under a fresh Idempotency-Key unless one is given."""
        headers = {"Idempotency-Key": key or new_id("request")} if keyed else {}
        return self._answer(self._http.post(API + path, json={} if body is None else body, headers=headers))

    def upload(
        self, path: str, file_name: str, content: bytes, fields: dict[str, str], *, key: str | None = None
    ) -> dict[str, Any]:
        """The answer of a multipart POST with one file, under a fresh Idempotency-Key unless one is given."""
        headers = {"Idempotency-Key": key or new_id("request")}
        return self._answer(
            self._http.post(API + path, files={"file": (file_name, content)}, data=fields, headers=headers)
        )

    def download(self, path: str, **query: str | int) -> bytes:
        """The bytes of a GET below ``/api/v1``. ApiProblem for anything but 2xx."""
        response = self._http.get(API + path, params=query)
        if response.is_success:
            return response.content
        raise ApiProblem(response.status_code, response.json())

    def wait_for(self, look: Callable[[], T], done: Callable[[T], bool], *, seconds: float = 30) -> T:
        """Look until it is done or the time is over; the last thing seen."""
        ends = time.monotonic() + seconds
        seen = look()
        while not done(seen) and time.monotonic() < ends:
            time.sleep(0.1)
            seen = look()
        return seen

    @staticmethod
    def _answer(response: httpx.Response) -> dict[str, Any]:
        document: dict[str, Any] = response.json() if response.content else {}
        if response.is_success:
            return document
        raise ApiProblem(response.status_code, document)
