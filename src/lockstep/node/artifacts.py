"""Serves artifacts by root to whoever asks: GET and HEAD /artifacts/<root>, limited in everything (artifacts.md 3)."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Final, Self

from lockstep.errors import ConfigError, StoreError
from lockstep.store.artifacts import Artifact, ArtifactStore
from lockstep.store.frames import CONTENT_TYPE, LARGEST_RANGE, LAYOUT_HEADER, RANGE_UNIT, encode_frame, parse_range
from lockstep.types import Digest

PREFIX: Final = "/artifacts/"
CLIENT_SECONDS: Final = 15.0
LARGEST_CONNECTIONS: Final = 32
LARGEST_BYTES: Final = 1 << 23
KEPT_TREES: Final = 64
BUSY: Final = b"HTTP/1.0 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
ROOT_DIGITS: Final = 64


class ArtifactServer(ThreadingHTTPServer):
    """Everything that one store holds, to anybody: what must stay private does not belong into this store."""

    daemon_threads = True

    def __init__(self, listen: str, store: ArtifactStore, *, connections: int = LARGEST_CONNECTIONS) -> None:
        host, _, port = listen.rpartition(":")
        self._free = threading.BoundedSemaphore(connections)
        self.find = lru_cache(KEPT_TREES)(store.open)
        try:
            super().__init__((host.strip("[]"), int(port)), _Handler)
        except (OSError, OverflowError, ValueError) as error:
            raise ConfigError(
                "config/listen", "cannot listen there", value=f"{listen}: {error}", remedy="name a free address"
            ) from None
        self._thread = threading.Thread(target=self.serve_forever, name="artifacts", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens; of use if 0 was asked for."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """One thread a connection, and no more of them than allowed: the others are told so and closed."""
        if not self._free.acquire(blocking=False):
            with suppress(OSError):
                request.sendall(BUSY)  # type: ignore[union-attr]
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up in the middle is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    timeout = CLIENT_SECONDS
    server: ArtifactServer
    protocol_version = "HTTP/1.0"

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def _answer(self, *, has_body: bool) -> None:
        artifact = self._find()
        if artifact is None:
            self._refuse(404, "no such artifact")
            return
        wanted = self.headers.get("Range", "")
        try:
            if wanted.startswith(RANGE_UNIT):
                self._send_chunks(artifact, wanted, has_body)
            else:
                self._send_bytes(artifact, wanted, has_body)
        except StoreError as error:
            self._refuse(416 if error.code.startswith("range/") else 500, str(error))

    def _find(self) -> Artifact | None:
        digits = self.path.partition("?")[0].removeprefix(PREFIX).removeprefix("0x")
        try:
            root = bytes.fromhex(digits) if self.path.startswith(PREFIX) and len(digits) == ROOT_DIGITS else b""
            return self.server.find(Digest(root)) if root else None
        except (ValueError, StoreError):
            return None

    def _send_chunks(self, artifact: Artifact, wanted: str, has_body: bool) -> None:
        count = artifact.layout.chunk_count
        first, last = parse_range(wanted, count, unit=RANGE_UNIT, largest=LARGEST_RANGE)
        frames = self._frames(artifact, first, last)
        opening = next(frames)
        self.send_response(206)
        self._describe(artifact, CONTENT_TYPE)
        self.send_header("Content-Range", f"{RANGE_UNIT} {first}-{last}/{count}")
        self.end_headers()
        if has_body:
            self.wfile.write(opening)
            try:
                for frame in frames:
                    self.wfile.write(frame)
            except StoreError:
                return  # the answer is cut off where our disk has changed: no wrong chunk leaves the house

    def _frames(self, artifact: Artifact, first: int, last: int) -> Iterator[bytes]:
        return (encode_frame(artifact.chunk(number)) for number in range(first, last + 1))

    def _send_bytes(self, artifact: Artifact, wanted: str, has_body: bool) -> None:
        """Plain bytes without proofs, for curl: all of it, or one range of at most 8 MiB."""
        size, first = artifact.layout.size, 0
        last = size - 1
        if wanted:
            first, last = parse_range(wanted, size, unit="bytes", largest=LARGEST_BYTES)
        self.send_response(206 if wanted else 200)
        self._describe(artifact, "application/octet-stream")
        self.send_header("Content-Length", str(last - first + 1))
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.end_headers()
        for start in range(first, last + 1 if has_body else first, LARGEST_BYTES):
            self.wfile.write(artifact.read_bytes(start, min(LARGEST_BYTES, last + 1 - start)))

    def _describe(self, artifact: Artifact, kind: str) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", f"{RANGE_UNIT}, bytes")
        self.send_header(LAYOUT_HEADER, str(artifact.layout))
        self.send_header("ETag", f'"{artifact.tree.root.hex()}"')
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")

    def _refuse(self, status: int, text: str) -> None:
        body = text.encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A line for each chunk would drown the log."""
