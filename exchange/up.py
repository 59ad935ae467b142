"""`python3 -m exchange up`: the whole exchange on one machine, and an orderly end.

PostgreSQL and the Redis-protocol server come from wheels unless `EXCHANGE_DATABASE_URL` and `EXCHANGE_REDIS_URL` name
others. Everything is kept in the data folder; a second start finds it again.
"""

import argparse
import http.client
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from exchange import processes
from exchange.fleet import Fleet
from exchange.install import data_folder

READY_SECONDS = 60
PORTS_TRIED = 100


class Server(Protocol):
    """An embedded server as the supervisor sees it."""

    url: str

    def start(self) -> str: ...
    def stop(self) -> None: ...
    def restart_if_dead(self) -> bool: ...


class StopRequestedError(Exception):
    """Somebody asked us to end."""


class StartError(Exception):
    """The exchange did not come up; the text says why."""


@dataclass(frozen=True)
class Options:
    """What `up` was asked for."""

    data: Path
    host: str
    port: int
    api_processes: int
    workers: int
    demo: bool


def options(argv: Sequence[str]) -> Options:
    """Read the command line; numbers default to the environment's."""
    env = os.environ
    parser = argparse.ArgumentParser(prog="python3 -m exchange up", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder for everything that is kept (EXCHANGE_DATA; default .data)")
    parser.add_argument("--host", default=env.get("EXCHANGE_HOST", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, default=int(env.get("EXCHANGE_PORT", "8000")), help="first port to try")
    parser.add_argument("--api-processes", type=int, default=int(env.get("EXCHANGE_API_PROCESSES", "1")))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-demo", action="store_true", help="no demo world and no simulated clock")
    given = parser.parse_args(list(argv))
    data = given.data.absolute() if given.data else data_folder()
    return Options(data, given.host, given.port, given.api_processes, given.workers, not given.no_demo)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on the first free port from the one given. All API processes accept on it."""
    for candidate in range(port, port + PORTS_TRIED):
        door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections inherit it
        try:
            door.bind((host, candidate))
            door.listen(2048)
        except OSError as error:
            door.close()
            if candidate == port:
                say(f"Port {port} is not free ({error.strerror}); taking the next one.")
            continue
        return door
    raise StartError(f"No free port between {port} and {port + PORTS_TRIED - 1}.")


@contextmanager
def timed(text: str) -> Iterator[None]:
    """Say what is being done and how long it took."""
    print(f"  {text} ... ", end="", flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def start_servers(data: Path, stack: ExitStack) -> list[Server]:
    """Start the embedded servers that the environment does not replace, and put their URLs into it."""
    from exchange.infra.embedded import EmbeddedPostgres
    from exchange.infra.embedded_redis import EmbeddedRedis

    servers: list[Server] = []
    wanted: list[tuple[str, str, Callable[[], Server]]] = [
        ("EXCHANGE_DATABASE_URL", "PostgreSQL", lambda: EmbeddedPostgres(data / "postgres")),
        ("EXCHANGE_REDIS_URL", "Valkey (Redis protocol)", lambda: EmbeddedRedis(data / "redis")),
    ]
    for variable, title, make in wanted:
        if os.environ.get(variable):
            say(f"  {title}: from {variable}")
            continue
        server = make()
        stack.callback(server.stop)
        with timed(title):
            os.environ[variable] = server.start()
        servers.append(server)
    return servers


def prepare_database(demo: bool) -> list[tuple[str, str, str]]:  # noqa: FBT001 - one caller, one meaning
    """Migrate, and load the demo world once.

    Returns:
        The sign-ins of the demo world: role, login, password.
    """
    from exchange.infra.migrate import migrate

    with timed("migrations"):
        migrate(os.environ["EXCHANGE_DATABASE_URL"])
    if not demo:
        return []
    seed = importlib.import_module("exchange.seed")
    if not seed.is_seeded():
        with progress() as report:
            seed.seed(report)
    return cast("list[tuple[str, str, str]]", list(seed.DEMO_SIGN_INS))


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar: call the report with done, total and what is being done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("  demo world"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)


def staff(fleet: Fleet, wanted: Options, door: socket.socket) -> None:
    """Name the processes to run."""
    for number in range(1, wanted.api_processes + 1):
        fleet.add("api", f"api-{number}", ["api", "--socket", str(door.fileno())], [door.fileno()])
    fleet.add("relay", "relay", ["relay"])
    for number in range(1, wanted.workers + 1):
        fleet.add("worker", f"worker-{number}", ["worker"])


def wait_until_ready(fleet: Fleet, host: str, port: int) -> None:
    """Tend the fleet until `GET /ready` answers 200.

    Raises:
        StartError: a process keeps crashing, or a minute passed.
    """
    until = time.monotonic() + READY_SECONDS
    while not is_ready(host, port):
        fleet.tend()
        failed = fleet.hopeless()
        if failed:
            raise StartError(f"{failed.name} does not start:\n{processes.tail(fleet.log_of(failed), 30)}")
        if time.monotonic() > until:
            raise StartError(f"The API was not ready within {READY_SECONDS} s. Logs: {fleet.logs}")
        time.sleep(0.1)


def is_ready(host: str, port: int) -> bool:
    """True when the API answers 200 to `GET /ready`."""
    line = http.client.HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", "/ready")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def reachable(host: str) -> str:
    """The host to call when listening on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def publish(fleet: Fleet, address: str) -> None:
    """Tell `tour`, `check` and `bench` where the system runs."""
    processes.write_runtime(
        {
            "pid": os.getpid(),
            "address": address,
            "database_url": os.environ["EXCHANGE_DATABASE_URL"],
            "redis_url": os.environ["EXCHANGE_REDIS_URL"],
            "sandbox": os.environ.get("EXCHANGE_SANDBOX", ""),
            "data": os.environ["EXCHANGE_DATA"],
            "pids": fleet.pids(),
        }
    )


def announce(address: str, sign_ins: Sequence[tuple[str, str, str]], data: Path) -> None:
    """The address, who may sign in, and what to do next."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"\nThe exchange is open at [bold]{address}[/bold]   data and logs: {data}", soft_wrap=True)
    if sign_ins:
        table = Table("role", "sign-in", "password", title="Demo sign-ins", title_justify="left")
        for row in sign_ins:
            table.add_row(*row)
        console.print(table)
    console.print("Watch it work: [bold]python3 -m exchange tour[/bold]   Stop: Ctrl-C\n")


def watch(fleet: Fleet, servers: Sequence[Server], address: str) -> None:
    """Keep everything running until somebody asks us to end."""
    while True:
        revived = [server.url for server in servers if server.restart_if_dead()]
        for url in revived:
            say(f"A server had ended and was started again: {url}")
        if fleet.tend() or revived:
            publish(fleet, address)
        time.sleep(0.2)


def request_stop(_number: int, _frame: object) -> None:
    """Signal handler: end in order; further signals change nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise StopRequestedError


def serve(wanted: Options) -> None:
    """Start everything, announce it and watch over it. Returns only by an exception."""
    with ExitStack() as stack:
        servers = start_servers(wanted.data, stack)
        sign_ins = prepare_database(wanted.demo)
        door = stack.enter_context(listen(wanted.host, wanted.port))
        port = int(door.getsockname()[1])
        host = reachable(wanted.host)
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        fleet = Fleet(wanted.data / "logs", {"EXCHANGE_ADDRESS": address, "EXCHANGE_PORT": str(port)}, say)
        stack.callback(fleet.stop)
        staff(fleet, wanted, door)
        fleet.tend()
        with timed("API, relay, workers"):
            wait_until_ready(fleet, host, port)
        stack.callback(processes.runtime_file().unlink, missing_ok=True)
        publish(fleet, address)
        announce(address, sign_ins, wanted.data)
        watch(fleet, servers, address)


def main(argv: Sequence[str]) -> int:
    """Run until Ctrl-C or SIGTERM.

    Returns:
        0 after an orderly end, 1 when the exchange did not come up.
    """
    wanted = options(argv)
    os.environ["EXCHANGE_DATA"] = str(wanted.data)
    if wanted.demo:
        os.environ.setdefault("EXCHANGE_SANDBOX", "true")
        os.environ.setdefault("EXCHANGE_COOKIE_SECURE", "false")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, request_stop)
    try:
        wanted.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        running = processes.read_runtime()
        if running:
            raise StartError(f"This data folder's exchange runs already, at {running.get('address')}.")
        serve(wanted)
    except StopRequestedError:
        say("\nStopped; the data is kept.")
        return 0
    except (StartError, RuntimeError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0
