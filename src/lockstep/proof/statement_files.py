"""Files of statements beyond one answer, and of data keys: what they say is what their programs are built from.

``LOCKZKS1`` or ``LOCKZKD1`` as in ``proof.files``. A statement's file holds no program: whoever reads it builds the
program from the same words that are shown to people, so that a file cannot say one thing and prove another.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from lockstep.crypto.hashing import keccak256
from lockstep.proof.files import broken, decode_file, encode_file
from lockstep.proof.key import COMMITMENT_BYTES, decode_commitment, find_preset
from lockstep.proof.parameters import Parameters
from lockstep.proof.statement import OracleCommitment
from lockstep.types import Digest

STATEMENT_MAGIC, DATA_KEY_MAGIC = b"LOCKZKS1", b"LOCKZKD1"
STATEMENT_TAG, DATA_TAG = b"lockstep/statement/1", b"lockstep/data/1"
MOST_COMMITMENTS = 3

Said = Mapping[str, int | str | list[int]]
"""A claim's parameters by name: numbers, words, lists of numbers."""


@dataclass(frozen=True)
class StatementFile:
    """``said``: the claim. ``outline``: the graph or the tensors that it is about, without weights."""

    said: Said
    outline: bytes
    parameters: Parameters
    commitments: tuple[OracleCommitment, ...]
    publics: tuple[tuple[int, ...], ...]
    proof: bytes

    @property
    def context(self) -> Digest:
        """Binds the proof to every word of the file."""
        data = encode_statement_file(StatementFile(**{**vars(self), "proof": b""}))
        return keccak256(STATEMENT_TAG, data)


@dataclass(frozen=True)
class DataKeyFile:
    """A committed data set: ``outline`` says what a row is; 0 labels or one a row."""

    outline: bytes
    rows: int
    is_labelled: bool
    hides: bool
    parameters: Parameters
    commitment: OracleCommitment

    @property
    def data_id(self) -> Digest:
        """The name of the data set."""
        head = struct.pack(">IB", self.rows, self.is_labelled)
        return keccak256(DATA_TAG, head, self.parameters.encode(), self.commitment.encode(), self.outline)


def encode_statement_file(file: StatementFile) -> bytes:
    """The bytes of a proof of a statement."""
    header = {
        "format": 1,
        "claim": dict(file.said),
        "preset": file.parameters.name,
        "commitments": len(file.commitments),
        "publics": [len(values) for values in file.publics],
        "outline_bytes": len(file.outline),
        "proof_bytes": len(file.proof),
    }
    words = b"".join(struct.pack(">q", value) for values in file.publics for value in values)
    commitments = b"".join(commitment.encode() for commitment in file.commitments)
    return encode_file(STATEMENT_MAGIC, header, commitments + file.outline + words + file.proof)


def decode_statement_file(data: bytes) -> StatementFile:
    """The statement of a file's bytes. Raises ``ProofError`` ``proof/file``, ``proof/parameters``."""
    header, body = decode_file(STATEMENT_MAGIC, data)
    try:
        count = int(cast(int, header["commitments"]))
        if not 0 < count <= MOST_COMMITMENTS:
            raise ValueError(count)
        at, publics = count * COMMITMENT_BYTES, []
        commitments = tuple(_commitment(body, number) for number in range(count))
        end = at + int(cast(int, header["outline_bytes"]))
        outline = body[at:end]
        for size in cast(list[int], header["publics"]):
            publics.append(struct.unpack_from(f">{int(size)}q", body, end))
            end += 8 * int(size)
        said = cast(Said, dict(cast(Mapping[str, object], header["claim"])))
        file = StatementFile(said, outline, _preset(header), commitments, tuple(publics), body[end:])
    except (KeyError, ValueError, TypeError, OverflowError, struct.error) as error:
        raise broken("its header is incomplete") from error
    if encode_statement_file(file) != data:
        raise broken("its bytes are not canonical")
    return file


def encode_data_key(file: DataKeyFile) -> bytes:
    """The bytes of a data set's key."""
    header = {
        "format": 1,
        "data_id": file.data_id.hex(),
        "rows": file.rows,
        "is_labelled": file.is_labelled,
        "hides": file.hides,
        "preset": file.parameters.name,
    }
    return encode_file(DATA_KEY_MAGIC, header, file.commitment.encode() + file.outline)


def decode_data_key(data: bytes) -> DataKeyFile:
    """The data set's key of a file's bytes. Raises ``ProofError`` ``proof/file``, ``proof/parameters``."""
    header, body = decode_file(DATA_KEY_MAGIC, data)
    try:
        file = DataKeyFile(
            body[COMMITMENT_BYTES:],
            int(cast(int, header["rows"])),
            bool(header["is_labelled"]),
            bool(header["hides"]),
            _preset(header),
            _commitment(body, 0),
        )
        again = encode_data_key(file)
    except (KeyError, ValueError, TypeError, OverflowError, struct.error) as error:
        raise broken("its header is incomplete") from error
    if again != data:
        raise broken("its bytes are not canonical")
    return file


def is_statement(data: bytes) -> bool:
    """Whether these are the bytes of a statement and not of an answer."""
    return data.startswith(STATEMENT_MAGIC)


def number_of(said: Said, name: str, most: int = 1 << 62) -> int:
    """A whole number that a claim says. Raises ``ProofError`` ``proof/file``."""
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > most:
        raise broken(f"its claim has no number {name}")
    return value


def text_of(said: Said, name: str) -> str:
    """A word that a claim says. Raises ``ProofError`` ``proof/file``."""
    value = said.get(name)
    if not isinstance(value, str):
        raise broken(f"its claim has no word {name}")
    return value


def numbers_of(said: Said, name: str) -> tuple[int, ...]:
    """A list of whole numbers that a claim says. Raises ``ProofError`` ``proof/file``."""
    value = said.get(name)
    if not isinstance(value, list) or any(not isinstance(one, int) or isinstance(one, bool) for one in value):
        raise broken(f"its claim has no list {name}")
    return tuple(value)


def _preset(header: Mapping[str, object]) -> Parameters:
    return find_preset(str(header["preset"]))


def _commitment(body: bytes, number: int) -> OracleCommitment:
    part = body[number * COMMITMENT_BYTES : (number + 1) * COMMITMENT_BYTES]
    if len(part) != COMMITMENT_BYTES:
        raise broken("a commitment is cut off")
    return decode_commitment(part)
