"""Frames are read one at a time, never more than was said, and ranges are what they say."""

import io

import pytest

from lockstep.errors import LockstepError
from lockstep.store.chunks import CHUNK_BYTES
from lockstep.store.frames import ProvedChunk, encode_frame, parse_range, read_frames
from lockstep.types import Digest

CHUNK = ProvedChunk(7, b"data", (Digest(bytes(32)), Digest(bytes([1]) * 32)))


def test_frames_come_back_one_by_one() -> None:
    stream = io.BytesIO(encode_frame(CHUNK) + encode_frame(ProvedChunk(8, b"x", ())) + b"rest")
    frames = read_frames(stream.read, 7, 8)
    assert next(frames) == CHUNK
    assert stream.tell() == len(encode_frame(CHUNK))
    assert next(frames) == ProvedChunk(8, b"x", ())
    assert list(frames) == [] and stream.read() == b"rest"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "chunk/cut-off"),
        (encode_frame(CHUNK)[:-1], "chunk/cut-off"),
        (bytes(4) + b"\x00", "chunk/length"),
        ((CHUNK_BYTES + 1).to_bytes(4, "big") + b"\x00", "chunk/length"),
        (b"\x00\x00\x00\x01\xff", "chunk/length"),
    ],
)
def test_wrong_frames_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(LockstepError) as caught:
        list(read_frames(io.BytesIO(content).read, 0, 0))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "span"),
    [("chunks=0-3", (0, 3)), ("chunks=2-", (2, 6)), ("chunks=5-99", (5, 9)), ("chunks=0-9", (0, 4))],
)
def test_ranges_are_cut_to_what_there_is_and_to_what_is_allowed(text: str, span: tuple[int, int]) -> None:
    assert parse_range(text, 10, unit="chunks", largest=5) == span


@pytest.mark.parametrize(
    "text", ["chunks=3-2", "chunks=10-", "chunks=-3", "bytes=0-1", "chunks=a-b", "chunks=0-1,3-4", ""]
)
def test_other_ranges_are_refused(text: str) -> None:
    with pytest.raises(LockstepError, match="range/"):
        parse_range(text, 10, unit="chunks", largest=5)
