"""The browser that the browser tests drive: the machine's Chromium, or one from npm.

Standard library only, apart from brotli of the test packages.
"""

import importlib
import os
import shutil
import stat
import subprocess
import tarfile
import threading
from dataclasses import dataclass
from pathlib import Path

from exchange.install import ROOT, InstallError, child_environment, data_folder, is_writable, run, step
from exchange.npm import install_packages

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = ROOT / "tests" / "browser" / "package"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Browser:
    """A browser to start: its program, and the folder of libraries it needs beside the machine's."""

    program: Path
    libraries: Path | None = None

    def environment(self) -> dict[str, str]:
        """Environment to start it with."""
        env = dict(os.environ)
        if self.libraries:
            env["LD_LIBRARY_PATH"] = f"{self.libraries}:{env.get('LD_LIBRARY_PATH', '')}".rstrip(":")
        return env

    def works(self) -> bool:
        """True when the program starts and tells its version."""
        try:
            done = subprocess.run(
                [self.program, "--version", "--no-sandbox"],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0


def find_browser(venv: Path) -> Browser | None:
    """A browser that is already here: EXCHANGE_BROWSER, one on PATH, or the one unpacked before."""
    chosen = os.environ.get("EXCHANGE_BROWSER")
    path = child_environment()["PATH"]
    programs = [chosen] if chosen else [found for name in NAMES if (found := shutil.which(name, path=path))]
    unpacked = Browser(venv / "browser" / "chromium", venv / "browser" / "al2023" / "lib")
    candidates = [*(Browser(Path(program)) for program in programs), unpacked]
    return next((browser for browser in candidates if browser.program.exists() and browser.works()), None)


def prepare_browser(python: Path) -> Browser:
    """Find a browser or install one: by apt as root where apt has it, else from npm.

    Raises:
        InstallError: no way worked.
    """
    venv = python.parent.parent
    found = find_browser(venv)
    if found:
        return found
    if os.getuid() == 0 and shutil.which("apt-get"):
        try:
            with step("chromium by apt"):
                install_by_apt()
        except InstallError:
            print("not by apt")
        found = find_browser(venv)
        if found:
            return found
    home = venv if is_writable(venv) else data_folder()
    unpack_from_npm(python, home)
    found = find_browser(home)
    if not found:
        raise InstallError("No browser starts here; install chromium or set EXCHANGE_BROWSER to a program.")
    return found


def install_by_apt() -> None:
    """Debian's Chromium."""
    env = child_environment(DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "update", "-qq"], env)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], env)


def unpack_from_npm(python: Path, home: Path) -> None:
    """The Chromium inside the npm package of the tests, unpacked under `home/browser`."""
    folder = home / "browser"
    install_packages(python, PACKAGE, folder / "node_modules", "chromium by npm")
    packed = folder / "node_modules" / "@sparticuz" / "chromium" / "bin"
    if not (packed / "chromium.br").exists():
        packed = folder / "node_modules" / "@sparticuz" / "chromium" / "bin" / "x64"
    with step("unpacking chromium"):
        tar = folder / "al2023.tar"
        inflate(packed / "al2023.tar.br", tar)
        with tarfile.open(tar) as archive:
            archive.extractall(folder / "al2023")  # noqa: S202 - checked by the lock's hash
        inflate(packed / "chromium.br", folder / "chromium")


def inflate(packed: Path, target: Path) -> None:
    """Brotli-decompress a file; the target appears only when it is whole."""
    brotli = importlib.import_module("brotli")
    part = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    decompressor = brotli.Decompressor()
    with packed.open("rb") as source, part.open("wb") as sink:
        while chunk := source.read(1 << 20):
            sink.write(decompressor.process(chunk))
    part.chmod(part.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    part.replace(target)
