"""Statements beyond an answer, from command to verdict: what is said is what is proved, and no more is believed."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app
from lockstep.crypto.randomness import Randomness
from lockstep.errors import LockstepError
from lockstep.features.proofs.secret import KeySecret, read_secret, write_secret
from lockstep.ir.format import read_model
from lockstep.ir.quantise import quantise_input
from lockstep.proof.arithmetise.claims import AccuracyClaim, claim_of, file_of
from lockstep.proof.arithmetise.subjects import subject_of_key
from lockstep.proof.files import decode_key_file
from lockstep.proof.prover.prove import prove
from lockstep.proof.prover.statements import commit_rows, committed_weights, witness_of
from lockstep.proof.statement import Statement
from lockstep.proof.statement_files import StatementFile, decode_statement_file, encode_statement_file
from lockstep.proof.verifier.claims import verify_claim

BUDGET, ROWS = 24, 32
MESSAGES = 4000
"""Bytes at the beginning of a proof that are messages."""
KINDS = ("registration", "rotation", "accuracy", "data", "claim")
OF_EVERY_MODEL = ("weights_root", "widths", "passes", "inputs")
REFUSED = ("proof/", "model/", "graph/", "descriptor/")


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
    """The digits model, a labelled test set, a key of each, and a proof of every kind, with what the commands said."""

    folder: Path
    said: dict[str, dict[str, object]]

    def path(self, name: str) -> Path:
        return self.folder / name

    def proof(self, kind: str) -> Path:
        return Path(str(self.said[kind]["file"]))

    def file(self, kind: str) -> StatementFile:
        return decode_statement_file(self.proof(kind).read_bytes())

    @property
    def model(self) -> Path:
        return self.folder / "digits.lockstep"


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Proved:
    example, folder = load_example(), tmp_path_factory.mktemp("statements")
    model, rows = folder / "digits.lockstep", folder / "test.npz"
    np.savez(folder / "samples.npz", image=example.calibration)
    np.savez(folder / "image.npz", image=example.images[:1])
    np.savez(rows, image=np.stack(example.images), labels=example.labels)
    document("model", "compile", example.onnx, "-o", model, "--calibration", folder / "samples.npz")
    claim = ("prove", model, "--input", folder / "image.npz", "--claim", f"argmax == {example.labels[0]}")
    said = {
        "key": document("model", "key", model),
        "data key": document("data", "key", rows, "--model", model),
        "registration": document("model", "prove-key", model),
        "accuracy": document("model", "prove-accuracy", model, "--data", rows, "--at-least", "0.93"),
        "data": document("data", "prove", rows, "--range", 0, 1, "--balance", 10, 0, 6),
        "claim": document(*claim),
        "rotation": document("model", "rotate-key", folder / "digits.key"),
    }
    return Proved(folder, said)


def test_words_say_what_was_proved(digits: Proved) -> None:
    model_id, data_id = digits.said["key"]["model_id"], digits.said["data key"]["data_id"]
    keys = digits.said["key"]["zk_commitment"], digits.said["rotation"]["zk_commitment"]
    expected = {
        "registration": f"the committed weights of model {model_id} are integers in range: 6 constants of at most 16 "
        "bits, with which no sum of its program leaves the field",
        "accuracy": f"model {model_id} is right about at least 30 of the 32 rows (93.75 %) of data set {data_id}",
        "data": f"data set {data_id} has 32 rows; the values of input 0 are integers in -128 … 127 (by its scale "
        "0 … 1); each of the 10 classes is the label of 0 … 6 rows, and no row has another label",
        "claim": f"of the answer of model {model_id} to its public inputs, the greatest output value stands at "
        f"position {load_example().labels[0]}",
        "rotation": f"key {keys[1]} commits to the same weights as key {keys[0]}: model "
        f"{digits.said['rotation']['new_model_id']} is model {model_id} with a new key",
    }
    assert set(expected) == set(KINDS)
    for kind, words in expected.items():
        assert digits.said[kind]["words"] == words
        found = document("verify", digits.proof(kind))
        assert (found["words"], found["model_id"]) == (words, None if kind == "data" else model_id)
    lines = call("verify", digits.proof("data")).stdout.splitlines()
    assert lines[:2] == ["the proof holds; it shows:", expected["data"]]


def test_who_names_what_is_expected_need_not_compare(digits: Proved) -> None:
    remark = "compare the {} id with the one you expect"
    key, data_key = ("--key", digits.path("digits.key")), ("--data-key", digits.path("test.data.key"))
    model, data = remark.format("model's"), remark.format("data set's")
    against = ("--against", str(digits.said["data key"]["data_id"]))
    table: list[tuple[str, tuple[object, ...], list[str]]] = [
        ("accuracy", (), [model, data]),
        ("accuracy", key, [data]),
        ("accuracy", (*key, *data_key), []),
        ("registration", ("--against", str(digits.said["key"]["model_id"])), []),
        ("rotation", ("--key", digits.path("digits-2.key")), []),
        ("data", (), [data]),
        ("data", against, []),
        ("data", data_key, []),
    ]
    for kind, options, remarks in table:
        assert call("verify", digits.proof(kind), *options).stdout.splitlines()[2:] == remarks


HEAVY = ("numba", "onnx", "web3", "lockstep.proof.prover", "lockstep.exec", "lockstep.chain", "lockstep.claims")
ALONE = """
import sys
from lockstep.cli.main import run
try:
    run()
