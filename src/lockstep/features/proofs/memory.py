"""How much memory a command may take: said before work begins where it can be known, kept to, and printed."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from lockstep.errors import ProofError

GIBIBYTE = 1 << 30


@contextmanager
def working_folder(gibibytes: float, needed: int) -> Iterator[Path | None]:
    """Where code words go when memory is not to hold them: a folder that ends with the block; else None."""
    if not gibibytes or needed <= gibibytes * GIBIBYTE:
        yield None
        return
    with TemporaryDirectory(prefix="lockstep-proof-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def memory_limit(gibibytes: float, needed: int) -> Iterator[None]:
    """What this process may take, 0: all there is; ``needed`` bytes are an estimate. Raises ``proof/memory``.

    The estimate is judged first, because a library that finds no memory while it compiles ends the whole process.
    """
    if gibibytes and not needed <= gibibytes * GIBIBYTE < inf:
        raise _too_little(f"{gibibytes:.2f} GiB, about {needed / GIBIBYTE:.2f} GiB needed")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    if gibibytes:
        allowed = int(gibibytes * GIBIBYTE)
        private, resident = _bytes_in_use()
        resource.setrlimit(resource.RLIMIT_DATA, (private + max(0, allowed - resident), before[1]))
    try:
        yield
    except MemoryError as error:
        raise _too_little(f"{gibibytes:.2f} GiB") from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def peak_memory() -> int:
    """The most bytes that this process has had resident.

    VmHWM where there is one: the kernel's ``ru_maxrss`` also counts the parent from which the process was forked.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = (line.split() for line in status.read_text(encoding="ascii").splitlines())
        return next(int(words[1]) << 10 for words in lines if words[0] == "VmHWM:")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _bytes_in_use() -> tuple[int, int]:
    """Of private writable memory, which the limit is about and mapped files are not, and of resident memory."""
    pages = [int(field) for field in Path("/proc/self/statm").read_text(encoding="ascii").split()]
    return pages[5] * resource.getpagesize(), pages[1] * resource.getpagesize()


def _too_little(value: str) -> ProofError:
    return ProofError(
        "proof/memory",
        "proving needs more memory than allowed",
        value=value,
        remedy="raise --max-memory, or make a key for fewer passes",
    )
