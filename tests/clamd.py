"""A small daemon that speaks clamd's INSTREAM over TCP or a socket file and says what it is told to say."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = b"zINSTREAM\0"


@dataclass
class Daemon:
    """Where it listens, what it answers (`OK`, `Name FOUND`, `... ERROR`), what it was sent."""

    url: str = ""
    answer: str = "OK"
    limit: int = 100_000_000
    received: list[bytes] = field(default_factory=list)

    def reply(self, connection: socketserver.StreamRequestHandler) -> None:
        """One conversation: the command, chunks with their lengths, an empty chunk, the answer."""
        if connection.rfile.read(len(COMMAND)) != COMMAND:
            connection.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := struct.unpack(">I", connection.rfile.read(4))[0]:
            content += connection.rfile.read(length)
            if len(content) > self.limit:
                connection.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.received.append(content)
        connection.wfile.write(f"stream: {self.answer}\0".encode())


@contextmanager
def a_daemon(path: Path | None = None) -> Iterator[Daemon]:
    """A running daemon, on a free port or on a socket file."""
    daemon = Daemon()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            daemon.reply(self)

    server: socketserver.BaseServer
    if path is None:
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        daemon.url = f"clamd://127.0.0.1:{tcp.server_address[1]}"
        server = tcp
    else:
        server = socketserver.ThreadingUnixStreamServer(str(path), Conversation)
        daemon.url = f"clamd://{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield daemon
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
