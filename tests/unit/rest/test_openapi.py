"""The OpenAPI document: complete, current, and the same for the same routes."""

from typing import Any

import pytest

from exchange.app import OPENAPI_FILE, VERSION, create_app, openapi_text
from exchange.rest.permissions import EXTENSION, PUBLIC
from exchange.rest.texts import catalogue

METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def operations() -> dict[str, dict[str, Any]]:
    """Every operation of the API by verb and path."""
    paths = create_app().openapi()["paths"]
    return {
        f"{method} {path}": item[method]
        for path, item in paths.items()
        if path.startswith("/api/")
        for method in METHODS
        if method in item
    }


def test_every_error_of_every_operation_is_a_problem_with_known_codes(operations: dict[str, dict[str, Any]]) -> None:
    for name, operation in operations.items():
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"400", "422", "500", "503"} <= errors.keys(), name
        if operation[EXTENSION] != PUBLIC:
            assert {"401", "403"} <= errors.keys(), name
            assert operation["security"] == [{"session": []}, {"api_key": []}], name
        for status, answer in errors.items():
            assert list(answer["content"]) == ["application/problem+json"], (name, status)
            assert set(answer["x-codes"]) <= set(catalogue()), (name, status)


def test_every_keyed_command_says_that_the_key_is_required(operations: dict[str, dict[str, Any]]) -> None:
    keyed = [
        parameter
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    ]
    assert len(keyed) > 10
    assert all(parameter["required"] and parameter["schema"]["minLength"] == 16 for parameter in keyed)


def test_no_money_is_a_json_number() -> None:
    schemas = create_app().openapi()["components"]["schemas"]
    numbers = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, kind in schema.get("properties", {}).items()
        if kind.get("type") == "number"
    ]
    assert numbers == []


def test_operations_have_names_of_their_own(operations: dict[str, dict[str, Any]]) -> None:
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))


def test_the_stored_document_is_current() -> None:
    assert OPENAPI_FILE.read_text(encoding="utf-8") == openapi_text(), "Run python3 -m exchange openapi"


def test_the_version_is_that_of_the_project() -> None:
    project = (OPENAPI_FILE.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{VERSION}"' in project