finally:
    print(*(name for name in {heavy} if name in sys.modules), "loaded", file=sys.stderr)
"""


def test_a_statement_is_checked_without_what_proves_or_runs_it(digits: Proved) -> None:
    words = ("verify", digits.proof("accuracy"), "--key", digits.path("digits.key"))
    done = subprocess.run(
        [sys.executable, "-c", ALONE.format(heavy=HEAVY), *map(str, words)], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "loaded")
    assert done.stdout.splitlines()[1] == digits.said["accuracy"]["words"]


def test_every_command_of_the_page_works(digits: Proved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "prove-statements.md").read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert len(lines) == 12
    for name in ("digits.lockstep", "test.npz"):
        shutil.copy(digits.path(name), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert load_example().labels[0] == 2
    Path("image.json").write_text(json.dumps({"image": load_example().images[0].ravel().tolist()}))
    document("model", "key", "digits.lockstep")
    for line in lines:
        assert document(*shlex.split(line)[1:])["ok"] is True, line


def test_another_key_data_set_or_model_is_refused(digits: Proved, tmp_path: Path) -> None:
    other, other_rows = tmp_path / "other.key", tmp_path / "other.data.key"
    document("model", "key", digits.model, "-o", other)
    document("data", "key", digits.path("test.npz"), "--model", digits.model, "-o", other_rows)
    for kind in ("rotation", "accuracy"):
        assert refusal("verify", digits.proof(kind), "--key", other) == "proof/other-key"
        assert refusal("verify", digits.proof(kind), "--against", "0x" + "12" * 32) == "proof/other-model"
    for kind in ("accuracy", "data", "registration"):
        assert refusal("verify", digits.proof(kind), "--data-key", other_rows) == "proof/data"
    np.savez(tmp_path / "samples.npz", image=load_example().calibration * 2)
    changed = tmp_path / "changed.lockstep"
    document("model", "compile", load_example().onnx, "-o", changed, "--calibration", tmp_path / "samples.npz")
    assert refusal("verify", digits.proof("accuracy"), "--model", changed) == "proof/other-model"
    assert refusal("verify", digits.proof("data"), "--model", digits.model) == "proof/other-model"
    remarks = call("verify", digits.proof("accuracy"), "--model", digits.model).stdout.splitlines()[2:]
    assert remarks[0].startswith("the key's program is this model's; that the hidden weights are its weights")


def _verdict(file: StatementFile, folder: Path) -> str:
    path = folder / "changed.proof"
    path.write_bytes(encode_statement_file(file))
    return refusal("verify", path)


def _more(value: object) -> object:
    """Something else of the same type."""
    match value:
        case int():
            return value + 1
        case list():
            return [*value[:-1], value[-1] + 1] if value else [1]
        case _:
            return "12" * 32 if len(str(value)) == 64 else {"public": "hidden", "argmax": "least"}.get(str(value), "no")


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_a_file_can_be_changed(kind: str, digits: Proved, tmp_path: Path) -> None:
    file = digits.file(kind)
    verify_claim(file)
    for name, value in file.said.items():
        if name in OF_EVERY_MODEL and kind != "accuracy":
            continue
        changed = replace(file, said={**file.said, name: _more(value)})  # type: ignore[dict-item]
        assert _verdict(changed, tmp_path).startswith(REFUSED), name
    assert _verdict(replace(file, said={**file.said, "more": 1}), tmp_path) == "proof/file"
    assert _verdict(replace(file, said={n: v for n, v in file.said.items() if n != "kind"}), tmp_path) == "proof/file"
    for place in (40, len(file.outline) // 2):
        outline = bytearray(file.outline)
        outline[place] ^= 1
        assert _verdict(replace(file, outline=bytes(outline)), tmp_path).startswith(REFUSED)
    assert _verdict(replace(file, commitments=file.commitments[::-1] * 2), tmp_path).startswith("proof/")
    assert _verdict(replace(file, proof=file.proof[:-1]), tmp_path) == "proof/length"


def test_a_proof_of_half_cannot_be_said_to_be_of_nearly_all(digits: Proved, tmp_path: Path) -> None:
    """A prover makes a valid proof of the program of 16 rows, bound to the very words that claim 32."""
    graph, key = read_model(digits.model), decode_key_file(digits.path("digits.key").read_bytes())
    subject, example = subject_of_key(graph, key), load_example()
    seeds = [read_secret(digits.path(name)).seed for name in ("digits.key.secret", "test.data.key.secret")]
    labels = [int(label) for label in example.labels]
    rows = [np.stack([quantise_input(graph.inputs[0], image) for image in example.images])]
    data, dataset = commit_rows(graph.inputs, rows, labels, subject.parameters, seeds[1])
    weak, strong = AccuracyClaim(subject, data, 16), AccuracyClaim(subject, data, 32)
    passes = [[rows[0][number]] for number in range(ROWS)]
    filled, publics = witness_of(weak, passes, labels)

    def proved(program_of: AccuracyClaim, words_of: AccuracyClaim) -> StatementFile:
        file = file_of(words_of, publics)
        statement = Statement(program_of.program, program_of.parameters, program_of.commitments, publics, file.context)
        oracles = [committed_weights(subject, seeds[0]), dataset]
        return replace(file, proof=prove(statement, oracles, filled, randomness=Randomness(), check=False))

    assert verify_claim(proved(weak, weak)).words() == weak.words()
    assert _verdict(proved(weak, strong), tmp_path).startswith("proof/")
    assert "32 of the 32" in claim_of(file_of(strong, publics)).words()


def _left(digits: Proved, *names: str) -> list[int]:
    return [read_secret(digits.path(name)).used for name in names]


def test_what_is_not_true_is_refused_and_nothing_is_spent(digits: Proved) -> None:
    secrets = ("digits.key.secret", "test.data.key.secret")
    before = _left(digits, *secrets)
    accuracy = ("model", "prove-accuracy", digits.model, "--data", digits.path("test.npz"), "--at-least")
    data = ("data", "prove", digits.path("test.npz"))
    answer = ("prove", digits.model, "--input", digits.path("image.npz"), "--claim")
    wrong = (int(load_example().labels[0]) + 1) % 10
    for words in (
        (*data, "--range", 0, 0.5),
        (*data, "--balance", 10, 1, 6),
        (*data, "--balance", 9, 0, 6),
        (*answer, f"argmax == {wrong}"),
        (*answer, "logits >= 1000"),
    ):
        assert refusal(*words) == "proof/unsatisfied", words
    for words in (
        (*accuracy, "1.5"),
        (*accuracy, "0"),
        (*accuracy, "much"),
        (*answer, "argmax = 3"),
        (*answer, "x >= 1"),
    ):
        assert refusal(*words) == "proof/public", words
    rows = digits.path("wrong.npz")
    with np.load(digits.path("test.npz")) as arrays:
        np.savez(rows, image=arrays["image"], labels=(arrays["labels"] + 1) % 10)
    assert refusal("model", "prove-accuracy", digits.model, "--data", rows, "--at-least", "0.5") == "proof/file"
    named = ("--data-key", digits.path("test.data.key"))
    assert refusal("model", "prove-accuracy", digits.model, "--data", rows, "--at-least", "0.5", *named) == "proof/data"
    document("data", "key", rows, "--model", digits.model)
    too_much = ("model", "prove-accuracy", digits.model, "--data", rows, "--at-least", "0.5")
    assert refusal(*too_much) == "proof/unsatisfied"
    assert _left(digits, *secrets, "wrong.data.key.secret") == [*before, 0]


def test_weights_and_rows_need_one_preset_that_is_on_the_list(digits: Proved, tmp_path: Path) -> None:
    rows, key = digits.path("test.npz"), tmp_path / "wide.data.key"
    made = document("data", "key", rows, "--model", digits.model, "--preset", "fast-13", "-o", key)
    assert (made["preset"], digits.said["data key"]["preset"]) == ("fast-13", "fast-12")
    ask = ("model", "prove-accuracy", digits.model, "--data", rows, "--at-least", "0.9", "--data-key", key)
    assert refusal(*ask) == "proof/parameters"
    for words in (("model", "key", digits.model), ("data", "key", rows, "--model", digits.model)):
        assert refusal(*words, "--preset", "fast-99", "-o", tmp_path / "no.key") == "proof/parameters"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wide.data.key", "wide.data.key.secret"]


def test_every_proof_is_counted_where_it_opens(digits: Proved) -> None:
    used = _left(digits, "digits.key.secret", "digits-2.key.secret", "test.data.key.secret")
    assert used == [4, 1, 2]
    assert (digits.said["registration"]["proofs_left"], digits.said["rotation"]["budget"]) == ([BUDGET - 1], BUDGET)
    assert digits.said["accuracy"]["proofs_left"] == [BUDGET - 2, BUDGET - 1]


def test_nothing_is_spent_if_one_of_two_budgets_is_used_up(digits: Proved, tmp_path: Path) -> None:
    for name in ("digits.key", "digits.key.secret", "test.data.key", "test.data.key.secret"):
        shutil.copy(digits.path(name), tmp_path / name)
    secret = tmp_path / "test.data.key.secret"
    write_secret(secret, replace(read_secret(secret), used=BUDGET))
    before = (tmp_path / "digits.key.secret").read_bytes()
    keys = ("--key", tmp_path / "digits.key", "--data-key", tmp_path / "test.data.key", "-o", tmp_path / "it.proof")
    ask = ("model", "prove-accuracy", digits.model, "--data", digits.path("test.npz"), "--at-least", "0.9", *keys)
    assert refusal(*ask) == "proof/budget"
    assert (tmp_path / "digits.key.secret").read_bytes() == before
    assert not (tmp_path / "it.proof").exists()


def test_a_rotated_key_is_a_key(digits: Proved) -> None:
    fresh = digits.path("digits-2.key")
    output = digits.path("answer.proof")
    ask = ("prove", digits.model, "--input", digits.path("image.npz"), "--key", fresh, "-o", output)
    assert document(*ask)["proofs_left"] == BUDGET - 2
    found = document("verify", output, "--key", fresh, "--model", digits.model)
    assert found["model_id"] == digits.said["rotation"]["new_model_id"]
    assert read_secret(digits.path("digits-2.key.secret")).seed != read_secret(digits.path("digits.key.secret")).seed
    assert refusal("model", "rotate-key", digits.path("digits.key")) == "proof/secret"


def test_who_has_few_proofs_left_is_told_in_time(digits: Proved, tmp_path: Path) -> None:
    key = tmp_path / "digits.key"
    shutil.copy(digits.path("digits.key"), key)
    shutil.copy(digits.model, tmp_path / "digits.lockstep")
    seed = read_secret(digits.path("digits.key.secret")).seed
    ask = ("prove", tmp_path / "digits.lockstep", "--input", digits.path("image.npz"))
    said = []
    for used in (BUDGET - 5, BUDGET - 4, BUDGET - 1):
        write_secret(tmp_path / "digits.key.secret", KeySecret(seed, BUDGET, used))
        said.append(call(*ask).stdout.splitlines()[-1])
    assert said[0].startswith("logits: ")
    assert said[1:] == [f"3 proofs left: lockstep model rotate-key {key}", f"{key} is used up"]
    write_secret(tmp_path / "digits.key.secret", KeySecret(seed, BUDGET, BUDGET - 1))
    assert document("model", "prove-key", key)["proofs_left"] == [0]


def test_what_cannot_be_rotated_leaves_nothing(digits: Proved, tmp_path: Path) -> None:
    def names() -> list[str]:
        return sorted(path.name for path in tmp_path.iterdir())

    public, used_up = tmp_path / "public.key", tmp_path / "used.key"
    document("model", "key", digits.model, "--public-weights", "-o", public)
    shutil.copy(digits.path("digits.key"), used_up)
    write_secret(tmp_path / "used.key.secret", replace(read_secret(digits.path("digits.key.secret")), used=BUDGET))
    before = names()
    assert refusal("model", "rotate-key", public, "--model", digits.model) == "proof/secret"
    assert refusal("model", "rotate-key", used_up, "--model", digits.model) == "proof/budget"
    assert refusal("model", "rotate-key", used_up, "--model", digits.model, "-o", used_up) == "proof/file"
    assert names() == before


def test_weights_that_are_no_secret_are_checked_with_the_model_alone(digits: Proved, tmp_path: Path) -> None:
    key, proof = tmp_path / "public.key", tmp_path / "public.proof"
    document("model", "key", digits.model, "--public-weights", "-o", key)
    ask = ("prove", digits.model, "--input", digits.path("image.npz"), "--key", key)
    document(*ask, "-o", proof)
    assert call("verify", proof, "--model", digits.model).stdout.splitlines()[0] == "the proof holds"
    document(*ask, "--claim", "score >= -1e3", "-o", proof)
    remarks = call("verify", proof, "--model", digits.model, "--key", key).stdout.splitlines()[2:]
    assert remarks[0] == "the key's commitment is to this model's weights, which it does not hide"
    assert remarks[1].endswith("in output logits") and len(remarks) == 2
    hidden = ("prove", digits.model, "--input", digits.path("image.npz"), "-o", proof)
    document(*hidden)
    assert refusal("verify", proof, "--model", digits.model) == "proof/key"


def test_data_that_is_no_secret_gives_everybody_the_same_key(digits: Proved, tmp_path: Path) -> None:
    table = tmp_path / "table.npz"
    np.savez(table, age=np.array([[31], [64], [18], [90]]), zone=np.array([1, 2, 3, 300]))
    first, second = (document("data", "key", table, "--public", "-o", tmp_path / name) for name in ("1.key", "2.key"))
    assert (first["data_id"], first["budget"], first["rows"]) == (second["data_id"], None, 4)
    proof = tmp_path / "table.proof"
    made = document("data", "prove", table, "--key", tmp_path / "1.key", "-o", proof)
    assert made["words"] == (
        f"data set {first['data_id']} has 4 rows; the values of input 0 are integers in -128 … 127; "
        "the values of input 1 are integers in -32768 … 32767"
    )
    assert document("verify", proof, "--data-key", tmp_path / "2.key")["data_id"] == first["data_id"]
    assert refusal("data", "prove", table, "--key", tmp_path / "1.key", "--balance", 2, 0, 4) == "proof/data"
    assert refusal("data", "prove", table, "--key", tmp_path / "1.key", "--range", 0, 100) == "proof/public"


def test_two_claims_of_one_seed_share_nothing_but_the_claim_repeats(digits: Proved, tmp_path: Path) -> None:
    key = tmp_path / "digits.key"
    shutil.copy(digits.path("digits.key"), key)
    write_secret(tmp_path / "digits.key.secret", KeySecret(read_secret(digits.path("digits.key.secret")).seed, BUDGET))
    ask = ("prove", digits.model, "--input", digits.path("image.npz"), "--key", key, "--seed", "ab" * 32)

    def proof(claim: str) -> bytes:
        document(*ask, "--claim", claim, "-o", tmp_path / "it.proof")
        return decode_statement_file((tmp_path / "it.proof").read_bytes()).proof

    low, again, lower = proof("score >= -1000"), proof("score >= -1000"), proof("score >= -1001")
    assert low == again
    # Before the openings, which show the same committed weights.
    shared = {low[at : at + 16] for at in range(MESSAGES)} & {lower[at : at + 16] for at in range(MESSAGES)}
    assert not shared


FUZZED: list[Callable[[bytearray], None]] = [
    lambda data: data.__setitem__(slice(0, 1), b"X"),
    lambda data: data.__setitem__(slice(9, 10), b"\xff"),
    lambda data: data.extend(b"\x00"),
    lambda data: data.__delitem__(slice(-1, None)),
]


@pytest.mark.parametrize("kind", ["accuracy", "data"])
def test_damaged_files_are_refused_with_a_code(kind: str, digits: Proved, tmp_path: Path) -> None:
    whole, damaged = digits.proof(kind).read_bytes(), tmp_path / "damaged.proof"
    for spoil in FUZZED:
        data = bytearray(whole)
        spoil(data)
        damaged.write_bytes(data)
        assert refusal("verify", damaged).startswith("proof/")
    random = np.random.default_rng(3)
    for _ in range(12):
        data = bytearray(whole)
        data[int(random.integers(0, 4000))] ^= int(random.integers(1, 256))
        with pytest.raises(LockstepError):
            verify_claim(decode_statement_file(bytes(data)))
