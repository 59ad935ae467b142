"""An unknown fault behind a page: the reader gets a page with the request's number, and nothing of the fault."""

import re

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from exchange.app import create_app
from exchange.rest.permissions import needs
from exchange.web.routes import PageRoute
from tests.people import PASSWORD, World

SECRET = "the password of the database is swordfish"


def broken_client() -> TestClient:
    """The application with one page that fails in a way nobody foresaw."""
    app = create_app()
    router = APIRouter(route_class=PageRoute, include_in_schema=False)

    @router.get("/broken", openapi_extra=needs(None))
    def broken() -> None:
        raise ZeroDivisionError(SECRET)

    app.include_router(router)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(("language", "word"), [("zh", "请记下请求编号"), ("en", "Please note the request number")])
def test_a_fault_answers_a_page_with_the_request_number(world: World, language: str, word: str) -> None:
    client = broken_client()
    client.cookies.set("language", language)
    answer = client.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert answer.headers["x-request-id"] in answer.text
    assert word in re.sub(r"\s+", " ", answer.text)
    assert "swordfish" not in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_a_signed_in_person_keeps_the_menu_on_the_page_of_a_fault(world: World) -> None:
    client = broken_client()
    signed = client.post("/api/v1/auth/login", json={"login": "maker@example.test", "password": PASSWORD})
    assert signed.status_code == 200
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert 'href="/market"' in answer.text
    assert 'class="menu"' in answer.text
