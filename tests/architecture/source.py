"""The source of the exchange as the architecture tests see it: files, their slots, what they import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "exchange"
SLOTS = frozenset({"tables", "store", "service", "schemas", "api", "jobs", "command"})
NOT_DOMAIN = frozenset({"core", "infra", "rest", "migrations", "web"})
LEFT_OUT = frozenset({".git", ".venv", "node_modules", "__pycache__", "build", ".data"})


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def name(self) -> str:
        """Path below the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def parts(self) -> tuple[str, ...]:
        """Names below the package, the file's without its ending."""
        return self.path.relative_to(PACKAGE).with_suffix("").parts

    @property
    def package(self) -> str:
        """The package directly below `exchange`, or an empty text."""
        return self.parts[0] if len(self.parts) > 1 else ""

    @property
    def is_pure(self) -> bool:
        """A file of a domain package or of core that is no slot."""
        if self.package == "core":
            return self.parts[1] not in {"clock", "ids"}
        return is_pure_module(("exchange", *self.parts)) and self.parts[-1] != "__init__"

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported; `from a import b` counts as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_pure_module(parts: tuple[str, ...]) -> bool:
    """True for `exchange.<domain package>.<no slot>`."""
    return len(parts) > 2 and parts[0] == "exchange" and parts[1] not in NOT_DOMAIN and parts[2] not in SLOTS


def python_files(*folders: Path) -> list[Source]:
    """Every Python file of ours in the folders."""
    found = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    return [Source(path) for path in found if not LEFT_OUT & set(path.relative_to(ROOT).parts)]


def text_files() -> Iterator[Path]:
    """Every text file of the project that is or will be committed."""
    endings = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".lock", ".js", ".css", ".html", ".txt", ".csv", ".sql"}
    pending = [ROOT]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
            if hidden or path.name in LEFT_OUT or path.name == "uv.lock" or path.is_symlink():
                continue
            if path.is_dir():
                pending.append(path)
            elif path.suffix in endings or path.name in {"Dockerfile", "run", ".gitignore"}:
                yield path
