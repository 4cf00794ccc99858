"""How chunks travel with their proofs: one frame a chunk, each checked before the next is read (artifacts.md 3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lockstep.errors import ProofError, StoreError
from lockstep.store.chunks import CHUNK_BYTES
from lockstep.types import Digest

CONTENT_TYPE: Final = "application/vnd.lockstep.chunks"
LAYOUT_HEADER: Final = "Lockstep-Layout"
RANGE_UNIT: Final = "chunks"
LARGEST_RANGE: Final = 64
"""Chunks in one answer: 8 MiB."""
LONGEST_PATH: Final = 96
DIGEST_BYTES: Final = 32
HEAD_BYTES: Final = 5

Read = Callable[[int], bytes]
"""Gives so many bytes, fewer only at the end."""


@dataclass(frozen=True, slots=True)
class ProvedChunk:
    """A chunk's bytes and the siblings on the way to the root, bottom up; nothing of it is believed yet."""

    number: int
    data: bytes
    path: tuple[Digest, ...]


def encode_frame(chunk: ProvedChunk) -> bytes:
    """Length of the data (4 bytes, big-endian), number of siblings (1 byte), siblings, data."""
    head = len(chunk.data).to_bytes(4, "big") + len(chunk.path).to_bytes(1, "big")
    return head + b"".join(chunk.path) + chunk.data


def read_frames(read: Read, first: int, last: int) -> Iterator[ProvedChunk]:
    """The frames of chunks ``first … last`` one by one. Raises ``chunk/length``, ``chunk/cut-off``."""
    for number in range(first, last + 1):
        head = _exactly(read, HEAD_BYTES, number)
        size, siblings = int.from_bytes(head[:4], "big"), head[4]
        if not 1 <= size <= CHUNK_BYTES or siblings > LONGEST_PATH:
            raise ProofError("chunk/length", "no chunk is that long", value=number)
        digests = _exactly(read, siblings * DIGEST_BYTES, number)
        path = [Digest(digests[at : at + DIGEST_BYTES]) for at in range(0, len(digests), DIGEST_BYTES)]
        yield ProvedChunk(number, _exactly(read, size, number), tuple(path))


def _exactly(read: Read, size: int, number: int) -> bytes:
    data = read(size) if size else b""
    if len(data) != size:
        raise StoreError("chunk/cut-off", "the answer ends within a chunk", value=number)
    return data


def parse_range(text: str, count: int, *, unit: str, largest: int) -> tuple[int, int]:
    """First and last of ``unit=first-last``, cut to ``count`` and ``largest``. Raises ``StoreError`` ``range/…``."""
    name, _, numbers = text.partition("=")
    first_text, _, last_text = numbers.partition("-")
    plain = [digits for digits in (first_text, last_text or "0") if digits.isascii() and digits.isdigit()]
    if name.strip() != unit or len(plain) != 2 or len(numbers) > 40:
        raise StoreError("range/malformed", f"a range is {unit}=FIRST-LAST", value=text[:80])
    first = int(first_text)
    last = min(int(last_text) if last_text else count - 1, count - 1, first + largest - 1)
    if first > last:
        raise StoreError("range/outside", "the range is outside the artifact", value=text[:80])
    return first, last
