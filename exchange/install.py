"""The environment of the project, made from nothing: a virtual environment with every package checked by hash.

Standard library only, and nothing newer than Python 3.11.2 has: this file runs before any package exists.
"""

import fcntl
import hashlib
import importlib.metadata
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CA_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
FOREIGN = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
LOCKS = {
    "run.lock": ("--no-default-groups",),
    "dev.lock": ("--no-default-groups", "--group", "dev"),
    "installer.lock": ("--only-group", "installer"),
    "node.lock": ("--only-group", "node"),
}


class InstallError(Exception):
    """The environment could not be made; the text says what to do."""


def is_writable(folder: Path) -> bool:
    """True when we may create files in the folder, or create the folder itself."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def data_folder() -> Path:
    """Where data is kept: EXCHANGE_DATA, else `.data` in the project, else a folder of this user."""
    chosen = os.environ.get("EXCHANGE_DATA")
    if chosen:
        return Path(chosen).absolute()
    if is_writable(ROOT / ".data"):
        return ROOT / ".data"
    home = Path(os.environ.get("XDG_DATA_HOME") or Path(os.environ.get("HOME") or "/nonexistent") / ".local/share")
    if is_writable(home):
        return home / "exchange"
    return private_folder(Path(f"/var/tmp/exchange-{os.getuid()}"))  # noqa: S108 - its owner is checked


def private_folder(folder: Path) -> Path:
    """A folder of ours alone below one that everybody may write to.

    Raises:
        InstallError: somebody else made it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise InstallError(f"{folder} belongs to another user; set EXCHANGE_DATA to a folder of your own.")
    folder.chmod(0o700)
    return folder


def venv_folder(lock: str) -> Path:
    """The virtual environment: EXCHANGE_VENV, else `.venv` in the project if usable, else in the data folder."""
    chosen = os.environ.get("EXCHANGE_VENV")
    if chosen:
        return Path(chosen).absolute()
    usual = ROOT / ".venv"
    if is_stamped(usual, lock) or (is_writable(ROOT) and is_writable(usual)):
        return usual
    return data_folder() / "venv"


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "bin" / "python"


def stamp_of(venv: Path, lock: str) -> str:
    """What the environment must have been made from: the lock and the version of its Python."""
    try:
        made_by = (venv / "pyvenv.cfg").read_text()
    except OSError:
        made_by = ""
    version = re.search(r"^version\s*=\s*(\S+)", made_by, re.MULTILINE)
    return hashlib.sha256((ROOT / lock).read_bytes() + (version[1] if version else "?").encode()).hexdigest()


def is_stamped(venv: Path, lock: str) -> bool:
    """True when the environment was completed from this very lock and its interpreter still exists."""
    try:
        found = (venv / f".{lock}.stamp").read_text()
    except OSError:
        return False
    return found == stamp_of(venv, lock) and python_of(venv).exists()


def is_satisfied_here(lock: str) -> bool:
    """True when this interpreter is a virtual environment that already holds the lock's versions."""
    if sys.prefix == sys.base_prefix:
        return False
    for name, version in re.findall(r"^([\w.-]+)==([\w.!+-]+) \\$", (ROOT / lock).read_text(), re.MULTILINE):
        try:
            if importlib.metadata.version(name) != version:
                return False
        except importlib.metadata.PackageNotFoundError:
            return False
    return True


def child_environment(**extra: str) -> dict[str, str]:
    """Our environment for installers: nothing that points them elsewhere, certificates of this machine."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    env |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    if not is_writable(Path(env.get("HOME") or "/nonexistent") / ".cache"):
        env |= {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
    return env | extra


def ca_bundle() -> str | None:
    """The machine's certificate authorities as one file, if it has one."""
    return next((path for path in CA_BUNDLES if Path(path).exists()), None)


