"""A few threads that share one large operation: kernels release the interpreter, so two of them run on two cores."""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import Any, cast

from threadpoolctl import ThreadpoolController

Call = tuple[Callable[..., Any], tuple[Any, ...]]
"""A function and its arguments, bound once and called many times."""


class Workers:
    """``threads`` includes the caller's own."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or _cores()
        self._pool = ThreadPoolExecutor(self.threads - 1, "lockstep-exec") if self.threads > 1 else None

    def run_together(self, *calls: Call) -> None:
        """All calls, by whichever thread is free; a thread that other programs hold up is not waited for to begin."""
        pending = deque(calls)
        helpers: list[Future[None]] = []
        if self._pool is not None:
            helpers = [self._pool.submit(_drain, pending) for _ in range(min(self.threads, len(calls)) - 1)]
        _drain(pending)
        for helper in helpers:
            if not helper.cancel():
                helper.result()

    def split(self, units: int, *, smallest: int, parts_each: int = 3) -> list[tuple[int, int]]:
        """``units`` cut into some ranges a thread, or fewer so that none is below ``smallest``."""
        most = self.threads * parts_each if self.threads > 1 else 1
        parts = max(1, min(most, units // max(1, smallest)))
        bounds = [units * part // parts for part in range(parts + 1)]
        return list(pairwise(bounds))


def _drain(pending: deque[Call]) -> None:
    while True:
        try:
            function, arguments = pending.popleft()
        except IndexError:
            return
        function(*arguments)


def _cores() -> int:
    """Cores that this process may use; macOS and Windows do not say which, only how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _SingleThreadedBlas:
    """SciPy's BLAS on one thread while somebody runs: our threads split the work, with the steps around it.

    Loaded when a product is first run: it takes 20 MB and a quarter of a second.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0

    @cached_property
    def _library(self) -> tuple[list[Callable[[int], Any]], int]:
        """What sets its threads, and how many it has."""
        import scipy.linalg.cython_blas  # noqa: F401 - numba's products call it; it must be loaded to be found

        libraries = ThreadpoolController().select(user_api="blas").lib_controllers
        setters = [_thread_setter(library) for library in libraries if "scipy" in library.filepath]
        return setters, max((library.num_threads for library in libraries), default=1)

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._set(1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._set(self._library[1])

    def _set(self, threads: int) -> None:
        for setter in self._library[0]:
            setter(threads)


def _thread_setter(library: Any) -> Callable[[int], Any]:
    """The library's own function where it is OpenBLAS: half a microsecond, in a run of fifty."""
    for name in ("scipy_openblas_set_num_threads", "openblas_set_num_threads"):
        function = getattr(library.dynlib, name, None)
        if function is not None:
            return cast(Callable[[int], Any], function)
    return cast(Callable[[int], Any], library.set_num_threads)


single_threaded_blas = _SingleThreadedBlas()
