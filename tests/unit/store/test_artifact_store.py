"""The folder of artifacts: whole or absent, what was verified survives a crash, what the disk changed is noticed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lockstep.crypto.merkle import tensor_root
from lockstep.errors import ProofError, StoreError
from lockstep.store.artifacts import Artifact, ArtifactStore
from lockstep.store.chunks import CHUNK_BYTES, Layout
from lockstep.store.frames import ProvedChunk
from lockstep.store.peers import Fetcher
from lockstep.types import Digest

DATA = np.random.default_rng(6).bytes(4 * CHUNK_BYTES + 100)
LAYOUT = Layout.of(len(DATA))


class Memory:
    """A source that counts what it was asked, and may send some chunk wrong or stop before it."""

    def __init__(self, artifact: Artifact, name: str = "memory", *, wrong: int = -1, stops_at: int = -1) -> None:
        self.artifact, self.name, self.wrong, self.stops_at = artifact, name, wrong, stops_at
        self.sent: list[int] = []
        self.layout = artifact.layout

    def find_layout(self, root: Digest) -> Layout | None:
        return self.layout if root == self.artifact.tree.root else None

    def read_chunks(self, root: Digest, layout: Layout, first: int, last: int) -> Iterator[ProvedChunk]:
        for number in range(first, last + 1):
            if number == self.stops_at:
                raise StoreError("peer/unreachable", "gone")
            self.sent.append(number)
            chunk = self.artifact.chunk(number)
            data = bytes(len(chunk.data)) if number == self.wrong else chunk.data
            yield ProvedChunk(number, data, chunk.path)


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    store = ArtifactStore(tmp_path / "theirs")
    return store.open(store.put(DATA))


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "ours")


def test_what_is_put_is_found_by_its_root(store: ArtifactStore) -> None:
    root = store.put(DATA)
    assert root == store.put(DATA) == tensor_root(DATA)
    assert store.get(root) == DATA and store.roots() == [root]
    with pytest.raises(StoreError, match="store/missing"):
        store.get(Digest(bytes(32)))


def test_a_changed_disk_is_noticed(store: ArtifactStore) -> None:
    root = store.put(DATA)
    path = store.folder / root.hex() / "data"
    content = bytearray(DATA)
    content[CHUNK_BYTES] ^= 1
    path.write_bytes(content)
    assert store.open(root).chunk(0).data == DATA[:CHUNK_BYTES]
    with pytest.raises(StoreError, match="store/corrupt"):
        store.get(root)
    tree = path.with_name("tree")
    tree.write_bytes(tree.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="artifact/tree"):
        store.find(root)


def test_a_liar_is_caught_at_its_chunk_and_not_asked_again(store: ArtifactStore, artifact: Artifact) -> None:
    liar, honest = Memory(artifact, "liar", wrong=2), Memory(artifact, "honest")
    fetcher = Fetcher(store, [liar, honest])
    root = artifact.tree.root
    fetcher.fetch(root)
    assert liar.sent == [0, 1, 2] and honest.sent == [2, 3, 4]
    assert fetcher.misconduct["liar"].error.value == 2 and list(fetcher.misconduct) == ["liar"]
    assert store.get(root) == DATA
    again = Fetcher(ArtifactStore(store.folder / "again"), [])
    again.misconduct, again._sources = fetcher.misconduct, (liar,)
    with pytest.raises(StoreError, match="artifact/unavailable"):
        again.fetch(root)
    assert liar.sent == [0, 1, 2]


def test_what_was_verified_is_not_fetched_again(store: ArtifactStore, artifact: Artifact) -> None:
    root = artifact.tree.root
    with pytest.raises(StoreError, match="artifact/unavailable"):
        Fetcher(store, [Memory(artifact, stops_at=3)]).fetch(root)
    assert store.find(root) is None
    second = Memory(artifact)
    Fetcher(ArtifactStore(store.folder), [second]).fetch(root)
    assert second.sent == [3, 4] and store.get(root) == DATA
    assert list((store.folder / "partial").iterdir()) == []


def test_a_torn_chunk_is_fetched_again(store: ArtifactStore, artifact: Artifact) -> None:
    root = artifact.tree.root
    with pytest.raises(StoreError):
        Fetcher(store, [Memory(artifact, stops_at=3)]).fetch(root)
    (folder,) = (store.folder / "partial").iterdir()
    with (folder / "data").open("r+b") as file:
        file.seek(CHUNK_BYTES + 9)
        file.write(b"torn")
    with (folder / "have").open("ab") as file:
        file.write(b"half a line")
    second = Memory(artifact)
    Fetcher(store, [second]).fetch(root)
    assert second.sent == [1, 3, 4] and store.get(root) == DATA


def test_a_false_layout_is_a_lie_too(store: ArtifactStore, artifact: Artifact) -> None:
    liar = Memory(artifact, "liar")
    liar.layout = Layout.of(200 * CHUNK_BYTES)
    fetcher = Fetcher(store, [liar, Memory(artifact, "honest")])
    assert fetcher.fetch(artifact.tree.root).layout == LAYOUT
    assert isinstance(fetcher.misconduct["liar"].error, ProofError)


def test_more_than_is_wanted_is_not_fetched(store: ArtifactStore, artifact: Artifact) -> None:
    source = Memory(artifact)
    with pytest.raises(StoreError, match="artifact/too-large"):
        Fetcher(store, [source], largest=len(DATA) - 1).fetch(artifact.tree.root)
    assert source.sent == []