def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> None:
    """Run a command quietly; its output is shown only when it fails.

    Raises:
        InstallError: the command could not be started or ended with an error.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            env=None if env is None else dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InstallError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise InstallError(f"{' '.join(str(part) for part in command)}\n{done.stdout[-4000:]}")


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done and how long it took."""
    print(f"  {text} ... ", end="", flush=True, file=sys.stderr)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True, file=sys.stderr)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One installer at a time for this folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    guard = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
    finally:
        os.close(guard)


def make_venv(venv: Path) -> None:
    """A virtual environment without pip: works on Pythons that lack ensurepip."""
    if python_of(venv).exists() and (venv / "pyvenv.cfg").exists():
        return
    run([sys.executable, "-m", "venv", "--without-pip", "--clear", venv], child_environment())


def pip_commands(venv: Path) -> Iterator[tuple[list[str | Path], dict[str, str]]]:
    """Ways to run pip on the environment from outside, the plainest first."""
    options: list[str | Path] = ["install", "-q", "--disable-pip-version-check", "--require-hashes"]
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python_of(venv), *options]
    yield pip, child_environment()
    bundle = ca_bundle()
    if bundle:
        yield pip, child_environment(PIP_CERT=bundle)


def pip_install(venv: Path, lock: str) -> None:
    """Install a lock with pip, each package checked by hash."""
    failures: list[str] = []
    for command, env in pip_commands(venv):
        try:
            return run([*command, "-r", ROOT / lock], env)
        except InstallError as error:
            failures.append(str(error))
    raise InstallError("\n".join(failures))


def find_uv(venv: Path) -> Path:
    """uv from the environment, put there by pip if need be; else the machine's own."""
    own = venv / "bin" / "uv"
    if not own.exists():
        try:
            pip_install(venv, "installer.lock")
        except InstallError:
            found = shutil.which("uv")
            if not found:
                raise
            return Path(found)
    return own


def install_lock(venv: Path, lock: str) -> None:
    """Install a lock into the environment: by uv, and by pip when uv cannot.

    Raises:
        InstallError: neither worked; the text holds what both said.
    """
    try:
        uv = find_uv(venv)
        run([uv, "pip", "install", "-q", "--python", python_of(venv), "--require-hashes", "-r", ROOT / lock],
            child_environment())  # fmt: skip
    except InstallError as by_uv:
        print("by pip ... ", end="", flush=True, file=sys.stderr)
        try:
            pip_install(venv, lock)
        except InstallError as by_pip:
            raise InstallError(f"The packages could not be installed.\n\nuv: {by_uv}\n\npip: {by_pip}") from by_pip


def prepare(lock: str) -> Path:
    """Make sure an environment with the lock's packages exists.

    Args:
        lock: `run.lock` or `dev.lock` (which holds the packages of both).

    Returns:
        The Python to run the exchange with.
    """
    if is_satisfied_here(lock):
        return Path(sys.executable)
    venv = venv_folder(lock)
    if is_stamped(venv, lock):
        return python_of(venv)
    print(f"Preparing {venv}", file=sys.stderr)
    with alone(venv):
        if not is_stamped(venv, lock):
            with step("environment"):
                make_venv(venv)
            with step(f"packages of {lock}"):
                install_lock(venv, lock)
            for done in ["run.lock", lock] if lock == "dev.lock" else [lock]:
                stamp = venv / f".{done}.stamp"
                stamp.write_text(stamp_of(venv, done))
    return python_of(venv)


def renew_locks(_: Sequence[str] = ()) -> int:
    """`python3 -m exchange lock`: resolve pyproject.toml anew and write the lock files, without any address."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if uv is None:
        raise InstallError("uv is missing from the environment; delete the environment and start again.")
    env = child_environment()
    run([uv, "lock", "-q", "--upgrade", "--python", sys.executable], env, ROOT)
    for lock, groups in LOCKS.items():
        options = ["--frozen", "--no-header", "--no-annotate", "--no-emit-project", "--format", "requirements-txt"]
        run([uv, "export", "-q", *options, "-o", ROOT / lock, *groups], env, ROOT)
        if "://" in (ROOT / lock).read_text():
            raise InstallError(f"{lock} holds an address; it must name packages and hashes only.")
        print(f"{lock} written")
    return 0
