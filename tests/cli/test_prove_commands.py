"""`model key`, `prove`, `verify`: the digits model from key to verdict, and what is refused on the way."""

import json
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app
from lockstep.errors import ProofError
from lockstep.features.proofs.memory import GIBIBYTE, memory_limit
from lockstep.features.proofs.secret import KeySecret, read_secret, spend, write_secret
from lockstep.ir.format import read_model
from lockstep.ir.quantise import quantise_input
from lockstep.proof.files import decode_key_file, decode_proof_file, encode_key_file, encode_proof_file
from lockstep.proof.sizing import prover_bytes, shape_of
from lockstep.types import Digest

BUDGET = 24
"""Of fast-12: (2048 − 2) / 76."""
NO_CONTEXT = "0x" + "00" * 32


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments: object) -> dict[str, object]:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr + result.stdout
    parsed: dict[str, object] = json.loads(result.stdout)
    return parsed


def refusal(*arguments: object) -> str:
    """The code of the one line that a refused command says."""
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.stdout
    return result.stderr.splitlines()[-1].split(": ")[0]


@dataclass(frozen=True)
class Proved:
    """The digits model with a key and a proof for its first image, and what the commands said."""

    folder: Path
    made: dict[str, object]
    proved: dict[str, object]

    @property
    def model(self) -> Path:
        return self.folder / "digits.lockstep"

    @property
    def key(self) -> Path:
        return self.folder / "digits.key"

    @property
    def proof(self) -> Path:
        return self.folder / "digits.proof"

    @property
    def image(self) -> Path:
        return self.folder / "image.npz"

    def publics(self, images: int = 1) -> list[list[int]]:
        """What a proof with public inputs shows: every image, then its integers, as the executor gives them."""
        graph, shown = read_model(self.model), []
        for image in load_example().images[:images]:
            path = self.folder / "one.npz"
            np.savez(path, image=image[None])
            run = document("model", "run", self.model, "--input", path)
            integers = run["outputs"]["logits"]["integers"]  # type: ignore[index]
            shown.append((quantise_input(graph.inputs[0], image[None]).ravel().tolist(), np.ravel(integers).tolist()))
        return [[word for one in shown for word in one[side]] for side in (0, 1)]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Proved:
    example, folder = load_example(), tmp_path_factory.mktemp("proofs")
    np.savez(folder / "samples.npz", image=example.calibration)
    np.savez(folder / "image.npz", image=example.images[:1])
    model = folder / "digits.lockstep"
    document("model", "compile", example.onnx, "-o", model, "--calibration", folder / "samples.npz")
    made = document("model", "key", model)
    return Proved(folder, made, document("prove", model, "--input", folder / "image.npz"))


def test_key_says_what_it_is(digits: Proved) -> None:
    key = decode_key_file(digits.key.read_bytes())
    assert digits.made == {
        "ok": True,
        "file": str(digits.key),
        "secret": str(digits.key) + ".secret",
        "model_id": "0x" + key.model_id.hex(),
        "zk_commitment": "0x" + key.key.digest.hex(),
        "preset": "fast-12",
        "budget": BUDGET,
    }


def test_proof_says_what_the_model_answers(digits: Proved) -> None:
    run = document("model", "run", digits.model, "--input", digits.image)
    found = dict(digits.proved)
    seconds, memory = found.pop("seconds"), found.pop("peak_memory_bytes")
    assert isinstance(seconds, float) and isinstance(memory, int)
    assert 0 < seconds < 600 and memory > 1 << 20
    assert found == {
        "ok": True,
        "file": str(digits.proof),
        "model_id": digits.made["model_id"],
        "zk_commitment": digits.made["zk_commitment"],
        "proof_bytes": len(decode_proof_file(digits.proof.read_bytes()).proof),
        "outputs": {"logits": np.ravel(run["outputs"]["logits"]["values"]).tolist()},  # type: ignore[index]
        "proofs_left": BUDGET - 1,
        "on_disk": False,
    }


