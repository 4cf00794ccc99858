"""A folder of artifacts named by their Keccak-256: what is read is what was named, and files are whole or absent."""

import os
import tempfile
from pathlib import Path

from lockstep.crypto.hashing import keccak256
from lockstep.errors import StoreError
from lockstep.types import Digest


class ContentStore:
    """``folder/ab/cdef…`` holds the bytes whose digest is ``abcdef…``. Safe to share between processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> Digest:
        """Keep ``data``; its name. Putting the same bytes twice changes nothing."""
        name = keccak256(data)
        path = self._path(name)
        if path.is_file():
            return name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        except OSError as error:
            raise StoreError("store/write", "the store cannot be written", value=error, remedy="check it") from None
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            Path(temporary).unlink(missing_ok=True)
            raise StoreError("store/write", "the store cannot be written", value=error, remedy="free space") from None
        return name

    def has(self, name: Digest) -> bool:
        return self._path(name).is_file()

    def get(self, name: Digest) -> bytes:
        """The bytes of that name. Raises ``StoreError`` ``store/missing`` or ``store/corrupt``."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            remedy = "fetch it from whoever published it"
            raise StoreError("store/missing", "no such artifact", value=name.hex(), remedy=remedy) from None
        except OSError as error:
            raise StoreError("store/read", "the artifact cannot be read", value=error) from None
        if keccak256(data) != name:
            raise StoreError("store/corrupt", "the bytes do not match their name", value=path, remedy="delete the file")
        return data

    def _path(self, name: Digest) -> Path:
        if len(name) != 32:
            raise StoreError("store/name", "a name has 32 bytes", value=name.hex())
        text = name.hex()
        return self.folder / text[:2] / text[2:]
