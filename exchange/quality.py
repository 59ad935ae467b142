"""`python3 -m exchange test`: lint, format, types, import contracts and every test, on all processors.

`--fast` leaves out the tests that need a server. The checks run beside the tests, and each half of the tests is shared
by two processes; tests that need a quiet machine or one shared market run alone at the end. Further arguments go to
pytest; a path among them replaces the usual folders and runs in one process.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from exchange.browser import prepare_browser
from exchange.install import ROOT, InstallError, data_folder, is_writable

FAST = ("tests/architecture", "tests/unit", "tests/properties")
SLOW = ("tests/journeys", "tests/api", "tests/integration")  # the longest files first, so that none is alone at the end
ALONE = ("tests/browser",)  # one market and one browser for all of them
# Each process takes the next piece when it is free; files stay whole where their tests share something costly.
SHARED = ("-n", "2", "--dist", "worksteal", "--maxschedchunk", "8")
SHARED_BY_FILE = ("-n", "2", "--dist", "loadfile")
NOTHING_COLLECTED = 5


@dataclass
class Report:
    """What each part said: its name and whether it passed, and the tests counted by outcome."""

    parts: dict[str, bool] = field(default_factory=dict)
    tests: Counter[str] = field(default_factory=Counter)

    def line(self, seconds: float) -> str:
        """The closing line, in the manner of pytest's."""
        names = ("failed", "errors", "passed", "skipped")
        counts = ", ".join(f"{self.tests[name]} {name}" for name in names if self.tests[name]) or "no tests"
        broken = [name for name, passed in self.parts.items() if not passed]
        verdict = f"FAILED: {', '.join(broken)}" if broken else f"{', '.join(self.parts)}: all passed"
        return f"==== {counts} in {seconds:.1f}s ==== {verdict} ===="


def tool(name: str) -> str:
    """A program of our environment."""
    return str(Path(sys.executable).parent / name)


def cache_folder() -> Path | None:
    """Where tools keep their caches when the project's folder is read-only."""
    return None if is_writable(ROOT) else data_folder() / "cache"


def prepare_caches() -> None:
    """Tell every tool where it may keep what it computed, compiled files of ours among it.

    A test run starts some forty interpreters; where the environment forbids compiled files beside the sources, each
    would compile all packages again, which takes longer than most tests.
    """
    cache = cache_folder()
    if cache:
        os.environ["RUFF_CACHE_DIR"] = str(cache / "ruff")
        os.environ["MYPY_CACHE_DIR"] = str(cache / "mypy")
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(cache / "hypothesis")
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None) or cache:
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str((cache or data_folder() / "cache") / "bytecode"))


def checks() -> Iterator[tuple[str, list[str]]]:
    """Every check without a test in it: name and command, the longest first."""
    yield "mypy", [sys.executable, "-m", "mypy"]
    yield "import contracts", [tool("lint-imports"), "--no-cache", "--no-logo"]
    yield "ruff check", [tool("ruff"), "check", "."]
    yield "ruff format", [tool("ruff"), "format", "--check", "."]


@dataclass(frozen=True)
class Checked:
    """What a check said, and how long it took (seconds)."""

    name: str
    passed: bool
    output: str
    seconds: float


def run_check(name: str, command: Sequence[str]) -> Checked:
    """Run a check and keep what it says."""
    began = time.monotonic()
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}  # mypy takes it for installed code
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return Checked(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)


def report_checks(running: Sequence[Future[Checked]], report: Report) -> None:
    """Wait for the checks; show the output of those that failed."""
    print(flush=True)
    for future in running:
        check = future.result()
        report.parts[check.name] = check.passed
        print(f"{check.name:<18}{'passed' if check.passed else 'FAILED'}  {check.seconds:.1f} s", flush=True)
        if not check.passed:
            print(check.output, flush=True)


def run_tests(name: str, folders: Sequence[str], options: Sequence[str], report: Report) -> None:
    """Run pytest on the folders that exist and count what it says."""
    present = [folder for folder in folders if (ROOT / folder.partition("::")[0]).exists()]
    if not present:
        print(f"{name:<18}no tests yet: {', '.join(folders)}", flush=True)
        return
    cache = cache_folder()
    where = ["-o", f"cache_dir={cache / 'pytest'}"] if cache else []
    print(f"\n{name}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        results = Path(scratch) / "results.xml"
        command = [sys.executable, "-m", "pytest", "-q", *where, f"--junit-xml={results}", *options, *present]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        report.parts[name] = code in {0, NOTHING_COLLECTED}
        count(results, report)


def count(results: Path, report: Report) -> None:
    """Add the outcomes of a JUnit file that our own pytest wrote."""
    if not results.exists():
        report.tests["errors"] += 1
        return
    for suite in ElementTree.parse(results).getroot().iter("testsuite"):  # noqa: S314 - written by our own pytest
        number = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        report.tests["failed"] += number["failures"]
        report.tests["errors"] += number["errors"]
        report.tests["skipped"] += number["skipped"]
        report.tests["passed"] += number["tests"] - number["failures"] - number["errors"] - number["skipped"]


def find_browser_for_tests(report: Report) -> None:
    """Have a browser ready when there are browser tests, and name it to them."""
    if not any((ROOT / "tests" / "browser").glob("test_*.py")):
        return
    try:
        browser = prepare_browser(Path(sys.executable))
    except InstallError as error:
        report.parts["browser"] = False
        print(error)
        return
    os.environ["EXCHANGE_BROWSER"] = str(browser.program)
    os.environ["EXCHANGE_BROWSER_LIBRARIES"] = str(browser.libraries or "")


def main(argv: Sequence[str]) -> int:
    """Run all checks and tests.

    Returns:
        0 only if everything passed.
    """
    if {"-h", "--help"} & set(argv):
        print(__doc__)
        return 0
    began = time.monotonic()
    fast = "--fast" in argv
    options = [argument for argument in argv if argument != "--fast"]
    paths = [argument for argument in options if (ROOT / argument.partition("::")[0]).exists()]
    options = [argument for argument in options if argument not in paths]
    report = Report()
    prepare_caches()
    with ThreadPoolExecutor(1) as beside:  # one check at a time: the tests have the other processor
        running = [beside.submit(run_check, name, command) for name, command in checks()]
        if paths:
            find_browser_for_tests(report)
            run_tests("chosen tests", paths, options, report)
        else:
            run_tests("fast tests", FAST, [*SHARED, *options], report)
        report_checks(running, report)
    if not fast and not paths:
        find_browser_for_tests(report)
        run_tests("tests on servers", SLOW, [*SHARED_BY_FILE, *options], report)
        run_tests("tests in a browser", ALONE, options, report)
    print("\n" + report.line(time.monotonic() - began), flush=True)
    return 0 if all(report.parts.values()) else 1
