"""The artifact folder: names are hashes, damage is noticed, nothing half-written stays."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.crypto.hashing import keccak256
from lockstep.errors import StoreError
from lockstep.store.content import ContentStore


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
def test_what_was_put_is_what_is_got(tmp_path: Path, data: bytes) -> None:
    store = ContentStore(tmp_path)
    name = store.put(data)
    assert name == keccak256(data) == store.put(data)
    assert store.has(name)
    assert ContentStore(tmp_path).get(name) == data


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    name = store.put(b"weights")
    path = tmp_path / name.hex()[:2] / name.hex()[2:]
    path.write_bytes(b"weightz")
    with pytest.raises(StoreError, match="store/corrupt"):
        store.get(name)


def test_a_missing_artifact_says_so(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    assert not store.has(keccak256(b"x"))
    with pytest.raises(StoreError, match="store/missing"):
        store.get(keccak256(b"x"))


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match="store/write"):
        ContentStore(tmp_path).put(b"x")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
