"""Every command of the exchange, run inside its environment. A command's code is imported only when it is called."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

Main = Callable[[Sequence[str]], int]

COMMANDS = {
    "up": ("exchange.up:main", "start everything on this machine: servers, API, relay, workers, demo world"),
    "test": ("exchange.quality:main", "lint, types, import contracts and all tests (--fast: without servers)"),
    "tour": ("exchange.tour:main", "play the main job against the running system, step by step"),
    "bench": ("benchmarks.run:main", "measure against other engines and servers"),
    "check": ("exchange.oversight.command:check_main", "prove that sums, holds, freezes and the audit chain agree"),
    "export": ("exchange.oversight.command:export_main", "write everything as JSON lines, one consistent snapshot"),
    "replay": ("exchange.oversight.command:replay_main", "replay the stored commands and compare state hashes"),
    "migrate": ("exchange.infra.migrate:main", "bring the database to the newest version"),
    "seed": ("exchange.seed:main", "load the demo world into an empty database"),
    "calendar": ("exchange.rulebook.command:main", "ask for years of working days to be loaded from a TOML file"),
    "import": ("exchange.imports.command:main", "import funds, statements and cash flows from CSV or XLSX"),
    "value": (
        "exchange.valuation.command.value:main",
        "ask a calculator: returns, prices, projections; JSON or CSV",
    ),
    "revalue": (
        "exchange.valuation.command.revalue:main",
        "value every fund anew on the workers",
    ),
    "backtest": (
        "exchange.valuation.command.backtest:main",
        "hold the valuation models to real sales",
    ),
    "api": ("exchange.app:serve", "run one API process"),
    "worker": ("exchange.worker:main", "run one worker"),
    "relay": ("exchange.relay:main", "run the relay of committed events"),
    "ping": ("exchange.infra.ping:main", "see whether PostgreSQL and Redis answer"),
    "openapi": ("exchange.app:openapi_main", "print the OpenAPI document"),
    "rules": ("exchange.oversight.command:rules_main", "write the catalogue of rules into docs/rules.md"),
    "states": ("exchange.oversight.command:states_main", "draw the lifecycles into docs/states/"),
    "lock": ("exchange.install:renew_locks", "resolve the dependencies anew and write the lock files"),
}
SERVED = frozenset(
    {"tour", "bench", "check", "export", "replay", "migrate", "seed", "import", "revalue", "calendar"}
    | {"api", "worker", "relay", "ping"}
)
"""Commands that work on the running system when no server is named in the environment."""


def parser() -> argparse.ArgumentParser:
    """The command line as `--help` shows it."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    result = argparse.ArgumentParser(
        prog="python3 -m exchange",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="commands:\n" + "\n".join(lines),
    )
    result.add_argument("command", choices=list(COMMANDS), metavar="command", help="what to do; see below")
    result.add_argument("arguments", nargs=argparse.REMAINDER, help="the command's own arguments (--help after it)")
    return result


def load(path: str) -> Main:
    """The function a dotted path `package.module:name` names."""
    module, _, name = path.partition(":")
    return cast("Main", getattr(importlib.import_module(module), name))


def join_running_system() -> None:
    """Take the servers' addresses of a running `up` unless the environment names them."""
    from exchange.processes import read_runtime

    runtime = read_runtime()
    for variable, key in (
        ("EXCHANGE_DATABASE_URL", "database_url"),
        ("EXCHANGE_REDIS_URL", "redis_url"),
        ("EXCHANGE_ADDRESS", "address"),
        ("EXCHANGE_DATA", "data"),  # where its documents lie
        ("EXCHANGE_SANDBOX", "sandbox"),  # a command must live on the same clock as the system it joins
    ):
        value = runtime.get(key)
        if isinstance(value, str) and not os.environ.get(variable):
            os.environ[variable] = value


def main(argv: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    if not argv or argv[0] in {"help", "-h", "--help"}:
        parser().print_help()
        return 0 if argv else 2
    chosen = parser().parse_args(argv[:1])
    path, _ = COMMANDS[chosen.command]
    if chosen.command in SERVED:
        join_running_system()
    try:
        command = load(path)
    except ModuleNotFoundError as error:
        if error.name is None or not path.startswith(error.name):
            raise
        print(f"This build has no `{chosen.command}` ({path} is missing).", file=sys.stderr)
        return 2
    return command(argv[1:])


if __name__ == "__main__":
    from exchange.processes import follow_parent

    follow_parent()
    sys.exit(main(sys.argv[1:]))
