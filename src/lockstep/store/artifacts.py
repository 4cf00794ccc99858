"""A folder of artifacts named by their Merkle roots, whole ones and those that are being fetched (artifacts.md 4)."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lockstep.crypto.hashing import keccak256
from lockstep.errors import StoreError
from lockstep.store.chunks import CHUNK_BYTES, ChunkTree, Layout, chunk_node
from lockstep.store.frames import DIGEST_BYTES, ProvedChunk
from lockstep.types import Digest

MAGIC: Final = b"lockstep-artifact/1 "
DATA, TREE, HAVE = "data", "tree", "have"
RECORD_BYTES: Final = 4 + DIGEST_BYTES


def encode_tree(tree: ChunkTree) -> bytes:
    """The file beside an artifact's bytes: a line with its layout, then the nodes of its chunks."""
    return MAGIC + str(tree.layout).encode() + b"\n" + b"".join(tree.nodes)


def decode_tree(content: bytes, root: Digest) -> ChunkTree:
    """What ``encode_tree`` wrote. Raises ``StoreError`` ``artifact/tree`` if it is not that of ``root``."""
    line, _, digests = content.partition(b"\n")
    if not line.startswith(MAGIC) or len(digests) % DIGEST_BYTES:
        raise StoreError("artifact/tree", "this is no tree of an artifact", value=root.hex())
    layout = Layout.parse(line[len(MAGIC) :].decode("ascii", "replace"))
    nodes = [Digest(digests[at : at + DIGEST_BYTES]) for at in range(0, len(digests), DIGEST_BYTES)]
    tree = ChunkTree(layout, nodes)
    if tree.root != root:
        raise StoreError("artifact/tree", "the tree is not that of the name", value=root.hex(), remedy="fetch it anew")
    return tree


@dataclass(frozen=True)
class Artifact:
    """One whole artifact on disk."""

    tree: ChunkTree
    path: Path

    @property
    def layout(self) -> Layout:
        return self.tree.layout

    def read_bytes(self, start: int, size: int) -> bytes:
        """Some of its bytes, as they lie on disk. Raises ``StoreError`` ``store/corrupt`` if they are cut off."""
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(size)
        if len(data) != size:
            raise StoreError("store/corrupt", "the artifact is cut off", value=self.path, remedy="delete its folder")
        return data

    def chunk(self, number: int) -> ProvedChunk:
        """A chunk with its proof. Raises ``StoreError`` ``store/corrupt`` if the disk has changed it."""
        place = self.layout.chunk(number)
        data = self.read_bytes(place.start, place.size)
        if chunk_node(data, place.levels) != self.tree.nodes[number]:
            raise StoreError("store/corrupt", "a chunk has changed on disk", value=number, remedy="delete its folder")
        return ProvedChunk(number, data, tuple(self.tree.path(number)))

    def chunks(self) -> Iterator[ProvedChunk]:
        """All of it."""
        return (self.chunk(number) for number in range(self.layout.chunk_count))


