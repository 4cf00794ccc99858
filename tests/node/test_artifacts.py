"""Artifacts between nodes over real HTTP: a liar is caught at its chunk, a killed fetch goes on, two peers help out."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from lockstep.node.artifacts import ArtifactServer
from lockstep.store.artifacts import Artifact, ArtifactStore
from lockstep.store.chunks import CHUNK_BYTES
from lockstep.store.frames import LARGEST_RANGE, LAYOUT_HEADER, ProvedChunk, encode_frame, parse_range
from lockstep.store.http_source import HttpSource
from lockstep.store.peers import Fetcher

DATA = np.random.default_rng(7).bytes(6 * CHUNK_BYTES + 77)
LOCAL = "127.0.0.1:0"


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    store = ArtifactStore(tmp_path / "theirs")
    return store.open(store.put(DATA))


@pytest.fixture
def server(artifact: Artifact) -> Iterator[ArtifactServer]:
    with ArtifactServer(LOCAL, ArtifactStore(artifact.path.parents[1])) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "ours")


class Twisted(BaseHTTPRequestHandler):
    """A peer that sends ``wrong`` with one bit turned, and stops for good after ``stops_after`` chunks of an answer."""

    artifact: ClassVar[Artifact]
    wrong: ClassVar[int] = -1
    stops_after: ClassVar[int] = 1 << 30
    asked: ClassVar[list[str]]
    sent: ClassVar[list[int]]
    hung: ClassVar[threading.Event]

    def do_HEAD(self) -> None:
        self.asked.append("HEAD")
        self.send_response(200)
        self.send_header(LAYOUT_HEADER, str(self.artifact.layout))
        self.end_headers()

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.asked.append(wanted)
        self.send_response(206)
        self.end_headers()
        count = self.artifact.layout.chunk_count
        first, last = parse_range(wanted, count, unit="chunks", largest=LARGEST_RANGE)
        for number in range(first, last + 1):
            if number - first == self.stops_after:
                self.hung.wait(30)
                return
            chunk = self.artifact.chunk(number)
            data = bytes([chunk.data[0] ^ 1]) + chunk.data[1:] if number == self.wrong else chunk.data
            self.sent.append(number)
            self.wfile.write(encode_frame(ProvedChunk(number, data, chunk.path)))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def twisted(artifact: Artifact) -> Iterator[type[Twisted]]:
    class Peer(Twisted):
        asked: ClassVar[list[str]] = []
        sent: ClassVar[list[int]] = []
        hung = threading.Event()
        url: ClassVar[str]

    Peer.artifact = artifact
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Peer.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield Peer
    Peer.hung.set()
    server.shutdown()
    thread.join()
    server.server_close()


def url_of(server: ArtifactServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def test_an_artifact_goes_from_node_to_node(server: ArtifactServer, store: ArtifactStore, artifact: Artifact) -> None:
    seen: list[tuple[int, int]] = []
    root = artifact.tree.root
    fetcher = Fetcher(store, [HttpSource(url_of(server))])
    fetched = fetcher.fetch(root, report=lambda done, total: seen.append((done, total)))
    assert store.get(root) == DATA and fetched.layout == artifact.layout
    assert seen == [(done, 7) for done in range(1, 8)]


def test_a_lying_peer_is_caught_at_the_wrong_chunk(
    twisted: type[Twisted], server: ArtifactServer, store: ArtifactStore, artifact: Artifact
) -> None:
    twisted.wrong = 4
    liar, honest = HttpSource(twisted.url), HttpSource(url_of(server))
    fetcher = Fetcher(store, [liar, honest])
    fetcher.fetch(artifact.tree.root)
    lie = fetcher.misconduct[liar.name]
    assert (lie.error.code, lie.error.value) == ("chunk/proof", 4)
    assert twisted.asked == ["HEAD", "chunks=0-6"]  # nothing more was asked of it
    assert store.get(artifact.tree.root) == DATA
    assert honest.name not in fetcher.misconduct


def test_the_liars_right_chunks_are_not_fetched_again(
    twisted: type[Twisted], store: ArtifactStore, artifact: Artifact
) -> None:
    twisted.wrong = 4
    with pytest.raises(Exception, match="artifact/unavailable"):
        Fetcher(store, [HttpSource(twisted.url)]).fetch(artifact.tree.root)
    twisted.wrong = -1
    twisted.asked.clear()
    Fetcher(store, [HttpSource(twisted.url)]).fetch(artifact.tree.root)
    assert twisted.asked == ["HEAD", "chunks=4-6"]


FETCH = """
import sys
from pathlib import Path
from lockstep.store.artifacts import ArtifactStore
from lockstep.store.http_source import HttpSource
from lockstep.store.peers import Fetcher
folder, url, root = sys.argv[1:]
report = lambda done, total: print(done, flush=True)
Fetcher(ArtifactStore(Path(folder)), [HttpSource(url)]).fetch(bytes.fromhex(root), report=report)
"""


def test_a_killed_fetch_goes_on_where_it_was(twisted: type[Twisted], store: ArtifactStore, artifact: Artifact) -> None:
    twisted.stops_after = 3
    root = artifact.tree.root
    command = [sys.executable, "-c", FETCH, str(store.folder), twisted.url, root.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert store.find(root) is None
    twisted.hung.set()
    twisted.stops_after = 1 << 30
    twisted.asked.clear()
    Fetcher(store, [HttpSource(twisted.url)]).fetch(root)
    assert twisted.asked == ["HEAD", "chunks=3-6"]
    assert store.get(root) == DATA


def test_a_second_peer_goes_on_where_the_first_hangs(
    twisted: type[Twisted], server: ArtifactServer, store: ArtifactStore, artifact: Artifact
) -> None:
    twisted.stops_after = 2
    slow = HttpSource(twisted.url, socket_seconds=0.2)
    unreachable = HttpSource("http://127.0.0.1:1")
    fetcher = Fetcher(store, [unreachable, slow, HttpSource(url_of(server))])
    fetcher.fetch(artifact.tree.root)
    assert store.get(artifact.tree.root) == DATA
    assert twisted.sent == [0, 1] and fetcher.misconduct == {}  # slow is no lie


def test_limits_of_the_service(server: ArtifactServer, artifact: Artifact) -> None:
    path = f"/artifacts/0x{artifact.tree.root.hex()}"

    def ask(method: str, where: str, wanted: str = "") -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(method, where, headers={"Range": wanted} if wanted else {})
        response = connection.getresponse()
        return response, response.read()

    response, body = ask("HEAD", path)
    assert (response.status, response.getheader("Content-Length"), body) == (200, str(len(DATA)), b"")
    response, body = ask("GET", path, "bytes=100-199")
    assert (response.status, body) == (206, DATA[100:200])
    assert response.getheader("Content-Range") == f"bytes 100-199/{len(DATA)}"
    assert ask("GET", path)[1] == DATA
    for where in ("/", "/artifacts/", "/artifacts/0x12", "/artifacts/" + "0" * 64, "/artifacts/../data", "/other"):
        assert ask("GET", where)[0].status == 404
    for wanted in ("chunks=7-8", "chunks=x", "bytes=9-1", "lines=1-2"):
        assert ask("GET", path, wanted)[0].status == 416


def test_more_connections_than_allowed_are_turned_away(artifact: Artifact) -> None:
    store = ArtifactStore(artifact.path.parents[1])
    with ArtifactServer(LOCAL, store, connections=1) as server:  # noqa: SIM117
        with socket.create_connection(("127.0.0.1", server.port)) as first:
            first.sendall(b"GET ")  # it holds its place
            with socket.create_connection(("127.0.0.1", server.port)) as second:
                assert second.recv(100).startswith(b"HTTP/1.0 503")
            first.sendall(f"/artifacts/{artifact.tree.root.hex()} HTTP/1.0\r\n\r\n".encode())
            assert first.recv(12) == b"HTTP/1.0 200"


def test_what_the_disk_has_changed_is_not_sent(
    server: ArtifactServer, store: ArtifactStore, artifact: Artifact
) -> None:
    with artifact.path.open("r+b") as file:
        file.seek(2 * CHUNK_BYTES)
        file.write(b"rot")
    fetcher = Fetcher(store, [HttpSource(url_of(server))])
    with pytest.raises(Exception, match="artifact/unavailable"):
        fetcher.fetch(artifact.tree.root)
    assert fetcher.misconduct == {}
    assert sorted(store.partial(artifact.tree.root, artifact.layout).nodes) == [0, 1]
