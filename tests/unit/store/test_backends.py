"""Object stores and gateways: a real S3 server and a real web server with a folder, neither of them trusted."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pytest
from aiohttp import web
from moto.server import ThreadedMotoServer

from lockstep.errors import ConfigError, StoreError
from lockstep.store.artifacts import ArtifactStore
from lockstep.store.backends import FolderSource, open_source
from lockstep.store.chunks import CHUNK_BYTES
from lockstep.store.http_source import HttpSource
from lockstep.store.peers import Fetcher

DATA = np.random.default_rng(8).bytes(2 * CHUNK_BYTES + 5)
BUCKET = "s3://artifacts/prefix"


@pytest.fixture
def theirs(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "theirs")


@pytest.fixture
def ours(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "ours")


@pytest.fixture
def bucket() -> Iterator[FolderSource]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    options = {"key": "k", "secret": "s", "client_kwargs": {"endpoint_url": f"http://{host}:{port}"}}
    source = FolderSource(BUCKET, options=options)
    source._files.mkdir("artifacts")
    yield source
    server.stop()


@pytest.fixture
def gateway(theirs: ArtifactStore) -> Iterator[str]:
    """A web server that answers range requests, with the store at /ipfs/bafyfolder."""
    theirs.folder.mkdir()
    app = web.Application()
    app.router.add_static("/ipfs/bafyfolder", theirs.folder)
    loop, runner = asyncio.new_event_loop(), web.AppRunner(app)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    loop.run_until_complete(site.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_an_artifact_goes_through_s3(bucket: FolderSource, theirs: ArtifactStore, ours: ArtifactStore) -> None:
    root = theirs.put(DATA)
    with pytest.raises(StoreError, match="artifact/unavailable"):
        Fetcher(ours, [bucket]).fetch(root)
    bucket.publish(root, theirs.open(root))
    Fetcher(ours, [bucket]).fetch(root)
    assert ours.get(root) == DATA


def test_s3_is_not_trusted(bucket: FolderSource, theirs: ArtifactStore, ours: ArtifactStore) -> None:
    root = theirs.put(DATA)
    bucket.publish(root, theirs.open(root))
    bucket._files.pipe_file(bucket._path(root, "data"), DATA[:-1] + bytes([DATA[-1] ^ 1]))
    fetcher = Fetcher(ours, [bucket])
    with pytest.raises(StoreError, match="artifact/unavailable"):
        fetcher.fetch(root)
    assert fetcher.misconduct[BUCKET].error.value == 2
    bucket._trees.clear()
    bucket._files.pipe_file(bucket._path(root, "tree"), b"lockstep-artifact/1 1;5\n" + bytes(32))
    fetcher = Fetcher(ours, [bucket])
    with pytest.raises(StoreError, match="artifact/unavailable"):
        fetcher.fetch(root)
    assert list(fetcher.misconduct) == [BUCKET]


def test_an_artifact_comes_from_an_ipfs_gateway(gateway: str, theirs: ArtifactStore, ours: ArtifactStore) -> None:
    root = theirs.put(DATA)
    source = open_source("ipfs://bafyfolder", gateway=gateway)
    Fetcher(ours, [source]).fetch(root)
    assert ours.get(root) == DATA
    plain = open_source(f"folder+{gateway}/ipfs/bafyfolder")
    assert plain.find_layout(root) == theirs.open(root).layout
    assert plain.find_layout(type(root)(bytes(32))) is None


def test_what_a_peer_is_follows_from_its_address() -> None:
    assert isinstance(open_source("https://host.example/base/"), HttpSource)
    for url in ("host:8646", "nosuch://host/path", "http://"):
        with pytest.raises(ConfigError, match="artifact/"):
            open_source(url)
