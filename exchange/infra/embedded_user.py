"""As whom PostgreSQL runs: it refuses to be root and needs a user with a name.

An ordinary user runs it plainly. Root, or a user id without a name, runs it in a user namespace, where it is `nobody`
in its own eyes and the real user in the kernel's, so that the files stay ours. Where namespaces are not allowed, root
gives up its rights for `nobody`; programs or data that `nobody` cannot reach go to a folder it can.
"""

import ctypes
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_NEWUSER = 0x10000000
SHARED = Path("/var/tmp")  # noqa: S108 - only folders of our own making and checked owner are used below it


@dataclass(frozen=True)
class ServerUser:
    """How to become the server's user, where its programs are and where its data is kept."""

    become: Callable[[], None]
    programs: Path
    data: Path
    owner: tuple[int, int] | None = None

    def own(self, folder: Path) -> None:
        """Give a folder to the server's user."""
        if self.owner:
            os.chown(folder, *self.owner)


class NoUserError(RuntimeError):
    """No user is left as whom PostgreSQL would run."""


def stay() -> None:
    """Remain who we are."""


def into_namespace(uid: int, gid: int) -> Callable[[], None]:
    """Become `nobody` in a user namespace of our own. For a child between fork and exec."""
    nobody = pwd.getpwnam("nobody")

    def become() -> None:
        if _libc.unshare(_NEWUSER):
            raise OSError(ctypes.get_errno(), "unshare")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{nobody.pw_uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{nobody.pw_gid} {gid} 1")

    return become


def into_nobody() -> Callable[[], None]:
    """Give up root for `nobody`. For a child between fork and exec."""
    nobody = pwd.getpwnam("nobody")

    def become() -> None:
        os.setgroups([])
        os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
        os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)

    return become


def can_run(become: Callable[[], None], *tests: str) -> bool:
    """True when a child can become that user and pass the tests (`-r path`, `-x path`)."""
    script = " && ".join(["true", *(f"test {test}" for test in tests)])
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            preexec_fn=become,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def has_name(uid: int) -> bool:
    """True when the user id has an entry in the user database."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def choose_user(programs: Path, home: Path) -> ServerUser:
    """Decide as whom the server runs, for programs and a data folder given.

    Raises:
        NoUserError: a user id without a name on a system without user namespaces.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0 and has_name(uid):
        return ServerUser(stay, programs, home)
    if may_use_namespaces() and is_not_given_away(home):
        become = into_namespace(uid, gid)
        if can_run(become):
            return ServerUser(become, programs, home)
    if uid == 0:
        return as_nobody(programs, home)
    raise NoUserError(
        f"PostgreSQL needs a user with a name, and user id {uid} has none. "
        "Run as an ordinary user, or set EXCHANGE_DATABASE_URL to a PostgreSQL server."
    )


def may_use_namespaces() -> bool:
    """User namespaces exist on Linux and may be switched off by a setting."""
    return sys.platform == "linux" and not os.environ.get("EXCHANGE_NO_USER_NAMESPACE")


def is_not_given_away(home: Path) -> bool:
    """False when the cluster already belongs to `nobody` from an earlier start without namespaces."""
    cluster = home / "cluster"
    return not (cluster.exists() and cluster.stat().st_uid != os.geteuid()) and not shared_folder(home).exists()


def shared_folder(home: Path) -> Path:
    """The folder below /var/tmp that stands in for a data folder `nobody` cannot reach."""
    return SHARED / f"exchange-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def as_nobody(programs: Path, home: Path) -> ServerUser:
    """Root without namespaces: `nobody`, with programs and data where it can reach them."""
    become = into_nobody()
    nobody = pwd.getpwnam("nobody")
    owner = (nobody.pw_uid, nobody.pw_gid)
    reaches_programs = can_run(become, f"-x '{programs / 'postgres'}'")
    reaches_home = not shared_folder(home).exists() and can_run(become, f"-x '{home.parent}'")
    if reaches_programs and reaches_home:
        give(home, owner)
        return ServerUser(become, programs, home, owner)
    shared = shared_folder(home)
    shared.mkdir(mode=0o755, exist_ok=True)
    if shared.is_symlink() or shared.stat().st_uid != 0:
        raise NoUserError(f"{shared} belongs to someone else; remove it or set EXCHANGE_DATABASE_URL.")
    shared.chmod(0o755)
    if not reaches_programs:
        programs = copy_programs(programs, shared)
    data = home
    if reaches_home:
        give(home, owner)
    else:
        data = shared / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        give(data, owner)
        (home / "where.txt").write_text(f"The database is kept in {data}: its user cannot reach this folder.\n")
    return ServerUser(become, programs, data, owner)


def give(folder: Path, owner: tuple[int, int]) -> None:
    """Hand a folder over to the server's user, closed to all others."""
    os.chown(folder, *owner)
    folder.chmod(0o700)


def copy_programs(programs: Path, shared: Path) -> Path:
    """Copy the wheel and its libraries (a sibling folder that the programs are linked to)."""
    package = programs.parents[1]
    target = shared / "programs"
    marker = target / ".complete"
    identity = f"{package} {package.stat().st_mtime_ns}"
    if not (marker.exists() and marker.read_text() == identity):
        shutil.rmtree(target, ignore_errors=True)
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, target / source.name, symlinks=True)
        marker.write_text(identity)
    return target / package.name / programs.relative_to(package)
