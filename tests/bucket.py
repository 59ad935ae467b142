"""A small bucket that speaks the part of the S3 protocol that the store uses: signed PUT, GET and HEAD."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


@dataclass
class Bucket:
    """Objects by path, the requests that were made, and whether it answers with faults."""

    endpoint: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    is_broken: bool = False


class Conversation(BaseHTTPRequestHandler):
    """One connection of a client."""

    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of a test."""

    def answer(self, status: int, body: bytes = b"", *, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        given = {"Content-Length": str(len(body))} | (headers or {})
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def is_refused(self) -> bool:
        self.bucket.requests.append(f"{self.command} {self.path}")
        if self.bucket.is_broken:
            self.answer(503)
            return True
        is_signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=test-key/")
        if not is_signed:
            self.answer(403)
        return not is_signed

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.is_refused():
            return
        if self.headers.get("If-None-Match") == "*" and self.path in self.bucket.objects:
            self.answer(412)
            return
        self.bucket.objects[self.path] = content
        self.answer(200, headers={"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'})

    def do_GET(self) -> None:
        if self.is_refused():
            return
        content = self.bucket.objects.get(self.path)
        if content is None:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        headers = {"ETag": '"x"', "Last-Modified": DATE}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            self.answer(200, content, headers=headers | {"Content-Length": str(len(content))})
            return
        start, end = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        self.answer(206, content[start : end + 1], headers=headers)

    do_HEAD = do_GET  # noqa: N815 - the name is the protocol's


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    """A running server on a free port."""
    bucket = Bucket()

    handler = type("OfThisBucket", (Conversation,), {"bucket": bucket})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    bucket.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
