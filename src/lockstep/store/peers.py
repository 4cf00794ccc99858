"""Fetching an artifact from several sources in turn, none of them trusted (artifacts.md, section 5)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Protocol

from lockstep.errors import ProofError, StoreError
from lockstep.store.artifacts import Artifact, ArtifactStore, Partial
from lockstep.store.chunks import Layout, verify_chunk
from lockstep.store.frames import LARGEST_RANGE, ProvedChunk
from lockstep.types import Digest

LARGEST_FETCH: Final = 1 << 36
"""64 GiB: a peer that claims more is not believed unless the caller knows better."""

Report = Callable[[int, int], None]
"""Told how many chunks are there, of how many."""


class Source(Protocol):
    """Somebody who may have artifacts. ``read_chunks`` is closed as soon as one chunk is wrong."""

    @property
    def name(self) -> str: ...

    def find_layout(self, root: Digest) -> Layout | None: ...

    def read_chunks(self, root: Digest, layout: Layout, first: int, last: int) -> Iterator[ProvedChunk]: ...


@dataclass(frozen=True, slots=True)
class Misconduct:
    """What a source sent that was wrong, and for which chunk; it is not asked again."""

    source: str
    root: Digest
    error: ProofError


class Fetcher:
    """Fetches by root into one store. Who has sent a wrong chunk is remembered for as long as this lives."""

    def __init__(self, store: ArtifactStore, sources: Sequence[Source], *, largest: int = LARGEST_FETCH) -> None:
        self.store, self._sources, self._largest = store, tuple(sources), largest
        self.misconduct: dict[str, Misconduct] = {}

    def fetch(
        self, root: Digest, layout: Layout | None = None, *, report: Report = lambda _done, _total: None
    ) -> Artifact:
        """The artifact, from the store or from the first source that has it. ``layout`` if it is known beforehand.

        Raises ``StoreError`` ``artifact/unavailable``; what was verified until then is kept for the next time.
        """
        found = self.store.find(root)
        reasons = []
        for source in self._sources if found is None else ():
            if source.name in self.misconduct:
                reasons.append(f"{source.name}: lied earlier")
                continue
            try:
                self._fetch_from(source, root, layout, report)
                return self.store.open(root)
            except ProofError as error:
                self.misconduct[source.name] = Misconduct(source.name, root, error)
                reasons.append(f"{source.name}: {error}")
            except StoreError as error:
                if error.code == "store/write":
                    raise
                reasons.append(f"{source.name}: {error}")
        if found is None:
            raise StoreError(
                "artifact/unavailable",
                "nobody who was asked gave the artifact",
                value=f"0x{root.hex()}: " + ("; ".join(reasons) or "there are no peers"),
                remedy="name another peer with --peer, or in the node's [artifacts]",
            )
        return found

    def _fetch_from(self, source: Source, root: Digest, known: Layout | None, report: Report) -> None:
        layout = known or source.find_layout(root)
        if layout is None:
            raise StoreError("store/missing", "it does not have it")
        if layout.size > self._largest:
            raise StoreError("artifact/too-large", "the artifact is larger than is fetched", value=layout.size)
        with self.store.partial(root, layout) as partial:
            while (span := partial.missing(LARGEST_RANGE)) is not None:
                before = len(partial.nodes)
                _fetch_range(source, partial, span, report)
                if len(partial.nodes) == before:
                    raise StoreError("chunk/cut-off", "the answer has no chunk", value=span[0])
            self.store.finish(partial)


def _fetch_range(source: Source, partial: Partial, span: tuple[int, int], report: Report) -> None:
    """Every chunk is verified and kept before the next is read; the first wrong one ends it."""
    answer = source.read_chunks(partial.root, partial.layout, *span)
    with closing(answer) as chunks:  # type: ignore[type-var]
        for number, chunk in zip(range(span[0], span[1] + 1), chunks, strict=False):
            if chunk.number != number:
                raise ProofError("chunk/length", "another chunk was sent than asked for", value=chunk.number)
            node = verify_chunk(partial.root, partial.layout, number, chunk.data, chunk.path)
            partial.add(number, chunk.data, node)
            report(len(partial.nodes), partial.layout.chunk_count)