def test_proof_holds_with_its_key_its_model_and_its_id(digits: Proved) -> None:
    expected = {
        "ok": True,
        "model_id": digits.made["model_id"],
        "zk_commitment": digits.made["zk_commitment"],
        "preset": "fast-12",
        "publics": digits.publics(),
        "context": NO_CONTEXT,
    }
    assert document("verify", digits.proof) == expected
    assert document("verify", digits.proof, "--key", digits.key, "--model", digits.model) == expected
    assert document("verify", digits.proof, "--against", str(digits.made["model_id"])) == expected


def test_whoever_only_has_the_proof_is_told_to_compare(digits: Proved) -> None:
    lines = call("verify", digits.proof).stdout.splitlines()
    assert lines == ["the proof holds", f"model id {digits.made['model_id']}; compare it with the one you expect"]
    lines = call("verify", digits.proof, "--key", digits.key).stdout.splitlines()
    assert lines == ["the proof holds", f"model id {digits.made['model_id']}"]


def test_another_key_is_refused(digits: Proved, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    assert document("model", "key", digits.model, "-o", other)["model_id"] != digits.made["model_id"]
    assert refusal("verify", digits.proof, "--key", other) == "proof/other-key"


def test_another_model_is_refused(digits: Proved) -> None:
    assert refusal("verify", digits.proof, "--against", "0x" + "12" * 32) == "proof/other-model"
    assert refusal("verify", digits.proof, "--model", digits.model) == "proof/key"


def test_a_proof_that_names_another_model_than_its_key_is_refused(digits: Proved, tmp_path: Path) -> None:
    """Of an id of its choice a forger knows no roots: the id in a file is computed from roots and key."""
    data, named = digits.proof.read_bytes(), tmp_path / "named.proof"
    model_id = str(digits.made["model_id"])[2:]
    assert data.count(model_id.encode()) == 1
    named.write_bytes(data.replace(model_id.encode(), b"12" * 32))
    for expected in (("--key", digits.key), ("--against", "0x" + "12" * 32), ()):
        assert refusal("verify", named, *expected) == "proof/file"
    named.write_bytes(encode_proof_file(replace(decode_proof_file(data), weights_root=Digest(b"w" * 32))))
    for expected in (("--key", digits.key), ("--against", "0x" + model_id)):
        assert refusal("verify", named, *expected) == "proof/other-model"


def test_damage_anywhere_is_refused(digits: Proved, tmp_path: Path) -> None:
    data, file = digits.proof.read_bytes(), decode_proof_file(digits.proof.read_bytes())
    body = len(data) - len(file.proof)
    words = body - 8 * sum(map(len, file.publics))
    header = 12 + int.from_bytes(data[8:12], "big")
    damaged = tmp_path / "damaged.proof"
    for place in (0, 9, 12, header - 20, header, words - 1, words + 7, body, body + 30, len(data) - 1):
        changed = bytearray(data)
        changed[place] ^= 1
        damaged.write_bytes(changed)
        assert refusal("verify", damaged, "--key", digits.key).startswith("proof/"), place
    for wrong in (data + b"\x00", data[:-1], b"", data[:11]):
        damaged.write_bytes(wrong)
        assert refusal("verify", damaged, "--key", digits.key).startswith("proof/")
    assert refusal("verify", tmp_path / "nowhere.proof") == "proof/file"


def _copy(digits: Proved, folder: Path) -> tuple[Path, Path]:
    """A key and its secret that a test may use up."""
    for name in ("digits.key", "digits.key.secret"):
        shutil.copy(digits.folder / name, folder / name)
    return folder / "digits.key", folder / "digits.key.secret"


def _prove(digits: Proved, key: Path, *more: object) -> tuple[object, ...]:
    return ("prove", digits.model, "--input", digits.image, "--key", key, "-o", key.with_suffix(".proof"), *more)


def test_the_secret_of_another_key_is_refused_and_not_used_up(digits: Proved, tmp_path: Path) -> None:
    key, secret = _copy(digits, tmp_path)
    write_secret(secret, replace(read_secret(secret), seed=bytes(32)))
    before = secret.read_bytes()
    assert refusal(*_prove(digits, key)) == "proof/secret"
    assert secret.read_bytes() == before
    secret.unlink()
    assert refusal(*_prove(digits, key)) == "proof/secret"
    assert [path.name for path in tmp_path.iterdir()] == ["digits.key"]


def test_a_key_proves_as_often_as_it_hides(digits: Proved, tmp_path: Path) -> None:
    key, secret = _copy(digits, tmp_path)
    write_secret(secret, replace(read_secret(secret), used=BUDGET - 1))
    assert document(*_prove(digits, key))["proofs_left"] == 0
    key.with_suffix(".proof").unlink()
    before = secret.read_bytes()
    assert refusal(*_prove(digits, key)) == "proof/budget"
    assert secret.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.key", "digits.key.secret"]


def test_a_key_that_still_proves_is_not_written_over(digits: Proved, tmp_path: Path) -> None:
    key, secret = _copy(digits, tmp_path)
    before = key.read_bytes(), secret.read_bytes()
    assert refusal("model", "key", digits.model, "-o", key) == "proof/secret"
    assert (key.read_bytes(), secret.read_bytes()) == before
    write_secret(secret, replace(read_secret(secret), used=BUDGET))
    assert document("model", "key", digits.model, "-o", key)["budget"] == BUDGET
    assert (read_secret(secret).used, key.read_bytes() == before[0]) == (0, False)


def test_nothing_is_spent_on_a_proof_that_cannot_be_written(digits: Proved, tmp_path: Path) -> None:
    key, secret = _copy(digits, tmp_path)
    before = secret.read_bytes()
    ask = ("prove", digits.model, "--input", digits.image, "--key", key)
    assert refusal(*ask, "-o", tmp_path / "nowhere" / "it.proof") == "proof/file"
    assert secret.read_bytes() == before
    assert refusal("model", "key", digits.model, "-o", tmp_path / "nowhere" / "a.key") == "proof/file"


def test_two_that_prove_at_once_are_both_counted(digits: Proved, tmp_path: Path) -> None:
    _, secret = _copy(digits, tmp_path)
    write_secret(secret, KeySecret(bytes(32), 1000))
    with ThreadPoolExecutor(4) as pool:
        used = sorted(done.used for done in pool.map(lambda _: spend(secret), range(40)))
    assert used == list(range(1, 41))


def test_of_two_processes_that_want_the_last_proof_one_gets_it(digits: Proved, tmp_path: Path) -> None:
    key, secret = _copy(digits, tmp_path)
    write_secret(secret, replace(read_secret(secret), used=BUDGET - 1))
    outputs = [tmp_path / f"{name}.proof" for name in ("one", "other")]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "lockstep.cli", *map(str, _prove(digits, key, "-o", output)), "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for output in outputs
    ]
    said = [json.loads(run.communicate(timeout=300)[0]) for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 1]
    assert [one["error"]["code"] for one in said if not one["ok"]] == ["proof/budget"]
    assert [one["proofs_left"] for one in said if one["ok"]] == [0]
    assert read_secret(secret).used == BUDGET
    assert [output.exists() for output in outputs] == [one["ok"] for one in said]


