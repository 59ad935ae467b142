"""Purity, private stores, commits, sizes and names: the rules of the house that a file can be read for."""

import ast
import sys

from tests.architecture.source import NOT_DOMAIN, PACKAGE, ROOT, Source, is_pure_module, python_files

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
WORLDLY = frozenset(
    {"asyncio", "ctypes", "fcntl", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets"}
    | {"select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading"}
    | {"time", "urllib", "uuid"}
)
TAPS = frozenset({"exchange.core.clock.system_now", "exchange.core.ids.new_id"})
MIXED_BAGS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"})

EXCHANGE = python_files(PACKAGE)
ALL = [
    source
    for source in python_files(PACKAGE, ROOT / "tests", ROOT / "benchmarks")
    if source.path.parent != PACKAGE / "migrations" / "versions"  # written by Alembic from the tables
]


def is_allowed_in_pure(name: str) -> bool:
    """What a pure file may import: harmless standard library, numpy, scipy, core without its taps, other pure files."""
    parts = tuple(name.split("."))
    if name in TAPS:
        return False
    if name.startswith("urllib.parse"):
        return True
    if parts[0] == "exchange":
        return parts[1:2] == ("core",) or is_pure_module(parts)
    return parts[0] in {"numpy", "scipy"} or (parts[0] in sys.stdlib_module_names and parts[0] not in WORLDLY)


def is_private_to_another(source: Source, name: str) -> bool:
    """True for the store or the tables of a package other than the file's own."""
    parts = name.split(".")
    slot = parts[2:3] in (["store"], ["tables"])
    return parts[0] == "exchange" and slot and parts[1] != source.package and source.package != "migrations"


def test_the_house_has_files_to_look_at() -> None:
    assert sum(source.is_pure for source in EXCHANGE) > 5
    assert len(ALL) > len(EXCHANGE)


def test_pure_files_import_only_pure_things() -> None:
    wrong = [
        f"{source.name}:{line} imports {name}"
        for source in EXCHANGE
        if source.is_pure
        for line, name in source.imports()
        if not is_allowed_in_pure(name)
    ]
    assert not wrong, "A file that is no slot is pure; pass the value in, or move the code to a slot:\n" + listed(wrong)


def test_pure_files_call_no_clock_and_no_file() -> None:
    wrong = [
        f"{source.name}:{node.lineno} calls {ast.unparse(node.func)}"
        for source in EXCHANGE
        if source.is_pure
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input", "eval", "exec"})
            or (isinstance(node.func, ast.Attribute) and node.func.attr in {"now", "utcnow", "today"})
        )
    ]
    assert not wrong, "Pass `now` and contents in as arguments:\n" + listed(wrong)


def test_stores_and_tables_are_private_to_their_package() -> None:
    wrong = [
        f"{source.name}:{line} imports {name}"
        for source in EXCHANGE
        for line, name in source.imports()
        if is_private_to_another(source, name)
    ]
    assert not wrong, "Use the other package's service or its pure files:\n" + listed(wrong)


def test_only_infra_commits() -> None:
    wrong = [
        f"{source.name}:{node.lineno} calls {ast.unparse(node.func)}()"
        for source in EXCHANGE
        if source.package not in {"infra", "migrations"}
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
        and not node.args
        and not node.keywords
    ]
    assert not wrong, "The edge opens the transaction with infra.database.transaction():\n" + listed(wrong)


def test_files_stay_short() -> None:
    lengths = {source.name: source.text.count("\n") for source in ALL}
    wrong = [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > FILE_LINES_MAX]
    assert not wrong, f"At most {FILE_LINES_MAX} lines; split by concern, a slot into a folder:\n" + listed(wrong)


def test_functions_stay_short() -> None:
    wrong = [
        f"{source.name}:{node.lineno} {node.name}: {length} lines"
        for source in ALL
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert not wrong, f"At most {FUNCTION_LINES_MAX} lines a function:\n" + listed(wrong)


def test_every_package_says_what_it_is_for_and_imports_nothing() -> None:
    folders = [path.parent for path in sorted(PACKAGE.glob("*/*.py"))]
    wrong = []
    for folder in dict.fromkeys(folders):
        start = folder / "__init__.py"
        if not start.exists() or not ast.get_docstring(Source(start).tree):
            wrong.append(f"{folder.relative_to(ROOT)}: __init__.py needs a docstring")
        elif len(Source(start).tree.body) > 1:
            wrong.append(f"{folder.relative_to(ROOT)}: __init__.py holds more than its docstring")
    assert not wrong, listed(wrong)


def test_no_file_is_a_mixed_bag() -> None:
    wrong = [source.name for source in ALL if source.path.stem in MIXED_BAGS]
    assert not wrong, "Name the file after what is in it:\n" + listed(wrong)


def test_pure_files_explain_themselves() -> None:
    wrong = [s.name for s in EXCHANGE if s.is_pure and not ast.get_docstring(s.tree)]
    assert not wrong, "A pure file begins with its rule as prose:\n" + listed(wrong)


def test_tests_are_free_functions_and_none_is_switched_off() -> None:
    wrong = []
    for source in python_files(ROOT / "tests"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test") and not node.bases:
                wrong.append(f"{source.name}:{node.lineno} class {node.name}")
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.xfail":
                wrong.append(f"{source.name}:{node.lineno} xfail")
    assert not wrong, listed(wrong)


def test_domain_packages_are_known() -> None:
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} >= NOT_DOMAIN


def listed(lines: list[str]) -> str:
    """Findings one a line."""
    return "\n".join(f"  {line}" for line in lines)
