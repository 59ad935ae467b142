"""The HTTP gateway of `matching-engine` under our client: fsync on, many markets, no accounts, rules or audit.

It needs Python 3.12; its packages come from `peers-3.12.lock` into an environment of their own. EXCHANGE_GATEWAY_PYTHON
names another interpreter that has them; without any the comparison is left out and said so.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from benchmarks.engine_speed import peer_environment
from benchmarks.order_client import Caller, Plan, closed_loop

HOST = "127.0.0.1"
MARKETS = 30
CONNECTIONS = 32
START_SECONDS = 20
VARIABLE = "EXCHANGE_GATEWAY_PYTHON"
VERSION = "3.12"


class GatewayCaller(Caller):
    """The same client with the peer's requests, which have no key."""

    def prepared(self) -> tuple[bytes, bytes]:
        """A limit order for a random market, half of them crossing."""
        pick: Random = self.random
        body = json.dumps(
            {
                "account": pick.randint(1, 50),
                "side": pick.choice(("buy", "sell")),
                "price": str(pick.randint(8000, 8600)),
                "quantity": str(pick.randint(1, 9)),
            }
        ).encode()
        head = (
            f"POST /markets/M{pick.randrange(MARKETS)}/orders HTTP/1.1\r\nHost: {HOST}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode(), body

    def key(self, number: int) -> bytes:
        """None is asked for."""
        return b""


def measure(folder: Path, *, seconds: float, connections: int = CONNECTIONS) -> float | None:
    """Accepted orders a second over so many closed loops; None when the gateway cannot run here."""
    python = os.environ.get(VARIABLE) or peer_environment(VERSION)
    if python is None or not can_serve(python):
        return None
    with socket.socket() as door:
        door.bind((HOST, 0))
        port: int = door.getsockname()[1]
    markets = ",".join(f"M{number}:1:1" for number in range(MARKETS))
    env = {**os.environ, "ME_MARKETS": markets, "ME_DATA_DIR": str(folder / "gateway"), "ME_FSYNC": "1"}
    command = [str(python), "-m", "matching_engine", "serve", "--host", HOST, "--port", str(port)]
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "gateway.log").open("wb")
    with log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as child:
        try:
            await_port(port, child)
            plan = Plan(HOST, port, [""], [""], seconds, connections, seed=1)
            return asyncio.run(_run(plan))
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(10)


async def _run(plan: Plan) -> float:
    caller = GatewayCaller(plan)
    await closed_loop(caller, time.monotonic() + plan.seconds)
    return sum(status == 200 for _, _, status, _ in caller.results) / plan.seconds


def can_serve(python: str | Path) -> bool:
    """Whether this interpreter has the gateway and what it needs."""
    probe = subprocess.run([python, "-c", "import matching_engine.gateway"], capture_output=True, check=False)
    return probe.returncode == 0


def await_port(port: int, child: "subprocess.Popen[bytes]") -> None:
    """Wait until the gateway accepts connections."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the gateway did not come up")


if __name__ == "__main__":
    found = measure(Path(sys.argv[1]), seconds=5.0)
    print("no gateway here" if found is None else f"{found:.0f} orders/s")