def test_a_secret_is_for_its_owner_alone(digits: Proved) -> None:
    assert (digits.folder / "digits.key.secret").stat().st_mode & 0o077 == 0


def test_hidden_inputs_stay_hidden(digits: Proved, tmp_path: Path) -> None:
    key = tmp_path / "hidden.key"
    document("model", "key", digits.model, "--hide-inputs", "-o", key)
    assert document(*_prove(digits, key))["outputs"] == digits.proved["outputs"]
    found = document("verify", key.with_suffix(".proof"), "--key", key, "--model", digits.model)
    assert found["publics"] == digits.publics()[1:]


def test_with_public_weights_everybody_gets_the_same_key(digits: Proved, tmp_path: Path) -> None:
    first, second = tmp_path / "first.key", tmp_path / "second.key"
    made = [document("model", "key", digits.model, "--public-weights", "-o", key) for key in (first, second)]
    assert first.read_bytes() == second.read_bytes()
    assert [one["budget"] for one in made] == [None, None]
    assert document(*_prove(digits, first))["proofs_left"] is None
    assert document("verify", first.with_suffix(".proof"), "--key", second)["ok"] is True


def test_one_proof_covers_many_passes(digits: Proved, tmp_path: Path) -> None:
    key, images = tmp_path / "two.key", load_example().images[:2]
    document("model", "key", digits.model, "--passes", 2, "-o", key)
    assert refusal(*_prove(digits, key)) == "input/shape"
    np.savez(tmp_path / "two.npz", image=images[:, None])
    output = tmp_path / "two.proof"
    ask = ("prove", digits.model, "--input", tmp_path / "two.npz", "--key", key, "-o", output)
    assert document(*ask)["proofs_left"] == BUDGET - 1
    found = document("verify", output, "--key", key, "--model", digits.model)
    assert found["publics"] == digits.publics(images=2)