class ArtifactStore:
    """``folder/<root>/{data,tree}`` are whole, ``folder/partial/<root>`` is on its way. Processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._partial = folder / "partial"

    def put(self, data: bytes, layout: Layout | None = None) -> Digest:
        """Keep an artifact; its name. Putting it twice changes nothing."""
        tree = ChunkTree.over(layout or Layout.of(len(data)), data)
        if self.find(tree.root) is None:
            with self._writing():
                self._partial.mkdir(parents=True, exist_ok=True)
                folder = Path(tempfile.mkdtemp(dir=self._partial, prefix="."))
                _write(folder / DATA, data)
                self._finish(folder, tree)
        return tree.root

    def find(self, root: Digest) -> Artifact | None:
        """The whole artifact of that name. Raises ``StoreError`` ``artifact/tree`` if its tree was changed."""
        folder = self._folder(root)
        try:
            content = (folder / TREE).read_bytes()
        except FileNotFoundError:
            return None
        return Artifact(decode_tree(content, root), folder / DATA)

    def open(self, root: Digest) -> Artifact:
        """As ``find``. Raises ``StoreError`` ``store/missing``."""
        found = self.find(root)
        if found is None:
            remedy = "fetch it: lockstep artifact get"
            raise StoreError("store/missing", "no such artifact", value="0x" + root.hex(), remedy=remedy)
        return found

    def get(self, root: Digest) -> bytes:
        """All bytes, every chunk checked. Raises ``StoreError`` ``store/missing`` or ``store/corrupt``."""
        return b"".join(chunk.data for chunk in self.open(root).chunks())

    def drop(self, root: Digest) -> None:
        """Let go of an artifact, so that it can be fetched anew; nothing if it is not there."""
        with self._writing():
            shutil.rmtree(self._folder(root), ignore_errors=True)

    def roots(self) -> list[Digest]:
        """The names of what is whole."""
        names = [path.parent.name for path in self.folder.glob(f"*/{TREE}") if len(path.parent.name) == 64]
        return [Digest(bytes.fromhex(name)) for name in sorted(names)]

    def partial(self, root: Digest, layout: Layout) -> "Partial":
        """What there is of an artifact that is being fetched."""
        self._folder(root)
        with self._writing():
            return Partial(self, root, layout, self._partial / f"{root.hex()}-{_short(layout)}")

    def finish(self, partial: "Partial") -> None:
        """All chunks are there: it becomes whole. Raises ``StoreError`` ``artifact/tree``."""
        tree = ChunkTree(partial.layout, [partial.nodes[number] for number in range(partial.layout.chunk_count)])
        if tree.root != partial.root:
            raise StoreError("artifact/tree", "the chunks are not those of the name", value=partial.root.hex())
        with self._writing():
            self._finish(partial.folder, tree)

    def _finish(self, folder: Path, tree: ChunkTree) -> None:
        """Renamed whole; if another process was faster, its copy stays."""
        try:
            _write(folder / TREE, encode_tree(tree))
            (folder / HAVE).unlink(missing_ok=True)
            os.replace(folder, self._folder(tree.root))
        except OSError:
            if self.find(tree.root) is None:
                raise
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, root: Digest) -> Path:
        if len(root) != DIGEST_BYTES:
            raise StoreError("store/name", "a name has 32 bytes", value=root.hex())
        return self.folder / root.hex()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError("store/write", "the store cannot be written", value=error, remedy="check it") from None


class Partial:
    """The chunks of an artifact that were verified so far; what a crash has torn is found and fetched again."""

    def __init__(self, store: ArtifactStore, root: Digest, layout: Layout, folder: Path) -> None:
        self.root, self.layout, self.folder, self._store = root, layout, folder, store
        self.nodes: dict[int, Digest] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._data = os.open(folder / DATA, os.O_RDWR | os.O_CREAT, 0o644)
        self._have = os.open(folder / HAVE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._recall()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._data)
        os.close(self._have)

    def missing(self, largest: int) -> tuple[int, int] | None:
        """First and last of the first run of chunks that are not there, at most ``largest`` of them."""
        first = next((n for n in range(self.layout.chunk_count) if n not in self.nodes), None)
        if first is None:
            return None
        last = first
        while last + 1 < min(self.layout.chunk_count, first + largest) and last + 1 not in self.nodes:
            last += 1
        return first, last

    def add(self, number: int, data: bytes, node: Digest) -> None:
        """Keep a chunk that was verified: its bytes first, then the line that says so."""
        with self._store._writing():
            os.pwrite(self._data, data, self.layout.chunk(number).start)
            os.fdatasync(self._data)
            os.write(self._have, number.to_bytes(4, "big") + node)
        self.nodes[number] = node

    def _recall(self) -> None:
        """What an earlier run verified, read and hashed again: a crash may have torn it."""
        records = os.pread(self._have, RECORD_BYTES * self.layout.chunk_count * 2, 0)
        if len(records) % RECORD_BYTES:
            os.ftruncate(self._have, len(records) - len(records) % RECORD_BYTES)
        for at in range(0, len(records) - RECORD_BYTES + 1, RECORD_BYTES):
            number, node = int.from_bytes(records[at : at + 4], "big"), Digest(records[at + 4 : at + RECORD_BYTES])
            if number >= self.layout.chunk_count:
                continue
            place = self.layout.chunk(number)
            data = os.pread(self._data, min(place.size, CHUNK_BYTES), place.start)
            if len(data) == place.size and chunk_node(data, place.levels) == node:
                self.nodes[number] = node


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _short(layout: Layout) -> str:
    """Tells apart what peers say of one root before it is known to be true."""
    return keccak256(str(layout).encode()).hex()[:8]
