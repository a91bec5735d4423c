"""A web server on this machine that misbehaves on request."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server has, how it behaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    etag: str | None = '"one"'
    last_modified: str | None = None
    ranges: bool = True
    wrong_range_start: bool = False
    lengths: bool = True
    retry_after: str | None = None
    # Where to look instead, by name.
    moved: dict[str, str] = field(default_factory=dict)
    # One for each request to come; None for a proper answer.
    statuses: list[int | None] = field(default_factory=list)
    # Bytes of the body after which the connection is reset, one for each request to come;
    # a quiet cut ends it in order instead, so that every byte before it arrives.
    cuts: list[int | None] = field(default_factory=list)
    quiet_cuts: bool = False
    # Bytes of the body before the server waits for `gate`.
    hold_after: int | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    base: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"{self.base}/{name}"

    @property
    def ranges_asked(self) -> list[str | None]:
        return [headers.get("range") for _, headers in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        site = self.server.site
        self.close_connection = True
        headers = {name.lower(): value for name, value in self.headers.items()}
        site.asked.append((self.path, headers))
        status = site.statuses.pop(0) if site.statuses else None
        cut = site.cuts.pop(0) if site.cuts else None
        if status is not None:
            self._error(status)
            return
        if self.path.removeprefix("/") in site.moved:
            self.send_response(302)
            self.send_header("Location", site.moved[self.path.removeprefix("/")])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = site.files.get(self.path.removeprefix("/"))
        if content is None:
            self._error(404)
            return
        start = self._start(headers, len(content))
        if start >= len(content) and start:
            self._error(416)
            return
        self.send_response(206 if start else 200)
        if site.etag is not None:
            self.send_header("ETag", site.etag)
        if site.last_modified is not None:
            self.send_header("Last-Modified", site.last_modified)
        if site.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        if start:
            told = start + 1 if site.wrong_range_start else start
            self.send_header("Content-Range", f"bytes {told}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self._body(content[start:], cut)

    def _start(self, headers: dict[str, str], length: int) -> int:
        site = self.server.site
        match = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        current = (site.etag, site.last_modified)
        if match is None or not site.ranges or headers.get("if-range") not in current:
            return 0
        return int(match[1])

    def _body(self, body: bytes, cut: int | None) -> None:
        site = self.server.site
        if site.hold_after is not None:
            self.wfile.write(body[: site.hold_after])
            self.wfile.flush()
            site.gate.wait(20)
            body = body[site.hold_after :]
        self.wfile.write(body[:cut])
        if cut is not None and not site.quiet_cuts:
            # With this option closing sends a reset instead of an orderly end.
            linger = struct.pack("ii", 1, 0)
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def _error(self, status: int) -> None:
        self.send_response(status)
        if self.server.site.retry_after is not None:
            self.send_header("Retry-After", self.server.site.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that went away, or a connection cut on purpose.
        pass


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site = site
        site.base = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.gate.set()
            server.shutdown()
            thread.join()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
