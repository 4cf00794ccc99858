"""The input of a job: what its request carries, else what its root names, from the node's store or its peers."""

import time
from collections import OrderedDict
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final, Protocol

import numpy as np
import structlog

from lockstep.chain.bindings.shared import Job
from lockstep.errors import LockstepError, StoreError
from lockstep.ir.graph import Graph
from lockstep.store.chunks import Layout, artifact_root
from lockstep.store.peers import Fetcher
from lockstep.types import Digest

PATIENCE_SECONDS: Final = 2.0
"""How long a chain's loop waits for a fetch before it goes on without; the fetch goes on too."""
RETRY_SECONDS: Final = 30.0
REMEMBERED: Final = 1024
"""Roots that nobody had, or that are on their way."""
WORKERS: Final = 2
DAMAGE: Final = ("store/corrupt", "artifact/tree", "artifact/layout")
"""What a store says of an artifact that has changed since it was whole."""

Errand = tuple[Future[bytes], Digest, Layout]


class InputFinder(Protocol):
    """Where a job's input comes from. None: not here, or not yet."""

    def find_input(self, graph: Graph, job: Job, carried: bytes) -> bytes | None: ...


class CarriedInputs:
    """Only what the request carries."""

    def find_input(self, graph: Graph, job: Job, carried: bytes) -> bytes | None:  # noqa: ARG002
        """As it is; who uses it checks it."""
        return carried


class FetchedInputs:
    """What the request carries if it is what the root names, else an artifact. A loop never waits long for peers.

    All chains of a node share it. Its threads are daemons: a slow peer does not keep a node from ending, and what was
    fetched until then is kept.
    """

    def __init__(
        self, fetcher: Fetcher, *, patience_seconds: float = PATIENCE_SECONDS, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._fetcher, self._patience, self._retry = fetcher, patience_seconds, retry_seconds
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._fetches: OrderedDict[Digest, tuple[Future[bytes], float]] = OrderedDict()
        self._lock = Lock()
        for number in range(WORKERS):
            Thread(target=self._work, name=f"inputs-{number}", daemon=True).start()

    def find_input(self, graph: Graph, job: Job, carried: bytes) -> bytes | None:
        """The bytes that the job's root names, whoever they are from."""
        layout = layout_of(graph, job.passes)
        if len(carried) == layout.size and artifact_root(layout, carried) == job.input_root:
            return carried
        return self._find(Digest(job.input_root), layout)

    def _find(self, root: Digest, layout: Layout) -> bytes | None:
        try:
            if (kept := self._find_kept(root, layout)) is not None:
                return kept
            fetch, patience = self._start(root, layout)
            return fetch.result(patience)
        except (CancelledError, Late, LockstepError):
            return None

    def _find_kept(self, root: Digest, layout: Layout) -> bytes | None:
        """What the own store has; what the disk has changed is dropped, to be fetched anew."""
        store = self._fetcher.store
        try:
            return self._read(root, layout) if store.find(root) is not None else None
        except StoreError as error:
            if error.code not in DAMAGE:
                raise
            structlog.get_logger().warning("input damaged on disk", input_root=root.hex(), error=str(error))
            store.drop(root)
            return None

    def _read(self, root: Digest, layout: Layout) -> bytes:
        data = self._fetcher.store.get(root)
        if len(data) != layout.size:
            raise StoreError("artifact/layout", "the artifact has another size", value=len(data))
        return data

    def _start(self, root: Digest, layout: Layout) -> tuple[Future[bytes], float]:
        """The fetch that is on its way or was tried a moment ago, else a new one; and how long to wait for it.

        Only a fetch that begins at once is waited for, and only once: many roots that nobody has cost a loop little.
        """
        with self._lock:
            known = self._fetches.get(root)
            if known is not None and (not known[0].done() or time.monotonic() < known[1] + self._retry):
                return known[0], 0.0
            while len(self._fetches) >= REMEMBERED:
                self._fetches.popitem(last=False)[1][0].cancel()
            is_at_once = sum(not fetch.done() for fetch, _ in self._fetches.values()) < WORKERS
            fetch: Future[bytes] = Future()
            self._fetches[root] = fetch, time.monotonic()
        self._errands.put((fetch, root, layout))
        return fetch, self._patience if is_at_once else 0.0

    def _work(self) -> None:
        while True:
            fetch, root, layout = self._errands.get()
            if not fetch.set_running_or_notify_cancel():
                continue
            try:
                fetch.set_result(self._fetch(root, layout))
                with self._lock:
                    self._fetches.pop(root, None)  # it is in the store now; its bytes need not be kept here
            except LockstepError as error:
                fetch.set_exception(error)
            except Exception as error:  # a defect is told to who waits; the thread lives on
                structlog.get_logger().error("input not fetched", exc_info=error)
                fetch.set_exception(StoreError("artifact/unavailable", "the fetch failed", value=error))

    def _fetch(self, root: Digest, layout: Layout) -> bytes:
        log = structlog.get_logger().bind(input_root=root.hex())
        try:
            self._fetcher.fetch(root, layout)
            data = self._read(root, layout)
        except LockstepError as error:
            log.warning("input not found", error=str(error))
            raise
        log.info("input found", bytes=len(data))
        return data


def layout_of(graph: Graph, passes: int) -> Layout:
    """How the bytes of all passes lie under an input root."""
    return Layout(passes, tuple(int(np.prod(spec.shape)) * spec.dtype.size for spec in graph.inputs))
