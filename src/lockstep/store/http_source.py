"""A peer that is asked over HTTP: one connection a range, no redirects, and an end to patience (artifacts.md 3)."""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from lockstep.errors import ConfigError, StoreError
from lockstep.store.chunks import Layout
from lockstep.store.frames import LAYOUT_HEADER, RANGE_UNIT, ProvedChunk, read_frames
from lockstep.types import Digest

SOCKET_SECONDS: Final = 10.0
RANGE_SECONDS: Final = 120.0
"""8 MiB in two minutes: who is slower is given up, and the next peer goes on."""


class HttpSource:
    """``url`` is a peer's address; artifacts are at ``url/artifacts/<root>``."""

    def __init__(
        self, url: str, *, socket_seconds: float = SOCKET_SECONDS, range_seconds: float = RANGE_SECONDS
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError("artifact/peer", "this is no address of a peer", value=url, remedy="http://host:port")
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._path = parts.path.rstrip("/")
        self._socket_seconds, self._range_seconds = socket_seconds, range_seconds
        self.name = url.rstrip("/")

    def find_layout(self, root: Digest) -> Layout | None:
        """What the peer says of the artifact's layout; None if it does not have it."""
        with self._asking("HEAD", root, {}) as response:
            if response.status == http.client.NOT_FOUND:
                return None
            self._require(response, http.client.OK)
            return Layout.parse(response.getheader(LAYOUT_HEADER, ""))

    def read_chunks(self, root: Digest, layout: Layout, first: int, last: int) -> Iterator[ProvedChunk]:  # noqa: ARG002
        """The chunks as they arrive; the connection is closed with the iterator."""
        with self._asking("GET", root, {"Range": f"{RANGE_UNIT}={first}-{last}"}) as response:
            self._require(response, http.client.PARTIAL_CONTENT)
            last = min(last, _last_of(response.getheader("Content-Range", ""), last))
            ends = time.monotonic() + self._range_seconds
            yield from read_frames(lambda size: self._read(response, size, ends), first, last)

    def _read(self, response: http.client.HTTPResponse, size: int, ends: float) -> bytes:
        parts, left = [], size
        while left:
            if time.monotonic() > ends:
                raise StoreError("peer/slow", "the peer is too slow", value=self.name)
            part = response.read1(left)
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _require(self, response: http.client.HTTPResponse, status: int) -> None:
        if response.status == http.client.NOT_FOUND:
            raise StoreError("store/missing", "it does not have it")
        if response.status != status:
            raise StoreError("peer/refused", "the peer refuses", value=f"{response.status} {response.reason}")

    @contextmanager
    def _asking(self, method: str, root: Digest, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._socket_seconds)
        try:
            connection.request(method, f"{self._path}/artifacts/0x{root.hex()}", headers=headers)
            yield connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise StoreError("peer/unreachable", "the peer does not answer", value=f"{self.name}: {error}") from None
        finally:
            connection.close()


def _last_of(content_range: str, asked: int) -> int:
    """The last chunk that the peer is willing to send: ``chunks FIRST-LAST/COUNT``."""
    last = content_range.partition("-")[2].partition("/")[0]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 10 else asked
