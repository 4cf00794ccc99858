"""Files: a proof that anybody can check alone, and a model's proof key. A readable header, then canonical bytes.

``LOCKZKP1`` or ``LOCKZKK1`` (8 bytes) ‖ length of the header (u32) ‖ header: canonical JSON ‖ body. A file that does
not encode to itself is refused. Numbers that a header repeats for readers are checked against the body.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from lockstep.crypto.hashing import keccak256
from lockstep.errors import ProofError
from lockstep.proof.key import ProofKey, decode_key, encode_key
from lockstep.types import Digest

PROOF_MAGIC, KEY_MAGIC = b"LOCKZKP1", b"LOCKZKK1"
MODEL_TAG = b"lockstep/model/1"
LARGEST_HEADER = 1 << 20
MOST_PASSES = 1 << 20
SHOWN = ("inputs", "outputs")
"""What a key says of each: ``public``, ``hidden``, or a rule."""
_LENGTH = struct.Struct(">I")
_DIGEST_BYTES = 32


@dataclass(frozen=True)
class KeyFile:
    """A key with what it was made for: the model's roots, its passes, what it shows, and the published widths."""

    key: ProofKey
    graph_root: Digest
    weights_root: Digest
    passes: int
    shows: Mapping[str, str]
    widths: tuple[int, ...]
    hides_weights: bool

    @property
    def model_id(self) -> Digest:
        """The id of the model with this key."""
        return model_id_of(self.graph_root, self.weights_root, self.key)


@dataclass(frozen=True)
class ProofFile:
    """A proof, its public tensors (in the order of the key's program), what it is bound to, its key, its model's roots.

    The id is computed: a file that names its model freely could name anybody's.
    """

    key: ProofKey
    graph_root: Digest
    weights_root: Digest
    publics: tuple[tuple[int, ...], ...]
    context: Digest
    proof: bytes

    @property
    def model_id(self) -> Digest:
        """The id of the model that the proof is about."""
        return model_id_of(self.graph_root, self.weights_root, self.key)


def model_id_of(graph_root: Digest, weights_root: Digest, key: ProofKey) -> Digest:
    """The id of a model with a key."""
    return keccak256(MODEL_TAG, graph_root, weights_root, key.digest)


def encode_proof_file(file: ProofFile) -> bytes:
    """The bytes of a ``.proof`` file."""
    key = encode_key(file.key)
    header = {
        "format": 1,
        "model_id": file.model_id.hex(),
        "graph_root": file.graph_root.hex(),
        "weights_root": file.weights_root.hex(),
        "key": file.key.digest.hex(),
        "preset": file.key.parameters.name,
        "context": file.context.hex(),
        "publics": [len(values) for values in file.publics],
        "key_bytes": len(key),
        "proof_bytes": len(file.proof),
    }
    words = b"".join(struct.pack(">q", value) for values in file.publics for value in values)
    return encode_file(PROOF_MAGIC, header, key + words + file.proof)


def decode_proof_file(data: bytes) -> ProofFile:
    """The proof of a file's bytes. Raises ``ProofError`` ``proof/file`` and what ``decode_key`` raises."""
    header, body = decode_file(PROOF_MAGIC, data)
    try:
        sizes = [int(count) for count in cast(list[int], header["publics"])]
        key = decode_key(body[: int(cast(int, header["key_bytes"]))])
        at = int(cast(int, header["key_bytes"]))
        publics = []
        for count in sizes:
            publics.append(struct.unpack_from(f">{count}q", body, at))
            at += 8 * count
        graph_root, weights_root = _digest(header, "graph_root"), _digest(header, "weights_root")
        file = ProofFile(key, graph_root, weights_root, tuple(publics), _digest(header, "context"), body[at:])
    except (KeyError, ValueError, TypeError, OverflowError, struct.error) as error:
        raise broken("its header is incomplete") from error
    if encode_proof_file(file) != data:
        raise broken("its bytes are not canonical")
    return file


def encode_key_file(file: KeyFile) -> bytes:
    """The bytes of a ``.key`` file."""
    header = {
        "format": 1,
        "model_id": file.model_id.hex(),
        "graph_root": file.graph_root.hex(),
        "weights_root": file.weights_root.hex(),
        "key": file.key.digest.hex(),
        "preset": file.key.parameters.name,
        "passes": file.passes,
        "shows": dict(file.shows),
        "widths": list(file.widths),
        "hides_weights": file.hides_weights,
    }
    return encode_file(KEY_MAGIC, header, encode_key(file.key))


def decode_key_file(data: bytes) -> KeyFile:
    """The key of a file's bytes. Raises ``ProofError`` ``proof/file`` and what ``decode_key`` raises."""
    header, body = decode_file(KEY_MAGIC, data)
    key = decode_key(body)
    try:
        file = KeyFile(
            key,
            _digest(header, "graph_root"),
            _digest(header, "weights_root"),
            int(cast(int, header["passes"])),
            {name: str(cast(Mapping[str, str], header["shows"])[name]) for name in SHOWN},
            tuple(int(width) for width in cast(list[int], header["widths"])),
            bool(header["hides_weights"]),
        )
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise broken("its header is incomplete") from error
    if not 0 < file.passes <= MOST_PASSES or encode_key_file(file) != data:
        raise broken("its bytes are not canonical")
    return file


def _digest(header: Mapping[str, object], name: str) -> Digest:
    data = bytes.fromhex(str(header[name]))
    if len(data) != _DIGEST_BYTES:
        raise ValueError(name)
    return Digest(data)


def encode_file(magic: bytes, header: Mapping[str, object], body: bytes) -> bytes:
    """The bytes of a file of any kind."""
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    return magic + _LENGTH.pack(len(text)) + text + body


def decode_file(magic: bytes, data: bytes) -> tuple[dict[str, object], bytes]:
    """Header and body. Raises ``ProofError`` ``proof/file``."""
    start = len(magic) + _LENGTH.size
    if len(data) < start or not data.startswith(magic):
        raise broken("it is of another kind")
    (length,) = _LENGTH.unpack_from(data, len(magic))
    text = data[start : start + length]
    if length > LARGEST_HEADER or len(text) != length or text.count(b"[") + text.count(b"{") > NESTED:
        raise broken("its header is too long")
    try:
        header = json.loads(text)
    except ValueError as error:
        raise broken("its header is no JSON") from error
    if not isinstance(header, dict):
        raise broken("its header is no object")
    return header, data[start + length :]


NESTED = 8
"""Brackets of a header: more are not ours, and would only tire the parser."""


def broken(why: str) -> ProofError:
    """What a file is refused with."""
    return ProofError("proof/file", f"the file is damaged: {why}", remedy="get it again")
