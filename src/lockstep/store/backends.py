"""Artifacts in object stores and behind IPFS gateways, through fsspec (artifacts.md, section 6)."""

from collections.abc import Iterator
from typing import Any, Final

from lockstep.errors import ConfigError, ProofError, StoreError
from lockstep.store.artifacts import DATA, TREE, Artifact, decode_tree, encode_tree
from lockstep.store.chunks import ChunkTree, Layout
from lockstep.store.frames import ProvedChunk
from lockstep.store.http_source import HttpSource
from lockstep.store.peers import Source
from lockstep.types import Digest

DEFAULT_GATEWAY: Final = "https://ipfs.io"
EXTRAS: Final = {"s3": "lockstep-ai[s3]", "http": "lockstep-ai[ipfs]", "https": "lockstep-ai[ipfs]"}
PEER_SCHEMES: Final = ("http", "https")
FOLDER_PREFIX: Final = "folder+"
"""``folder+https://…``: a plain folder behind HTTP, not a Lockstep node."""


class FolderSource:
    """``url/<root>/{data,tree}`` in whatever fsspec reads: ``s3://bucket/prefix``, ``ipfs://CID``, ``file:///…``.

    The tree is checked against the root when it is read, and every chunk against it: the place is not trusted.
    """

    def __init__(self, url: str, *, gateway: str = DEFAULT_GATEWAY, options: dict[str, Any] | None = None) -> None:
        self.name = url
        self._files, self._base = _open_folder(_translate(url, gateway), options or {})
        self._trees: dict[Digest, ChunkTree] = {}

    def find_layout(self, root: Digest) -> Layout | None:
        """The layout, once its tree is known to be that of the root."""
        try:
            return self._tree(root).layout
        except StoreError as error:
            if error.code == "store/missing":
                return None
            raise

    def read_chunks(self, root: Digest, layout: Layout, first: int, last: int) -> Iterator[ProvedChunk]:
        """One read a chunk, with the path from the stored tree."""
        tree = self._tree(root)
        if tree.layout != layout:
            raise ProofError("chunk/length", "the stored artifact has another layout", value=str(tree.layout)[:80])
        for number in range(first, last + 1):
            place = layout.chunk(number)
            data = self._read(root, DATA, start=place.start, end=place.start + place.size)
            yield ProvedChunk(number, data, tuple(tree.path(number)))

    def publish(self, root: Digest, artifact: Artifact) -> None:
        """Copies an artifact there, its tree last: what has a tree is whole."""
        try:
            self._files.makedirs(f"{self._base}/{root.hex()}", exist_ok=True)
            self._files.put_file(str(artifact.path), self._path(root, DATA))
            self._files.pipe_file(self._path(root, TREE), encode_tree(artifact.tree))
        except Exception as error:  # fsspec's back ends raise errors of their own libraries
            raise StoreError("store/write", "cannot write there", value=f"{self.name}: {error}") from None

    def _tree(self, root: Digest) -> ChunkTree:
        if root not in self._trees:
            content = self._read(root, TREE)
            try:
                self._trees[root] = decode_tree(content, root)
            except StoreError as error:
                raise ProofError("chunk/proof", error.message, value=self.name) from None
        return self._trees[root]

    def _read(self, root: Digest, name: str, **span: int) -> bytes:
        try:
            return bytes(self._files.cat_file(self._path(root, name), **span))
        except FileNotFoundError:
            raise StoreError("store/missing", "it does not have it") from None
        except Exception as error:  # fsspec's back ends raise errors of their own libraries
            raise StoreError("peer/unreachable", "cannot read there", value=f"{self.name}: {error}") from None

    def _path(self, root: Digest, name: str) -> str:
        return f"{self._base}/{root.hex()}/{name}"


def _translate(url: str, gateway: str) -> str:
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "ipfs":
        return f"{gateway.rstrip('/')}/ipfs/{rest}"
    return url.removeprefix(FOLDER_PREFIX)


def _open_folder(url: str, options: dict[str, Any]) -> tuple[Any, str]:
    scheme = url.partition("://")[0]
    extra = EXTRAS.get(scheme, "lockstep-ai[ipfs]")
    try:
        from fsspec.core import url_to_fs

        files, path = url_to_fs(url, use_listings_cache=False, **options)
    except ImportError as error:
        remedy = f"pip install '{extra}'"
        raise ConfigError("artifact/backend", f"a library is missing: {error}", value=url, remedy=remedy) from None
    except ValueError as error:
        raise ConfigError("artifact/backend", f"no such kind of store: {error}", value=url) from None
    return files, path.rstrip("/")


def open_source(url: str, *, gateway: str = DEFAULT_GATEWAY, options: dict[str, Any] | None = None) -> Source:
    """A peer (``http://host:port``), or a folder in a store (``s3://…``, ``ipfs://CID``, ``folder+https://…``)."""
    if url.partition("://")[0] in PEER_SCHEMES:
        return HttpSource(url)
    if "://" not in url:
        raise ConfigError("artifact/peer", "this is no address of a peer", value=url, remedy="http://host:port")
    return FolderSource(url, gateway=gateway, options=options)
