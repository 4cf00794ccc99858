"""Mutates a valid proof file: whatever the bytes, decoding and verifying end in ``ProofError``, never anything else.

``python tools/fuzz_proof.py [--seconds N] [--seed N] [--coverage]``; ``--coverage`` lets atheris guide the changes.
Work counts as done, else few files would come past it. What is found is kept in ``fuzz-finding-*.proof``, and the exit
code is 1.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with (
    __import__("atheris").instrument_imports(include=["lockstep.proof"]) if "--coverage" in sys.argv else nullcontext()
):
    from lockstep.proof.files import ProofFile, decode_proof_file, encode_proof_file
    from lockstep.proof.key import ProofKey, decode_key, encode_key
    from lockstep.proof.verifier import verify_proof

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.crypto.transcript import Transcript
from lockstep.errors import ProofError
from lockstep.proof.parameters import PRESETS
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.types import ZERO_DIGEST
from tests.unit.proof.proving import dense

PROVER_SEED = b"fuzz" * 8
NUMBERS = (0, 1, 127, 128, 255, 256, MODULUS - 1, MODULUS, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
MOST_CHANGES = 3

Mutation = Callable[[ProofFile, random.Random], bytes]


def valid_file() -> ProofFile:
    """A proof of the smallest preset."""
    case, parameters = dense(), PRESETS[0]
    weights = commit_oracle(case.made.weight_rows(), parameters, Randomness(PROVER_SEED))
    key = ProofKey(case.made.program, parameters, (weights.commitment,))
    statement = key.statement(case.statement.publics)
    proof = prove(statement, [weights], case.rows, randomness=Randomness(PROVER_SEED))
    return ProofFile(key, ZERO_DIGEST, ZERO_DIGEST, statement.publics, statement.context, proof)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few changes: bits, bytes, numbers of note, pieces cut, doubled or moved."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        at, other = chance.randrange(len(changed) + 1), chance.randrange(len(changed) + 1)
        size = chance.choice((1, 2, 4, 8))
        number = chance.choice(NUMBERS) % (1 << 8 * size)
        kind = chance.randrange(5)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[at : at + size] = number.to_bytes(size, "big")
        elif kind == 2:
            del changed[at : at + size]
        elif kind == 3:
            changed[at:at] = changed[other : other + chance.randrange(64)]
        else:
            changed[at : at + size] = changed[other : other + size]
    return bytes(changed)


def change_bytes(file: ProofFile, chance: random.Random) -> bytes:
    """The file as bytes; most changes fall into the header's, the key's, or the proof's first bytes."""
    data = encode_proof_file(file)
    head = chance.choice((64, 512, 4096, len(data)))
    return mutated(data[:head], chance) + data[head:]


def change_key(file: ProofFile, chance: random.Random) -> bytes:
    """Another key that decodes, and a header that fits it."""
    key = encode_key(file.key)
    return encode_proof_file(replace(file, key=decode_key(mutated(key, chance))))


def change_proof(file: ProofFile, chance: random.Random) -> bytes:
    return encode_proof_file(replace(file, proof=mutated(file.proof, chance)))


def change_publics(file: ProofFile, chance: random.Random) -> bytes:
    """Other numbers and other counts of them."""
    values = [list(values) for values in file.publics]
    tensor = chance.choice(values or [[]])
    tensor[chance.randrange(len(tensor) + 1) :] = [
        chance.randint(-(2**63), 2**63 - 1) for _ in range(chance.randrange(4))
    ]
    return encode_proof_file(replace(file, publics=tuple(map(tuple, values))))


MUTATIONS: tuple[Mutation, ...] = (change_bytes, change_key, change_key, change_proof, change_publics)


def outcome(data: bytes, honest: ProofFile) -> str:
    """The code of the refusal. Anything but ``ProofError`` passes through; so does another file that is accepted."""
    try:
        file = decode_proof_file(data)
        verify_proof(file.key.statement(file.publics, file.context), file.proof)
    except ProofError as error:
        return error.code
    if replace(file, graph_root=honest.graph_root, weights_root=honest.weights_root) != honest:
        raise AssertionError("a changed file is accepted")
    return "accepted"


def keep(data: bytes) -> None:
    path = Path(f"fuzz-finding-{sha256(data).hexdigest()[:12]}.proof")
    path.write_bytes(data)
    print(f"{path}:", file=sys.stderr)
    traceback.print_exc()


def candidates(honest: ProofFile, chance: random.Random) -> Iterator[bytes | None]:
    """Mutated files; ``None`` for a key that does not decode (that is refused as it should be)."""
    for _ in count():
        try:
            yield chance.choice(MUTATIONS)(honest, chance)
        except ProofError:
            yield None


def run_seeded(honest: ProofFile, seconds: float, seed: int) -> int:
    """Seeded changes until the time is over; the number of findings."""
    codes: Counter[str] = Counter()
    findings = 0
    end = time.monotonic() + seconds
    for data in candidates(honest, random.Random(seed)):
        if time.monotonic() > end:
            break
        try:
            codes["no key" if data is None else outcome(data, honest)] += 1
        except Exception:
            findings += 1
            keep(data or b"")
    print(f"{codes.total() + findings} executions, {findings} findings")
    for code, times in codes.most_common():
        print(f"  {code}: {times}")
    return findings


def run_guided(honest: ProofFile, seconds: float, seed: int) -> None:
    """The same under atheris, which ends the process."""
    atheris = import_module("atheris")

    def change(data: bytes, size: int, number: int) -> bytes:
        chance = random.Random(number)
        try:
            return chance.choice(MUTATIONS)(decode_proof_file(data), chance)[:size]
        except ProofError:
            return mutated(data or encode_proof_file(honest), chance)[:size]

    with TemporaryDirectory() as corpus:
        (Path(corpus) / "valid.proof").write_bytes(encode_proof_file(honest))
        limits = [corpus, f"-max_total_time={int(seconds)}", f"-seed={seed or 1}", f"-max_len={4 * len(honest.proof)}"]
        atheris.Setup([sys.argv[0], *limits], lambda data: outcome(data, honest), custom_mutator=change)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--coverage", action="store_true")
    chosen = parser.parse_args()
    honest = valid_file()
    if outcome(encode_proof_file(honest), honest) != "accepted":
        raise AssertionError("the valid file is not accepted")
    with patch.object(Transcript, "check_work", lambda *_arguments: True):
        return run(honest, chosen)


def run(honest: ProofFile, chosen: argparse.Namespace) -> int:
    if chosen.coverage:
        run_guided(honest, chosen.seconds, chosen.seed)
    return int(run_seeded(honest, chosen.seconds, chosen.seed) > 0)


if __name__ == "__main__":
    sys.exit(main())
