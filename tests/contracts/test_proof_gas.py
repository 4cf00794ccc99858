"""What verifying a proof costs as a transaction: calldata's floor and execution apart; and that the code fits."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boa
import numpy as np
import onnx
import pytest

from bench.models import lenet, mlp
from lockstep.crypto.randomness import Randomness
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.prover.session import set_up
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.proof_cases import VERIFIER, Arguments, arguments, deploy_verifier

DEPLOYED_BYTES = 24_576
TRANSACTION = 21_000

MODELS = {
    "MLP 16-32-10": (lambda: mlp(16, 32, 10), (1, 16), 1_440_000, 2_150_000),
    "LeNet-5": (lenet, (1, 1, 28, 28), 2_210_000, 3_110_000),
}
"""Model, shape of its input, limits of execution gas and of the transaction; what was measured, rounded up."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Any]:
    with revm_environment() as env:
        yield env


def proved(model: onnx.ModelProto, shape: tuple[int, ...], folder: Path) -> tuple[Arguments, Any]:
    """A call of ``verify`` for one run with hidden inputs and weights, under the preset for chains."""
    path = folder / "model.onnx"
    onnx.save(model, path)
    chance = np.random.default_rng(1)
    samples = [{"x": chance.standard_normal(shape).astype(np.float32)} for _ in range(4)]
    graph = compile_model(path, calibration=samples)
    prover = set_up(graph, shows=Visibility(inputs="hidden"), prefer="chain", weights_seed=bytes(32))
    file = prover.prove([[quantise_input(graph.inputs[0], samples[0]["x"])]], randomness=Randomness(bytes(32)))
    return arguments(file.key.statement(file.publics, file.context), file.proof), file.key.parameters


@pytest.mark.parametrize("name", MODELS)
def test_a_proof_fits_a_transaction(name: str, machine: Any, tmp_path: Path) -> None:
    build, shape, execution_limit, limit = MODELS[name]
    call, preset = proved(build(), shape, tmp_path)
    contract = deploy_verifier(preset)
    assert contract.verify(*call) is True
    data = contract.verify.prepare_calldata(*call)
    zeros = data.count(0)
    execution = contract._computation.get_gas_used() - TRANSACTION - 4 * zeros - 16 * (len(data) - zeros)
    floor = TRANSACTION + 10 * zeros + 40 * (len(data) - zeros)
    total = max(execution + TRANSACTION + 4 * zeros + 16 * (len(data) - zeros), floor)
    figures = f"{name}: proof {len(call[-1]):,} B, floor {floor:,}, execution {execution:,}, transaction {total:,} gas"
    sys.stdout.write(figures + "\n")  # seen with -s
    assert execution <= execution_limit, figures
    assert total <= limit, figures


def test_the_verifier_fits_a_contract() -> None:
    artifact = json.loads(VERIFIER.read_text())
    assert artifact["runtime_bytes"] + 32 <= DEPLOYED_BYTES
    with revm_environment():
        keys, _ = boa.env.deploy_code(bytecode=bytes.fromhex("6001600081600b8239f300"))
        creation = bytes.fromhex(artifact["creation"][2:]) + bytes.fromhex(keys[2:]).rjust(32, b"\x00")
        address, _ = boa.env.deploy_code(bytecode=creation)
        runtime = bytes.fromhex(artifact["runtime"][2:])
        assert boa.env.get_code(address)[: len(runtime)] == runtime