def test_a_key_of_another_model_is_refused(digits: Proved, tmp_path: Path) -> None:
    other, example = tmp_path / "other.lockstep", load_example()
    samples = tmp_path / "samples.npz"
    np.savez(samples, image=example.calibration * 2)
    document("model", "compile", example.onnx, "-o", other, "--calibration", samples)
    assert refusal("verify", digits.proof, "--key", digits.key, "--model", other) == "proof/other-model"
    assert refusal("prove", other, "--input", digits.image, "--key", digits.key) == "proof/other-model"


def test_a_key_that_says_other_things_of_its_model_is_refused(digits: Proved, tmp_path: Path) -> None:
    key, said = decode_key_file(digits.key.read_bytes()), tmp_path / "said.key"
    wider = tuple(width + 1 if width > 0 else width for width in key.widths)
    hidden, odd = ({**key.shows, "inputs": how} for how in ("hidden", "sometimes"))
    for other in (
        replace(key, widths=wider),
        replace(key, widths=()),
        replace(key, passes=2),
        replace(key, shows=hidden),
    ):
        said.write_bytes(encode_key_file(other))
        assert refusal("verify", digits.proof, "--key", said, "--model", digits.model) == "proof/other-model"
    said.write_bytes(encode_key_file(replace(key, shows=odd)))
    assert refusal("verify", digits.proof, "--key", said, "--model", digits.model) == "proof/key"


def test_too_little_memory_is_said_and_nothing_is_left(digits: Proved, tmp_path: Path) -> None:
    key, secret = _copy(digits, tmp_path)
    before = secret.read_bytes()
    words = [sys.executable, "-m", "lockstep.cli", *map(str, _prove(digits, key, "--max-memory", 0.01))]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("proof/memory: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.key", "digits.key.secret"]
    assert secret.read_bytes() == before


def test_memory_that_runs_out_is_said_and_the_limit_ends_with_the_work() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(ProofError, match="proof/memory"), memory_limit(0.01, 0):
        np.ones(1 << 32)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    for impossible in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ProofError, match="proof/memory"), memory_limit(impossible, 0):
            pass


def test_enough_memory_is_enough(digits: Proved, tmp_path: Path) -> None:
    key, _ = _copy(digits, tmp_path)
    assert document(*_prove(digits, key, "--max-memory", 2))["ok"] is True


def test_what_memory_may_not_hold_goes_to_the_disk(digits: Proved, tmp_path: Path) -> None:
    key = tmp_path / "chain.key"
    document("model", "key", digits.model, "--prefer", "chain", "-o", key)
    made = decode_key_file(key.read_bytes()).key
    whole, least = (prover_bytes(made.parameters, shape_of(made.program), on_disk=disk) for disk in (False, True))
    allowed = (whole + least) / 2
    words = [*_prove(digits, key, "--max-memory", allowed / GIBIBYTE), "--json"]
    run = [sys.executable, "-m", "lockstep.cli", *map(str, words)]
    done = subprocess.run(run, check=True, capture_output=True, text=True, timeout=300)
    found = json.loads(done.stdout)
    assert found["on_disk"] and 0.75 * least < found["peak_memory_bytes"] < allowed
    assert document("verify", key.with_suffix(".proof"), "--key", key)["ok"]


def test_checking_a_file_needs_neither_arrays_nor_the_prover() -> None:
    listing = "import sys, lockstep.proof.verifier.verify, lockstep.proof.files; print(*sys.modules, sep=chr(10))"
    done = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert "lockstep.proof.files" in loaded
    assert [module for module in loaded if module.startswith(("numpy", "numba", "lockstep.proof.prover"))] == []
