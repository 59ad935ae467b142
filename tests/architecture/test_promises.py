"""What the pieces promise each other: commands lead somewhere, routes say who may call them."""

import importlib
import importlib.util

import pytest

from exchange.cli import COMMANDS
from tests.architecture.source import ROOT


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
    if importlib.util.find_spec("exchange.app") is None:
        pytest.skip("exchange.app is not written yet, so there is no route to look at")
    application = importlib.import_module("exchange.app")
    extension = importlib.import_module("exchange.rest.permissions").EXTENSION
    app = application.create_app()
    document = app.openapi()
    operations = {f"{method} {path}": operation for path, item in document["paths"].items()
                  for method, operation in item.items() if isinstance(operation, dict)}  # fmt: skip
    assert len(operations) > 10
    silent = [name for name, operation in operations.items() if not operation.get(extension)]
    assert not silent, "Give each route openapi_extra=needs(...):\n" + "\n".join(silent)
    assert application.silent_routes(app) == []


def test_ci_runs_the_same_command_as_a_person() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.startswith("#!/usr/bin/env bash\nset -euo pipefail\n")
    assert 'exec python3 -m exchange test "$@"' in script
