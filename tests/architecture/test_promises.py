"""What the pieces promise each other: commands lead somewhere, routes say who may call them."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from exchange.app import create_app, silent_routes
from exchange.cli import COMMANDS
from exchange.rest.permissions import EXTENSION
from exchange.rest.texts import catalogue
from tests.architecture.source import PACKAGE, ROOT

CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
CARRIERS = {"Breach": 1, "FieldError": 1, "PydanticCustomError": 0}
"""What carries a code to the caller, and where among its arguments the code stands."""


def test_every_command_leads_to_a_function() -> None:
    missing = []
    for command, (path, _) in COMMANDS.items():
        module, _, name = path.partition(":")
        try:
            found = callable(getattr(importlib.import_module(module), name, None))
        except ModuleNotFoundError:
            found = False
        if not found:
            missing.append(f"{command} -> {path}")
    assert not missing, "\n".join(missing)


def test_every_route_names_its_permission() -> None:
    app = create_app()
    document = app.openapi()
    operations = {f"{method} {path}": operation for path, item in document["paths"].items()
                  for method, operation in item.items() if isinstance(operation, dict)}  # fmt: skip
    assert len(operations) > 90
    silent = [name for name, operation in operations.items() if not operation.get(EXTENSION)]
    assert not silent, "Give each route openapi_extra=needs(...):\n" + "\n".join(silent)
    assert silent_routes(app) == []


def _literals(node: ast.expr) -> Iterator[str]:
    """The codes an expression may have: a text, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _given(call: ast.Call) -> Iterator[str]:
    """The codes a call gives to a carrier."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if (place := CARRIERS.get(name)) is not None:
        named = [argument.value for argument in call.keywords if argument.arg == "code"]
        for expression in named or call.args[place : place + 1]:
            yield from _literals(expression)


def _stated(kind: ast.ClassDef) -> Iterator[str]:
    """The code a class states, with or without an annotation."""
    for statement in kind.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == "code" for target in targets):
                yield from _literals(statement.value)


def _codes_of(tree: ast.Module) -> Iterator[str]:
    """Every code of a file: given to a carrier or stated by a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _given(node)
        elif isinstance(node, ast.ClassDef):
            yield from _stated(node)


def _codes_in_source() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "node_modules" not in path.parts:
            for code in _codes_of(ast.parse(path.read_text(encoding="utf-8"))):
                if CODE.fullmatch(code):
                    yield code, path


def test_every_code_in_the_source_has_texts_in_both_languages() -> None:
    found = list(_codes_in_source())
    assert len({code for code, _ in found}) > 100
    texts = catalogue()  # refuses an entry that lacks a title or a detail in either language
    missing = sorted({f"{code} ({path.relative_to(ROOT)})" for code, path in found if code not in texts})
    assert not missing, "Give these codes an entry in exchange/rest/texts/<package>.toml:\n" + "\n".join(missing)


def test_the_scan_finds_every_way_a_code_is_written() -> None:
    source = """
class Late(Refused):
    code = "LATE"
class Later(Refused):
    code: ClassVar[str] = "LATER"
errors.Breach("R-1", "A" if early else "B", {})
Breach(rule, code="C")
FieldError("/x", "D")
PydanticCustomError("E", "text")
"""
    assert sorted(_codes_of(ast.parse(source))) == ["A", "B", "C", "D", "E", "LATE", "LATER"]


def test_ci_runs_the_same_command_as_a_person() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.startswith("#!/usr/bin/env bash\nset -euo pipefail\n")
    assert 'exec python3 -m exchange test "$@"' in script
